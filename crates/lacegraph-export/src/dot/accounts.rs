//! `accounts.dot`: who effectively has which role in which account, and by which way.

use std::io::{self, Write};

use lacegraph_model::{
    AccountId, ExpectedFrom, FetchStatus, Graph, Node, OrganizationId, Relation, RoleHome, RoleScope,
};

use super::legend::Legend;
use super::people::{place, role_id, write_people};
use super::sheet::{Attributes, Drawn, Id, Sheet};
use super::style::{Line, Worth, account_frame, model_words, role_name, role_shape, status_words};
use super::survey::{RoleTally, Survey};
use super::text::{Text, count, count_users};
use super::tie::{accounts_of, role_range};
use super::title::{FONT, picture, place_counts};

const SHOWS: &str = "who can reach which account, in what role";

/// Writes what an auditor reads: organizations, their accounts and the roles held there as nested frames, people
/// beside them, and a line for each effective access.
///
/// Access that an organization's role gives is one line to that role, and lines on from it to what it implies in each
/// account. Beyond 200 users, those with the very same access share a node; of such nodes the 150 most privileged are
/// drawn, and the title says so.
///
/// # Errors
///
/// What `out` reports.
pub fn write_accounts(graph: &Graph, out: impl Write) -> io::Result<Drawn> {
    let survey = Survey::of(graph);
    let [organizations, accounts] = place_counts(graph);
    let counts = [
        organizations,
        accounts,
        ("people", survey.users.people),
        ("service_users", survey.users.services),
        ("grants", survey.grants),
        ("effective_access", survey.pairs),
        ("people_nodes", survey.people_nodes()),
    ];
    let mut sheet = Sheet::begin(out, "accounts", &counts)?;
    sheet.defaults("graph", &picture(graph, SHOWS, &notes(&survey)))?;
    let node = Attributes::from([("fontname", FONT), ("fontsize", "9"), ("margin", "0.07,0.015")]);
    sheet.defaults("node", &node)?;
    let edge = Attributes::from([
        ("fontname", FONT),
        ("fontsize", "7"),
        ("fontcolor", "#595959"),
        ("arrowsize", "0.5"),
        ("tailport", "e"),
        ("headport", "w"),
    ]);
    sheet.defaults("edge", &edge)?;
    sheet.defaults("node", &Attributes::from([("width", "1.6")]).with("height", role_height(&survey)))?;
    for organization in graph.snapshot().organization_ids() {
        write_organization(graph, &survey, organization, &mut sheet)?;
    }
    sheet.defaults("node", &[("width", "0.3"), ("height", "0.17")].into())?;
    write_implications(graph, &survey, &mut sheet)?;
    write_people(graph, &survey, &mut sheet)?;
    let legend = legend(graph, &survey);
    legend.write(&mut sheet)?;
    write_columns(graph, &survey, &legend, &mut sheet)?;
    sheet.end()
}

/// How high a role is drawn, in inches: higher where more people stand beside it, so that both columns end together.
fn role_height(survey: &Survey) -> Text {
    let roles = survey.roles.iter().filter(|tally| tally.is_drawn()).count();
    let rows = (roles + survey.accounts.len()).max(1);
    let hundredths = (survey.people_nodes() * 22 / rows).saturating_sub(10).clamp(20, 70);
    Text::whole(&format!("0.{hundredths}"))
}

/// The lines of the title that only this picture has.
fn notes(survey: &Survey) -> Vec<String> {
    let pairs = count(survey.pairs, "effective access", "effective accesses");
    let grants = count(survey.grants, "grant", "grants");
    let mut notes = vec![format!(
        "{}; {pairs} (one a user and account) from {grants}",
        count_users(survey.users.people, survey.users.services)
    )];
    if let Some(classes) = &survey.classes {
        notes.push("People with the very same access are drawn as one node".to_owned());
        if classes.total > classes.drawn.len() {
            notes.push(format!(
                "{} of {} groups of people drawn, the most privileged; all in v_effective_access",
                classes.drawn.len(),
                classes.total
            ));
        }
    }
    notes
}

