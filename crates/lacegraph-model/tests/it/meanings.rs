//! What the configuration says of custom groups.

use lacegraph_model::{FetchStatus, Graph, Snapshot, UserGroup};

use crate::rows::{Row, Run, access, person, problems};

fn ann() -> Row {
    person("ann@example.com")
}

impl Run {
    fn means(&mut self, account: &str, group: &str, role: &str, evidence: &str) {
        self.builder.group_meaning(self.organization, account, group, role, evidence);
    }
}

/// Every group as `account_id guid name -> role (evidence)`.
fn groups(snapshot: &Snapshot) -> Vec<String> {
    let line = |group: &UserGroup| {
        let account = snapshot.text(snapshot.account(group.account).account_id);
        let (role, evidence) = (snapshot.text_opt(group.confers), snapshot.text_opt(group.confers_evidence));
        let (guid, name) = (snapshot.text(group.guid), snapshot.text(group.name));
        format!("{account} {guid} {name} -> {} ({})", role.unwrap_or("?"), evidence.unwrap_or("-"))
    };
    snapshot.user_groups().iter().map(line).collect()
}

/// Every grant as its role and rank.
fn ranks(graph: &Graph) -> Vec<(String, u8)> {
    let role = |grant: lacegraph_model::Grant| graph.role(grant.role);
    graph.grants().map(role).map(|role| (role.name.to_string(), role.level.privilege_rank())).collect()
}

#[test]
fn a_group_confers_the_role_that_is_stated_by_name_or_guid_in_any_case() {
    for (account, group) in [("a", "auditors"), (" A ", " c1 "), ("A", "Auditors")] {
        let mut run = Run::new();
        run.own_list("A", ann().here().as_(&["USER"]).in_group("C1", "Auditors"));
        run.means(account, group, "admin", "looked up by Ann on 2026-08-01");
        let graph = run.graph();
        assert_eq!(groups(graph.snapshot()), ["acme/a C1 Auditors -> ADMIN (looked up by Ann on 2026-08-01)"]);
        assert_eq!(
            access(&graph),
            ["ann@example.com acme/a ADMIN group[Auditors] strongest effective", "ann@example.com acme/a USER direct",]
        );
        assert_eq!(problems(graph.snapshot()), [""; 0]);
        let (user, grants) = (graph.snapshot().user_ids().next().unwrap(), graph.grants().collect::<Vec<_>>());
        assert!(!graph.person(user, &grants).has_unknown_power);
    }
}

#[test]
fn each_known_role_has_its_rank_and_another_name_is_of_unknown_power() {
    for (role, rank, is_resolved) in [
        ("ADMIN", 80, true),
        ("power_user", 60, true),
        ("READ_ONLY", 20, true),
        ("USER", 20, true),
        ("NO_ROLE", 0, true),
        ("SECURITY_AUDITOR", 40, false),
        // A role of the organization is none of an account.
        ("ORG_ADMIN", 40, false),
    ] {
        let mut run = Run::new();
        run.own_list("A", ann().here().in_group("C1", "Auditors"));
        run.means("A", "C1", role, "ticket 7");
        let graph = run.graph();
        let name = if rank == 40 { role.to_owned() } else { role.to_uppercase() };
        assert_eq!(ranks(&graph), [(name, rank)], "{role}");
        let grants: Vec<_> = graph.grants().collect();
        assert_eq!(grants[0].has_unresolved_group, !is_resolved, "{role}");
        let group = lacegraph_model::GroupId::from_index(0);
        assert_eq!(graph.is_unresolved_group(group), !is_resolved, "{role}");
        let person = graph.person(grants[0].user, &grants);
        assert_eq!(person.has_unknown_power, !is_resolved, "{role}");
    }
}

#[test]
fn a_group_that_stays_unknown_marks_the_user_beside_one_that_is_stated() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", "Auditors").in_group("C2", "Cooks"));
    run.own_list("B", ann().here().in_group("C1", "Auditors"));
    run.means("A", "Auditors", "READ_ONLY", "ticket 7");
    let graph = run.graph();
    assert_eq!(
        access(&graph),
        [
            "ann@example.com acme/a READ_ONLY group[Auditors] unresolved",
            "ann@example.com acme/a Cooks group[Cooks] strongest effective unresolved",
            // The meaning is of one account.
            "ann@example.com acme/b Auditors group[Auditors] strongest effective unresolved",
        ]
    );
}

