//! Which of several grants counts.

use lacegraph_model::{AccessLevel, ApiModel, Graph, RoleScope, access_level};

use crate::rows::{Row, Run, person};

/// One way to come by a grant in the account PROD.
#[derive(Clone, Copy, Debug)]
enum Way {
    Direct(&'static str),
    Group(&'static str, &'static str),
    Org(&'static str),
}

impl Way {
    fn add(self, row: Row) -> Row {
        match self {
            Self::Org(role) => row.org_role(role),
            Self::Group(guid, name) => row.in_group(guid, name),
            Self::Direct(role) => {
                let mut row = row;
                row.seats[0].roles.get_or_insert_default().push(role.to_owned());
                row
            }
        }
    }

    /// The grant as `ROLE origin[group]`; the organization's user is READ_ONLY here.
    fn text(self) -> String {
        match self {
            Self::Direct(role) => format!("{role} direct"),
            Self::Group("LACEWORK_USER_GROUP_ADMIN", name) => format!("ADMIN group[{name}]"),
            Self::Group("LACEWORK_USER_GROUP_POWER_USER", name) => format!("POWER_USER group[{name}]"),
            Self::Group("LACEWORK_USER_GROUP_READ_ONLY_USER", name) => format!("READ_ONLY group[{name}]"),
            Self::Group(_, name) => format!("{name} group[{name}]"),
            Self::Org("ORG_ADMIN") => "ADMIN org_admin".to_owned(),
            Self::Org(_) => "READ_ONLY org_user".to_owned(),
        }
    }
}

/// Every kind of grant, strongest first, by the rule: privilege, then origin, then role name, then source.
const STRONGEST_FIRST: [Way; 21] = [
    Way::Org("ORG_ADMIN"),
    Way::Direct("ADMIN"),
    Way::Direct("Admin"),
    Way::Group("LACEWORK_USER_GROUP_ADMIN", "A first"),
    Way::Group("LACEWORK_USER_GROUP_ADMIN", "B second"),
    Way::Direct("POWER_USER"),
    Way::Direct("power_user"),
    Way::Group("LACEWORK_USER_GROUP_POWER_USER", "P"),
    Way::Direct("AUDITOR"),
    Way::Direct("ZOOKEEPER"),
    Way::Direct("auditor"),
    Way::Group("C1", "Alpha"),
    Way::Group("C0", "Beta"),
    Way::Org("ORG_USER"),
    Way::Direct("READ_ONLY"),
    Way::Direct("USER"),
    Way::Direct("read_only"),
    Way::Group("LACEWORK_USER_GROUP_READ_ONLY_USER", "R"),
    Way::Group("LACEWORK_USER_GROUP_READ_ONLY_USER", "S"),
    Way::Direct("NO_ROLE"),
    Way::Direct("no_role"),
];

fn graph_of(ways: &[Way]) -> Graph {
    let mut run = Run::new();
    let prod = run.account("PROD");
    run.builder.set_api_model(prod, ApiModel::TeamUsers);
    let row = ways.iter().fold(person("ann@example.com").here().as_(&[]), |row, way| way.add(row));
    run.own_list("PROD", row);
    run.graph()
}

/// The grants of the one user as texts, the marked one of each kind apart.
fn strongest(graph: &Graph) -> String {
    let snapshot = graph.snapshot();
    let grants: Vec<_> = graph.grants().collect();
    let text = |grant: &lacegraph_model::Grant| {
        let source = graph.source(grant.source);
        let group = source.group.map(|group| format!("[{}]", snapshot.text(snapshot.group(group).name)));
        format!("{} {}{}", graph.role(grant.role).name, source.origin.as_str(), group.unwrap_or_default())
    };
    let marked: Vec<_> = grants.iter().filter(|grant| grant.is_strongest).map(text).collect();
    let effective: Vec<_> = grants.iter().filter(|grant| grant.is_effective).map(text).collect();
    assert_eq!(marked, effective, "everything is in force");
    assert_eq!(marked.len(), 1);
    marked[0].clone()
}

#[test]
fn of_any_two_grants_the_one_first_in_the_table_is_the_strongest() {
    for (place, stronger) in STRONGEST_FIRST.iter().enumerate() {
        for weaker in &STRONGEST_FIRST[place + 1..] {
            assert_eq!(strongest(&graph_of(&[*stronger, *weaker])), stronger.text(), "against {}", weaker.text());
            assert_eq!(strongest(&graph_of(&[*weaker, *stronger])), stronger.text(), "against {}", weaker.text());
        }
    }
}

#[test]
fn of_all_grants_but_the_strongest_ones_the_next_is_the_strongest() {
    for place in 0..STRONGEST_FIRST.len() {
        let graph = graph_of(&STRONGEST_FIRST[place..]);
        assert_eq!(graph.grants().count(), STRONGEST_FIRST.len() - place);
        assert_eq!(strongest(&graph), STRONGEST_FIRST[place].text());
    }
}

#[test]
fn only_what_is_in_force_is_effective() {
    let mut run = Run::new();
    run.own_list("PROD", person("ann@example.com").here().as_(&["ADMIN", "POWER_USER"]).off().org_role("ORG_USER"));
    run.own_list("DEV", person("ann@example.com").here().as_(&["ADMIN"]).on());
    run.own_list("PROD", person("bob@example.com").here().as_(&["ADMIN"]).off());
    assert_eq!(
        crate::rows::access(&run.graph()),
        [
            "ann@example.com acme/dev ADMIN direct strongest effective",
            "ann@example.com acme/dev USER org_user",
            "ann@example.com acme/prod ADMIN direct off strongest",
            "ann@example.com acme/prod POWER_USER direct off",
            "ann@example.com acme/prod USER org_user effective",
            "bob@example.com acme/prod ADMIN direct off strongest",
        ]
    );
}

#[test]
fn each_role_has_its_rank_and_level() {
    let table = [
        (RoleScope::Organization, "ORG_ADMIN", 100, "org_admin", Some(true)),
        (RoleScope::Account, "ADMIN", 80, "admin", Some(true)),
        (RoleScope::Account, "POWER_USER", 60, "write", Some(true)),
        (RoleScope::Account, "SOMETHING_NEW", 40, "unknown", None),
        (RoleScope::Account, "ORG_ADMIN", 40, "unknown", None),
        (RoleScope::Group, "Auditors", 40, "unknown", None),
        (RoleScope::Organization, "ORG_AUDITOR", 40, "unknown", None),
        (RoleScope::Organization, "ORG_USER", 20, "read", Some(false)),
        (RoleScope::Account, "USER", 20, "read", Some(false)),
        (RoleScope::Account, "READ_ONLY", 20, "read", Some(false)),
        (RoleScope::Account, "NO_ROLE", 0, "none", Some(false)),
    ];
    for (scope, name, rank, level, is_privileged) in table {
        let found: AccessLevel = access_level(scope, name);
        assert_eq!(
            (found.privilege_rank(), found.as_str(), found.is_privileged()),
            (rank, level, is_privileged),
            "{name}"
        );
    }
}