fn write_organization<W: Write>(
    graph: &Graph,
    survey: &Survey,
    organization: OrganizationId,
    sheet: &mut Sheet<W>,
) -> io::Result<()> {
    let record = graph.snapshot().organization(organization);
    let (name, host) = (graph.snapshot().text(record.name), graph.snapshot().text(record.host));
    let is_listed = |id: &AccountId| graph.snapshot().account(*id).fetch_status != FetchStatus::Unlisted;
    let (accounts, unlisted): (Vec<_>, Vec<_>) = accounts_of(graph, organization).partition(is_listed);
    let expected = match record.expected_from {
        ExpectedFrom::Directory => "as the directory lists them",
        ExpectedFrom::Configuration => "as configured; no independent account list",
        ExpectedFrom::Both => "as the directory and the configuration list them",
    };
    let unlisted = if unlisted.is_empty() { String::new() } else { format!("; {} more unlisted", unlisted.len()) };
    let words = format!("{}, {expected}{unlisted}", count(accounts.len(), "account", "accounts"));
    let frame: Attributes =
        [("style", "rounded"), ("color", "#595959"), ("bgcolor", "#F7F7F7"), ("fontsize", "12"), ("labeljust", "l")]
            .into();
    let label = Text::from("Organization ").and_cut(name).and(" (").and_cut(host).and("): ").and(&words);
    let tooltip = Text::from("Organization ").and(name).and(", ").and(host);
    write_organization_roles(graph, survey, organization, frame.clone(), sheet)?;
    let id = Id("o", organization.index());
    sheet.open_cluster(id, &frame.with("label", label).with("tooltip", tooltip))?;
    for account in accounts_of(graph, organization) {
        write_account(graph, survey, account, sheet)?;
    }
    sheet.close()
}

/// The roles of a whole organization in a frame of their own, before that of its accounts.
///
/// In one frame with the accounts, `dot` would lead every line from a person to an account around the frame.
fn write_organization_roles<W: Write>(
    graph: &Graph,
    survey: &Survey,
    organization: OrganizationId,
    frame: Attributes,
    sheet: &mut Sheet<W>,
) -> io::Result<()> {
    let mut roles = drawn_roles(graph, survey, RoleHome::Organization(organization)).peekable();
    if roles.peek().is_none() {
        return Ok(());
    }
    let name = graph.snapshot().organization_name(organization);
    let tooltip = Text::whole(name).and(", the whole organization");
    let frame = frame
        .with("margin", "6")
        .with("label", Text::from("Organization ").and_cut(name).and(": roles in all accounts").left());
    sheet.open_cluster(Id("w", organization.index()), &frame.with("tooltip", tooltip))?;
    for index in roles {
        write_role(graph, survey, index, sheet)?;
    }
    sheet.close()
}

fn write_account<W: Write>(graph: &Graph, survey: &Survey, account: AccountId, sheet: &mut Sheet<W>) -> io::Result<()> {
    let snapshot = graph.snapshot();
    let record = snapshot.account(account);
    let tally = survey.accounts[account.index()];
    let status = status_words(record.fetch_status);
    let users = count_users(tally.people, tally.services);
    let label = match record.fetch_status {
        FetchStatus::Complete | FetchStatus::Incomplete => {
            Text::from(status).and(", ").and(model_words(record.api_model)).and(", ").and(&users)
        }
        _ if tally.total() > 0 => Text::from(status).and(", ").and(&users).and(" known"),
        _ => Text::from(status),
    };
    let label = Text::cut(snapshot.text(record.name)).and(": ").join(label).left();
    let tooltip = Text::whole(snapshot.text(record.account_id)).line().and(status);
    let tooltip = match snapshot.text_opt(record.fetch_detail) {
        Some(detail) => tooltip.line().and(detail),
        None => tooltip,
    };
    let frame = account_frame(record.fetch_status).with("label", label).with("tooltip", tooltip);
    let id = Id("a", account.index());
    sheet.open_cluster(id, &frame)?;
    let mut is_empty = true;
    for index in drawn_roles(graph, survey, RoleHome::Account(account)) {
        write_role(graph, survey, index, sheet)?;
        is_empty = false;
    }
    if is_empty {
        let label = match record.fetch_status {
            FetchStatus::Complete if survey.has_members[account.index()] => "nobody with access in force",
            FetchStatus::Complete => "no members",
            _ => "members unknown",
        };
        let words: Attributes = [("shape", "plaintext"), ("fontcolor", "#595959"), ("label", label)].into();
        sheet.node(id, &words.with("tooltip", label))?;
    }
    sheet.close()
}

