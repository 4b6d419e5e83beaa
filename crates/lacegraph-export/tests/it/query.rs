//! Single questions to a stored run.

use lacegraph_export::sqlite::{AccessRow, Database};
use lacegraph_model::{Graph, Settings};
use proptest::prelude::*;

use crate::fixed::{self, Stored};
use crate::random::{config, world};
use crate::rows::{Run, person};

fn open(stored: &Stored) -> Database {
    Database::open(&stored.path()).unwrap()
}

fn paths(rows: &[AccessRow]) -> Vec<String> {
    rows.iter().map(AccessRow::path).collect()
}

#[test]
fn a_run_is_named_by_its_directory_or_its_database() {
    let stored = Stored::of(&fixed::graph());
    let by_file = open(&stored);
    let by_directory = Database::open(stored.directory.path()).unwrap();
    assert_eq!(by_directory.path(), stored.path());
    assert_eq!(by_file.info().unwrap(), by_directory.info().unwrap());
}

#[test]
fn info_is_what_the_first_line_of_an_answer_needs() {
    let graph = fixed::graph();
    let info = open(&Stored::of(&graph)).info().unwrap();
    assert_eq!(info.snapshot_id, graph.snapshot().id());
    assert_eq!((&*info.captured_at_utc, &*info.snapshot_status), ("2026-09-01 08:00:00", "partial"));
    assert_eq!((&*info.data_source, &*info.source_hosts), ("capture", "Beta.lacework.net, acme.lacework.net"));
}

#[test]
fn a_user_is_found_in_any_case_and_with_white_space_around() {
    let stored = Stored::of(&fixed::graph());
    let database = open(&stored);
    let ann = database.user(" ANN@Example.com\n").unwrap().unwrap();
    assert_eq!(database.user("ann@example.com").unwrap().as_ref(), Some(&ann));
    assert_eq!((&*ann.identity, &*ann.user_type), ("ann@example.com", "person"));
    assert_eq!(ann.full_name.as_deref(), Some("Ann \"the boss\" Lee,\r\nMBA"));
    assert!(ann.is_enabled && ann.is_org_admin && !ann.is_org_user);
    // Every account of acme, the unlisted, the failed and the excluded one included, and one of Beta.
    assert_eq!((&*ann.highest_privilege, ann.account_count, ann.admin_account_count), ("org_admin", 6, 5));
    assert_eq!((&*ann.login_state, ann.days_since_login), ("active", Some(1)));
    assert_eq!(ann.last_login_anywhere_utc.as_deref(), Some("2026-08-31 08:00:00"));
    let gone = database.user("BOB@partner.example").unwrap().unwrap();
    assert_eq!((&*gone.login_state, gone.is_enabled, &*gone.highest_privilege), ("dormant", false, "none"));
    assert_eq!(database.user("nobody@example.com").unwrap(), None);
    assert_eq!(database.user("").unwrap(), None);
    assert_eq!(database.user("%").unwrap(), None);
}

#[test]
fn an_identity_with_a_guid_is_found_as_it_is_written() {
    let stored = Stored::of(&fixed::graph());
    let database = open(&stored);
    for identity in
        ["unidentified:acme/acme-newer/G-5", "service:acme/acme-newer/ci#S-1", "service:acme/acme-newer/ci#S-2"]
    {
        assert_eq!(database.user(identity).unwrap().unwrap().identity, identity);
    }
}

#[test]
fn similar_users_are_those_that_contain_the_name() {
    let stored = Stored::of(&fixed::graph());
    let database = open(&stored);
    // By name too: Ann calls herself the boss.
    assert_eq!(database.similar_users("BOS", 9).unwrap(), ["ann@example.com", "boss@example.com"]);
    assert_eq!(database.similar_users("bob", 9).unwrap(), ["bob@partner.example"]);
    assert_eq!(database.similar_users("o", 1).unwrap().len(), 1);
    assert_eq!(database.similar_users("MBA", 9).unwrap(), ["ann@example.com"]);
    assert_eq!(database.similar_users("ann@other.example", 9).unwrap(), ["ann@example.com"]);
    assert_eq!(database.similar_users(" @x", 9).unwrap(), [""; 0]);
    assert_eq!(database.similar_users("%", 9).unwrap(), [""; 0]);
}

#[test]
fn an_account_is_found_by_name_or_with_its_organization_and_a_bare_name_may_mean_two() {
    let stored = Stored::of(&fixed::graph());
    let database = open(&stored);
    let ids = |name: &str| -> Vec<String> {
        database.accounts(name).unwrap().into_iter().map(|account| account.account_id).collect()
    };
    assert_eq!(ids("acme-prod"), ["acme/acme-prod", "beta/acme-prod"]);
    assert_eq!(ids(" ACME-PROD "), ["acme/acme-prod", "beta/acme-prod"]);
    assert_eq!(ids("Beta/ACME-Prod"), ["beta/acme-prod"]);
    assert_eq!(ids("acme"), [""; 0]);
    assert_eq!(ids(""), [""; 0]);
    assert_eq!(database.all_accounts().unwrap().len(), 6);
    let down = &database.accounts("ACME-Down").unwrap()[0];
    assert_eq!((&*down.organization_name, &*down.account_name), ("acme", "ACME-Down"));
    assert_eq!((&*down.fetch_status, down.fetch_detail.as_deref()), ("failed", Some("403 Forbidden")));
}

