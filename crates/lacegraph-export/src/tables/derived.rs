//! The tables that follow from what was observed.

use lacegraph_model::{Edge, Graph, Node, Relation, RoleHome};

use super::value::{Value, key};
use super::{Sink, Table};
use crate::error::ExportError;

pub(super) const SETTINGS: Table = Table {
    name: "settings",
    columns: &["setting_name", "setting_value"],
    rows: |graph, sink| settings(graph).iter().try_for_each(|(name, value)| sink(&[(*name).into(), value.into()])),
};

/// The settings by name, each as text.
pub(crate) fn settings(graph: &Graph) -> [(&'static str, String); 2] {
    let settings = graph.settings();
    let domains = serde_json::Value::from(settings.internal_domains.clone());
    [("dormant_after_days", settings.dormant_after_days.to_string()), ("internal_domains", domains.to_string())]
}

pub(super) const USERS: Table = Table {
    name: "users",
    columns: &[
        "user_key",
        "identity",
        "user_type",
        "full_name",
        "email_domain",
        "domain_class",
        "is_enabled",
        "is_org_admin",
        "is_org_user",
        "has_unknown_power",
        "highest_privilege",
        "account_count",
        "admin_account_count",
        "membership_count",
        "login_state",
        "is_dormant",
        "last_login_anywhere_utc",
        "last_login_anywhere_date",
        "days_since_login",
    ],
    rows: users,
};

fn users(graph: &Graph, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let mut grants = Vec::new();
    for user in graph.snapshot().user_ids() {
        graph.collect_grants(user, &mut grants);
        let person = graph.person(user, &grants);
        sink(&[
            key(user.index()),
            person.identity.into(),
            person.user_type.as_str().into(),
            person.full_name.into(),
            person.email_domain.into(),
            person.domain_class.as_str().into(),
            person.is_enabled.into(),
            person.is_org_admin.into(),
            person.is_org_user.into(),
            person.has_unknown_power.into(),
            person.highest_privilege.as_str().into(),
            person.account_count.into(),
            person.admin_account_count.into(),
            person.membership_count.into(),
            person.login_state.as_str().into(),
            person.is_dormant().into(),
            person.last_login_anywhere.into(),
            person.last_login_anywhere.map(Value::Date).into(),
            person.days_since_login.into(),
        ])?;
    }
    Ok(())
}

pub(super) const ROLES: Table = Table {
    name: "roles",
    columns: &["role_key", "role_scope", "role_name", "privilege_rank", "is_privileged", "access_level"],
    rows: |graph, sink| {
        for (index, role) in graph.roles().iter().enumerate() {
            sink(&[
                key(index),
                role.scope.as_str().into(),
                Value::Text(&role.name),
                role.level.privilege_rank().into(),
                role.level.is_privileged().into(),
                role.level.as_str().into(),
            ])?;
        }
        Ok(())
    },
};

pub(super) const GRANT_SOURCES: Table = Table {
    name: "grant_sources",
    columns: &["source_key", "grant_origin", "organization_key", "group_key", "group_name", "group_guid"],
    rows: |graph, sink| {
        let snapshot = graph.snapshot();
        for (index, source) in graph.sources().iter().enumerate() {
            sink(&[
                key(index),
                source.origin.as_str().into(),
                source.organization.map_or(Value::Null, |organization| key(organization.index())),
                source.group.map_or(Value::Null, |group| key(group.index())),
                source.group.map(|group| snapshot.text(snapshot.group(group).name)).into(),
                source.group.map(|group| snapshot.text(snapshot.group(group).guid)).into(),
            ])?;
        }
        Ok(())
    },
};

pub(super) const ACCESS_GRANTS: Table = Table {
    name: "access_grants",
    columns: &[
        "user_key",
        "account_key",
        "role_key",
        "source_key",
        "is_enabled",
        "is_strongest",
        "is_effective",
        "has_unresolved_group",
    ],
    rows: |graph, sink| {
        let mut grants = Vec::new();
        for user in graph.snapshot().user_ids() {
            graph.collect_grants(user, &mut grants);
            for grant in &grants {
                sink(&[
                    key(grant.user.index()),
                    key(grant.account.index()),
                    key(grant.role.index()),
                    key(grant.source.index()),
                    grant.is_enabled.into(),
                    grant.is_strongest.into(),
                    grant.is_effective.into(),
                    grant.has_unresolved_group.into(),
                ])?;
            }
        }
        Ok(())
    },
};

pub(super) const ROLE_NODES: Table = Table {
    name: "role_nodes",
    columns: &["role_node_key", "organization_key", "account_key", "role_key", "role_name"],
    rows: |graph, sink| {
        for (index, node) in graph.role_nodes().iter().enumerate() {
            let (organization, account) = match node.home {
                RoleHome::Account(account) => (graph.snapshot().account(account).organization, key(account.index())),
                RoleHome::Organization(organization) => (organization, Value::Null),
            };
            let role = graph.role(node.role);
            let name = Value::Text(&role.name);
            sink(&[key(index), key(organization.index()), account, key(node.role.index()), name])?;
        }
        Ok(())
    },
};

pub(super) const ROLE_IMPLICATIONS: Table = Table {
    name: "role_implications",
    columns: &["from_role_node_key", "to_role_node_key"],
    rows: |graph, sink| place_edges(graph, Relation::Implies, sink),
};

pub(super) const GROUP_ROLES: Table = Table {
    name: "group_roles",
    columns: &["group_key", "role_node_key"],
    rows: |graph, sink| place_edges(graph, Relation::Confers, sink),
};

fn place_edges(graph: &Graph, relation: Relation, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let mut edges: Vec<Edge> = graph.place_edges().filter(|edge| edge.relation == relation).collect();
    edges.sort_unstable();
    edges.iter().try_for_each(|edge| sink(&[node_key(edge.from), node_key(edge.to)]))
}

fn node_key<'a>(node: Node) -> Value<'a> {
    key(match node {
        Node::Organization(id) => id.index(),
        Node::Account(id) => id.index(),
        Node::Role(id) => id.index(),
        Node::Group(id) => id.index(),
        Node::User(id) => id.index(),
    })
}

pub(super) const GRAPH_KINDS: Table = Table {
    name: "graph_kinds",
    columns: &["graph_kind", "is_in_force"],
    rows: |_, sink| {
        let nodes = ["organization", "account", "role", "group", "user"];
        let edges = [
            Relation::Contains,
            Relation::Defines,
            Relation::Implies,
            Relation::Confers,
            Relation::Member,
            Relation::Holds,
            Relation::In,
        ];
        let kinds = nodes.into_iter().chain(edges.into_iter().map(Relation::as_str));
        kinds.into_iter().try_for_each(|kind| sink(&[kind.into(), true.into()]))
    },
};
