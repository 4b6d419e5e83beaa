//! What a snapshot means: nodes, edges, and the access that follows from them.

mod access;
mod build;
mod node;
mod path;
mod person;
mod totals;
mod verify;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

pub use access::Grant;
pub use node::{
    Edge, GrantOrigin, GrantSource, Node, Relation, Role, RoleHome, RoleId, RoleNode, RoleNodeId, SourceId,
};
pub use path::path_text;
pub use person::{DomainClass, LoginState, Person, email_domain};
pub use totals::Totals;
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
    /// Nodes in the order organizations, accounts, role nodes, groups, users, so that a node's index follows from its id.
    links: DiGraph<Node, Link, u32>,
    /// Where each user's memberships begin, and an end.
    membership_starts: Vec<u32>,
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

    /// The ways to come by a grant, sorted.
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
        self.links.raw_nodes().iter().map(|node| node.weight)
    }

    /// All edges in an order that depends on the snapshot alone.
    pub fn edges(&self) -> impl Iterator<Item = Edge> {
        self.links.edge_references().map(|edge| Edge {
            from: self.links[edge.source()],
            to: self.links[edge.target()],
            relation: edge.weight().relation,
            is_enabled: edge.weight().is_enabled,
        })
    }

    /// The edges between places: containment, definition, implication, and what groups confer.
    pub fn place_edges(&self) -> impl Iterator<Item = Edge> {
        // They were added before those of users.
        self.edges().take_while(|edge| edge.relation < Relation::Member)
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

    fn account_node(&self, id: AccountId) -> NodeIndex<u32> {
        NodeIndex::new(self.snapshot.organizations.len() + id.index())
    }

    fn organization_node(&self, id: OrganizationId) -> NodeIndex<u32> {
        NodeIndex::new(id.index())
    }

    fn role_node_index(&self, id: RoleNodeId) -> NodeIndex<u32> {
        NodeIndex::new(self.snapshot.organizations.len() + self.snapshot.accounts.len() + id.index())
    }

    fn group_node(&self, id: GroupId) -> NodeIndex<u32> {
        let before = self.snapshot.organizations.len() + self.snapshot.accounts.len() + self.role_nodes.len();
        NodeIndex::new(before + id.index())
    }

    fn user_node(&self, id: UserId) -> NodeIndex<u32> {
        let before = self.snapshot.organizations.len()
            + self.snapshot.accounts.len()
            + self.role_nodes.len()
            + self.snapshot.user_groups.len();
        NodeIndex::new(before + id.index())
    }
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
