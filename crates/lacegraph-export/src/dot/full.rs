//! `full.dot`: every node and every edge of the graph.

use std::io::{self, Write};

use lacegraph_model::{
    AccessLevel, AccountId, Edge, Graph, GroupId, Node, OrganizationId, Relation, RoleHome, RoleScope, UserId,
};

use super::legend::Legend;
use super::people::{place, role_id, user_id, user_label, user_tooltip};
use super::sheet::{Attributes, Drawn, Id, Sheet};
use super::style::{Who, Worth, account_frame, role_name, role_shape, status_words};
use super::text::{Text, count, count_users};
use super::tie::{accounts_of, role_range};
use super::title::{FONT, picture, place_counts};

const SHOWS: &str = "the access graph, every node and edge";

/// Writes the graph itself: organizations and accounts as frames around their nodes, people beside them, and each edge
/// with its relation. What an organization's role gives stands as `implies`, not once more a person.
///
/// # Errors
///
/// What `out` reports.
pub fn write_full(graph: &Graph, out: impl Write) -> io::Result<Drawn> {
    let snapshot = graph.snapshot();
    let totals = graph.totals();
    let (people, services) = (totals.persons, totals.users - totals.persons);
    let (nodes, edges) = (graph.nodes().len(), graph.edge_count());
    let [organizations, accounts] = place_counts(graph);
    let counts = [
        organizations,
        accounts,
        ("people", people),
        ("service_users", services),
        ("grants", totals.grants),
        ("effective_access", totals.effective_access),
        ("nodes", nodes),
        ("edges", edges),
    ];
    let mut sheet = Sheet::begin(out, "full", &counts)?;
    let note = format!(
        "{}; {} and {} drawn",
        count_users(people, services),
        count(nodes, "node", "nodes"),
        count(edges, "edge", "edges")
    );
    sheet.defaults("graph", &picture(graph, SHOWS, &[note]))?;
    let node = [("fontname", FONT), ("fontsize", "9"), ("height", "0.17"), ("margin", "0.07,0.015")];
    sheet.defaults("node", &node.into())?;
    let edge = [("fontname", FONT), ("fontsize", "6"), ("fontcolor", "#595959"), ("arrowsize", "0.5")];
    sheet.defaults("edge", &edge.into())?;
    for organization in snapshot.organization_ids() {
        write_organization(graph, organization, &mut sheet)?;
    }
    for user in snapshot.user_ids() {
        write_user(graph, user, &mut sheet)?;
    }
    for edge in graph.edges() {
        write_edge(graph, edge, &mut sheet)?;
    }
    legend(graph, services > 0).write(&mut sheet)?;
    sheet.end()
}

/// The id of a node: its kind's letter, and its place in the snapshot.
fn id_of(node: Node) -> Id {
    match node {
        Node::Organization(id) => Id("o", id.index()),
        Node::Account(id) => Id("a", id.index()),
        Node::Role(id) => role_id(id.index()),
        Node::Group(id) => Id("g", id.index()),
        Node::User(id) => user_id(id),
    }
}

fn write_organization<W: Write>(graph: &Graph, id: OrganizationId, sheet: &mut Sheet<W>) -> io::Result<()> {
    let name = graph.snapshot().organization_name(id);
    let frame: Attributes =
        [("style", "rounded"), ("color", "#595959"), ("bgcolor", "#F7F7F7"), ("fontsize", "10")].into();
    let frame = frame.with("label", Text::from("Organization ").and_cut(name).left());
    let node = id_of(Node::Organization(id));
    sheet.open_cluster(node, &frame.with("tooltip", Text::whole(name)))?;
    let shape = organization_shape().with("label", Text::cut(name));
    sheet.node(node, &shape.with("tooltip", Text::from("organization ").and(name)))?;
    write_roles(graph, RoleHome::Organization(id), sheet)?;
    for account in accounts_of(graph, id) {
        write_account(graph, account, sheet)?;
    }
    sheet.close()
}

