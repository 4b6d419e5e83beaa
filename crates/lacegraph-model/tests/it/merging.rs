//! Several records of one user and account: what agrees is merged, what does not is set aside and reported.

use lacegraph_model::{Login, RecordSource, Snapshot};

use crate::rows::{Row, Run, access, graph_of, identifiers, login_ago, membership, person, problems, seconds_ago};

const ANN: &str = "ann@example.com";

fn ann() -> Row {
    person(ANN)
}

/// Own list and organization's list about Ann in PROD, fed in that order or the other.
fn two_records(own: Row, other: Row, own_first: bool) -> Snapshot {
    let mut run = Run::new();
    run.account("PROD");
    if own_first {
        run.own_list("PROD", own);
        run.org_list(other);
    } else {
        run.org_list(other);
        run.own_list("PROD", own);
    }
    run.snapshot()
}

fn roles<'s>(snapshot: &'s Snapshot, record: &lacegraph_model::Membership) -> Vec<&'s str> {
    snapshot.names(record.roles).collect()
}

/// How many records were received, merged, and set aside.
fn counts(snapshot: &Snapshot) -> (u64, u64, usize) {
    let account = &snapshot.accounts()[0];
    (account.statements_received, account.duplicates_merged, snapshot.membership_conflicts().len())
}

#[test]
fn the_accounts_own_list_wins_and_the_other_fills_its_gaps() {
    for own_first in [true, false] {
        let own = ann().here().with_guid("G1").logged_in(login_ago(50)).named("Ann Own");
        let other = ann()
            .at("PROD")
            .as_(&["ADMIN"])
            .on()
            .with_guid("G2")
            .logged_in(login_ago(10))
            .in_session(login_ago(20))
            .in_full(seconds_ago(900), seconds_ago(800), "root@example.com", true)
            .named("Ann Org")
            .of_company("Acme");
        let snapshot = two_records(own, other, own_first);
        let record = membership(&snapshot, ANN, "acme/prod");
        assert_eq!(record.source, RecordSource::AccountList);
        assert_eq!(roles(&snapshot, record), ["ADMIN"]);
        assert_eq!((record.enabled, record.jit_created), (Some(true), Some(true)));
        assert_eq!((record.created, record.updated), (Some(seconds_ago(900)), Some(seconds_ago(800))));
        let texts = [record.user_guid, record.full_name, record.company, record.updated_by];
        assert_eq!(texts.map(|text| snapshot.text_opt(text).unwrap()), ["G1", "Ann Own", "Acme", "root@example.com"]);
        assert_eq!((record.last_login, record.last_session), (login_ago(50), login_ago(20)));
        assert_eq!(counts(&snapshot), (2, 1, 0));
        assert_eq!(snapshot.problems(), []);
        assert_eq!(
            identifiers(&snapshot),
            ["ann@example.com user_guid acme/prod G2", "ann@example.com full_name acme/prod Ann Org"]
        );
    }
}

#[test]
fn never_is_something_said_and_is_not_a_gap() {
    let own = ann().here().logged_in(Login::NEVER);
    let snapshot = two_records(own, ann().at("PROD").logged_in(login_ago(5)), true);
    assert_eq!(membership(&snapshot, ANN, "acme/prod").last_login, Login::NEVER);
    let own = ann().here().in_session(Login::NEVER);
    let snapshot = two_records(own, ann().at("PROD").in_session(login_ago(5)), true);
    assert_eq!(membership(&snapshot, ANN, "acme/prod").last_session, Login::NEVER);
}

#[test]
fn a_record_of_the_organizations_list_alone_is_the_membership() {
    let mut run = Run::new();
    run.org_list(ann().at("PROD").as_(&["USER"]));
    let snapshot = run.snapshot();
    assert_eq!(membership(&snapshot, ANN, "acme/prod").source, RecordSource::OrganizationList);
}

#[test]
fn the_same_guid_and_name_again_are_no_further_spelling() {
    let snapshot = two_records(
        ann().here().with_guid("G1").named("Ann Lee"),
        ann().at("PROD").with_guid("G1").named(" Ann Lee "),
        true,
    );
    assert_eq!(identifiers(&snapshot), [""; 0]);
}

