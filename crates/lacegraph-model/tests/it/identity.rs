//! Whose a row is.

use lacegraph_model::{FetchStatus, UserType};

use crate::rows::{Run, identifiers, identities, person, service, somebody};

#[test]
fn an_email_is_one_person_in_any_case_and_any_white_space_around_it() {
    let mut run = Run::new();
    run.own_list("PROD", person("Ann.Lee@Example.COM").here());
    run.own_list("DEV", person("  ann.lee@example.com\t").here());
    run.turn_to("beta");
    run.own_list("PROD", person("ANN.LEE@EXAMPLE.COM").here());
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["ann.lee@example.com"]);
    assert_eq!(snapshot.memberships().len(), 3);
    assert_eq!(
        identifiers(&snapshot),
        [
            "ann.lee@example.com login acme/dev   ann.lee@example.com\t",
            "ann.lee@example.com login acme/prod Ann.Lee@Example.COM",
            "ann.lee@example.com login beta/prod ANN.LEE@EXAMPLE.COM",
        ]
    );
}

#[test]
fn lower_case_is_that_of_unicode() {
    let mut run = Run::new();
    run.own_list("PROD", person("JÜRGEN@EXAMPLE.DE").here());
    run.own_list("DEV", person("jürgen@example.de").here());
    run.own_list("PROD", person("ΝΊΚΟΣ@example.gr").here());
    run.own_list("DEV", person("νίκος@example.gr").here());
    // Two spellings that look alike and are not alike in Unicode: composed and decomposed.
    run.own_list("PROD", person("zoe\u{308}@example.com").here());
    run.own_list("DEV", person("zo\u{eb}@example.com").here());
    let snapshot = run.snapshot();
    assert_eq!(
        identities(&snapshot),
        ["jürgen@example.de", "zoe\u{308}@example.com", "zo\u{eb}@example.com", "νίκος@example.gr"]
    );
    // What is in lower case already is the identity itself, no other spelling of it.
    assert_eq!(
        identifiers(&snapshot),
        ["jürgen@example.de login acme/prod JÜRGEN@EXAMPLE.DE", "νίκος@example.gr login acme/prod ΝΊΚΟΣ@example.gr"]
    );
}

#[test]
fn a_look_alike_stays_a_second_person() {
    let mut run = Run::new();
    for login in ["ann@example.com", "аnn@example.com", "ann+x@example.com", "a.nn@example.com", "ann@exarnple.com"] {
        run.own_list("PROD", person(login).here());
    }
    assert_eq!(run.snapshot().users().len(), 5);
}

#[test]
fn a_name_without_at_is_local_to_its_account() {
    let mut run = Run::new();
    run.own_list("PROD", person("Root").here());
    run.own_list("PROD", person(" ROOT ").here());
    run.own_list("DEV", person("root").here());
    run.turn_to("beta");
    run.own_list("PROD", person("root").here());
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["local:acme/dev/root", "local:acme/prod/root", "local:beta/prod/root"]);
    assert_eq!(snapshot.memberships().len(), 3);
    assert_eq!(
        identifiers(&snapshot),
        [
            "local:acme/dev/root login acme/dev root",
            "local:acme/prod/root login acme/prod  ROOT ",
            "local:acme/prod/root login acme/prod Root",
            "local:beta/prod/root login beta/prod root",
        ]
    );
}

#[test]
fn a_service_user_is_local_too_even_with_an_at_in_its_name() {
    let mut run = Run::new();
    run.own_list("PROD", service("CI").here());
    run.own_list("DEV", service("ci").here());
    run.own_list("PROD", service("bot@example.com").here());
    run.own_list("PROD", person("bot@example.com").here());
    run.own_list("PROD", person("ci").here());
    let snapshot = run.snapshot();
    assert_eq!(
        identities(&snapshot),
        [
            "bot@example.com",
            "local:acme/prod/ci",
            "service:acme/dev/ci",
            "service:acme/prod/bot@example.com",
            "service:acme/prod/ci",
        ]
    );
    let types: Vec<_> = snapshot.users().iter().map(|user| user.user_type).collect();
    use UserType::{Person, Service};
    assert_eq!(types, [Person, Person, Service, Service, Service]);
}

#[test]
fn a_row_with_neither_name_nor_email_is_known_by_its_guid_in_one_account() {
    let mut run = Run::new();
    run.own_list("PROD", somebody().here().with_guid("G1"));
    run.own_list("PROD", person("  ").here().with_guid("G1"));
    run.own_list("PROD", somebody().here().with_guid("g1"));
    run.own_list("DEV", somebody().here().with_guid("G1"));
    run.own_list("DEV", somebody().here());
    let snapshot = run.snapshot();
    assert_eq!(
        identities(&snapshot),
        [
            "unidentified:acme/dev/",
            "unidentified:acme/dev/G1",
            "unidentified:acme/prod/G1",
            "unidentified:acme/prod/g1"
        ]
    );
    assert_eq!(snapshot.memberships().len(), 4);
}

