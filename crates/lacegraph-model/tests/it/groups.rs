//! Groups of the newer access model, and members without anything.

use lacegraph_model::Snapshot;

use crate::rows::{Row, Run, access, person};

fn ann() -> Row {
    person("ann@example.com")
}

/// Every group as `account_id guid name -> role`.
fn groups(snapshot: &Snapshot) -> Vec<String> {
    let line = |group: &lacegraph_model::UserGroup| {
        let account = snapshot.text(snapshot.account(group.account).account_id);
        let role = snapshot.text_opt(group.confers).unwrap_or("?");
        format!("{account} {} {} -> {role}", snapshot.text(group.guid), snapshot.text(group.name))
    };
    snapshot.user_groups().iter().map(line).collect()
}

#[test]
fn a_built_in_group_confers_its_role_whatever_it_is_called() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("LACEWORK_USER_GROUP_ADMIN", "Chefs"));
    run.own_list("B", ann().here().in_group("LACEWORK_USER_GROUP_POWER_USER", "Cooks"));
    run.own_list("C", ann().here().in_group("LACEWORK_USER_GROUP_READ_ONLY_USER", "Guests"));
    let graph = run.graph();
    assert_eq!(
        groups(graph.snapshot()),
        [
            "acme/a LACEWORK_USER_GROUP_ADMIN Chefs -> ADMIN",
            "acme/b LACEWORK_USER_GROUP_POWER_USER Cooks -> POWER_USER",
            "acme/c LACEWORK_USER_GROUP_READ_ONLY_USER Guests -> READ_ONLY",
        ]
    );
    assert_eq!(
        access(&graph),
        [
            "ann@example.com acme/a ADMIN group[Chefs] strongest effective",
            "ann@example.com acme/b POWER_USER group[Cooks] strongest effective",
            "ann@example.com acme/c READ_ONLY group[Guests] strongest effective",
        ]
    );
}

#[test]
fn a_custom_group_marks_everything_the_user_holds_in_that_account_and_nothing_elsewhere() {
    let mut run = Run::new();
    run.own_list("A", ann().here().as_(&["ADMIN"]).in_group("C1", "Auditors").org_role("ORG_USER"));
    run.own_list("B", ann().here().as_(&["ADMIN"]));
    run.own_list("A", person("bob@example.com").here().as_(&["USER"]));
    assert_eq!(
        access(&run.graph()),
        [
            "ann@example.com acme/a ADMIN direct strongest effective unresolved",
            "ann@example.com acme/a USER org_user unresolved",
            "ann@example.com acme/a Auditors group[Auditors] unresolved",
            "ann@example.com acme/b ADMIN direct strongest effective",
            "ann@example.com acme/b USER org_user",
            "bob@example.com acme/a USER direct strongest effective",
        ]
    );
}

#[test]
fn a_custom_group_named_like_a_role_is_not_that_role() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", "ADMIN"));
    let graph = run.graph();
    assert_eq!(access(&graph), ["ann@example.com acme/a ADMIN group[ADMIN] strongest effective unresolved"]);
    let grant = graph.grants().next().unwrap();
    assert_eq!(graph.role(grant.role).level.as_str(), "unknown");
    assert_eq!(graph.role(grant.role).level.is_privileged(), None);
}

#[test]
fn an_unresolved_group_of_a_disabled_member_still_marks_what_remains() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", "Auditors").off().org_role("ORG_ADMIN"));
    run.own_list("B", ann().here().on());
    assert_eq!(
        access(&run.graph()),
        [
            "ann@example.com acme/a ADMIN org_admin strongest effective unresolved",
            "ann@example.com acme/a Auditors group[Auditors] off unresolved",
            "ann@example.com acme/b ADMIN org_admin strongest effective",
            "ann@example.com acme/b NO_ROLE direct",
        ]
    );
}

#[test]
fn a_member_without_role_and_group_has_the_grant_no_role() {
    let mut run = Run::new();
    run.own_list("A", ann().here());
    run.own_list("B", ann().here().as_(&[]).off());
    run.own_list("C", ann().here().in_group("LACEWORK_USER_GROUP_ADMIN", "Admins").as_(&[]));
    assert_eq!(
        access(&run.graph()),
        [
            "ann@example.com acme/a NO_ROLE direct strongest effective",
            "ann@example.com acme/b NO_ROLE direct off strongest",
            "ann@example.com acme/c ADMIN group[Admins] strongest effective",
        ]
    );
}

#[test]
fn a_group_belongs_to_one_account_even_if_its_guid_is_the_same_everywhere() {
    let mut run = Run::new();
    for account in ["A", "B"] {
        run.own_list(account, ann().here().in_group("LACEWORK_USER_GROUP_ADMIN", "Admins"));
        run.own_list(account, person("bob@example.com").here().in_group("LACEWORK_USER_GROUP_ADMIN", "Admins"));
    }
    let snapshot = run.snapshot();
    assert_eq!((snapshot.user_groups().len(), snapshot.user_group_members().len()), (2, 4));
}

#[test]
fn the_same_group_twice_in_a_row_is_one_seat() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", "Auditors").in_group("C1", "Auditors"));
    let snapshot = run.snapshot();
    assert_eq!((snapshot.user_groups().len(), snapshot.user_group_members().len()), (1, 1));
}

#[test]
fn a_group_without_a_name_is_named_by_its_guid() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", ""));
    assert_eq!(groups(&run.snapshot()), ["acme/a C1 C1 -> ?"]);
}

#[test]
fn a_group_that_one_row_leaves_without_a_name_is_the_group_that_another_row_names() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", ""));
    run.own_list("A", person("bob@example.com").here().in_group("C1", "Auditors"));
    let snapshot = run.snapshot();
    assert_eq!(groups(&snapshot), ["acme/a C1 Auditors -> ?"]);
    assert_eq!(snapshot.user_group_members().len(), 2);
}
