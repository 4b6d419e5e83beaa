//! What must hold of every graph.

use super::Graph;
use super::access::Grant;
use super::node::{Node, Relation, RoleHome, RoleNodeId};
use crate::record::UserId;
use crate::role::{ORG_ADMIN, ORG_USER, RoleScope, built_in_group_role};

/// An invariant that does not hold: a fault of the program, never of the data.
#[derive(Debug, thiserror::Error)]
#[error("the graph contradicts itself: {0}; please report this")]
pub struct VerifyError(String);

impl Graph {
    /// Checks every invariant of snapshot and graph.
    ///
    /// # Errors
    ///
    /// The first invariant that does not hold, in words.
    pub fn verify(&self) -> Result<(), VerifyError> {
        let _stage = tracing::info_span!(target: crate::STAGE, "verify").entered();
        self.verify_snapshot()?;
        self.verify_places()?;
        let mut grants = Vec::new();
        for user in self.snapshot().user_ids() {
            self.collect_grants(user, &mut grants);
            self.verify_user(user, &grants)?;
        }
        Ok(())
    }

    fn verify_snapshot(&self) -> Result<(), VerifyError> {
        let snapshot = self.snapshot();
        let sorted = |what: &str, is_sorted: bool| ensure(is_sorted, || format!("{what} are not sorted and unique"));
        let names = |ids: Vec<&str>| ids.is_sorted_by(|a, b| a < b);
        sorted("organizations", names(snapshot.organizations().iter().map(|o| snapshot.text(o.name)).collect()))?;
        sorted("accounts", names(snapshot.accounts().iter().map(|a| snapshot.text(a.account_id)).collect()))?;
        sorted("users", names(snapshot.users().iter().map(|u| snapshot.text(u.identity)).collect()))?;
        let pairs = snapshot.memberships().iter().map(|m| (m.user, m.account));
        sorted("memberships", pairs.is_sorted_by(|a, b| a < b))?;
        sorted("organization grants", {
            let keys = snapshot.organization_grants().iter().map(|g| (g.user, g.organization, snapshot.text(g.role)));
            keys.is_sorted_by(|a, b| a < b)
        })?;
        sorted("group members", snapshot.user_group_members().is_sorted_by(|a, b| a < b))?;
        let sources = snapshot.optional_sources().iter().map(|source| (source.account, source.kind));
        sorted("optional sources", sources.is_sorted_by(|a, b| a < b))?;
        for group in snapshot.user_groups() {
            let built_in = built_in_group_role(snapshot.text(group.guid));
            let is_told = group.confers.is_some() == (built_in.is_some() || group.confers_evidence.is_some());
            let is_its_own = built_in
                .is_none_or(|role| snapshot.text_opt(group.confers) == Some(role) && group.confers_evidence.is_none());
            ensure(is_told && is_its_own, || format!("what {} confers is not known so", snapshot.text(group.name)))?;
        }
        for conflict in snapshot.membership_conflicts() {
            let pair = (conflict.record.user, conflict.record.account);
            ensure(self.membership(pair.0, pair.1).is_some(), || format!("a conflict without membership: {pair:?}"))?;
        }
        for (account, tally) in snapshot.accounts().iter().zip(self.account_tallies()) {
            let known = tally.memberships + tally.conflicts + tally.left_out + account.duplicates_merged;
            ensure(account.statements_received == known, || {
                let name = snapshot.text(account.account_id);
                format!("{} records were received about {name}, {known} are accounted for", account.statements_received)
            })?;
        }
        Ok(())
    }

