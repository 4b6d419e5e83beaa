use std::fmt;

/// An API key that the mock accepts.
///
/// The secret is invented and protects nothing; `Debug` leaves it out all the same, so that logs of tests look as they should.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MockKey {
    /// The key id, as sent in the body of the token exchange.
    pub key_id: String,
    /// The secret, as sent in the header `X-LW-UAKS`.
    pub secret: String,
    /// The e-mail of the user the key belongs to.
    pub owner: String,
    /// The organization whose data the key reads.
    pub organization: String,
    /// The sub-domain of that organization's primary account: what `LW_ACCOUNT` would hold.
    pub host_account: String,
    /// How far the key reaches.
    pub scope: KeyScope,
}

/// How far a key reaches (vendor documentation: a token has the permissions of the key's owner).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyScope {
    /// Every account and the organization's data set: the key of a human organization admin.
    Organization,
    /// This one account alone: the key of a service user.
    Account(String),
}

impl fmt::Debug for MockKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MockKey")
            .field("key_id", &self.key_id)
            .field("owner", &self.owner)
            .field("organization", &self.organization)
            .field("host_account", &self.host_account)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
