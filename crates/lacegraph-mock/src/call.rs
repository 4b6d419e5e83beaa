use std::time::Duration;

/// One call that the server decided, for tests that assert what was asked and what never was.
///
/// No credential is kept: of a key, only its id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// When it was decided, counted from the start of the server.
    pub at: Duration,
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
    /// The header `Content-Type`, as it came.
    pub content_type: Option<String>,
    /// The key behind the token, or in the body of a token exchange, where it is known.
    pub key_id: Option<String>,
    /// The number of the page of a list, from 1, where the call got as far as to ask for one that is there.
    pub page: Option<usize>,
    /// The status that was answered; 0 where the connection was broken without an answer.
    pub status: u16,
}
