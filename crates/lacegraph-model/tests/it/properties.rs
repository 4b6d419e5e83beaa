//! What holds whatever the API says.

use std::collections::{BTreeMap, BTreeSet};

use lacegraph_model::{
    ApiModel, FetchStatus, GrantOrigin, Graph, GroupId, RoleScope, Settings, Snapshot, UserId, access_level,
};
use proptest::prelude::*;

use crate::random::{World, world};
use crate::rows::Place;

/// A grant by names: identity, account, scope and name of the role, origin, and the group's place in its list.
type Key = (String, String, RoleScope, String, GrantOrigin, Option<usize>);

/// Every grant and whether it is in force, straight from the records, without the graph.
fn grants_from_records(snapshot: &Snapshot) -> BTreeMap<Key, bool> {
    let mut grants = BTreeMap::new();
    let mut add = |user, account, scope, role: &str, origin, group: Option<GroupId>, is_on: bool| {
        let account: lacegraph_model::AccountId = account;
        let account_id = snapshot.text(snapshot.account(account).account_id).to_owned();
        let key =
            (snapshot.identity(user).to_owned(), account_id, scope, role.to_owned(), origin, group.map(GroupId::index));
        grants.insert(key, is_on);
    };
    for membership in snapshot.memberships() {
        let is_on = membership.enabled.unwrap_or(true);
        let (user, account) = (membership.user, membership.account);
        let groups: Vec<_> = snapshot
            .user_group_members()
            .iter()
            .filter(|seat| seat.user == user && snapshot.group(seat.group).account == account)
            .map(|seat| seat.group)
            .collect();
        for role in snapshot.names(membership.roles) {
            add(user, account, RoleScope::Account, role, GrantOrigin::Direct, None, is_on);
        }
        if snapshot.names(membership.roles).len() == 0 && groups.is_empty() {
            add(user, account, RoleScope::Account, "NO_ROLE", GrantOrigin::Direct, None, is_on);
        }
        for id in groups {
            let group = snapshot.group(id);
            let (scope, role) = match group.confers {
                Some(role) => (RoleScope::Account, role),
                None => (RoleScope::Group, group.name),
            };
            add(user, account, scope, snapshot.text(role), GrantOrigin::Group, Some(id), is_on);
        }
    }
    for grant in snapshot.organization_grants() {
        for account in snapshot.account_ids() {
            if snapshot.account(account).organization != grant.organization {
                continue;
            }
            let is_newer = snapshot.account(account).api_model == Some(ApiModel::TeamUsers);
            let (role, origin) = match snapshot.text(grant.role) {
                "ORG_ADMIN" => ("ADMIN", GrantOrigin::OrgAdmin),
                "ORG_USER" if is_newer => ("READ_ONLY", GrantOrigin::OrgUser),
                "ORG_USER" => ("USER", GrantOrigin::OrgUser),
                _ => continue,
            };
            add(grant.user, account, RoleScope::Account, role, origin, None, grant.is_enabled);
        }
    }
    grants
}

/// The same from the graph, with the marks: strongest, effective, unresolved.
fn grants_from_graph(graph: &Graph) -> BTreeMap<Key, (bool, [bool; 3])> {
    let snapshot = graph.snapshot();
    let mut grants = BTreeMap::new();
    for grant in graph.grants() {
        let (role, source) = (graph.role(grant.role), graph.source(grant.source));
        let key = (
            snapshot.identity(grant.user).to_owned(),
            snapshot.text(snapshot.account(grant.account).account_id).to_owned(),
            role.scope,
            role.name.to_string(),
            source.origin,
            source.group.map(GroupId::index),
        );
        let marks = [grant.is_strongest, grant.is_effective, grant.has_unresolved_group];
        assert_eq!(grants.insert(key.clone(), (grant.is_enabled, marks)), None, "twice: {key:?}");
    }
    grants
}

/// Sorts the keys of one user and account strongest first, as the documentation of the order says.
fn strongest_first(mut keys: Vec<&Key>) -> Vec<&Key> {
    let origins = [GrantOrigin::OrgAdmin, GrantOrigin::OrgUser, GrantOrigin::Direct, GrantOrigin::Group];
    keys.sort_by_key(|&(_, _, scope, role, origin, group)| {
        let weakness = 100 - access_level(*scope, role).privilege_rank();
        (weakness, origins.iter().position(|known| known == origin), role.clone(), *scope, *group)
    });
    keys
}

fn graph(world: &World) -> Graph {
    Graph::new(world.snapshot(), Settings::default())
}

/// What a spelling of an account name comes to.
fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

