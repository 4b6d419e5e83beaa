//! Who can reach what: grants, and which of them counts.

use std::cmp::Reverse;

use petgraph::csr::NodeIndex;

use super::Graph;
use super::build::organization_origin;
use super::node::{GrantOrigin, GrantSource, Node, Relation, RoleHome, RoleId, RoleNodeId, SourceId};
use crate::record::{AccountId, GroupId, OrganizationId, UserId};
use crate::role::{AccessLevel, RoleScope, access_level};

/// One way in which a user reaches an account in a role: a row of `access_grants`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// Who.
    pub user: UserId,
    /// Where.
    pub account: AccountId,
    /// As what; for an organization's role, the role it implies in this account.
    pub role: RoleId,
    /// By which way.
    pub source: SourceId,
    /// Whether it is in force: off for what a disabled user holds.
    pub is_enabled: bool,
    /// Whether it is the strongest of this user in this account, enabled or not: exactly one is.
    pub is_strongest: bool,
    /// Whether it is the strongest among the enabled ones: at most one is.
    pub is_effective: bool,
    /// Whether the user is in a group of this account whose roles are not known, by whichever grant.
    pub has_unresolved_group: bool,
}

impl Graph {
    /// All grants, by user, account, role and source.
    pub fn grants(&self) -> impl Iterator<Item = Grant> {
        self.snapshot().user_ids().flat_map(|user| self.grants_of(user))
    }

    /// The grants of a user, by account, role and source.
    pub fn grants_of(&self, user: UserId) -> Vec<Grant> {
        let mut grants = Vec::new();
        self.collect_grants(user, &mut grants);
        grants
    }

    /// Puts the grants of a user into `grants`, in place of what it holds; for loops over all users.
    pub fn collect_grants(&self, user: UserId, grants: &mut Vec<Grant>) {
        grants.clear();
        let direct = self.source_id(GrantSource { origin: GrantOrigin::Direct, organization: None, group: None });
        for (node, link) in self.row(self.user_node(user)) {
            match (link.relation, node) {
                (Relation::Holds, Node::Role(role)) => match self.role_node(role).home {
                    RoleHome::Account(account) => self.push(user, account, role, direct, link.is_enabled, grants),
                    RoleHome::Organization(organization) => {
                        self.through_organization(user, organization, role, link.is_enabled, grants);
                    }
                },
                (Relation::In, Node::Group(group)) => {
                    let source = GrantSource { origin: GrantOrigin::Group, organization: None, group: Some(group) };
                    self.through_role(user, self.group_node(group), source, link.is_enabled, grants);
                }
                _ => {}
            }
        }
        grants.sort_unstable();
        for same_account in grants.chunk_by_mut(|a, b| a.account == b.account) {
            self.mark(same_account);
        }
    }

    /// Follows a role of an organization to what it implies in each account.
    fn through_organization(
        &self,
        user: UserId,
        organization: OrganizationId,
        role: RoleNodeId,
        is_enabled: bool,
        grants: &mut Vec<Grant>,
    ) {
        let name = &self.role(self.role_node(role).role).name;
        let Some(origin) = organization_origin(name) else { return };
        let source = GrantSource { origin, organization: Some(organization), group: None };
        self.through_role(user, self.role_node_index(role), source, is_enabled, grants);
    }

    /// Follows a role of an organization, or a group, to the roles of accounts that it gives.
    fn through_role(
        &self,
        user: UserId,
        giver: NodeIndex<u32>,
        source: GrantSource,
        is_enabled: bool,
        grants: &mut Vec<Grant>,
    ) {
        let source = self.source_id(source);
        for (node, _) in self.row(giver) {
            if let Node::Role(role) = node
                && let RoleHome::Account(account) = self.role_node(role).home
            {
                self.push(user, account, role, source, is_enabled, grants);
            }
        }
    }

    fn source_id(&self, source: GrantSource) -> Option<SourceId> {
        let index = self.sources.binary_search_by_key(&source.place(), |known| known.place()).ok()?;
        Some(SourceId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    fn push(
        &self,
        user: UserId,
        account: AccountId,
        role: RoleNodeId,
        source: Option<SourceId>,
        is_enabled: bool,
        grants: &mut Vec<Grant>,
    ) {
        let Some(source) = source else { return };
        grants.push(Grant {
            user,
            account,
            role: self.role_node(role).role,
            source,
            is_enabled,
            is_strongest: false,
            is_effective: false,
            has_unresolved_group: false,
        });
    }

    /// Marks the strongest and the effective one among the grants of one user in one account.
    fn mark(&self, grants: &mut [Grant]) {
        if let [only] = grants {
            // As nearly all are: nothing to compare.
            only.is_strongest = true;
            only.is_effective = only.is_enabled;
            only.has_unresolved_group = self.is_unresolved(only);
            return;
        }
        let strongest = (0..grants.len()).max_by_key(|&index| self.strength(&grants[index]));
        let enabled = (0..grants.len()).filter(|&index| grants[index].is_enabled);
        let effective = enabled.max_by_key(|&index| self.strength(&grants[index]));
        if let Some(index) = strongest {
            grants[index].is_strongest = true;
        }
        if let Some(index) = effective {
            grants[index].is_effective = true;
        }
        if grants.iter().any(|grant| self.is_unresolved(grant)) {
            for grant in grants {
                grant.has_unresolved_group = true;
            }
        }
    }

    /// The total order of grants: privilege, then origin, then role name and source, each first one stronger.
    pub(super) fn strength(&self, grant: &Grant) -> impl Ord + use<'_> {
        let role = self.role(grant.role);
        let origin = self.source(grant.source).origin;
        (role.level.privilege_rank(), Reverse(origin), Reverse(&*role.name), Reverse(grant.role), Reverse(grant.source))
    }

    pub(super) fn is_unresolved(&self, grant: &Grant) -> bool {
        self.source(grant.source).group.is_some() && self.role(grant.role).level == AccessLevel::Unknown
    }

    /// Whether it is not known what a group lets its members do: no role of it is known, or none that means anything here.
    pub fn is_unresolved_group(&self, group: GroupId) -> bool {
        let confers = self.snapshot().text_opt(self.snapshot().group(group).confers);
        confers.is_none_or(|role| access_level(RoleScope::Account, role) == AccessLevel::Unknown)
    }
}
