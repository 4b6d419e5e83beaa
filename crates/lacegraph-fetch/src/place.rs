//! Where in a run something happened.

use std::fmt;

use crate::transport::Endpoint;

/// A page of a list, or a single call: what every error of a call begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The organization, as configured.
    pub organization: String,
    /// The account; `None` for a call about the organization or its key.
    pub account: Option<String>,
    /// What was asked for.
    pub endpoint: Endpoint,
    /// The page, from 1.
    pub page: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.owner(), self.endpoint)?;
        if !matches!(self.endpoint, Endpoint::AccessTokens | Endpoint::UserProfile | Endpoint::OrganizationInfo) {
            write!(f, " page {}", self.page)?;
        }
        Ok(())
    }
}

impl Place {
    /// Whose call it is, as the place begins: `organization acme, account ACME-PROD, `.
    pub(crate) fn owner(&self) -> String {
        let account = self.account.as_ref().map(|account| format!("account {account}, ")).unwrap_or_default();
        format!("organization {}, {account}", self.organization)
    }
}

/// `1 try`, `3 tries`.
pub(crate) fn tries(attempts: u32) -> String {
    if attempts == 1 { "1 try".to_owned() } else { format!("{attempts} tries") }
}
