//! What the graph consists of, by kind and number.

use crate::record::{AccountId, GroupId, OrganizationId, UserId};
use crate::role::{AccessLevel, RoleScope};

/// A role by name and scope, whatever the account: a row of the table `roles`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId(pub(crate) u32);

/// A way to come by a grant: a row of the table `grant_sources`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub(crate) u32);

/// A role in its place: of one account, or of one organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleNodeId(pub(crate) u32);

impl RoleId {
    /// The place of the role among [`Graph::roles`](crate::Graph::roles).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl SourceId {
    /// The place of the source among [`Graph::sources`](crate::Graph::sources).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl RoleNodeId {
    /// The place of the role node among [`Graph::role_nodes`](crate::Graph::role_nodes).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A role by name and scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role {
    /// What it belongs to.
    pub scope: RoleScope,
    /// Its name as written; a custom group's name where no role is known.
    pub name: Box<str>,
    /// What it lets its holder do.
    pub level: AccessLevel,
}

/// How access came about, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantOrigin {
    /// Implied by the role of organization admin.
    OrgAdmin,
    /// Implied by the role of organization user.
    OrgUser,
    /// A role in the membership itself.
    Direct,
    /// Through a group.
    Group,
}

impl GrantOrigin {
    /// All of them, strongest first.
    pub const ALL: [Self; 4] = [Self::OrgAdmin, Self::OrgUser, Self::Direct, Self::Group];

    /// How tables and files spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrgAdmin => "org_admin",
            Self::OrgUser => "org_user",
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }

    /// The origin that is spelled `text`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == text)
    }
}

/// A way to come by a grant: directly, through an organization's role, through a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantSource {
    /// Which way.
    pub origin: GrantOrigin,
    /// The organization whose role it is; `None` for direct grants and groups.
    pub organization: Option<OrganizationId>,
    /// The group; `None` for all but groups.
    pub group: Option<GroupId>,
}

impl GrantSource {
    /// What sources are sorted by: direct grants first, since they are the most, and the smallest key takes no byte in SQLite;
    /// then by origin, strongest first.
    pub(crate) fn place(self) -> (bool, Self) {
        (self.origin != GrantOrigin::Direct, self)
    }
}

/// Where a role node belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleHome {
    /// In an account.
    Account(AccountId),
    /// In an organization.
    Organization(OrganizationId),
}

/// A role in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleNode {
    /// Where it belongs.
    pub home: RoleHome,
    /// Which it is.
    pub role: RoleId,
}

/// A node of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// An organization.
    Organization(OrganizationId),
    /// An account.
    Account(AccountId),
    /// A role of one account or of one organization.
    Role(RoleNodeId),
    /// A group of one account.
    Group(GroupId),
    /// A person or service user.
    User(UserId),
}

/// What an edge means. Edges point the way access flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Organization to account.
    Contains,
    /// Account or organization to its role.
    Defines,
    /// Organization role to the role it gives in an account.
    Implies,
    /// Group to the role it gives.
    Confers,
    /// User to account.
    Member,
    /// User to role.
    Holds,
    /// User to group.
    In,
}

impl Relation {
    /// How tables, files and paths spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Defines => "defines",
            Self::Implies => "implies",
            Self::Confers => "confers",
            Self::Member => "member",
            Self::Holds => "holds",
            Self::In => "in",
        }
    }
}

/// An edge as petgraph stores it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) relation: Relation,
    /// Off for what a disabled user holds.
    pub(crate) is_enabled: bool,
}

/// An edge of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// Where it starts.
    pub from: Node,
    /// Where it leads.
    pub to: Node,
    /// What it means.
    pub relation: Relation,
    /// Off for what a disabled user holds.
    pub is_enabled: bool,
}
