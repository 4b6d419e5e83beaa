//! Why somebody has access, in words.

use lacegraph_model::{Node, Relation};

use crate::rows::{Run, person};

#[test]
fn every_grant_has_a_path_and_the_strongest_is_told_first() {
    let mut run = Run::new();
    let ann = || person("Ann@Example.com");
    run.own_list(
        "Prod",
        ann().here().as_(&["USER"]).in_group("C1", "Audit [ors]").org_role("ORG_ADMIN").org_role("ORG_USER"),
    );
    run.own_list("Dev", ann().here().as_(&["ADMIN"]));
    let graph = run.graph();
    let snapshot = graph.snapshot();
    let user = snapshot.find_user("ann@example.com").unwrap();
    let why = graph.why(user, snapshot.find_account("acme/prod").unwrap());
    let paths: Vec<_> = why.iter().map(|(_, path)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "ann@example.com -holds-> acme:ORG_ADMIN -implies-> Prod:ADMIN",
            "ann@example.com -in-> Prod:[Audit [ors]] -confers-> Prod:Audit [ors]",
            "ann@example.com -holds-> acme:ORG_USER -implies-> Prod:USER",
            "ann@example.com -holds-> Prod:USER",
        ]
    );
    assert!(why[0].0.is_strongest && why[0].0.is_effective);
    assert!(why[1..].iter().all(|(grant, _)| !grant.is_strongest));
    assert_eq!(graph.why(user, snapshot.find_account("acme/dev").unwrap()).len(), 3);
}

#[test]
fn the_stronger_is_told_first_even_if_the_tables_have_it_later() {
    let mut run = Run::new();
    run.own_list("PROD", person("ann@example.com").here().as_(&["AUDITOR", "NO_ROLE", "POWER_USER", "USER"]));
    let graph = run.graph();
    let user = graph.snapshot().find_user("ann@example.com").unwrap();
    let why = graph.why(user, graph.snapshot().find_account("acme/prod").unwrap());
    let roles: Vec<_> = why.iter().map(|(grant, _)| &*graph.role(grant.role).name).collect();
    assert_eq!(roles, ["POWER_USER", "AUDITOR", "USER", "NO_ROLE"]);
}

#[test]
fn who_has_no_access_has_no_path() {
    let mut run = Run::new();
    run.own_list("PROD", person("ann@example.com").here());
    run.account("DEV");
    let graph = run.graph();
    let user = graph.snapshot().find_user("ann@example.com").unwrap();
    assert_eq!(graph.why(user, graph.snapshot().find_account("acme/dev").unwrap()), []);
}

#[test]
fn every_step_of_a_path_is_an_edge_of_the_graph() {
    let mut run = Run::new();
    run.own_list(
        "PROD",
        person("ann@example.com").here().as_(&["USER"]).in_group("C1", "Auditors").org_role("ORG_ADMIN"),
    );
    let graph = run.graph();
    let snapshot = graph.snapshot();
    let mut edges: Vec<String> = graph
        .edges()
        .map(|edge| format!("{} -{}-> {}", graph.label(edge.from), edge.relation.as_str(), graph.label(edge.to)))
        .collect();
    edges.sort();
    assert_eq!(
        edges,
        [
            "PROD -defines-> PROD:ADMIN",
            "PROD -defines-> PROD:Auditors",
            "PROD -defines-> PROD:USER",
            "PROD:[Auditors] -confers-> PROD:Auditors",
            "acme -contains-> PROD",
            "acme -defines-> acme:ORG_ADMIN",
            "acme:ORG_ADMIN -implies-> PROD:ADMIN",
            "ann@example.com -holds-> PROD:USER",
            "ann@example.com -holds-> acme:ORG_ADMIN",
            "ann@example.com -in-> PROD:[Auditors]",
            "ann@example.com -member-> PROD",
        ]
    );
    let user = Node::User(snapshot.find_user("ann@example.com").unwrap());
    let places: Vec<_> = graph.place_edges().collect();
    assert_eq!(places.len(), 7);
    assert!(places.iter().all(|edge| edge.from != user && edge.relation < Relation::Member));
    assert_eq!((graph.edge_count(), graph.nodes().len()), (11, 8));
}
