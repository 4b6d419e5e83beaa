//! What is written down of a run beside rows: calls, and problems with what to do about them.

use lacegraph_model::{AccountId, CallReport, OrganizationId, ProblemReport, Severity, SnapshotBuilder};

use crate::list::CallRecord;
use crate::statements::Notes;

/// A problem in words of its own.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) severity: Severity,
    pub(crate) code: &'static str,
    pub(crate) account: Option<AccountId>,
    pub(crate) page: Option<u32>,
    pub(crate) row_number: Option<u64>,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Trouble {
    pub(crate) fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self { severity, code, account: None, page: None, row_number: None, message, hint }
    }

    pub(crate) fn of(self, account: Option<AccountId>) -> Self {
        Self { account, ..self }
    }

    pub(crate) fn on(self, page: u32) -> Self {
        Self { page: Some(page), ..self }
    }

    pub(crate) fn in_row(self, number: u64) -> Self {
        Self { row_number: Some(number), ..self }
    }

    pub(crate) fn write(&self, builder: &mut SnapshotBuilder, organization: OrganizationId) {
        builder.problem(ProblemReport {
            severity: self.severity,
            code: self.code,
            organization: Some(organization),
            account: self.account,
            page: self.page,
            row_number: self.row_number,
            message: &self.message,
            hint: Some(&self.hint),
        });
    }
}

/// Writes the calls made for a list.
pub(crate) fn write_calls(
    builder: &mut SnapshotBuilder,
    organization: OrganizationId,
    account: Option<AccountId>,
    calls: &[CallRecord],
) {
    for call in calls {
        builder.call(CallReport {
            organization,
            account,
            endpoint: call.endpoint.as_str(),
            page: call.page,
            status: call.status,
            attempts: call.attempts,
            rows: call.rows,
            body_sha256: call.body_sha256,
        });
    }
}

/// Rows of one list that are told one by one; the rest is counted.
const ROWS_TOLD: usize = 100;

const ROW_HINT: &str = "look at this row in the console; if the form of the answer has changed, please report it";

/// Writes what was noticed in the rows of a list.
pub(crate) fn write_notes(
    builder: &mut SnapshotBuilder,
    organization: OrganizationId,
    account: Option<AccountId>,
    notes: &Notes,
) {
    let row = ProblemReport {
        severity: Severity::Error,
        code: "row_not_understood",
        organization: Some(organization),
        account,
        page: None,
        row_number: None,
        message: "",
        hint: Some(ROW_HINT),
    };
    for (page, number, fault) in notes.faults.iter().take(ROWS_TOLD) {
        let message = format!("a row of the list is not understood, or not all of it: {}", fault.in_row(*number));
        builder.problem(ProblemReport { page: Some(*page), row_number: Some(*number), message: &message, ..row });
    }
    if let Some(more) = notes.faults.len().checked_sub(ROWS_TOLD).filter(|&more| more > 0) {
        builder.problem(ProblemReport { message: &format!("{more} more rows of the list are not understood"), ..row });
    }
    for ((code, value), count) in &notes.unknown_values {
        let (what, hint) = match *code {
            "unknown_org_access" => (
                "orgAccess",
                "check in the console what this organization access allows; it is kept as an organization role",
            ),
            _ => ("type", "check in the console what kind of user this is; it is kept as a person"),
        };
        let value: String = value.chars().filter(|c| !c.is_control()).take(100).collect();
        let rows = if *count == 1 { "1 row says".to_owned() } else { format!("{count} rows say") };
        let message = format!("{rows} `{what}`: `{value}`, which is not known");
        builder.problem(ProblemReport {
            severity: Severity::Warning,
            code,
            message: &message,
            hint: Some(hint),
            ..row
        });
    }
}
