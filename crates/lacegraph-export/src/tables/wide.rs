//! The two wide listings, with the columns of the views `v_access` and `v_effective_access`.

use lacegraph_model::{Grant, Graph};

use super::Value;
use crate::error::ExportError;

/// The columns of both views.
pub(crate) const ACCESS_COLUMNS: [&str; 31] = [
    "organization_name",
    "account_id",
    "account_name",
    "identity",
    "full_name",
    "email_domain",
    "domain_class",
    "user_type",
    "role_name",
    "access_level",
    "privilege_rank",
    "is_privileged",
    "grant_origin",
    "group_name",
    "group_guid",
    "is_enabled",
    "is_strongest",
    "is_effective",
    "has_unresolved_group",
    "highest_privilege",
    "last_login_here_utc",
    "last_login_here_date",
    "last_login_anywhere_utc",
    "last_login_anywhere_date",
    "days_since_login",
    "login_state",
    "is_dormant",
    "fetch_status",
    "account_owner",
    "environment",
    "audit_scope",
];

/// Takes the rows of grants, one after the other.
type GrantSink<'s> = dyn FnMut(&Grant, &[Value<'_>]) -> Result<(), ExportError> + 's;

/// Gives the rows of `v_access`, every grant, to `sink`; those of `v_effective_access` are the rows of effective grants.
pub(crate) fn access(graph: &Graph, sink: &mut GrantSink<'_>) -> Result<(), ExportError> {
    let snapshot = graph.snapshot();
    let mut grants = Vec::new();
    for user in snapshot.user_ids() {
        graph.collect_grants(user, &mut grants);
        let person = graph.person(user, &grants);
        for grant in &grants {
            let account = snapshot.account(grant.account);
            let role = graph.role(grant.role);
            let source = graph.source(grant.source);
            let membership = graph.membership(user, grant.account);
            let last_login_here = membership.and_then(|membership| membership.last_login_here().time());
            let row = [
                snapshot.organization_name(account.organization).into(),
                snapshot.text(account.account_id).into(),
                snapshot.text(account.name).into(),
                person.identity.into(),
                person.full_name.into(),
                person.email_domain.into(),
                person.domain_class.as_str().into(),
                person.user_type.as_str().into(),
                (&*role.name).into(),
                role.level.as_str().into(),
                role.level.privilege_rank().into(),
                role.level.is_privileged().into(),
                source.origin.as_str().into(),
                source.group.map(|group| snapshot.text(snapshot.group(group).name)).into(),
                source.group.map(|group| snapshot.text(snapshot.group(group).guid)).into(),
                grant.is_enabled.into(),
                grant.is_strongest.into(),
                grant.is_effective.into(),
                grant.has_unresolved_group.into(),
                person.highest_privilege.as_str().into(),
                last_login_here.into(),
                last_login_here.map(Value::Date).into(),
                person.last_login_anywhere.into(),
                person.last_login_anywhere.map(Value::Date).into(),
                person.days_since_login.into(),
                person.login_state.as_str().into(),
                person.is_dormant().into(),
                account.fetch_status.as_str().into(),
                snapshot.text_opt(account.owner).into(),
                snapshot.text_opt(account.environment).into(),
                snapshot.text_opt(account.audit_scope).into(),
            ];
            sink(grant, &row)?;
        }
    }
    Ok(())
}
