//! What the pictures say, against what the graph says.

use std::collections::{BTreeMap, BTreeSet};

use lacegraph_model::{GrantOrigin, Graph, Node, Relation, RoleHome};

use crate::dot_reader::{Document, DrawnEdge, shown};

/// The lines of the picture, without those of the legend.
pub(super) fn own_edges(document: &Document) -> impl Iterator<Item = &DrawnEdge> {
    document.edges.iter().filter(|edge| !edge.from.starts_with('l'))
}

/// A line or a pair: user, account, role and how it came.
type Reach = BTreeSet<(usize, usize, String, &'static str)>;

/// What the picture says, against what the grants say.
pub(super) fn check_accounts(graph: &Graph, document: &Document) {
    let expected: Reach = graph
        .grants()
        .filter(|grant| grant.is_effective)
        .map(|grant| {
            let way = match graph.source(grant.source).origin {
                GrantOrigin::Direct => "direct",
                GrantOrigin::Group => "group",
                GrantOrigin::OrgAdmin | GrantOrigin::OrgUser => "holds",
            };
            (grant.user.index(), grant.account.index(), graph.role(grant.role).name.to_string(), way)
        })
        .collect();
    assert_eq!(drawn_reach(graph, document), expected);
    check_well_formed(document);
}

/// Follows the lines: a person's own, and those of roles of organizations where no own line leads to the account.
fn drawn_reach(graph: &Graph, document: &Document) -> Reach {
    let role = |id: &str| graph.role_nodes()[number('r', id)];
    let account = |id: &str| match role(id).home {
        RoleHome::Account(account) => account.index(),
        RoleHome::Organization(_) => panic!("{id} is no account's"),
    };
    let name = |id: &str| graph.role(role(id).role).name.to_string();
    let mut implied: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for edge in own_edges(document).filter(|edge| edge.attributes["class"] == "implies") {
        implied.entry(&edge.from).or_default().push(&edge.to);
    }
    let mut reach = Reach::new();
    for (class, way) in [("direct", "direct"), ("group", "group")] {
        for edge in own_edges(document).filter(|edge| edge.attributes["class"] == class) {
            assert!(reach.insert((number('u', &edge.from), account(&edge.to), name(&edge.to), way)));
        }
    }
    let own: BTreeSet<(usize, usize)> = reach.iter().map(|&(user, account, ..)| (user, account)).collect();
    for edge in own_edges(document).filter(|edge| edge.attributes["class"] == "holds") {
        for target in implied.get(edge.to.as_str()).into_iter().flatten() {
            let pair = (number('u', &edge.from), account(target));
            if !own.contains(&pair) {
                assert!(reach.insert((pair.0, pair.1, name(target), "holds")));
            }
        }
    }
    reach
}

fn number(letter: char, id: &str) -> usize {
    let number: usize = id.strip_prefix(letter).unwrap().parse().unwrap();
    number - 1
}

/// No cluster twice, no line to a node that is not drawn, and nothing that Graphviz would obey.
fn check_well_formed(document: &Document) {
    let clusters: BTreeSet<_> = document.clusters.iter().map(|(id, ..)| id).collect();
    assert_eq!(clusters.len(), document.clusters.len());
    let ends = document.edges.iter().flat_map(|edge| [&edge.from, &edge.to]).chain(&document.mentioned);
    for id in ends {
        assert!(document.nodes.contains_key(id), "{id} is not drawn");
    }
    let of_nodes = document.nodes.values().map(|node| &node.attributes);
    let of_edges = document.edges.iter().map(|edge| &edge.attributes);
    let of_clusters = document.clusters.iter().map(|(_, attributes, _)| attributes);
    for attributes in of_nodes.chain(of_edges).chain(of_clusters).chain([&document.graph]) {
        for value in attributes.values() {
            shown(value).unwrap();
        }
    }
}

pub(super) fn check_full(graph: &Graph, document: &Document) {
    let id = |node: Node| match node {
        Node::Organization(id) => format!("o{}", id.index() + 1),
        Node::Account(id) => format!("a{}", id.index() + 1),
        Node::Role(id) => format!("r{}", id.index() + 1),
        Node::Group(id) => format!("g{}", id.index() + 1),
        Node::User(id) => format!("u{}", id.index() + 1),
    };
    let nodes: BTreeSet<String> = graph.nodes().map(id).collect();
    let drawn: BTreeSet<String> = document.nodes.keys().filter(|id| !id.starts_with('l')).cloned().collect();
    assert_eq!(drawn, nodes);
    let mut edges: Vec<_> = graph
        .edges()
        .map(|edge| {
            let off = if edge.is_enabled { "" } else { " disabled" };
            (id(edge.from), id(edge.to), format!("{}{off}", edge.relation.as_str()))
        })
        .collect();
    let mut drawn: Vec<_> = own_edges(document)
        .map(|edge| (edge.from.clone(), edge.to.clone(), edge.attributes["class"].clone()))
        .collect();
    edges.sort();
    drawn.sort();
    assert_eq!(drawn, edges);
    check_well_formed(document);
    check_frames(graph, document);
}

/// Every role, group and account stands in the frame of its account, and that in the frame of its organization.
fn check_frames(graph: &Graph, document: &Document) {
    for edge in graph.edges() {
        let (node, frame) = match (edge.relation, edge.from, edge.to) {
            (Relation::Defines, Node::Account(account), Node::Role(role)) => {
                (format!("r{}", role.index() + 1), format!("cluster_a{}", account.index() + 1))
            }
            (Relation::Defines, Node::Organization(organization), Node::Role(role)) => {
                (format!("r{}", role.index() + 1), format!("cluster_o{}", organization.index() + 1))
            }
            (Relation::Contains, Node::Organization(organization), Node::Account(account)) => {
                let own = format!("cluster_a{}", account.index() + 1);
                let (_, _, parent) = document.clusters.iter().find(|(id, ..)| *id == own).unwrap();
                assert_eq!(*parent, Some(format!("cluster_o{}", organization.index() + 1)));
                (format!("a{}", account.index() + 1), own)
            }
            _ => continue,
        };
        assert_eq!(document.nodes[&node].cluster, Some(frame));
    }
}
