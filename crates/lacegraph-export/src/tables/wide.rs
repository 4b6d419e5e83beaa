//! The two wide listings, with the columns of the views `v_access` and `v_effective_access`.

use lacegraph_model::{Grant, Graph};

use super::Value;
use crate::error::ExportError;

/// The columns of both views.
pub(crate) const ACCESS_COLUMNS: [&str; 22] = [
    "organization_name",
    "account_id",
    "account_name",
    "identity",
    "full_name",
    "email_domain",
    "user_type",
    "role_name",
    "access_level",
    "is_privileged",
    "grant_origin",
    "group_name",
    "is_enabled",
    "is_strongest",
    "is_effective",
    "has_unresolved_group",
    "last_login_here_utc",
    "last_login_anywhere_utc",
    "days_since_login",
    "login_state",
    "is_dormant",
    "fetch_status",
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
            let row = [
                snapshot.organization_name(account.organization).into(),
                snapshot.text(account.account_id).into(),
                snapshot.text(account.name).into(),
                person.identity.into(),
                person.full_name.into(),
                person.email_domain.into(),
                person.user_type.as_str().into(),
                (&*role.name).into(),
                role.level.as_str().into(),
                role.level.is_privileged().into(),
                source.origin.as_str().into(),
                source.group.map(|group| snapshot.text(snapshot.group(group).name)).into(),
                grant.is_enabled.into(),
                grant.is_strongest.into(),
                grant.is_effective.into(),
                grant.has_unresolved_group.into(),
                membership.and_then(|membership| membership.last_login_here().time()).into(),
                person.last_login_anywhere.into(),
                person.days_since_login.into(),
                person.login_state.as_str().into(),
                person.is_dormant().into(),
                account.fetch_status.as_str().into(),
            ];
            sink(grant, &row)?;
        }
    }
    Ok(())
}
