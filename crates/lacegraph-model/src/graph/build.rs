//! From a snapshot to nodes and edges.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use hashbrown::{HashMap, HashSet};

use petgraph::Directed;
use petgraph::csr::{Csr, NodeIndex};

use super::node::{GrantOrigin, GrantSource, Link, Relation, Role, RoleHome, RoleId, RoleNode, RoleNodeId};
use super::{Graph, narrow};
use crate::record::{AccountId, ApiModel, GroupId, Membership, NameListId, OrganizationId, UserId};
use crate::role::{ADMIN, NO_ROLE, ORG_ADMIN, ORG_USER, READ_ONLY, RoleScope, USER, access_level};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::strings::Sym;

impl Graph {
    /// Builds the graph of a snapshot.
    pub fn new(snapshot: Snapshot, settings: Settings) -> Self {
        let _stage = tracing::info_span!(target: crate::STAGE, "graph").entered();
        let seats = seats(&snapshot);
        let places = Places::of(&snapshot, &seats);
        let mut starts = vec![0_u32; snapshot.users.len() + 1];
        for membership in &snapshot.memberships {
            starts[membership.user.index() + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut graph = Self {
            sources: sources(&snapshot),
            settings,
            roles: places.roles,
            role_nodes: places.nodes,
            links: Csr::new(),
            membership_starts: starts,
            counted: OnceLock::new(),
            snapshot,
        };
        graph.links = graph.linked(&seats);
        graph
    }

    /// All edges, in rows.
    fn linked(&self, seats: &Seats) -> Csr<(), Link, Directed, u32> {
        let Snapshot { organizations, accounts, users, memberships, user_groups, .. } = &self.snapshot;
        let mut edges: Vec<Arrow> = Vec::with_capacity(memberships.len() * 2 + users.len() / 64);
        self.link_places(&mut edges);
        self.link_users(seats, &mut edges);
        // In that order already, but for what organizations and users have of several kinds.
        edges.sort_unstable_by_key(|&(from, to, _)| (from, to));
        edges.dedup_by_key(|&mut (from, to, _)| (from, to));
        let mut links = Csr::from_sorted_edges(&edges).expect("the edges were sorted, and each is there once");
        let nodes = organizations.len() + accounts.len() + self.role_nodes.len() + user_groups.len() + users.len();
        while links.node_count() < nodes {
            links.add_node(());
        }
        links
    }

    /// Everything that does not concern single users.
    fn link_places(&self, edges: &mut Vec<Arrow>) {
        for account in self.snapshot.account_ids() {
            let organization = self.snapshot.account(account).organization;
            let (from, to) = (self.organization_node(organization), self.account_node(account));
            edges.push((from, to, link(Relation::Contains, true)));
        }
        for index in 0..self.role_nodes.len() {
            let id = RoleNodeId(narrow(index));
            let from = match self.role_node(id).home {
                RoleHome::Account(account) => self.account_node(account),
                RoleHome::Organization(organization) => self.organization_node(organization),
            };
            edges.push((from, self.role_node_index(id), link(Relation::Defines, true)));
        }
        for (from, to) in self.implications() {
            edges.push((self.role_node_index(from), self.role_node_index(to), link(Relation::Implies, true)));
        }
        for index in 0..self.snapshot.user_groups.len() {
            let group = &self.snapshot.user_groups[index];
            let (scope, name) = group_role(&self.snapshot, group.confers, group.name);
            let Some(role) = self.find_role_node(RoleHome::Account(group.account), scope, name) else { continue };
            let from = self.group_node(GroupId::from_index(index));
            edges.push((from, self.role_node_index(role), link(Relation::Confers, true)));
        }
    }

    /// Each organization role, and the role it gives in each account of its organization.
    fn implications(&self) -> Vec<(RoleNodeId, RoleNodeId)> {
        let mut implications = Vec::new();
        for (index, node) in self.role_nodes.iter().enumerate() {
            let RoleHome::Organization(organization) = node.home else { continue };
            for account in self.snapshot.account_ids() {
                if self.snapshot.account(account).organization == organization
                    && let Some(name) = implied_role(&self.role(node.role).name, &self.snapshot, account)
                    && let Some(role) = self.find_role_node(RoleHome::Account(account), RoleScope::Account, name)
                {
                    implications.push((RoleNodeId(narrow(index)), role));
                }
            }
        }
        implications
    }

    fn link_users(&self, seats: &Seats, edges: &mut Vec<Arrow>) {
        let mut role_lists: HashMap<(AccountId, NameListId), Box<[RoleNodeId]>> = HashMap::new();
        for membership in &self.snapshot.memberships {
            let (account, from) = (membership.account, self.user_node(membership.user));
            let is_enabled = membership.is_enabled();
            edges.push((from, self.account_node(account), link(Relation::Member, is_enabled)));
            let held = role_lists.entry((account, membership.roles)).or_insert_with(|| {
                let names: BTreeSet<&str> = self.snapshot.names(membership.roles).collect();
                let find = |name| self.find_role_node(RoleHome::Account(account), RoleScope::Account, name);
                names.into_iter().filter_map(find).collect()
            });
            let no_role = if has_no_role(&self.snapshot, membership, seats) {
                self.find_role_node(RoleHome::Account(account), RoleScope::Account, NO_ROLE)
            } else {
                None
            };
            for role in held.iter().copied().chain(no_role) {
                edges.push((from, self.role_node_index(role), link(Relation::Holds, is_enabled)));
            }
        }
        for grant in &self.snapshot.organization_grants {
            let home = RoleHome::Organization(grant.organization);
            let name = self.snapshot.text(grant.role);
            let Some(role) = self.find_role_node(home, RoleScope::Organization, name) else { continue };
            let (from, to) = (self.user_node(grant.user), self.role_node_index(role));
            edges.push((from, to, link(Relation::Holds, grant.is_enabled)));
        }
        for member in &self.snapshot.user_group_members {
            let account = self.snapshot.group(member.group).account;
            let is_enabled = self.membership(member.user, account).is_none_or(Membership::is_enabled);
            let (from, to) = (self.user_node(member.user), self.group_node(member.group));
            edges.push((from, to, link(Relation::In, is_enabled)));
        }
    }

    fn find_role_node(&self, home: RoleHome, scope: RoleScope, name: &str) -> Option<RoleNodeId> {
        let role = find_role(&self.roles, scope, name)?;
        let index = self.role_nodes.binary_search(&RoleNode { home, role }).ok()?;
        Some(RoleNodeId(narrow(index)))
    }
}

/// An edge on its way into the graph: from, to, and what it means.
type Arrow = (NodeIndex<u32>, NodeIndex<u32>, Link);

fn link(relation: Relation, is_enabled: bool) -> Link {
    Link { relation, is_enabled }
}

fn find_role(roles: &[Role], scope: RoleScope, name: &str) -> Option<RoleId> {
    let index = roles.binary_search_by(|role| (role.scope, &*role.name).cmp(&(scope, name))).ok()?;
    Some(RoleId(narrow(index)))
}

/// The role that an organization role gives in an account; `None` for one whose meaning is unknown.
fn implied_role(organization_role: &str, snapshot: &Snapshot, account: AccountId) -> Option<&'static str> {
    match organization_role {
        ORG_ADMIN => Some(ADMIN),
        ORG_USER if snapshot.account(account).api_model == Some(ApiModel::TeamUsers) => Some(READ_ONLY),
        ORG_USER => Some(USER),
        _ => None,
    }
}

/// The users and accounts with at least one group.
type Seats = HashSet<(UserId, AccountId)>;

fn seats(snapshot: &Snapshot) -> Seats {
    let members = snapshot.user_group_members.iter();
    members.map(|member| (member.user, snapshot.group(member.group).account)).collect()
}

/// Whether a membership names neither role nor group.
fn has_no_role(snapshot: &Snapshot, membership: &Membership, seats: &Seats) -> bool {
    snapshot.name_list(membership.roles).is_empty() && !seats.contains(&(membership.user, membership.account))
}

/// What a group confers: a known role, or a role of unknown meaning named as the group is.
fn group_role(snapshot: &Snapshot, confers: Option<Sym>, name: Sym) -> (RoleScope, &str) {
    match confers {
        Some(role) => (RoleScope::Account, snapshot.text(role)),
        None => (RoleScope::Group, snapshot.text(name)),
    }
}

/// The roles, and the roles in their places, sorted.
struct Places {
    roles: Vec<Role>,
    nodes: Vec<RoleNode>,
}

impl Places {
    fn of(snapshot: &Snapshot, seats: &Seats) -> Self {
        // Few different lists of roles stand in many memberships: look at each list of an account once.
        let mut lists: BTreeSet<(AccountId, NameListId)> = BTreeSet::new();
        let mut named: BTreeSet<(RoleHome, RoleScope, &str)> = BTreeSet::new();
        for membership in &snapshot.memberships {
            lists.insert((membership.account, membership.roles));
            if has_no_role(snapshot, membership, seats) {
                named.insert((RoleHome::Account(membership.account), RoleScope::Account, NO_ROLE));
            }
        }
        for (account, list) in lists {
            let home = RoleHome::Account(account);
            named.extend(snapshot.names(list).map(|name| (home, RoleScope::Account, name)));
        }
        for group in &snapshot.user_groups {
            let (scope, name) = group_role(snapshot, group.confers, group.name);
            named.insert((RoleHome::Account(group.account), scope, name));
        }
        for grant in &snapshot.organization_grants {
            let name = snapshot.text(grant.role);
            named.insert((RoleHome::Organization(grant.organization), RoleScope::Organization, name));
        }
        let organization_roles: BTreeSet<(OrganizationId, &str)> =
            snapshot.organization_grants.iter().map(|grant| (grant.organization, snapshot.text(grant.role))).collect();
        for account in snapshot.account_ids() {
            for &(organization, role) in &organization_roles {
                if snapshot.account(account).organization == organization
                    && let Some(implied) = implied_role(role, snapshot, account)
                {
                    named.insert((RoleHome::Account(account), RoleScope::Account, implied));
                }
            }
        }
        Self::from_names(&named)
    }

