//! Roles in a whole organization, and what they imply in its accounts.

use lacegraph_model::{ApiModel, FetchStatus, Node, RecordSource, Relation};

use crate::rows::{Row, Run, access, graph_of, person, problems};

fn boss() -> Row {
    person("boss@example.com")
}

#[test]
fn an_organization_admin_is_admin_in_every_account_whatever_its_state() {
    use FetchStatus::{Complete, Excluded, Failed, Incomplete, NotAttempted};
    let mut run = Run::new();
    for (name, status) in [("A", Complete), ("B", Incomplete), ("C", Failed), ("D", Excluded), ("E", NotAttempted)] {
        run.account_is(name, status);
    }
    run.org_list(person("ann@example.com").at("F-UNLISTED").as_(&["USER"]));
    run.turn_to("beta");
    run.account("OTHER");
    run.turn_to("acme");
    run.org_list(boss().org_role("ORG_ADMIN"));
    assert_eq!(
        access(&run.graph()),
        [
            "ann@example.com acme/f-unlisted USER direct strongest effective",
            "boss@example.com acme/a ADMIN org_admin strongest effective",
            "boss@example.com acme/b ADMIN org_admin strongest effective",
            "boss@example.com acme/c ADMIN org_admin strongest effective",
            "boss@example.com acme/d ADMIN org_admin strongest effective",
            "boss@example.com acme/e ADMIN org_admin strongest effective",
            "boss@example.com acme/f-unlisted ADMIN org_admin strongest effective",
        ]
    );
}

#[test]
fn an_organization_user_is_user_or_read_only_as_the_account_speaks() {
    let mut run = Run::new();
    let newer = run.account("NEWER");
    run.builder.set_api_model(newer, ApiModel::TeamUsers);
    let older = run.account("OLDER");
    run.builder.set_api_model(older, ApiModel::TeamMembers);
    run.account_is("UNREAD", FetchStatus::Failed);
    run.org_list(boss().org_role("ORG_USER"));
    assert_eq!(
        access(&run.graph()),
        [
            "boss@example.com acme/newer READ_ONLY org_user strongest effective",
            "boss@example.com acme/older USER org_user strongest effective",
            "boss@example.com acme/unread USER org_user strongest effective",
        ]
    );
}

#[test]
fn both_organization_roles_and_a_role_of_ones_own_are_three_rows() {
    let mut run = Run::new();
    run.own_list("PROD", boss().here().as_(&["ADMIN"]).org_role("ORG_ADMIN").org_role("ORG_USER"));
    run.org_list(boss().at("PROD").as_(&["ADMIN"]).org_role("ORG_ADMIN"));
    let snapshot = run.snapshot();
    let grants: Vec<_> = snapshot
        .organization_grants()
        .iter()
        .map(|grant| {
            let account = grant.stated_by.map(|account| snapshot.account_name(account));
            (snapshot.text(grant.role), grant.is_enabled, grant.source, account)
        })
        .collect();
    use RecordSource::AccountList;
    assert_eq!(grants, [("ORG_ADMIN", true, AccountList, Some("PROD")), ("ORG_USER", true, AccountList, Some("PROD"))]);
    assert_eq!(
        access(&graph_of(snapshot)),
        [
            "boss@example.com acme/prod ADMIN direct",
            "boss@example.com acme/prod ADMIN org_admin strongest effective",
            "boss@example.com acme/prod USER org_user",
        ]
    );
}

#[test]
fn a_role_is_stated_by_the_first_account_by_name_and_by_none_in_the_organizations_list() {
    let mut run = Run::new();
    run.own_list("ZULU", boss().here().org_role("ORG_ADMIN"));
    run.own_list("Bravo", boss().here().org_role("ORG_ADMIN"));
    run.org_list(boss().at("ALPHA").org_role("ORG_ADMIN").org_role("ORG_USER"));
    let snapshot = run.snapshot();
    let [admin, user] = snapshot.organization_grants() else { panic!("two roles") };
    assert_eq!(admin.stated_by.map(|account| snapshot.account_name(account)), Some("Bravo"));
    assert_eq!((user.source, user.stated_by), (RecordSource::OrganizationList, None));
}

#[test]
fn an_unknown_organization_role_is_kept_and_implies_nothing() {
    let mut run = Run::new();
    run.account("PROD");
    run.org_list(boss().org_role("ORG_AUDITOR"));
    let graph = run.graph();
    assert_eq!(access(&graph), [""; 0]);
    let snapshot = graph.snapshot();
    assert_eq!(snapshot.text(snapshot.organization_grants()[0].role), "ORG_AUDITOR");
    let boss = snapshot.find_user("boss@example.com").unwrap();
    let held: Vec<_> = graph
        .edges()
        .filter(|edge| edge.from == Node::User(boss) && edge.relation == Relation::Holds)
        .map(|edge| graph.label(edge.to))
        .collect();
    assert_eq!(held, ["acme:ORG_AUDITOR"]);
    let person = graph.person(boss, &[]);
    assert!(person.is_enabled && !person.is_org_admin && !person.is_org_user);
    assert_eq!(person.highest_privilege.as_str(), "unknown");
}

#[test]
fn a_known_organization_role_is_known_in_any_case() {
    let mut run = Run::new();
    run.account("PROD");
    run.org_list(boss().org_role(" org_Admin ").org_role("ORG_ADMIN"));
    let graph = run.graph();
    assert_eq!(graph.snapshot().organization_grants().len(), 1);
    assert_eq!(access(&graph), ["boss@example.com acme/prod ADMIN org_admin strongest effective"]);
}

