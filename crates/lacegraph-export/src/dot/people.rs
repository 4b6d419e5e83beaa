//! People and classes of people: their nodes, and their lines to roles.

use std::io::{self, Write};

use lacegraph_model::{Graph, LoginState, Person, RoleHome, UserId, UserType};

use super::sheet::{Attributes, Id, Sheet};
use super::style::{Line, Who, Worth, role_name};
use super::survey::{Class, Survey, who};
use super::text::{Text, count, count_users};
use super::tie::{Tie, collect_ties};

/// The id of a user.
pub(super) fn user_id(user: UserId) -> Id {
    Id("u", user.index())
}

/// The id of a role in its place, by its place among the graph's role nodes.
pub(super) fn role_id(index: usize) -> Id {
    Id("r", index)
}

/// Draws everybody into the column of people, then the lines to roles.
pub(super) fn write_people<W: Write>(graph: &Graph, survey: &Survey, sheet: &mut Sheet<W>) -> io::Result<()> {
    sheet.open_column("people")?;
    match &survey.classes {
        None => {
            each_user(graph, |user, ties| sheet.node(user_id(user), &user_node(graph, user, ties)))?;
        }
        Some(classes) => {
            for (index, class) in classes.drawn.iter().enumerate() {
                let (id, attributes) = class_node(graph, index, class);
                sheet.node(id, &attributes)?;
            }
        }
    }
    sheet.close()?;
    match &survey.classes {
        None => each_user(graph, |user, ties| write_ties(graph, user_id(user), Who::Person, user, ties, sheet))?,
        Some(classes) => {
            for (index, class) in classes.drawn.iter().enumerate() {
                let Some(&first) = class.first.first() else { continue };
                let (id, of) =
                    if class.count == 1 { (user_id(first), Who::Person) } else { (Id("c", index), Who::Several) };
                write_ties(graph, id, of, first, &class.ties, sheet)?;
            }
        }
    }
    Ok(())
}

fn each_user(graph: &Graph, mut visit: impl FnMut(UserId, &[Tie]) -> io::Result<()>) -> io::Result<()> {
    let (mut grants, mut ties) = (Vec::new(), Vec::new());
    for user in graph.snapshot().user_ids() {
        graph.collect_grants(user, &mut grants);
        collect_ties(graph, user, &grants, &mut ties);
        visit(user, &ties)?;
    }
    Ok(())
}

/// A user's node, with what the lines do not say in words.
fn user_node(graph: &Graph, user: UserId, ties: &[Tie]) -> Attributes {
    let grants = graph.grants_of(user);
    let person = graph.person(user, &grants);
    let who = who(graph, person.user_type, ties);
    let remark = match who {
        Who::OrganizationAdmin => ", org admin",
        Who::Off if ties.is_empty() => ", no access",
        Who::Off => ", disabled",
        Who::Person | Who::Service | Who::Several => "",
    };
    who.shape().with("label", user_label(&person).and(remark)).with("tooltip", user_tooltip(&person))
}

/// Full name and identity; on two lines where one would be too long, or where the name, written from right to left,
/// would trade places with the identity.
pub(super) fn user_label(person: &Person<'_>) -> Text {
    const LONG: usize = 46;
    let Some(name) = person.full_name else { return Text::cut(person.identity) };
    let is_long = name.chars().count() + person.identity.chars().count() > LONG;
    if is_long || name.chars().chain(person.identity.chars()).any(is_right_to_left) {
        Text::cut(name).line().and_cut(person.identity)
    } else {
        Text::cut(name).and("  ").and_cut(person.identity)
    }
}

/// Letters of scripts that are written from right to left: the blocks of Hebrew, Arabic and their kin.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Everything about a user, in full length.
pub(super) fn user_tooltip(person: &Person<'_>) -> Text {
    let kind = match person.user_type {
        UserType::Person => "person",
        UserType::Service => "service user",
    };
    let name = person.full_name.map_or(Text::default(), |name| Text::whole(name).line());
    let login = match (person.login_state, person.last_login_anywhere) {
        (LoginState::NotApplicable, _) => "does not log in".to_owned(),
        (state, Some(time)) => format!("last login {} UTC ({})", time.to_sql(), state.as_str()),
        (state, None) => format!("login: {}", state.as_str()),
    };
    let reach = count(person.account_count, "account", "accounts");
    let enabled = if person.is_enabled { "" } else { ", nothing in force" };
    name.and(person.identity)
        .line()
        .and(&format!("{kind}, reaches {reach}, ADMIN in {}{enabled}", person.admin_account_count))
        .line()
        .and(&login)
}