fn write_account<W: Write>(graph: &Graph, id: AccountId, sheet: &mut Sheet<W>) -> io::Result<()> {
    let snapshot = graph.snapshot();
    let record = snapshot.account(id);
    let (name, full_name) = (snapshot.text(record.name), snapshot.text(record.account_id));
    let status = status_words(record.fetch_status);
    let frame = account_frame(record.fetch_status).with("label", Text::cut(name).and(": ").and(status).left());
    let node = id_of(Node::Account(id));
    sheet.open_cluster(node, &frame.with("tooltip", Text::whole(full_name)))?;
    let shape = account_shape().with("label", Text::cut(name));
    sheet.node(node, &shape.with("tooltip", Text::from("account ").and(full_name).line().and(status)))?;
    write_roles(graph, RoleHome::Account(id), sheet)?;
    let groups = snapshot.user_groups();
    let start = groups.partition_point(|group| group.account < id);
    let end = groups.partition_point(|group| group.account <= id);
    for group in (start..end).map(GroupId::from_index) {
        let record = snapshot.group(group);
        let (group_name, guid) = (snapshot.text(record.name), snapshot.text(record.guid));
        let shape = group_shape().with("label", Text::from("[").and_cut(group_name).and("]"));
        let tooltip = Text::from("group ").and(group_name).line().and(guid);
        sheet.node(id_of(Node::Group(group)), &shape.with("tooltip", tooltip))?;
    }
    sheet.close()
}

fn write_roles<W: Write>(graph: &Graph, home: RoleHome, sheet: &mut Sheet<W>) -> io::Result<()> {
    for index in role_range(graph, home) {
        let role = graph.role(graph.role_nodes()[index].role);
        let unknown = if role.level.is_privileged().is_none() { " (?)" } else { "" };
        let shape = role_shape(Worth::of(role.level), role.scope).with("label", role_name(role).and(unknown));
        let tooltip = Text::from("role ").and(place(graph, home)).and(":").and(&role.name);
        sheet.node(role_id(index), &shape.with("tooltip", tooltip))?;
    }
    Ok(())
}

fn write_user<W: Write>(graph: &Graph, user: UserId, sheet: &mut Sheet<W>) -> io::Result<()> {
    let person = graph.person(user, &graph.grants_of(user));
    let is_admin = person.highest_privilege == AccessLevel::OrgAdmin;
    let shape = Who::of(person.user_type, person.is_enabled, is_admin).shape();
    let attributes = shape.with("label", user_label(&person)).with("tooltip", user_tooltip(&person));
    sheet.node(user_id(user), &attributes)
}

fn write_edge<W: Write>(graph: &Graph, edge: Edge, sheet: &mut Sheet<W>) -> io::Result<()> {
    let (style, color, width) = match edge.relation {
        Relation::Contains | Relation::Defines => ("solid", "#A0A0A0", "0.6"),
        Relation::Member => ("solid", "#767676", "0.7"),
        Relation::Holds => ("solid", "#0072B2", "1"),
        Relation::Implies => ("dashed", "#0072B2", "1"),
        Relation::In | Relation::Confers => ("dotted", "#0072B2", "1.6"),
    };
    let (style, color, off) = if edge.is_enabled { (style, color, "") } else { ("dashed", "#A0A0A0", " (disabled)") };
    let relation = edge.relation.as_str();
    let path =
        Text::whole(&graph.label(edge.from)).and(&format!(" -{relation}-> ")).and(&graph.label(edge.to)).and(off);
    let class = if edge.is_enabled { relation.into() } else { Text::from(relation).and(" disabled") };
    let attributes = Attributes::default()
        .with("class", class)
        .with("xlabel", relation)
        .with("style", style)
        .with("color", color)
        .with("penwidth", width)
        .with("tooltip", path);
    // People stand in a column of their own, before the frames.
    let attributes = if matches!(edge.from, Node::User(_)) { attributes.with("minlen", "2") } else { attributes };
    sheet.edge(id_of(edge.from), id_of(edge.to), &attributes)
}

fn organization_shape() -> Attributes {
    [("shape", "house"), ("color", "#000000")].into()
}

fn account_shape() -> Attributes {
    [("shape", "cylinder"), ("color", "#000000")].into()
}

fn group_shape() -> Attributes {
    [("shape", "ellipse"), ("color", "#000000")].into()
}

fn legend(graph: &Graph, has_services: bool) -> Legend {
    let roles = |scope_is_organization: bool| {
        let roles = graph.role_nodes().iter().map(|node| graph.role(node.role));
        roles.filter(move |role| (role.scope == RoleScope::Organization) == scope_is_organization)
    };
    let mut others = vec![(organization_shape(), "organization"), (account_shape(), "account")];
    if !graph.snapshot().user_groups().is_empty() {
        others.push((group_shape(), "group"));
    }
    let services = if has_services { Some(Who::Service) } else { None };
    Legend {
        people: [Who::Person, Who::OrganizationAdmin].into_iter().chain(services).chain([Who::Off]).collect(),
        roles: Worth::ALL
            .into_iter()
            .filter(|&worth| roles(false).any(|role| Worth::of(role.level) == worth))
            .collect(),
        lines: Vec::new(),
        organization_role: roles(true).map(|role| Worth::of(role.level)).min(),
        others,
        notes: &["Lines point the way access flows and say their relation; grey and dashed: disabled."],
    }
}
