/// One call that the server answered, for tests that assert what was asked and what never was.
///
/// No credential is kept: of a key, only its id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// `GET`, `POST`.
    pub method: String,
    /// The path, from `/api/v2/` on.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// The header `Account-Name`, as it came.
    pub account_name: Option<String>,
    /// The header `Org-Access`, as it came.
    pub org_access: Option<String>,
    /// The header `User-Agent`, as it came.
    pub user_agent: Option<String>,
    /// The key behind the token, or in the body of a token exchange, where it is known.
    pub key_id: Option<String>,
    /// The status that was answered.
    pub status: u16,
}
