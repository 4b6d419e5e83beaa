//! The tables that hold what the API said.

use std::fmt::Write as _;

use lacegraph_model::{Graph, Membership, MembershipConflict, NameListId, Snapshot};

use super::value::{Value, key};
use super::{Sink, Table};
use crate::error::ExportError;

pub(super) const SNAPSHOT: Table = Table {
    name: "snapshot",
    columns: &[
        "snapshot_id",
        "captured_at_utc",
        "captured_date",
        "completed_at_utc",
        "tool_version",
        "snapshot_status",
        "data_source",
        "source_hosts",
        "dormant_after_days",
        "organization_count",
        "expected_account_count",
        "in_scope_account_count",
        "complete_account_count",
        "unread_account_count",
        "excluded_account_count",
        "unlisted_account_count",
        "user_count",
        "person_count",
        "membership_count",
        "grant_count",
        "effective_access_count",
        "org_admin_count",
        "problem_count",
        "error_count",
    ],
    rows: snapshot,
};

fn snapshot(graph: &Graph, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let snapshot = graph.snapshot();
    let header = snapshot.header();
    let totals = graph.totals();
    sink(&[
        snapshot.id().into(),
        header.captured_at.into(),
        Value::Date(header.captured_at),
        header.completed_at.into(),
        (&header.tool_version).into(),
        snapshot.status().into(),
        header.data_source.as_str().into(),
        (&snapshot.hosts().join(", ")).into(),
        graph.settings().dormant_after_days.into(),
        totals.organizations.into(),
        totals.accounts.expected().into(),
        totals.accounts.in_scope().into(),
        totals.accounts.complete.into(),
        (totals.accounts.in_scope() - totals.accounts.complete).into(),
        totals.accounts.excluded.into(),
        totals.accounts.unlisted.into(),
        totals.users.into(),
        totals.persons.into(),
        totals.memberships.into(),
        totals.grants.into(),
        totals.effective_access.into(),
        totals.org_admins.into(),
        totals.problems().into(),
        totals.errors.into(),
    ])
}

pub(super) const ORGANIZATIONS: Table = Table {
    name: "organizations",
    columns: &["organization_key", "organization_name", "api_host", "expected_from"],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (index, organization) in snapshot.organizations().iter().enumerate() {
            sink(&[
                key(index),
                snapshot.text(organization.name).into(),
                snapshot.text(organization.host).into(),
                organization.expected_from.as_str().into(),
            ])?;
        }
        Ok(())
    },
};

pub(super) const ACCOUNTS: Table = Table {
    name: "accounts",
    columns: &[
        "account_key",
        "organization_key",
        "account_id",
        "account_name",
        "cust_guid",
        "fetch_status",
        "fetch_detail",
        "api_model",
        "rows_returned",
        "statements_received",
        "duplicates_merged",
        "conflict_count",
        "left_out_count",
        "membership_count",
        "user_count",
        "admin_count",
        "account_owner",
        "environment",
        "audit_scope",
    ],
    rows: accounts,
};

fn accounts(graph: &Graph, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let snapshot = graph.snapshot();
    for (index, (account, tally)) in snapshot.accounts().iter().zip(graph.account_tallies()).enumerate() {
        sink(&[
            key(index),
            key(account.organization.index()),
            snapshot.text(account.account_id).into(),
            snapshot.text(account.name).into(),
            snapshot.text_opt(account.cust_guid).into(),
            account.fetch_status.as_str().into(),
            snapshot.text_opt(account.fetch_detail).into(),
            account.api_model.map(|model| model.as_str()).into(),
            account.rows_returned.into(),
            account.statements_received.into(),
            account.duplicates_merged.into(),
            tally.conflicts.into(),
            tally.left_out.into(),
            tally.memberships.into(),
            tally.users.into(),
            tally.admins.into(),
            snapshot.text_opt(account.owner).into(),
            snapshot.text_opt(account.environment).into(),
            snapshot.text_opt(account.audit_scope).into(),
        ])?;
    }
    Ok(())
}

/// The columns that a membership and a record that contradicts one have in common.
const RECORD_COLUMNS: [&str; 19] = [
    "user_key",
    "account_key",
    "record_source",
    "enabled_seen",
    "counts_as_enabled",
    "jit_created",
    "role_names",
    "user_guid",
    "full_name",
    "company",
    "created_at_utc",
    "updated_at_utc",
    "updated_by",
    "last_login_seen",
    "last_login_utc",
    "last_session_seen",
    "last_session_utc",
    "last_login_here_utc",
    "last_login_here_date",
];

/// The columns of `membership_conflicts`: a key, those of a record, and its groups.
const CONFLICT_COLUMNS: [&str; 21] = {
    let mut columns = ["conflict_key"; 21];
    let (_, rest) = columns.split_at_mut(1);
    let (record, last) = rest.split_at_mut(RECORD_COLUMNS.len());
    record.copy_from_slice(&RECORD_COLUMNS);
    last[0] = "group_names";
    columns
};

pub(super) const MEMBERSHIPS: Table = Table {
    name: "memberships",
    columns: &RECORD_COLUMNS,
    rows: |graph, sink| {
        let mut roles = String::new();
        for membership in graph.snapshot().memberships() {
            names_as_json(graph.snapshot(), membership.roles, &mut roles);
            sink(&membership_row(graph.snapshot(), membership, &roles))?;
        }
        Ok(())
    },
};

