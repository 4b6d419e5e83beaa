//! Why somebody has access, in one line.

use super::Graph;
use super::access::Grant;
use super::node::GrantOrigin;
use crate::record::{AccountId, UserId};
use crate::role::{ORG_ADMIN, ORG_USER};

impl Graph {
    /// The grants of a user in an account, each with the path it follows, strongest first.
    pub fn why(&self, user: UserId, account: AccountId) -> Vec<(Grant, String)> {
        let mut grants = self.grants_of(user);
        grants.retain(|grant| grant.account == account);
        grants.sort_by(|a, b| self.strength(b).cmp(&self.strength(a)));
        grants.into_iter().map(|grant| (grant, self.path(&grant))).collect()
    }

    /// The path of a grant: `ann@example.com -holds-> acme:ORG_ADMIN -implies-> ACME-PROD:ADMIN`.
    pub fn path(&self, grant: &Grant) -> String {
        let snapshot = self.snapshot();
        let source = self.source(grant.source);
        let account = snapshot.account(grant.account);
        path_text(
            snapshot.identity(grant.user),
            snapshot.organization_name(account.organization),
            snapshot.text(account.name),
            &self.role(grant.role).name,
            source.origin,
            source.group.map(|group| snapshot.text(snapshot.group(group).name)),
        )
    }
}

/// The path of a grant in words, from the columns of a row of `v_access`.
pub fn path_text(
    identity: &str,
    organization: &str,
    account: &str,
    role: &str,
    origin: GrantOrigin,
    group: Option<&str>,
) -> String {
    match origin {
        GrantOrigin::OrgAdmin => format!("{identity} -holds-> {organization}:{ORG_ADMIN} -implies-> {account}:{role}"),
        GrantOrigin::OrgUser => format!("{identity} -holds-> {organization}:{ORG_USER} -implies-> {account}:{role}"),
        GrantOrigin::Direct => format!("{identity} -holds-> {account}:{role}"),
        GrantOrigin::Group => {
            let group = group_text(account, group.unwrap_or("?"));
            format!("{identity} -in-> {group} -confers-> {account}:{role}")
        }
    }
}

/// A group in words: brackets tell it from a role of the same name.
pub(super) fn group_text(account: &str, group: &str) -> String {
    format!("{account}:[{group}]")
}