#[test]
fn what_somebody_holds_is_told_by_account_and_the_strongest_first() {
    let stored = Stored::of(&fixed::graph());
    let rows = open(&stored).access_of("ann@example.com").unwrap();
    assert_eq!(
        paths(&rows),
        [
            "ann@example.com -holds-> acme:ORG_ADMIN -implies-> ACME-Down:ADMIN",
            "ann@example.com -holds-> acme:ORG_ADMIN -implies-> ACME-Newer:ADMIN",
            "ann@example.com -holds-> acme:ORG_ADMIN -implies-> ACME-Prod:ADMIN",
            "ann@example.com -holds-> ACME-Prod:ADMIN",
            "ann@example.com -holds-> acme:ORG_ADMIN -implies-> Ghost:ADMIN",
            "ann@example.com -holds-> acme:ORG_ADMIN -implies-> SANDBOX:ADMIN",
            "ann@example.com -holds-> Acme-PROD:POWER_USER",
        ]
    );
}

#[test]
fn who_reaches_an_account_is_told_by_privilege_and_then_by_name() {
    let mut run = Run::new();
    for (login, role) in [
        ("zoe@example.com", "ADMIN"),
        ("ann@example.com", "USER"),
        ("new@example.com", "AUDITOR"),
        ("bob@example.com", "ADMIN"),
    ] {
        run.own_list("PROD", person(login).here().as_(&[role, "NO_ROLE"]));
    }
    run.org_list(person("boss@example.com").org_role("ORG_USER"));
    run.own_list("DEV", person("elsewhere@example.com").here().as_(&["ADMIN"]));
    let stored = Stored::of(&run.graph());
    let rows = open(&stored).access_to("acme/prod").unwrap();
    let told: Vec<_> = rows.iter().map(|row| format!("{} {}", row.identity, row.role_name)).collect();
    assert_eq!(
        told,
        [
            "bob@example.com ADMIN",
            "bob@example.com NO_ROLE",
            "zoe@example.com ADMIN",
            "zoe@example.com NO_ROLE",
            "new@example.com AUDITOR",
            "new@example.com NO_ROLE",
            "ann@example.com USER",
            "ann@example.com NO_ROLE",
            "boss@example.com USER",
        ]
    );
    assert_eq!(open(&stored).access_to("acme/nowhere").unwrap(), []);
}

#[test]
fn why_somebody_reaches_an_account_tells_every_way_with_everything_about_it() {
    let stored = Stored::of(&fixed::graph());
    let rows = open(&stored).access("eve@gmail.com", "acme/acme-newer").unwrap();
    assert_eq!(
        paths(&rows),
        [
            "eve@gmail.com -in-> ACME-Newer:[+Auditors] -confers-> ACME-Newer:+Auditors",
            "eve@gmail.com -holds-> acme:ORG_USER -implies-> ACME-Newer:READ_ONLY",
        ]
    );
    let first = &rows[0];
    assert_eq!((&*first.role_name, &*first.access_level, first.is_privileged), ("+Auditors", "unknown", None));
    assert_eq!((&*first.grant_origin, first.group_name.as_deref()), ("group", Some("+Auditors")));
    assert!(first.is_enabled && first.is_strongest && first.is_effective && first.has_unresolved_group);
    assert_eq!((&*first.fetch_status, &*first.login_state, first.days_since_login), ("complete", "unknown", None));
    assert!(rows[1].is_enabled && !rows[1].is_strongest && !rows[1].is_effective && rows[1].has_unresolved_group);
    assert_eq!(open(&stored).access("eve@gmail.com", "beta/acme-prod").unwrap(), []);
}

#[test]
fn problems_are_those_of_the_account() {
    let stored = Stored::of(&fixed::graph());
    let database = open(&stored);
    let problems = database.problems_of("acme/acme-down").unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!((&*problems[0].severity, &*problems[0].problem_code), ("error", "account_failed"));
    assert_eq!(problems[0].hint.as_deref(), Some("give the key the role it needs"));
    let codes: Vec<_> =
        database.problems_of("acme/acme-prod").unwrap().into_iter().map(|row| row.problem_code).collect();
    assert_eq!(codes, ["contradiction"]);
    assert_eq!(database.problems_of("acme/sandbox").unwrap(), []);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_answer_is_that_of_the_graph(world in world()) {
        let graph = Graph::new(world.snapshot(), Settings::default());
        let stored = Stored::of(&graph);
        let database = open(&stored);
        let snapshot = graph.snapshot();
        for user in snapshot.user_ids() {
            let identity = snapshot.identity(user);
            let row = database.user(identity).unwrap().unwrap();
            let person = graph.person(user, &graph.grants_of(user));
            prop_assert_eq!(&*row.identity, identity);
            prop_assert_eq!(row.full_name.as_deref(), person.full_name);
            prop_assert_eq!(row.is_enabled, person.is_enabled);
            let mut of_user = Vec::new();
            for account in snapshot.account_ids() {
                let account_id = snapshot.text(snapshot.account(account).account_id);
                let why: Vec<_> = graph.why(user, account).into_iter().map(|(_, path)| path).collect();
                let rows = database.access(identity, account_id).unwrap();
                prop_assert_eq!(paths(&rows), why);
                of_user.extend(rows);
            }
            prop_assert_eq!(database.access_of(identity).unwrap(), of_user);
        }
        for account in database.all_accounts().unwrap() {
            let rows = database.access_to(&account.account_id).unwrap();
            let id = snapshot.find_account(&account.account_id).unwrap();
            prop_assert_eq!(rows.len(), graph.grants().filter(|grant| grant.account == id).count());
            let found = database.accounts(&account.account_name).unwrap();
            prop_assert!(found.contains(&account));
        }
    }
}