proptest! {
    #![proptest_config(crate::random::config())]

    #[test]
    fn every_invariant_holds(world in world()) {
        graph(&world).verify().unwrap();
    }

    #[test]
    fn grants_are_those_that_the_records_give(world in world()) {
        let graph = graph(&world);
        let expected = grants_from_records(graph.snapshot());
        let found = grants_from_graph(&graph);
        let in_force: BTreeMap<Key, bool> = found.iter().map(|(key, (is_on, _))| (key.clone(), *is_on)).collect();
        prop_assert_eq!(in_force, expected);
    }

    #[test]
    fn marks_are_those_that_the_order_gives(world in world()) {
        let graph = graph(&world);
        let found = grants_from_graph(&graph);
        let mut pairs: BTreeMap<(&str, &str), Vec<&Key>> = BTreeMap::new();
        for key in found.keys() {
            pairs.entry((&key.0, &key.1)).or_default().push(key);
        }
        for keys in pairs.into_values() {
            let is_unknown = |key: &&Key| access_level(key.2, &key.3).privilege_rank() == 40;
            let is_unresolved = keys.iter().any(|key| key.4 == GrantOrigin::Group && is_unknown(key));
            let sorted = strongest_first(keys);
            let effective = sorted.iter().find(|key| found[**key].0).copied();
            for (place, key) in sorted.iter().enumerate() {
                let marks = [place == 0, effective == Some(key), is_unresolved];
                prop_assert_eq!(found[*key].1, marks, "{:?}", key);
            }
        }
    }

    #[test]
    fn who_has_a_grant_in_force_has_one_effective_grant(world in world()) {
        let graph = graph(&world);
        let pairs = |grants: Vec<lacegraph_model::Grant>| -> Vec<_> {
            grants.into_iter().map(|grant| (grant.user, grant.account)).collect()
        };
        let effective = pairs(graph.grants().filter(|grant| grant.is_effective).collect());
        let enabled: BTreeSet<_> = pairs(graph.grants().filter(|grant| grant.is_enabled).collect()).into_iter().collect();
        prop_assert_eq!(effective, enabled.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn the_order_in_which_lists_are_heard_does_not_matter(world in world()) {
        let mut world = world;
        for heard in &mut world.organizations {
            for account in &mut heard.accounts {
                // Two accounts' lists that contradict each other about a third are the one case where order counts.
                account.rows.retain(|row| row.seats.iter().all(|seat| matches!(seat.place, Place::Own)));
            }
        }
        let one = world.snapshot();
        world.organizations.reverse();
        for heard in &mut world.organizations {
            heard.accounts.reverse();
            heard.own_lists_come_first = !heard.own_lists_come_first;
            for account in &mut heard.accounts {
                account.is_guid_learnt_late = !account.is_guid_learnt_late;
            }
        }
        let other = world.snapshot();
        prop_assert_eq!(one.id(), other.id());
        prop_assert!(one == other);
    }

    #[test]
    fn who_did_what_is_the_user_of_that_name(world in world()) {
        let snapshot = world.snapshot();
        prop_assert!(snapshot.audit_events().is_sorted_by_key(|event| (event.account, event.happened)));
        for event in snapshot.audit_events() {
            let account = snapshot.account(event.account);
            let Some(actor) = snapshot.text_opt(event.actor) else {
                prop_assert_eq!(event.user, None);
                continue;
            };
            let name = folded(actor);
            let place = snapshot.text(account.account_id);
            let may_be = [name.clone(), format!("local:{place}/{name}"), format!("service:{place}/{name}")];
            if let Some(user) = event.user {
                prop_assert!(may_be.contains(&snapshot.identity(user).to_owned()), "{:?}", may_be);
            }
            // A member of the very account, by e-mail, is never overlooked.
            let of_email = snapshot.find_user(&name).filter(|_| name.contains('@'));
            let is_here = |user: UserId| {
                snapshot.memberships().iter().any(|record| record.user == user && record.account == event.account)
            };
            if let Some(user) = of_email.filter(|&user| is_here(user)) {
                prop_assert_eq!(event.user, Some(user));
            }
        }
    }

    #[test]
    fn every_record_is_counted_and_none_is_dropped(world in world()) {
        let snapshot = world.snapshot();
        let rows = |heard: &crate::random::Heard| -> usize {
            let own = heard.accounts.iter().flat_map(|account| &account.rows);
            own.chain(&heard.rows).map(|row| row.seats.len()).sum()
        };
        let fed: usize = world.organizations.iter().map(rows).sum();
        let received: u64 = snapshot.accounts().iter().map(|account| account.statements_received).sum();
        prop_assert_eq!(received, fed as u64);
        for id in snapshot.account_ids() {
            let account = snapshot.account(id);
            let kept = snapshot.memberships().iter().filter(|record| record.account == id).count()
                + snapshot.membership_conflicts().iter().filter(|conflict| conflict.record.account == id).count();
            let expected = match account.fetch_status {
                FetchStatus::Excluded => 0,
                _ => account.statements_received - account.duplicates_merged,
            };
            prop_assert_eq!(kept as u64, expected);
        }
    }

    #[test]
    fn every_email_of_a_row_is_a_member_of_every_account_it_names(world in world()) {
        let snapshot = world.snapshot();
        for heard in &world.organizations {
            let own = heard.accounts.iter().flat_map(|account| account.rows.iter().map(move |row| (Some(account), row)));
            for (own, row) in own.chain(heard.rows.iter().map(|row| (None, row))) {
                let Some(login) = row.login.as_deref().filter(|login| login.contains('@') && !row.is_service) else {
                    continue;
                };
                let identity = folded(login);
                for seat in &row.seats {
                    let name = match &seat.place {
                        Place::Own => &own.unwrap().name,
                        Place::Named(name) => name,
                        Place::Guid(guid) => {
                            let known = heard.accounts.iter().find(|account| account.cust_guid.as_ref() == Some(guid));
                            known.map_or(guid, |account| &account.name)
                        }
                    };
                    let account = snapshot.find_account(&format!("{}/{}", heard.name, folded(name)).to_lowercase());
                    prop_assert!(account.is_some(), "{} in {}", name, heard.name);
                    let account = account.unwrap();
                    let user = snapshot.find_user(&identity);
                    let is_excluded = snapshot.account(account).fetch_status == FetchStatus::Excluded;
                    let is_member = snapshot.memberships().iter().any(|m| Some(m.user) == user && m.account == account);
                    prop_assert_eq!(is_member, !is_excluded, "{} in {}", identity, name);
                }
            }
        }
    }
}
