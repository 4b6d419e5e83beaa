//! What one person's access amounts to in the picture: a line to a role.

use std::cmp::Reverse;

use lacegraph_model::{
    AccountId, Grant, GrantOrigin, Graph, ORG_ADMIN, ORG_USER, OrganizationId, RoleHome, RoleId, RoleNode, UserId,
};

use super::style::Line;

/// A line from a person to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tie {
    /// The role's place among [`Graph::role_nodes`].
    pub(super) role: usize,
    /// How it is held.
    pub(super) line: Line,
    /// How many accounts it stands for: those that the role of an organization is effective in, else one.
    pub(super) accounts: usize,
    /// The grant it shows, unless it is the role of an organization.
    pub(super) grant: Option<Grant>,
}

/// Puts the lines of a user into `ties`, by role; `grants` are the user's own.
///
/// Each effective grant is one line, but those that an organization's role gives are one line to that role. Somebody
/// with nothing in force has one line to what would be the strongest, were it in force.
pub(super) fn collect_ties(graph: &Graph, user: UserId, grants: &[Grant], ties: &mut Vec<Tie>) {
    ties.clear();
    // Apart from the others, so that somebody in many accounts is not looked through for each of them.
    let mut held: Vec<Tie> = Vec::new();
    for tie in grants.iter().filter(|grant| grant.is_effective).filter_map(|grant| tie_of(graph, grant)) {
        match held.iter_mut().find(|known| known.role == tie.role) {
            Some(known) => known.accounts += 1,
            None if tie.line == Line::Holds => held.push(tie),
            None => ties.push(tie),
        }
    }
    ties.append(&mut held);
    push_roles_without_meaning(graph, user, grants, true, ties);
    if ties.is_empty() {
        push_disabled(graph, user, grants, ties);
    }
    ties.sort_unstable_by_key(|tie| (tie.role, tie.line));
}

fn tie_of(graph: &Graph, grant: &Grant) -> Option<Tie> {
    let source = graph.source(grant.source);
    let line = match source.origin {
        GrantOrigin::Direct => Line::Direct,
        GrantOrigin::Group => Line::Group,
        GrantOrigin::OrgAdmin | GrantOrigin::OrgUser => {
            let role = organization_role_node(graph, source.organization?, organization_role(source.origin)?)?;
            return Some(Tie { role, line: Line::Holds, accounts: 1, grant: None });
        }
    };
    let role = role_node(graph, RoleHome::Account(grant.account), grant.role)?;
    Some(Tie { role, line, accounts: 1, grant: Some(*grant) })
}

/// Organization roles from which no grant follows: of unknown meaning, or of an organization without accounts.
fn push_roles_without_meaning(graph: &Graph, user: UserId, grants: &[Grant], is_enabled: bool, ties: &mut Vec<Tie>) {
    let snapshot = graph.snapshot();
    for held in graph.organization_grants_of(user).iter().filter(|held| held.is_enabled == is_enabled) {
        let name = snapshot.text(held.role);
        let follows = |grant: &Grant| {
            let source = graph.source(grant.source);
            source.organization == Some(held.organization) && organization_role(source.origin) == Some(name)
        };
        if !grants.iter().any(follows)
            && let Some(role) = organization_role_node(graph, held.organization, name)
        {
            let line = if is_enabled { Line::Holds } else { Line::Off };
            ties.push(Tie { role, line, accounts: 0, grant: None });
        }
    }
}

fn push_disabled(graph: &Graph, user: UserId, grants: &[Grant], ties: &mut Vec<Tie>) {
    let key = |grant: &&Grant| {
        let role = graph.role(grant.role);
        let origin = graph.source(grant.source).origin;
        (role.level.privilege_rank(), Reverse(origin), Reverse(&*role.name), Reverse(grant.account))
    };
    let strongest = grants.iter().filter(|grant| grant.is_strongest);
    let accounts = strongest.clone().count();
    match strongest.max_by_key(key).and_then(|grant| tie_of(graph, grant)) {
        Some(tie) => ties.push(Tie { line: Line::Off, accounts, ..tie }),
        None => push_roles_without_meaning(graph, user, grants, false, ties),
    }
}

/// The organization's role behind an inherited grant.
fn organization_role(origin: GrantOrigin) -> Option<&'static str> {
    match origin {
        GrantOrigin::OrgAdmin => Some(ORG_ADMIN),
        GrantOrigin::OrgUser => Some(ORG_USER),
        GrantOrigin::Direct | GrantOrigin::Group => None,
    }
}

fn organization_role_node(graph: &Graph, organization: OrganizationId, name: &str) -> Option<usize> {
    let mut own = role_range(graph, RoleHome::Organization(organization));
    own.find(|&index| &*graph.role(graph.role_nodes()[index].role).name == name)
}

fn role_node(graph: &Graph, home: RoleHome, role: RoleId) -> Option<usize> {
    graph.role_nodes().binary_search(&RoleNode { home, role }).ok()
}

/// The places of the roles of an account or organization among [`Graph::role_nodes`].
pub(super) fn role_range(graph: &Graph, home: RoleHome) -> std::ops::Range<usize> {
    let start = graph.role_nodes().partition_point(|node| node.home < home);
    let end = graph.role_nodes().partition_point(|node| node.home <= home);
    start..end
}

/// The place of the role in which a grant is held, whatever way it came.
pub(super) fn granted_role_node(graph: &Graph, grant: &Grant) -> Option<usize> {
    role_node(graph, RoleHome::Account(grant.account), grant.role)
}

/// The accounts of an organization, by name.
pub(super) fn accounts_of(graph: &Graph, organization: OrganizationId) -> impl Iterator<Item = AccountId> {
    let snapshot = graph.snapshot();
    snapshot.account_ids().filter(move |&account| snapshot.account(account).organization == organization)
}
