//! What is known of one user, and the figures over all.

use lacegraph_model::{AccountTally, ApiModel, FetchStatus, Graph, Person, Settings, Totals, email_domain};

use crate::rows::{Row, Run, graph_of, login_ago, person, service, somebody};

fn ann() -> Row {
    person("ann@example.com")
}

fn of<'g>(graph: &'g Graph, identity: &str) -> Person<'g> {
    let user = graph.snapshot().find_user(identity).unwrap();
    graph.person(user, &graph.grants_of(user))
}

#[test]
fn a_person_is_counted_by_accounts_reached_and_accounts_administered() {
    let mut run = Run::new();
    run.own_list("A", ann().here().as_(&["ADMIN", "USER"]));
    run.own_list("B", ann().here().as_(&["USER"]));
    run.own_list("C", ann().here().as_(&["ADMIN"]).off());
    run.own_list("D", ann().here());
    run.own_list("E", ann().here().in_group("LACEWORK_USER_GROUP_ADMIN", "Admins"));
    run.account("F");
    run.turn_to("beta");
    run.account("A");
    run.account("B");
    run.org_list(ann().org_role("ORG_USER"));
    let graph = run.graph();
    let ann = of(&graph, "ann@example.com");
    assert_eq!((ann.membership_count, ann.account_count, ann.admin_account_count), (5, 6, 2));
    assert_eq!(ann.highest_privilege.as_str(), "admin");
    assert!(ann.is_enabled && ann.is_org_user && !ann.is_org_admin);
}

#[test]
fn an_organization_admin_has_the_highest_privilege_while_in_force() {
    let mut run = Run::new();
    run.own_list("A", ann().here().as_(&["USER"]).on().org_role("ORG_ADMIN"));
    run.own_list("A", person("gone@example.com").here().as_(&["USER"]).off().org_role("ORG_ADMIN"));
    run.turn_to("empty");
    run.org_list(person("boss@example.com").org_role("ORG_ADMIN"));
    run.org_list(person("guest@example.com").org_role("ORG_USER"));
    let graph = run.graph();
    let told = |identity| {
        let person = of(&graph, identity);
        (person.highest_privilege.as_str(), person.is_org_admin, person.is_enabled, person.account_count)
    };
    assert_eq!(told("ann@example.com"), ("org_admin", true, true, 1));
    assert_eq!(told("gone@example.com"), ("none", true, false, 0));
    // In an organization without accounts, too.
    assert_eq!(told("boss@example.com"), ("org_admin", true, true, 0));
    assert_eq!(told("guest@example.com"), ("read", false, true, 0));
}

#[test]
fn an_unknown_role_ranks_above_viewing_and_below_changing() {
    let highest = |roles: &[&str]| {
        let mut run = Run::new();
        run.own_list("A", ann().here().as_(&[roles[0]]));
        run.own_list("B", ann().here().as_(&[roles[1]]));
        of(&run.graph(), "ann@example.com").highest_privilege.as_str()
    };
    assert_eq!(highest(&["USER", "AUDITOR"]), "unknown");
    assert_eq!(highest(&["AUDITOR", "POWER_USER"]), "write");
    assert_eq!(highest(&["NO_ROLE", "READ_ONLY"]), "read");
    assert_eq!(highest(&["NO_ROLE", "NO_ROLE"]), "none");
}

#[test]
fn the_full_name_is_that_of_the_first_account_that_has_one_else_of_the_organizations_list() {
    let mut run = Run::new();
    run.org_list(ann().named("Ann Loose").org_role("ORG_USER"));
    assert_eq!(of(&graph_of(run.snapshot()), "ann@example.com").full_name, Some("Ann Loose"));
    let mut run = Run::new();
    run.org_list(ann().named("Ann Loose").org_role("ORG_USER"));
    run.own_list("A", ann().here());
    run.own_list("C", ann().here().named("Ann of C"));
    run.own_list("B", ann().here().named("Ann of B"));
    assert_eq!(of(&run.graph(), "ann@example.com").full_name, Some("Ann of B"));
}

#[test]
fn domains_are_classed_by_the_settings() {
    let mut run = Run::new();
    for login in ["ann@Example.com", "bob@partner.example", "eve@gmail.com", "x@sub.example.com", "root"] {
        run.own_list("A", person(login).here());
    }
    run.own_list("A", service("bot@example.com").here());
    let snapshot = run.snapshot();
    let classes = |internal: &[&str]| -> Vec<&'static str> {
        let internal_domains = internal.iter().map(ToString::to_string).collect();
        let graph = Graph::new(snapshot.clone(), Settings { internal_domains, ..Settings::default() });
        snapshot.user_ids().map(|user| graph.person(user, &[]).domain_class.as_str()).collect()
    };
    // ann, bob, eve, local:…, service:…, x
    assert_eq!(classes(&[]), ["unclassified", "unclassified", "freemail", "none", "none", "unclassified"]);
    assert_eq!(classes(&["EXAMPLE.com"]), ["internal", "external", "freemail", "none", "none", "external"]);
    assert_eq!(classes(&["gmail.com"])[2], "internal");
    assert_eq!(email_domain("odd@name@example.com"), Some("example.com"));
    assert_eq!(email_domain("service:acme/prod/bot@example.com"), None);
    assert_eq!(email_domain("local:acme/prod/root"), None);
}