    /// Containment, definition and implication stay inside one account or one organization.
    fn verify_places(&self) -> Result<(), VerifyError> {
        let snapshot = self.snapshot();
        let mut parents: Vec<(Relation, Node, Node)> =
            self.place_edges().map(|edge| (edge.relation, edge.to, edge.from)).collect();
        parents.sort_unstable();
        let parents_of = |node: Node, relation: Relation| -> Vec<Node> {
            let start = parents.partition_point(|&(known, to, _)| (known, to) < (relation, node));
            let own = parents[start..].iter().take_while(|&&(known, to, _)| (known, to) == (relation, node));
            own.map(|&(_, _, from)| from).collect()
        };
        for account in snapshot.account_ids() {
            let parents = parents_of(Node::Account(account), Relation::Contains);
            let own = Node::Organization(snapshot.account(account).organization);
            ensure(parents == [own], || format!("{} is contained in {parents:?}", self.label(Node::Account(account))))?;
        }
        for index in 0..self.role_nodes.len() {
            let id = RoleNodeId(u32::try_from(index).unwrap_or(u32::MAX));
            let home = match self.role_node(id).home {
                RoleHome::Account(account) => Node::Account(account),
                RoleHome::Organization(organization) => Node::Organization(organization),
            };
            let parents = parents_of(Node::Role(id), Relation::Defines);
            ensure(parents == [home], || format!("{} is defined by {parents:?}", self.label(Node::Role(id))))?;
            self.verify_implications(id)?;
        }
        Ok(())
    }

    /// A known organization role implies one role in each account of its organization, and nothing elsewhere.
    fn verify_implications(&self, id: RoleNodeId) -> Result<(), VerifyError> {
        let node = self.role_node(id);
        let implied: Vec<Node> = self
            .row(self.role_node_index(id))
            .filter(|(_, link)| link.relation == Relation::Implies)
            .map(|(node, _)| node)
            .collect();
        let RoleHome::Organization(organization) = node.home else {
            return ensure(implied.is_empty(), || format!("{} implies a role", self.label(Node::Role(id))));
        };
        let role = self.role(node.role);
        ensure(role.scope == RoleScope::Organization, || format!("{} has another scope", role.name))?;
        let mut accounts = Vec::new();
        for target in implied {
            let Node::Role(target) = target else { continue };
            let RoleHome::Account(account) = self.role_node(target).home else { continue };
            accounts.push(account);
        }
        accounts.sort_unstable();
        let own = self.snapshot().account_ids().filter(|&a| self.snapshot().account(a).organization == organization);
        let expected: Vec<_> = own.filter(|_| [ORG_ADMIN, ORG_USER].contains(&&*role.name)).collect();
        ensure(accounts == expected, || format!("{} does not imply one role an account", self.label(Node::Role(id))))
    }

    fn verify_user(&self, user: UserId, grants: &[Grant]) -> Result<(), VerifyError> {
        let who = || self.snapshot().identity(user);
        let key = |grant: &Grant| (grant.account, grant.role, grant.source);
        ensure(grants.is_sorted_by(|a, b| key(a) < key(b)), || format!("grants of {} are not unique", who()))?;
        for same in grants.chunk_by(|a, b| a.account == b.account) {
            let count = |is: fn(&Grant) -> bool| same.iter().filter(|grant| is(grant)).count();
            ensure(count(|g| g.is_strongest) == 1, || format!("{} has not one strongest grant", who()))?;
            let expected = usize::from(count(|g| g.is_enabled) > 0);
            ensure(count(|g| g.is_effective) == expected, || format!("{} has not one effective grant", who()))?;
            ensure(count(|g| g.is_effective && !g.is_enabled) == 0, || format!("{}: off and effective", who()))?;
        }
        for membership in self.memberships_of(user) {
            let has_grant = grants.binary_search_by_key(&membership.account, |grant| grant.account).is_ok();
            ensure(has_grant, || format!("a membership of {} has no grant", who()))?;
        }
        let links = self.links.edges_slice(self.user_node(user));
        let count = links.iter().filter(|link| link.relation == Relation::Member).count();
        ensure(count == self.memberships_of(user).len(), || format!("{} has {count} member edges", who()))
    }
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), VerifyError> {
    if holds { Ok(()) } else { Err(VerifyError(message())) }
}
