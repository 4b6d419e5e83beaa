//! The views: the graph itself, and the listings that follow from `v_access`.

use lacegraph_model::{Graph, GroupId, Node, Settings, Snapshot};
use proptest::prelude::*;

use crate::fixed::{self, Stored};
use crate::random::{config, world};

/// A node as kind, key and name.
fn node(graph: &Graph, node: Node) -> (&'static str, usize, String) {
    let snapshot: &Snapshot = graph.snapshot();
    match node {
        Node::Organization(id) => ("organization", id.index() + 1, snapshot.organization_name(id).to_owned()),
        Node::Account(id) => ("account", id.index() + 1, snapshot.text(snapshot.account(id).account_id).to_owned()),
        Node::Role(id) => ("role", id.index() + 1, graph.role(graph.role_node(id).role).name.to_string()),
        Node::Group(id) => ("group", GroupId::index(id) + 1, snapshot.text(snapshot.group(id).name).to_owned()),
        Node::User(id) => ("user", id.index() + 1, snapshot.identity(id).to_owned()),
    }
}

fn assert_same_graph(graph: &Graph) {
    let stored = Stored::of(graph);
    let mut nodes: Vec<String> = graph
        .nodes()
        .map(|id| {
            let (kind, key, name) = node(graph, id);
            format!("{kind}|{key}|{name}")
        })
        .collect();
    nodes.sort();
    let mut found = stored.lines("SELECT node_kind, node_key, node_name FROM v_nodes");
    found.sort();
    assert_eq!(found, nodes);
    let mut edges: Vec<String> = graph
        .edges()
        .map(|edge| {
            let (from_kind, from_key, _) = node(graph, edge.from);
            let (to_kind, to_key, _) = node(graph, edge.to);
            let kind = edge.relation.as_str();
            format!("{kind}|{from_kind}|{from_key}|{to_kind}|{to_key}|{}", i64::from(edge.is_enabled))
        })
        .collect();
    edges.sort();
    let mut found = stored.lines("SELECT edge_kind, from_kind, from_key, to_kind, to_key, is_enabled FROM v_edges");
    found.sort();
    assert_eq!(found, edges);
}

fn assert_listings_follow(stored: &Stored) {
    let same = |view: &str, from_access: &str| assert_eq!(stored.lines(view), stored.lines(from_access));
    let columns = "organization_name, account_id, account_name, identity, full_name, role_name, grant_origin";
    let order = "identity, account_id, role_name, grant_origin, group_name";
    same(
        &format!("SELECT {columns}, access_level, group_name, login_state, is_dormant FROM v_admins ORDER BY {order}"),
        &format!(
            "SELECT {columns}, access_level, group_name, login_state, is_dormant FROM v_access
             WHERE is_effective AND access_level IN ('write', 'admin') ORDER BY {order}"
        ),
    );
    let order = "identity, account_id, role_name, grant_origin";
    same(
        &format!(
            "SELECT {columns}, is_enabled, is_strongest, is_effective, fetch_status FROM v_inherited ORDER BY {order}"
        ),
        &format!(
            "SELECT {columns}, is_enabled, is_strongest, is_effective, fetch_status FROM v_access
             WHERE grant_origin LIKE 'org_%' ORDER BY {order}"
        ),
    );
    same(
        "SELECT account_id FROM v_unlisted_accounts ORDER BY 1",
        "SELECT account_id FROM accounts WHERE fetch_status = 'unlisted' ORDER BY 1",
    );
    same("SELECT count(*) FROM v_access", "SELECT count(*) FROM access_grants");
    // An inner join to memberships would lose these.
    same(
        "SELECT count(*) FROM v_access WHERE last_login_here_utc IS NULL",
        "SELECT count(*) FROM access_grants g WHERE NOT EXISTS (SELECT 1 FROM memberships m
         WHERE m.user_key = g.user_key AND m.account_key = g.account_key AND m.last_login_here_utc IS NOT NULL)",
    );
}

#[test]
fn nodes_and_edges_are_those_of_the_graph() {
    assert_same_graph(&fixed::graph());
}

#[test]
fn listings_are_selections_of_every_grant() {
    assert_listings_follow(&Stored::of(&fixed::graph()));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nodes_and_edges_are_those_of_the_graph_whatever_the_data(world in world()) {
        let graph = Graph::new(world.snapshot(), Settings::default());
        assert_same_graph(&graph);
        assert_listings_follow(&Stored::of(&graph));
    }
}