/// The roles of an account or organization that somebody has, or would have were it in force.
fn drawn_roles(graph: &Graph, survey: &Survey, home: RoleHome) -> impl Iterator<Item = usize> {
    role_range(graph, home).filter(|&index| survey.roles[index].is_drawn())
}

fn write_role<W: Write>(graph: &Graph, survey: &Survey, index: usize, sheet: &mut Sheet<W>) -> io::Result<()> {
    let node = graph.role_nodes()[index];
    let role = graph.role(node.role);
    let RoleTally { users, inherited, .. } = survey.roles[index];
    let mut holders = if users.total() == 0 { "nobody".to_owned() } else { count_users(users.people, users.services) };
    if inherited > 0 {
        holders +=
            &if inherited == users.total() { ", inherited".to_owned() } else { format!(", {inherited} inherited") };
    }
    let unknown = if role.level.is_privileged().is_none() { " (?)" } else { "" };
    let label = role_name(role).and(unknown).and(": ").and(&holders);
    let tooltip = Text::whole(place(graph, node.home)).and(":").and(&role.name).line().and(&holders);
    let shape = role_shape(Worth::of(role.level), role.scope);
    sheet.node(role_id(index), &shape.with("label", label).with("tooltip", tooltip))
}

/// From roles of organizations to what they imply, where somebody effectively has it that way.
fn write_implications<W: Write>(graph: &Graph, survey: &Survey, sheet: &mut Sheet<W>) -> io::Result<()> {
    for edge in graph.place_edges().filter(|edge| edge.relation == Relation::Implies) {
        let (Node::Role(from), Node::Role(to)) = (edge.from, edge.to) else { continue };
        if survey.roles[to.index()].inherited == 0 {
            continue;
        }
        let worth = Worth::of(graph.role(graph.role_node(to).role).level);
        let tooltip = Text::whole(&graph.label(edge.from)).and(" -implies-> ").and(&graph.label(edge.to));
        let attributes = Line::Implies.shape(worth).with("xlabel", "implies").with("tooltip", tooltip);
        sheet.edge(role_id(from.index()), role_id(to.index()), &attributes)?;
    }
    Ok(())
}

fn legend(graph: &Graph, survey: &Survey) -> Legend {
    let drawn = |scope_is_organization: bool| {
        let nodes = graph.role_nodes().iter().zip(&survey.roles).filter(|(_, tally)| tally.is_drawn());
        let roles = nodes.map(|(node, _)| graph.role(node.role));
        roles.filter(move |role| (role.scope == RoleScope::Organization) == scope_is_organization)
    };
    let of_organizations = drawn(true).map(|role| Worth::of(role.level)).min();
    Legend {
        people: survey.kinds.iter().copied().collect(),
        roles: Worth::ALL
            .into_iter()
            .filter(|&worth| drawn(false).any(|role| Worth::of(role.level) == worth))
            .collect(),
        lines: Line::ALL.into_iter().filter(|line| survey.lines.contains(line)).collect(),
        organization_role: of_organizations,
        others: Vec::new(),
        notes: if of_organizations.is_some() && (survey.lines.contains(&Line::Direct)) {
            &["A line of one's own to an account replaces what an organization's role implies there."]
        } else {
            &[]
        },
    }
}

/// Puts roles of organizations into one column and what accounts hold into another, whoever has a line to them.
fn write_columns<W: Write>(graph: &Graph, survey: &Survey, legend: &Legend, sheet: &mut Sheet<W>) -> io::Result<()> {
    let [left, middle, right] = legend.columns();
    let (mut organizations, mut accounts) = (middle, right);
    for index in (0..survey.roles.len()).filter(|&index| survey.roles[index].is_drawn()) {
        match graph.role_nodes()[index].home {
            RoleHome::Organization(_) => organizations.push(role_id(index)),
            RoleHome::Account(_) => accounts.push(role_id(index)),
        }
    }
    for account in graph.snapshot().account_ids() {
        if drawn_roles(graph, survey, RoleHome::Account(account)).next().is_none() {
            accounts.push(Id("a", account.index()));
        }
    }
    for (name, ids) in [("people", left), ("organization_roles", organizations), ("account_roles", accounts)] {
        sheet.open_column(name)?;
        for id in ids {
            sheet.mention(id)?;
        }
        sheet.close()?;
    }
    Ok(())
}