#[test]
fn totals_can_be_counted_by_hand() {
    let mut run = Run::new();
    let newer = run.account("NEWER");
    run.builder.set_api_model(newer, ApiModel::TeamUsers);
    // Reaches OLDER as ADMIN and NEWER as member of a custom group, last seen long ago.
    run.own_list("OLDER", ann().here().as_(&["ADMIN"]).logged_in(login_ago(200 * 86_400)));
    run.own_list("NEWER", ann().here().in_group("C1", "Auditors"));
    // Organization admin: ADMIN in both; a member of none.
    run.org_list(person("boss@example.com").org_role("ORG_ADMIN"));
    // Off, and dormant, which does not count any more.
    run.own_list("OLDER", person("gone@example.com").here().as_(&["ADMIN"]).off().logged_in(login_ago(200 * 86_400)));
    // Never logged in.
    run.own_list("OLDER", person("new@example.com").here().as_(&["USER"]).logged_in(lacegraph_model::Login::NEVER));
    run.own_list("NEWER", service("ci").here().in_group("LACEWORK_USER_GROUP_READ_ONLY_USER", "View"));
    run.own_list("NEWER", somebody().here().with_guid("G1"));
    let graph = run.graph();
    let accounts = graph.snapshot().account_counts();
    assert_eq!(
        graph.totals(),
        Totals {
            organizations: 1,
            accounts,
            users: 6,
            persons: 5,
            disabled_users: 1,
            users_of_unknown_power: 1,
            memberships: 6,
            records_received: 6,
            conflicts: 0,
            grants: 8,
            effective_access: 7,
            roleless_access: 1,
            admin_access: 3,
            org_admins: 1,
            dormant: 1,
            never_logged_in: 1,
            login_unknown: 1,
            audit_events: 0,
            api_keys: 0,
            errors: 0,
            warnings: 0,
            infos: 0,
        }
    );
    let tallies = graph.account_tallies();
    let [at_newer, at_older] = tallies else { panic!("{tallies:?}") };
    assert_eq!(*at_newer, AccountTally { memberships: 3, conflicts: 0, left_out: 0, users: 4, admins: 1 });
    assert_eq!(*at_older, AccountTally { memberships: 3, conflicts: 0, left_out: 0, users: 3, admins: 2 });
}

#[test]
fn the_records_of_an_account_are_accounted_for() {
    let mut run = Run::new();
    run.account("A");
    let sandbox = run.account("SANDBOX");
    run.builder.set_status(sandbox, FetchStatus::Excluded, None);
    run.own_list("A", ann().here().as_(&["ADMIN"]).on());
    // Says nothing new; says something else; is about an account that is left out.
    run.org_list(ann().at("A").as_(&["ADMIN"]).on());
    run.org_list(ann().at("A").as_(&["USER"]).on());
    run.org_list(ann().at("SANDBOX").as_(&["ADMIN"]).on());
    let graph = run.graph();
    let [here, left_out] = graph.account_tallies() else { panic!("two accounts") };
    assert_eq!(*here, AccountTally { memberships: 1, conflicts: 1, left_out: 0, users: 1, admins: 1 });
    assert_eq!(*left_out, AccountTally { left_out: 1, ..AccountTally::default() });
    let account = &graph.snapshot().accounts()[0];
    assert_eq!((account.statements_received, account.duplicates_merged), (3, 1));
}

#[test]
fn an_organization_role_of_unknown_power_is_counted() {
    let mut run = Run::new();
    run.account("A");
    run.org_list(person("auditor@example.com").org_role("ORG_AUDITOR"));
    let totals = run.graph().totals();
    assert_eq!((totals.users_of_unknown_power, totals.effective_access, totals.grants), (1, 0, 0));
}

#[test]
fn a_role_of_unknown_power_is_counted_while_it_is_in_force() {
    let mut run = Run::new();
    run.own_list("A", person("auditor@example.com").here().as_(&["SECURITY_AUDITOR", "ADMIN"]));
    run.own_list("A", person("gone@example.com").here().as_(&["SECURITY_AUDITOR"]).off());
    assert_eq!(run.graph().totals().users_of_unknown_power, 1);
}