#[test]
fn records_that_name_other_roles_contradict_each_other() {
    for own_first in [true, false] {
        let own = ann().here().as_(&["USER"]).on();
        let other = ann().at("PROD").as_(&["ADMIN"]).in_group("C1", "Auditors").with_guid("G2").named("Ann Org");
        let snapshot = two_records(own, other, own_first);
        assert_eq!(counts(&snapshot), (2, 0, 1));
        assert_eq!(roles(&snapshot, membership(&snapshot, ANN, "acme/prod")), ["USER"]);
        let conflict = &snapshot.membership_conflicts()[0];
        assert_eq!(conflict.record.source, RecordSource::OrganizationList);
        assert_eq!(roles(&snapshot, &conflict.record), ["ADMIN"]);
        assert_eq!(snapshot.names(conflict.groups).collect::<Vec<_>>(), ["Auditors"]);
        assert_eq!(snapshot.text_opt(conflict.record.user_guid), Some("G2"));
        assert_eq!(
            problems(&snapshot),
            ["warning contradiction: two records of ann@example.com in this account differ: the account's list says \
                 USER, the organization's list says ADMIN and AUDITORS; the first is used"]
        );
        assert!(!snapshot.is_partial());
        assert_eq!(snapshot.user_groups(), []);
        // A record that lost grants nothing.
        assert_eq!(access(&graph_of(snapshot)), ["ann@example.com acme/prod USER direct strongest effective"]);
    }
}

#[test]
fn records_that_differ_in_sign_in_contradict_each_other() {
    let snapshot = two_records(ann().here().as_(&["USER"]).off(), ann().at("PROD").as_(&["USER"]).on(), true);
    assert_eq!(counts(&snapshot), (2, 0, 1));
    assert_eq!(
        problems(&snapshot),
        ["warning contradiction: two records of ann@example.com in this account differ: the account's list says \
             disabled, the organization's list says enabled; the first is used"]
    );
    assert_eq!(access(&graph_of(snapshot)), ["ann@example.com acme/prod USER direct off strongest"]);
}

#[test]
fn no_role_at_all_and_a_role_contradict_each_other() {
    let snapshot = two_records(ann().here().as_(&[]), ann().at("PROD").as_(&["ADMIN"]), true);
    assert_eq!(counts(&snapshot), (2, 0, 1));
    assert!(problems(&snapshot)[0].contains("the account's list says no role, the organization's list says ADMIN"));
    assert_eq!(access(&graph_of(snapshot)), ["ann@example.com acme/prod NO_ROLE direct strongest effective"]);
}

#[test]
fn the_same_in_the_words_of_the_other_access_model_is_no_contradiction() {
    let same = [
        (ann().here().in_group("LACEWORK_USER_GROUP_READ_ONLY_USER", "View"), ann().at("PROD").as_(&["USER"])),
        (ann().here().as_(&["READ_ONLY"]), ann().at("PROD").as_(&["user"])),
        (ann().here().in_group("LACEWORK_USER_GROUP_ADMIN", "All"), ann().at("PROD").as_(&["Admin"])),
        (ann().here().in_group("LACEWORK_USER_GROUP_POWER_USER", "P"), ann().at("PROD").as_(&["POWER_USER"])),
        (ann().here().as_(&["ADMIN", "USER"]), ann().at("PROD").as_(&["USER", "ADMIN", "USER"])),
        (ann().here().in_group("C1", "Auditors"), ann().at("PROD").in_group("C1", "auditors")),
    ];
    for (own, other) in same {
        let snapshot = two_records(own.clone(), other.clone(), true);
        assert_eq!(counts(&snapshot), (2, 1, 0), "{own:?} {other:?}");
        assert_eq!(snapshot.problems(), []);
    }
    let different = [
        (ann().here().in_group("LACEWORK_USER_GROUP_POWER_USER", "P"), ann().at("PROD").as_(&["USER"])),
        (ann().here().in_group("LACEWORK_USER_GROUP_ADMIN", "A"), ann().at("PROD").as_(&["POWER_USER"])),
        (ann().here().in_group("C1", "Auditors"), ann().at("PROD").in_group("C2", "Editors")),
        (ann().here().in_group("C1", "Auditors"), ann().at("PROD").as_(&["USER"])),
    ];
    for (own, other) in different {
        let snapshot = two_records(own.clone(), other.clone(), true);
        assert_eq!(counts(&snapshot), (2, 0, 1), "{own:?} {other:?}");
    }
}