fn class_node(graph: &Graph, index: usize, class: &Class) -> (Id, Attributes) {
    if class.count == 1
        && let Some(&user) = class.first.first()
    {
        return (user_id(user), user_node(graph, user, &class.ties));
    }
    let (people, services) = match class.user_type {
        UserType::Person => (class.count, 0),
        UserType::Service => (0, class.count),
    };
    // The strongest line stands for all of them.
    let rank = |tie: &&Tie| graph.role(graph.role_nodes()[tie.role].role).level.privilege_rank();
    let strongest = class.ties.iter().rev().max_by_key(rank);
    let mut label = Text::default().and(&count_users(people, services)).and(": ");
    label = match strongest {
        None => label.and("no access"),
        Some(tie) => {
            let node = graph.role_nodes()[tie.role];
            let off = if tie.line == Line::Off { "disabled, was " } else { "" };
            label.and(off).join(role_name(graph.role(node.role))).and(" in ").and_cut(place(graph, node.home))
        }
    };
    if class.ties.len() > 1 {
        label = label.and(&format!(" + {} more", class.ties.len() - 1));
    }
    let mut tooltip = Text::default();
    for (number, &user) in class.first.iter().enumerate() {
        tooltip = if number == 0 { tooltip } else { tooltip.line() }.and(graph.snapshot().identity(user));
    }
    if class.count > class.first.len() {
        tooltip = tooltip.line().and(&format!("and {} more", class.count - class.first.len()));
    }
    (Id("c", index), Who::Several.shape().with("label", label).with("tooltip", tooltip))
}

/// The name of the account or organization that a role belongs to.
pub(super) fn place(graph: &Graph, home: RoleHome) -> &str {
    match home {
        RoleHome::Account(account) => graph.snapshot().account_name(account),
        RoleHome::Organization(organization) => graph.snapshot().organization_name(organization),
    }
}

fn write_ties<W: Write>(
    graph: &Graph,
    from: Id,
    of: Who,
    user: UserId,
    ties: &[Tie],
    sheet: &mut Sheet<W>,
) -> io::Result<()> {
    for tie in ties {
        let role = graph.role(graph.role_nodes()[tie.role].role);
        let mut attributes = tie.line.shape(Worth::of(role.level)).with("tooltip", tie_tooltip(graph, of, user, tie));
        if tie.line == Line::Off {
            let label = match tie.accounts {
                2.. if of != Who::Several => Text::whole(&format!("disabled, {} accounts", tie.accounts)),
                _ => "disabled".into(),
            };
            attributes = attributes.with("xlabel", label);
        }
        let is_organization = matches!(graph.role_nodes()[tie.role].home, RoleHome::Organization(_));
        let length = if is_organization { "1" } else { "2" };
        sheet.edge(from, role_id(tie.role), &attributes.with("minlen", length))?;
    }
    Ok(())
}

/// The path that the line stands for, with the identity of the first where it stands for several.
fn tie_tooltip(graph: &Graph, of: Who, user: UserId, tie: &Tie) -> Text {
    let node = graph.role_nodes()[tie.role];
    let text = match &tie.grant {
        Some(grant) => Text::whole(&graph.path(grant)),
        None => Text::whole(graph.snapshot().identity(user))
            .and(" -holds-> ")
            .and(place(graph, node.home))
            .and(":")
            .and(&graph.role(node.role).name),
    };
    let text = match (tie.line, tie.accounts) {
        (Line::Off, _) => text.and(" (disabled)"),
        (Line::Holds, number) => text.and(&format!(" (effective in {})", count(number, "account", "accounts"))),
        _ => text,
    };
    if of == Who::Several { text.and(" and others likewise") } else { text }
}