#[test]
fn the_role_is_off_only_if_every_record_in_that_organization_is_disabled() {
    let grant_is_on = |rows: &[Row]| {
        let mut run = Run::new();
        for row in rows {
            run.org_list(row.clone());
        }
        // What is said in another organization does not count here.
        run.turn_to("beta");
        run.org_list(boss().at("PROD").on());
        let snapshot = run.snapshot();
        let grants = snapshot.organization_grants();
        assert_eq!(grants.len(), 1);
        grants[0].is_enabled
    };
    let admin = || boss().org_role("ORG_ADMIN");
    assert!(!grant_is_on(&[admin().at("A").off()]));
    assert!(!grant_is_on(&[admin().at("A").off().at("B").off()]));
    assert!(!grant_is_on(&[admin().enabled(false)]));
    assert!(!grant_is_on(&[admin().enabled(false), boss().at("A").off()]));
    assert!(grant_is_on(&[admin()]));
    assert!(grant_is_on(&[admin().at("A")]));
    assert!(grant_is_on(&[admin().at("A").off().at("B").on()]));
    assert!(grant_is_on(&[admin().at("A").off().at("B")]));
    assert!(grant_is_on(&[admin().at("A").off(), boss().at("B")]));
    assert!(grant_is_on(&[admin().enabled(true), boss().at("A").off()]));
    assert!(grant_is_on(&[admin(), boss().at("A").off()]));
    assert!(grant_is_on(&[admin().enabled(false), boss().at("A").on()]));
}

#[test]
fn a_record_that_lost_a_contradiction_still_keeps_the_organization_role_on() {
    let mut run = Run::new();
    run.own_list("PROD", boss().here().as_(&["USER"]).off());
    run.org_list(boss().at("PROD").as_(&["USER"]).on().org_role("ORG_ADMIN"));
    let snapshot = run.snapshot();
    assert_eq!(snapshot.membership_conflicts().len(), 1);
    assert!(snapshot.organization_grants()[0].is_enabled);
    assert_eq!(
        access(&graph_of(snapshot)),
        [
            "boss@example.com acme/prod ADMIN org_admin strongest effective",
            "boss@example.com acme/prod USER direct off",
        ]
    );
}

#[test]
fn a_record_of_an_excluded_account_counts_for_the_state_of_the_organization_role() {
    for (enabled, is_on) in [(true, true), (false, false)] {
        let mut run = Run::new();
        run.account_is("SANDBOX", FetchStatus::Excluded);
        let sandbox = boss().at("SANDBOX");
        run.org_list(if enabled { sandbox.on() } else { sandbox.off() });
        run.org_list(boss().at("PROD").off().org_role("ORG_ADMIN"));
        assert_eq!(run.snapshot().organization_grants()[0].is_enabled, is_on);
    }
}

#[test]
fn mixed_states_are_reported_once_a_person_and_organization() {
    let mut run = Run::new();
    run.org_list(boss().at("A").off().at("B").on().at("C").off().org_role("ORG_ADMIN").org_role("ORG_USER"));
    run.org_list(person("plain@example.com").at("A").off().at("B").on());
    run.org_list(person("gone@example.com").at("A").off().at("B").off().org_role("ORG_ADMIN"));
    let snapshot = run.snapshot();
    assert_eq!(
        problems(&snapshot),
        ["warning mixed_state: boss@example.com holds an organization role in acme, is disabled in A, C and enabled \
             elsewhere; the organization role counts as enabled"]
    );
    assert_eq!(snapshot.account_name(snapshot.problems()[0].account.unwrap()), "A");
}

#[test]
fn a_person_disabled_in_no_account_in_particular_and_enabled_in_one_is_a_mixed_state_too() {
    let mut run = Run::new();
    run.org_list(boss().enabled(false).org_role("ORG_ADMIN"));
    run.own_list("PROD", boss().here().on());
    let snapshot = run.snapshot();
    assert!(snapshot.organization_grants()[0].is_enabled);
    assert_eq!(
        problems(&snapshot),
        ["warning mixed_state: boss@example.com holds an organization role in acme, is disabled in a record \
             without account and enabled elsewhere; the organization role counts as enabled"]
    );
    assert_eq!(snapshot.problems()[0].account, None);
    assert_eq!(snapshot.problems()[0].organization, Some(lacegraph_model::OrganizationId::from_index(0)));
}

#[test]
fn a_disabled_membership_does_not_switch_off_what_the_organization_role_implies_there() {
    let mut run = Run::new();
    run.own_list("A", boss().here().as_(&["ADMIN"]).off().org_role("ORG_USER"));
    run.own_list("B", boss().here().as_(&["USER"]).on());
    assert_eq!(
        access(&run.graph()),
        [
            "boss@example.com acme/a ADMIN direct off strongest",
            "boss@example.com acme/a USER org_user effective",
            "boss@example.com acme/b USER direct",
            "boss@example.com acme/b USER org_user strongest effective",
        ]
    );
}

#[test]
fn a_role_of_that_name_in_an_account_is_not_the_organizations() {
    let mut run = Run::new();
    run.own_list("A", person("ann@example.com").here().as_(&["ORG_ADMIN"]));
    run.account("B");
    let graph = run.graph();
    assert_eq!(access(&graph), ["ann@example.com acme/a ORG_ADMIN direct strongest effective"]);
    let ann = graph.snapshot().find_user("ann@example.com").unwrap();
    assert_eq!(graph.person(ann, &graph.grants_of(ann)).highest_privilege.as_str(), "unknown");
}
