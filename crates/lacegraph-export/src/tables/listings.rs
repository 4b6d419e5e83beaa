//! Listings with the columns of views, for formats that have no views: accounts, and problems.

use super::Table;
use super::value::Value;

/// The rows of `v_accounts`.
pub(crate) const ACCOUNTS: Table = Table {
    name: "v_accounts",
    columns: &[
        "organization_name",
        "expected_from",
        "account_id",
        "account_name",
        "fetch_status",
        "fetch_detail",
        "api_model",
        "user_count",
        "admin_count",
        "statements_received",
        "membership_count",
        "duplicates_merged",
        "conflict_count",
        "left_out_count",
        "account_owner",
        "environment",
        "audit_scope",
    ],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (account, tally) in snapshot.accounts().iter().zip(graph.account_tallies()) {
            let organization = snapshot.organization(account.organization);
            sink(&[
                snapshot.text(organization.name).into(),
                organization.expected_from.as_str().into(),
                snapshot.text(account.account_id).into(),
                snapshot.text(account.name).into(),
                account.fetch_status.as_str().into(),
                snapshot.text_opt(account.fetch_detail).into(),
                account.api_model.map(|model| model.as_str()).into(),
                tally.users.into(),
                tally.admins.into(),
                account.statements_received.into(),
                tally.memberships.into(),
                account.duplicates_merged.into(),
                tally.conflicts.into(),
                tally.left_out.into(),
                snapshot.text_opt(account.owner).into(),
                snapshot.text_opt(account.environment).into(),
                snapshot.text_opt(account.audit_scope).into(),
            ])?;
        }
        Ok(())
    },
};

/// The rows of `v_problems`.
pub(crate) const PROBLEMS: Table = Table {
    name: "v_problems",
    columns: &[
        "severity",
        "problem_code",
        "organization_name",
        "account_id",
        "account_name",
        "page",
        "row_number",
        "message",
        "hint",
    ],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for problem in snapshot.problems() {
            let account = problem.account.map(|account| snapshot.account(account));
            let organization: Value<'_> =
                problem.organization.map(|organization| snapshot.organization_name(organization)).into();
            sink(&[
                problem.severity.as_str().into(),
                snapshot.text(problem.code).into(),
                organization,
                account.map(|account| snapshot.text(account.account_id)).into(),
                account.map(|account| snapshot.text(account.name)).into(),
                problem.page.into(),
                problem.row_number.into(),
                snapshot.text(problem.message).into(),
                snapshot.text_opt(problem.hint).into(),
            ])?;
        }
        Ok(())
    },
};
