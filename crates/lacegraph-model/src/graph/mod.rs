//! What a snapshot means: nodes, edges, and the access that follows from them.

mod access;
mod build;
mod node;
mod path;
mod person;
mod totals;
mod verify;

use std::sync::OnceLock;

use petgraph::Directed;
use petgraph::csr::{Csr, NodeIndex};

pub use access::Grant;
pub use node::{
    Edge, GrantOrigin, GrantSource, Node, Relation, Role, RoleHome, RoleId, RoleNode, RoleNodeId, SourceId,
};
pub use path::path_text;
pub use person::{DomainClass, LoginState, Person, email_domain};
pub use totals::{AccountTally, Totals};
pub use verify::VerifyError;

use crate::record::{AccountId, GroupId, OrganizationId, UserId};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use node::Link;

/// Users, accounts, roles and groups as a directed graph whose edges point the way access flows.
///
/// ```text
/// User -member-> Account        User -holds-> Role         User -in-> Group -confers-> Role
/// Organization -contains-> Account -defines-> Role         Organization -defines-> OrgRole -implies-> Role
/// ```
///
/// Every role node belongs to one account or to one organization, so a role never comes loose from its place.
/// A user reaches an account in a role if the role can be reached from the user over `holds`, `in`, `confers` and
/// `implies`. Data stands in the [`Snapshot`]; nodes and edges are numbers.
#[derive(Clone)]
pub struct Graph {
    snapshot: Snapshot,
    settings: Settings,
    roles: Vec<Role>,
    sources: Vec<GrantSource>,
    role_nodes: Vec<RoleNode>,
    /// Nodes in the order organizations, accounts, role nodes, groups, users, so that a node's index follows from its id,
    /// and its id from its index. Rows of edges, one a node, are a third of the size of lists of edges, and nobody walks
    /// against the edges.
    links: Csr<(), Link, Directed, u32>,
    /// Where each user's memberships begin, and an end.
    membership_starts: Vec<u32>,
    counted: OnceLock<(Totals, Vec<AccountTally>)>,
}

impl Graph {
    /// What was observed.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The thresholds applied.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The roles by scope and name.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The ways to come by a grant: directly, then by origin, organization and group.
    pub fn sources(&self) -> &[GrantSource] {
        &self.sources
    }

    /// The roles in their places.
    pub fn role_nodes(&self) -> &[RoleNode] {
        &self.role_nodes
    }

    /// The role `id`.
    pub fn role(&self, id: RoleId) -> &Role {
        &self.roles[id.index()]
    }

    /// The source `id`.
    pub fn source(&self, id: SourceId) -> GrantSource {
        self.sources[id.index()]
    }

    /// The role node `id`.
    pub fn role_node(&self, id: RoleNodeId) -> RoleNode {
        self.role_nodes[id.index()]
    }

    /// All nodes: organizations, accounts, roles by place, groups, users.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node> {
        (0..self.links.node_count()).map(|index| self.node_at(index))
    }

    /// All edges, by the node they start from and the node they lead to, both in the order of [`nodes`](Self::nodes).
    pub fn edges(&self) -> impl Iterator<Item = Edge> {
        (0..self.links.node_count()).flat_map(|index| self.edges_from(index))
    }

    /// The edges between places: containment, definition, implication, and what groups confer.
    pub fn place_edges(&self) -> impl Iterator<Item = Edge> {
        // Edges to users there are none, and users are the last nodes.
        let places = self.links.node_count() - self.snapshot.users.len();
        (0..places).flat_map(|index| self.edges_from(index))
    }

    fn edges_from(&self, index: usize) -> impl Iterator<Item = Edge> {
        let from = self.node_at(index);
        self.row(narrow(index)).map(move |(to, link)| Edge {
            from,
            to,
            relation: link.relation,
            is_enabled: link.is_enabled,
        })
    }

    /// Where the edges of a node lead.
    fn row(&self, index: NodeIndex<u32>) -> impl Iterator<Item = (Node, Link)> {
        let targets = self.links.neighbors_slice(index).iter();
        targets.zip(self.links.edges_slice(index)).map(|(&target, &link)| (self.node_at(target as usize), link))
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.links.edge_count()
    }

    /// The memberships of a user, by account.
    pub fn memberships_of(&self, user: UserId) -> &[crate::Membership] {
        let bound = |index: usize| self.membership_starts[index] as usize;
        &self.snapshot.memberships[bound(user.index())..bound(user.index() + 1)]
    }

    /// The membership of a user in an account.
    pub fn membership(&self, user: UserId, account: AccountId) -> Option<&crate::Membership> {
        let memberships = self.memberships_of(user);
        let index = memberships.binary_search_by_key(&account, |membership| membership.account).ok()?;
        Some(&memberships[index])
    }

    /// A node in words: `acme`, `ACME-PROD`, `ACME-PROD:ADMIN`, `ACME-PROD:[Auditors]`, or an identity.
    pub fn label(&self, node: Node) -> String {
        let snapshot = &self.snapshot;
        match node {
            Node::Organization(id) => snapshot.organization_name(id).to_owned(),
            Node::Account(id) => snapshot.account_name(id).to_owned(),
            Node::Role(id) => {
                let RoleNode { home, role } = self.role_node(id);
                let place = match home {
                    RoleHome::Account(id) => snapshot.account_name(id),
                    RoleHome::Organization(id) => snapshot.organization_name(id),
                };
                format!("{place}:{}", self.role(role).name)
            }
            Node::Group(id) => {
                let group = snapshot.group(id);
                path::group_text(snapshot.account_name(group.account), snapshot.text(group.name))
            }
            Node::User(id) => snapshot.identity(id).to_owned(),
        }
    }

    /// The node of an index, which those before it leave to its kind.
    fn node_at(&self, index: usize) -> Node {
        let mut index = index;
        let mut is_below = |count: usize| {
            let is_below = index < count;
            index -= if is_below { 0 } else { count };
            is_below
        };
        if is_below(self.snapshot.organizations.len()) {
            Node::Organization(OrganizationId::from_index(index))
        } else if is_below(self.snapshot.accounts.len()) {
            Node::Account(AccountId::from_index(index))
        } else if is_below(self.role_nodes.len()) {
            Node::Role(RoleNodeId(narrow(index)))
        } else if is_below(self.snapshot.user_groups.len()) {
            Node::Group(GroupId::from_index(index))
        } else {
            Node::User(UserId::from_index(index))
        }
    }

    fn account_node(&self, id: AccountId) -> NodeIndex<u32> {
        narrow(self.snapshot.organizations.len() + id.index())
    }

    fn organization_node(&self, id: OrganizationId) -> NodeIndex<u32> {
        narrow(id.index())
    }

    fn role_node_index(&self, id: RoleNodeId) -> NodeIndex<u32> {
        narrow(self.snapshot.organizations.len() + self.snapshot.accounts.len() + id.index())
    }

    fn group_node(&self, id: GroupId) -> NodeIndex<u32> {
        let before = self.snapshot.organizations.len() + self.snapshot.accounts.len() + self.role_nodes.len();
        narrow(before + id.index())
    }

    fn user_node(&self, id: UserId) -> NodeIndex<u32> {
        let before = self.snapshot.organizations.len()
            + self.snapshot.accounts.len()
            + self.role_nodes.len()
            + self.snapshot.user_groups.len();
        narrow(before + id.index())
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than four thousand million nodes")
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph")
            .field("snapshot", &self.snapshot)
            .field("nodes", &self.links.node_count())
            .field("edges", &self.links.edge_count())
            .finish_non_exhaustive()
    }
}