    fn from_names(named: &BTreeSet<(RoleHome, RoleScope, &str)>) -> Self {
        let names: BTreeSet<(RoleScope, &str)> = named.iter().map(|&(_, scope, name)| (scope, name)).collect();
        let roles: Vec<Role> = names
            .into_iter()
            .map(|(scope, name)| Role { scope, name: name.into(), level: access_level(scope, name) })
            .collect();
        let mut nodes: Vec<RoleNode> = named
            .iter()
            .filter_map(|&(home, scope, name)| Some(RoleNode { home, role: find_role(&roles, scope, name)? }))
            .collect();
        nodes.sort_unstable();
        Self { roles, nodes }
    }
}

/// Every way to come by a grant that the snapshot knows, whether anybody uses it or not.
fn sources(snapshot: &Snapshot) -> Vec<GrantSource> {
    let mut sources: BTreeSet<(bool, GrantSource)> = BTreeSet::new();
    let source = |origin, organization, group| GrantSource { origin, organization, group };
    if !snapshot.memberships.is_empty() {
        sources.insert(source(GrantOrigin::Direct, None, None).place());
    }
    for grant in &snapshot.organization_grants {
        if let Some(origin) = organization_origin(snapshot.text(grant.role)) {
            sources.insert(source(origin, Some(grant.organization), None).place());
        }
    }
    for index in 0..snapshot.user_groups.len() {
        sources.insert(source(GrantOrigin::Group, None, Some(GroupId::from_index(index))).place());
    }
    sources.into_iter().map(|(_, source)| source).collect()
}

/// The origin of what an organization role implies.
pub(super) fn organization_origin(role: &str) -> Option<GrantOrigin> {
    match role {
        ORG_ADMIN => Some(GrantOrigin::OrgAdmin),
        ORG_USER => Some(GrantOrigin::OrgUser),
        _ => None,
    }
}
