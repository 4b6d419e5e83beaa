//! What the fetch reports beside rows.

use crate::record::{AccountId, OrganizationId, Severity};

/// A call to the API, by its final outcome; the fields are those of [`SourceCall`](crate::SourceCall).
#[derive(Clone, Copy, Debug)]
pub struct CallReport<'a> {
    /// The organization whose key was used.
    pub organization: OrganizationId,
    /// The account asked for, if any.
    pub account: Option<AccountId>,
    /// The endpoint.
    pub endpoint: &'a str,
    /// The page, from 1.
    pub page: u32,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// How often it was tried.
    pub attempts: u32,
    /// How many rows it returned.
    pub rows: u64,
    /// The SHA-256 of the body.
    pub body_sha256: Option<[u8; 32]>,
}

/// A problem; the fields are those of [`Problem`](crate::Problem).
#[derive(Clone, Copy, Debug)]
pub struct ProblemReport<'a> {
    /// How serious it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: &'a str,
    /// The organization it is about.
    pub organization: Option<OrganizationId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// The page, from 1.
    pub page: Option<u32>,
    /// The row of the page, from 1.
    pub row_number: Option<u64>,
    /// What happened.
    pub message: &'a str,
    /// What to do about it.
    pub hint: Option<&'a str>,
}