#[test]
fn a_built_in_group_is_what_it_is() {
    for group in ["LACEWORK_USER_GROUP_READ_ONLY_USER", "guests"] {
        let mut run = Run::new();
        run.own_list("A", ann().here().in_group("LACEWORK_USER_GROUP_READ_ONLY_USER", "Guests"));
        run.means("A", group, "ADMIN", "ticket 7");
        let snapshot = run.snapshot();
        assert_eq!(groups(&snapshot), ["acme/a LACEWORK_USER_GROUP_READ_ONLY_USER Guests -> READ_ONLY (-)"]);
        let expected = format!(
            "warning group_meaning_unused: the configuration says that the group “{group}” of A confers ADMIN, which is \
             not used: it is a built-in group, which confers READ_ONLY"
        );
        assert_eq!(problems(&snapshot), [expected]);
    }
}

#[test]
fn a_name_that_two_groups_have_is_never_guessed() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", "Auditors").in_group("C2", "auditors"));
    run.means("A", "Auditors", "ADMIN", "ticket 7");
    run.means("A", "C2", "USER", "ticket 8");
    let snapshot = run.snapshot();
    assert_eq!(groups(&snapshot), ["acme/a C1 Auditors -> ? (-)", "acme/a C2 auditors -> USER (ticket 8)"]);
    assert!(problems(&snapshot)[0].ends_with("2 groups of the account have that name; say which by its guid"));
}

#[test]
fn one_group_under_two_names_is_one_group() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", "Auditors"));
    run.own_list("A", person("bob@example.com").here().in_group("C1", "Reviewers"));
    run.means("A", "C1", "USER", "ticket 7");
    let expected = ["acme/a C1 Auditors -> USER (ticket 7)", "acme/a C1 Reviewers -> USER (ticket 7)"];
    assert_eq!(groups(&run.snapshot()), expected);
}

#[test]
fn of_two_meanings_the_first_is_used() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", "Auditors"));
    run.means("A", "C1", "USER", "ticket 7");
    run.means("A", "Auditors", "ADMIN", "ticket 8");
    let snapshot = run.snapshot();
    assert_eq!(groups(&snapshot), ["acme/a C1 Auditors -> USER (ticket 7)"]);
    assert!(problems(&snapshot)[0].ends_with("an entry before says of the same group that it confers USER"));
}

#[test]
fn a_meaning_that_fits_nothing_is_told_with_the_reason() {
    let mut run = Run::new();
    run.own_list("A", ann().here().in_group("C1", "Auditors"));
    run.account_is("B", FetchStatus::Failed);
    run.account_is("C", FetchStatus::Incomplete);
    for account in ["A", "B", "C", "D"] {
        run.means(account, "Cooks", "USER", "ticket 7");
    }
    run.means("A", "Auditors", " ", "ticket 7");
    let snapshot = run.snapshot();
    let told: Vec<String> = problems(&snapshot)
        .iter()
        .map(|line| {
            let severity = line.split(' ').next().unwrap();
            format!("{severity}: {}", line.rsplit_once("not used: ").unwrap().1)
        })
        .collect();
    assert_eq!(
        told,
        [
            "warning: no account of that name is known",
            "warning: it names no role or no group",
            "warning: no member of the account is in a group of that name or guid",
            "info: the account was not read",
            "info: no such group was seen, but the account was not read whole",
        ]
    );
    assert!(snapshot.find_account("acme/d").is_none());
    assert!(!snapshot.is_partial());
}

#[test]
fn a_meaning_is_part_of_the_snapshot() {
    let id = |evidence: Option<&str>| {
        let mut run = Run::new();
        run.own_list("A", ann().here().in_group("C1", "Auditors"));
        if let Some(evidence) = evidence {
            run.means("A", "C1", "USER", evidence);
        }
        run.snapshot().id().to_owned()
    };
    assert_ne!(id(None), id(Some("a")));
    assert_ne!(id(Some("a")), id(Some("b")));
    assert_eq!(id(Some("a")), id(Some("a")));
}