#[test]
fn a_service_user_without_a_name_is_still_a_service_user() {
    let mut run = Run::new();
    let nameless = service("").here().with_guid("G1");
    run.own_list("PROD", nameless);
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["unidentified:acme/prod/G1"]);
    assert_eq!(snapshot.users()[0].user_type, UserType::Service);
}

#[test]
fn what_one_row_calls_a_service_user_and_another_does_not_is_one_whatever_comes_first() {
    for service_first in [true, false] {
        let mut run = Run::new();
        let rows = [service("").here().with_guid("G1"), somebody().here().with_guid("G1")];
        let order = if service_first { [0, 1] } else { [1, 0] };
        for index in order {
            run.own_list("PROD", rows[index].clone());
        }
        let snapshot = run.snapshot();
        assert_eq!(identities(&snapshot), ["unidentified:acme/prod/G1"]);
        assert_eq!(snapshot.users()[0].user_type, UserType::Service);
    }
}

#[test]
fn an_email_cannot_pass_for_one_of_our_own_identities() {
    let mut run = Run::new();
    run.own_list("PROD", service("ci@example.com").here().as_(&["USER"]));
    run.own_list("PROD", person("service:acme/prod/ci@example.com").here().as_(&["ADMIN"]));
    run.own_list("DEV", person("Service:acme/prod/ci@example.com").here().as_(&["ADMIN"]));
    let snapshot = run.snapshot();
    assert_eq!(
        identities(&snapshot),
        [
            "local:acme/dev/service:acme/prod/ci@example.com",
            "local:acme/prod/service:acme/prod/ci@example.com",
            "service:acme/prod/ci@example.com",
        ]
    );
    assert_eq!(snapshot.memberships().len(), 3);
}

#[test]
fn two_service_users_of_one_name_are_told_apart_by_their_guids() {
    let mut run = Run::new();
    run.own_list("PROD", service("ci").here().with_guid("G2"));
    run.own_list("PROD", service("CI").here().with_guid("G1"));
    // The same name elsewhere is shared with nobody.
    run.own_list("DEV", service("ci").here().with_guid("G3"));
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["service:acme/dev/ci", "service:acme/prod/ci#G1", "service:acme/prod/ci#G2"]);
    assert_eq!(snapshot.memberships().len(), 3);
}

#[test]
fn two_rows_of_one_name_and_one_guid_are_one_service_user() {
    let mut run = Run::new();
    run.own_list("PROD", service("ci").here().with_guid("G1"));
    run.own_list("PROD", service("ci").here().with_guid("G1"));
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["service:acme/prod/ci"]);
    assert_eq!(snapshot.memberships().len(), 1);
    assert_eq!(snapshot.accounts()[0].duplicates_merged, 1);
}

#[test]
fn a_local_name_without_guid_in_the_organizations_list_is_that_of_the_accounts_list() {
    let mut run = Run::new();
    run.own_list("PROD", person("root").here().with_guid("G1").as_(&["ADMIN"]));
    run.org_list(person("Root").at("prod").as_(&["ADMIN"]));
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["local:acme/prod/root"]);
    assert_eq!(snapshot.memberships().len(), 1);
    assert_eq!(snapshot.accounts()[0].duplicates_merged, 1);
}

#[test]
fn a_person_without_email_is_another_one_in_each_account_of_a_row() {
    let mut run = Run::new();
    run.org_list(person("root").at("PROD").at("DEV"));
    assert_eq!(identities(&run.snapshot()), ["local:acme/dev/root", "local:acme/prod/root"]);
}

#[test]
fn a_row_without_account_keeps_the_person_and_all_it_says() {
    let mut run = Run::new();
    run.org_list(person("Boss@Example.com").named("The Boss").of_guid("G9").org_role("ORG_ADMIN"));
    run.org_list(person("root").org_role("ORG_USER"));
    run.org_list(somebody().of_guid("G7").org_role("ORG_USER"));
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["boss@example.com", "local:acme/root", "unidentified:acme/G7"]);
    assert_eq!(
        identifiers(&snapshot),
        [
            "boss@example.com login - Boss@Example.com",
            "boss@example.com user_guid - G9",
            "boss@example.com full_name - The Boss",
            "local:acme/root login - root",
            "unidentified:acme/G7 user_guid - G7",
        ]
    );
}

#[test]
fn a_person_with_neither_account_nor_role_is_there() {
    let mut run = Run::new();
    run.account("PROD");
    run.org_list(person("idle@example.com"));
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["idle@example.com"]);
}

#[test]
fn a_local_name_in_an_account_known_by_key_first_is_named_after_the_account() {
    let mut run = Run::new();
    run.org_list(person("root").at_guid("K1"));
    let prod = run.account_is("PROD", FetchStatus::Complete);
    run.builder.learn_cust_guid(run.organization, "K1", prod);
    run.own_list("PROD", person("root").here());
    let snapshot = run.snapshot();
    assert_eq!(identities(&snapshot), ["local:acme/prod/root"]);
    assert_eq!(snapshot.memberships().len(), 1);
}