#[test]
fn what_fills_a_gap_is_held_against_the_third_record() {
    let mut run = Run::new();
    run.own_list("PROD", ann().here());
    run.org_list(ann().at("PROD").as_(&["ADMIN"]).on());
    run.org_list(ann().at("PROD").as_(&["USER"]));
    run.org_list(ann().at("PROD").off());
    let snapshot = run.snapshot();
    assert_eq!(counts(&snapshot), (4, 1, 2));
    assert_eq!(access(&graph_of(snapshot)), ["ann@example.com acme/prod ADMIN direct strongest effective"]);
}

#[test]
fn groups_that_fill_a_gap_are_held_against_the_third_record() {
    let mut run = Run::new();
    run.own_list("PROD", ann().here());
    run.org_list(ann().at("PROD").in_group("C1", "Auditors"));
    run.org_list(ann().at("PROD").in_group("C2", "Editors"));
    run.org_list(ann().at("PROD").as_(&["ADMIN"]));
    let snapshot = run.snapshot();
    assert_eq!(counts(&snapshot), (4, 1, 2));
    assert_eq!(
        access(&graph_of(snapshot)),
        ["ann@example.com acme/prod Auditors group[Auditors] strongest effective unresolved"]
    );
}

#[test]
fn a_role_and_the_group_that_confers_it_are_both_kept() {
    let own = ann().here().in_group("LACEWORK_USER_GROUP_ADMIN", "Admins");
    let snapshot = two_records(own, ann().at("PROD").as_(&["ADMIN"]), true);
    assert_eq!(
        access(&graph_of(snapshot)),
        ["ann@example.com acme/prod ADMIN direct strongest effective", "ann@example.com acme/prod ADMIN group[Admins]",]
    );
}

#[test]
fn every_conflict_is_kept_in_the_order_of_its_list() {
    let mut run = Run::new();
    run.own_list("PROD", ann().here().as_(&["ADMIN"]));
    run.org_list(ann().at("PROD").as_(&["USER"]));
    run.org_list(ann().at("PROD").as_(&["NO_ROLE"]));
    run.own_list("PROD", ann().here().as_(&["POWER_USER"]));
    let snapshot = run.snapshot();
    let conflicts: Vec<_> = snapshot
        .membership_conflicts()
        .iter()
        .map(|conflict| (conflict.record.source, roles(&snapshot, &conflict.record)))
        .collect();
    use RecordSource::{AccountList, OrganizationList};
    assert_eq!(
        conflicts,
        [(AccountList, vec!["POWER_USER"]), (OrganizationList, vec!["USER"]), (OrganizationList, vec!["NO_ROLE"])]
    );
    assert_eq!(counts(&snapshot), (4, 0, 3));
    assert_eq!(problems(&snapshot).len(), 3);
}

#[test]
fn what_a_row_says_of_no_account_in_particular_holds_where_the_account_says_nothing() {
    let mut run = Run::new();
    run.org_list(ann().at("PROD").as_(&["USER"]).at("DEV").as_(&["USER"]).on().enabled(false));
    let snapshot = run.snapshot();
    assert_eq!(membership(&snapshot, ANN, "acme/prod").enabled, Some(false));
    assert_eq!(membership(&snapshot, ANN, "acme/dev").enabled, Some(true));
}

#[test]
fn names_are_kept_without_the_white_space_around_them_and_blank_ones_not_at_all() {
    let mut run = Run::new();
    run.own_list("PROD", ann().here().as_(&[" ADMIN "]).named("  ").of_company(" Acme "));
    let snapshot = run.snapshot();
    let record = membership(&snapshot, ANN, "acme/prod");
    assert_eq!(roles(&snapshot, record), ["ADMIN"]);
    assert_eq!((snapshot.text_opt(record.full_name), snapshot.text_opt(record.company)), (None, Some("Acme")));
}

#[test]
fn a_role_without_a_name_is_no_role() {
    let mut run = Run::new();
    run.own_list("PROD", ann().here().as_(&["", "  "]));
    run.own_list("DEV", ann().here().as_(&["", "ADMIN"]));
    assert_eq!(
        access(&run.graph()),
        [
            "ann@example.com acme/dev ADMIN direct strongest effective",
            "ann@example.com acme/prod NO_ROLE direct strongest effective",
        ]
    );
}