pub(super) const MEMBERSHIP_CONFLICTS: Table = Table {
    name: "membership_conflicts",
    columns: &CONFLICT_COLUMNS,
    rows: |graph, sink| {
        let (mut roles, mut groups) = (String::new(), String::new());
        for (index, conflict) in graph.snapshot().membership_conflicts().iter().enumerate() {
            let MembershipConflict { record, groups: group_names } = conflict;
            names_as_json(graph.snapshot(), record.roles, &mut roles);
            names_as_json(graph.snapshot(), *group_names, &mut groups);
            let mut row = vec![key(index)];
            row.extend(membership_row(graph.snapshot(), record, &roles));
            row.push((&groups).into());
            sink(&row)?;
        }
        Ok(())
    },
};

fn membership_row<'a>(snapshot: &'a Snapshot, membership: &Membership, roles: &'a String) -> [Value<'a>; 19] {
    let last_login_here = membership.last_login_here().time();
    [
        key(membership.user.index()),
        key(membership.account.index()),
        membership.source.as_str().into(),
        membership.enabled.into(),
        membership.is_enabled().into(),
        membership.jit_created.into(),
        roles.into(),
        snapshot.text_opt(membership.user_guid).into(),
        snapshot.text_opt(membership.full_name).into(),
        snapshot.text_opt(membership.company).into(),
        membership.created.into(),
        membership.updated.into(),
        snapshot.text_opt(membership.updated_by).into(),
        membership.last_login.kind().into(),
        membership.last_login.time().into(),
        membership.last_session.kind().into(),
        membership.last_session.time().into(),
        last_login_here.into(),
        last_login_here.map(Value::Date).into(),
    ]
}

/// Writes a list of names as a JSON array into `text`, in place of what it holds.
fn names_as_json(snapshot: &Snapshot, list: NameListId, text: &mut String) {
    text.clear();
    text.push('[');
    for (index, name) in snapshot.names(list).enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // A string always has a JSON form, and a String takes any text.
        let _ = write!(text, "{comma}{}", serde_json::Value::from(name));
    }
    text.push(']');
}

pub(super) const USER_IDENTIFIERS: Table = Table {
    name: "user_identifiers",
    columns: &["identifier_key", "user_key", "identifier_kind", "organization_key", "account_key", "identifier_value"],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (index, identifier) in snapshot.user_identifiers().iter().enumerate() {
            sink(&[
                key(index),
                key(identifier.user.index()),
                identifier.kind.as_str().into(),
                key(identifier.organization.index()),
                identifier.account.map_or(Value::Null, |account| key(account.index())),
                snapshot.text(identifier.value).into(),
            ])?;
        }
        Ok(())
    },
};

pub(super) const ORGANIZATION_GRANTS: Table = Table {
    name: "organization_grants",
    columns: &["user_key", "organization_key", "org_role", "is_enabled", "record_source", "stated_by_account_key"],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for grant in snapshot.organization_grants() {
            sink(&[
                key(grant.user.index()),
                key(grant.organization.index()),
                snapshot.text(grant.role).into(),
                grant.is_enabled.into(),
                grant.source.as_str().into(),
                grant.stated_by.map_or(Value::Null, |account| key(account.index())),
            ])?;
        }
        Ok(())
    },
};

pub(super) const USER_GROUPS: Table = Table {
    name: "user_groups",
    columns: &["group_key", "account_key", "group_guid", "group_name", "confers_role", "confers_evidence"],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (index, group) in snapshot.user_groups().iter().enumerate() {
            sink(&[
                key(index),
                key(group.account.index()),
                snapshot.text(group.guid).into(),
                snapshot.text(group.name).into(),
                snapshot.text_opt(group.confers).into(),
                snapshot.text_opt(group.confers_evidence).into(),
            ])?;
        }
        Ok(())
    },
};

pub(super) const USER_GROUP_MEMBERS: Table = Table {
    name: "user_group_members",
    columns: &["group_key", "user_key"],
    rows: |graph, sink| {
        let mut members = graph.snapshot().user_group_members().iter();
        members.try_for_each(|member| sink(&[key(member.group.index()), key(member.user.index())]))
    },
};

pub(super) const SOURCE_CALLS: Table = Table {
    name: "source_calls",
    columns: &[
        "call_key",
        "organization_key",
        "account_key",
        "endpoint",
        "page",
        "http_status",
        "attempts",
        "row_count",
        "body_sha256",
    ],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (index, call) in snapshot.source_calls().iter().enumerate() {
            let digest = call.body_sha256.map(|digest| crate::hex(&digest));
            sink(&[
                key(index),
                key(call.organization.index()),
                call.account.map_or(Value::Null, |account| key(account.index())),
                snapshot.text(call.endpoint).into(),
                call.page.into(),
                call.status.into(),
                call.attempts.into(),
                call.rows.into(),
                digest.as_ref().into(),
            ])?;
        }
        Ok(())
    },
};

pub(super) const PROBLEMS: Table = Table {
    name: "problems",
    columns: &[
        "problem_key",
        "severity",
        "problem_code",
        "organization_key",
        "account_key",
        "page",
        "row_number",
        "message",
        "hint",
    ],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (index, problem) in snapshot.problems().iter().enumerate() {
            sink(&[
                key(index),
                problem.severity.as_str().into(),
                snapshot.text(problem.code).into(),
                problem.organization.map_or(Value::Null, |organization| key(organization.index())),
                problem.account.map_or(Value::Null, |account| key(account.index())),
                problem.page.into(),
                problem.row_number.into(),
                snapshot.text(problem.message).into(),
                snapshot.text_opt(problem.hint).into(),
            ])?;
        }
        Ok(())
    },
};
