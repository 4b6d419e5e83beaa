//! `show`, `who` and `why`: questions to a run that was exported.

use std::fmt::Write as _;
use std::path::PathBuf;

use lacegraph_export::DATABASE_FILE;
use lacegraph_export::sqlite::{AccessRow, AccountRow, Database, OrganizationRoleRow, ProblemRow, RunInfo, UserRow};
use lacegraph_model::{AccessLevel, RoleScope, access_level};
use serde::Serialize;

use super::{print, print_json};
use crate::cli::RunArguments;
use crate::outcome::{Code, Failure};
use crate::summary::counted;
use crate::system::System;

/// Accounts named at most where a name is none of them.
const SHOWN_NAMES: usize = 20;

/// Everything that one user can reach.
pub(super) fn show(identity: &str, run: &RunArguments, system: &System) -> Result<Code, Failure> {
    let database = open(run, system)?;
    let user = find_user(&database, identity)?;
    let access = database.access_of(&user.identity)?;
    let roles = database.organization_roles_of(&user.identity)?;
    if run.json {
        #[derive(Serialize)]
        struct Answer<'a> {
            run: RunInfo,
            user: &'a UserRow,
            organization_roles: &'a [OrganizationRoleRow],
            access: &'a [AccessRow],
        }
        print_json(&Answer { run: database.info()?, user: &user, organization_roles: &roles, access: &access })?;
        return Ok(Code::Complete);
    }
    let mut text = title(&database)?;
    let name = user.full_name.as_deref().map(|name| format!(" ({})", visible(name))).unwrap_or_default();
    let _ = writeln!(text, "{}{name}", visible(&user.identity));
    let _ = writeln!(text, "  {}", describe(&user, &roles, access.iter().filter(|row| reaches(row)).count()));
    let mut rows = Vec::new();
    for row in &access {
        rows.push([row.account_id.clone(), role(row), way(row), state(row).to_owned(), unread(row)]);
    }
    text += &table(["ACCOUNT", "ROLE", "BY", "STATE", "NOTE"], &rows);
    print(&text)?;
    Ok(Code::Complete)
}

/// Everybody who can reach one account.
pub(super) fn who(account: &str, run: &RunArguments, system: &System) -> Result<Code, Failure> {
    let database = open(run, system)?;
    let account = find_account(&database, account)?;
    let access = database.access_to(&account.account_id)?;
    let problems = database.problems_of(&account.account_id)?;
    if run.json {
        #[derive(Serialize)]
        struct Answer<'a> {
            run: RunInfo,
            account: &'a AccountRow,
            problems: &'a [ProblemRow],
            access: &'a [AccessRow],
        }
        print_json(&Answer { run: database.info()?, account: &account, problems: &problems, access: &access })?;
        return Ok(Code::Complete);
    }
    let mut text = title(&database)?;
    let detail = account.fetch_detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    let effective = access.iter().filter(|row| reaches(row)).count();
    let _ = writeln!(text, "{} is {}{}", visible(&account.account_id), account.fetch_status, visible(&detail));
    let is_news =
        |problem: &&ProblemRow| problem.severity != "info" && account.fetch_detail.as_ref() != Some(&problem.message);
    for problem in problems.iter().filter(is_news) {
        let _ = writeln!(text, "  {}: {}", problem.severity, visible(&problem.message));
    }
    let at_least = if account.fetch_status == "complete" { "" } else { "at least " };
    let _ = writeln!(text, "{at_least}{} can reach it now", counted(effective, "user"));
    let mut rows = Vec::new();
    for row in access.iter().filter(|row| row.is_strongest || row.is_effective) {
        let login = row.days_since_login.map(|days| format!("{} {days} d ago", row.login_state));
        rows.push([
            row.identity.clone(),
            role(row),
            way(row),
            state(row).to_owned(),
            login.unwrap_or(row.login_state.clone()),
        ]);
    }
    text += &table(["WHO", "ROLE", "BY", "STATE", "LOGIN"], &rows);
    print(&text)?;
    Ok(Code::Complete)
}

/// Every way in which a user has access to an account.
pub(super) fn why(identity: &str, account: &str, run: &RunArguments, system: &System) -> Result<Code, Failure> {
    let database = open(run, system)?;
    let user = find_user(&database, identity)?;
    let account = find_account(&database, account)?;
    let access = database.access(&user.identity, &account.account_id)?;
    if run.json {
        #[derive(Serialize)]
        struct Way<'a> {
            path: String,
            #[serde(flatten)]
            row: &'a AccessRow,
        }
        #[derive(Serialize)]
        struct Answer<'a> {
            run: RunInfo,
            user: &'a UserRow,
            account: &'a AccountRow,
            ways: Vec<Way<'a>>,
        }
        let ways = access.iter().map(|row| Way { path: row.path(), row }).collect();
        print_json(&Answer { run: database.info()?, user: &user, account: &account, ways })?;
        return Ok(Code::Complete);
    }
    let mut text = title(&database)?;
    let (who, place) = (visible(&user.identity), visible(&account.account_id));
    match access.iter().find(|row| row.is_effective) {
        Some(row) if row.access_level == "none" => {
            let _ = writeln!(text, "{who} is a member of {place} without a role");
        }
        Some(row) => {
            let _ = writeln!(text, "{who} reaches {place} as {}", visible(&role(row)));
        }
        None if access.is_empty() => {
            let _ = writeln!(text, "{who} has no access to {place}");
            if account.fetch_status != "complete" {
                let status = &account.fetch_status;
                let _ = writeln!(
                    text,
                    "  but that account was not read whole ({status}): there may be access that was not seen"
                );
            }
        }
        None => {
            let _ = writeln!(text, "{who} reaches {place} by nothing that is in force");
        }
    }
    for row in &access {
        let mark = if row.is_effective { "*" } else { " " };
        let _ = writeln!(text, "{mark} {}  [{}]", visible(&row.path()), state(row));
    }
    if access.iter().any(|row| row.has_unresolved_group) {
        let _ = writeln!(text, "  a custom group is among the ways: the API does not tell what its roles allow");
    }
    print(&text)?;
    Ok(Code::Complete)
}

fn open(run: &RunArguments, system: &System) -> Result<Database, Failure> {
    let path = match &run.db {
        Some(path) => path.clone(),
        None => {
            let path = newest_run()?;
            system.say(&format!("asking {}", path.display()));
            path
        }
    };
    if !path.exists() || (path.is_dir() && !path.join(DATABASE_FILE).exists()) {
        let message = format!("there is no {DATABASE_FILE} at {}", path.display());
        return Err(Failure::usage(message, "name the directory of an export with --db RUN"));
    }
    Ok(Database::open(&path)?)
}

/// The run that was written last, of those in this directory.
fn newest_run() -> Result<PathBuf, Failure> {
    let entries = fs_err::read_dir(".")?.filter_map(|entry| entry.ok().map(|entry| PathBuf::from(entry.file_name())));
    let written = |run: PathBuf| {
        let database = fs_err::metadata(run.join(DATABASE_FILE)).ok().filter(std::fs::Metadata::is_file)?;
        Some((database.modified().ok()?, run))
    };
    let newest = entries.chain([PathBuf::from(".")]).filter_map(written).max();
    newest.map(|(_, run)| run).ok_or_else(|| {
        Failure::usage("there is no export in this directory", "name one with --db RUN, or make one: lacegraph export")
    })
}

fn title(database: &Database) -> Result<String, Failure> {
    let info = database.info()?;
    let status = if info.snapshot_status == "partial" { " PARTIAL" } else { "" };
    let source = match &*info.data_source {
        "demo" => "DEMO DATA, invented people".to_owned(),
        _ => format!("from {}", info.source_hosts),
    };
    Ok(format!("as of {} UTC{status}, {source}\n", info.captured_at_utc))
}

fn find_user(database: &Database, identity: &str) -> Result<UserRow, Failure> {
    if let Some(user) = database.user(identity)? {
        return Ok(user);
    }
    let similar = database.similar_users(identity, 5)?;
    let unread = database.all_accounts()?.into_iter().filter(|account| account.fetch_status != "complete");
    let unread: Vec<_> =
        unread.map(|account| format!("{} ({})", visible(&account.account_id), account.fetch_status)).collect();
    let known = if unread.is_empty() {
        format!("nobody is known as `{}`", visible(identity))
    } else {
        // Not found is not the same as not there.
        format!("nobody is known as `{}`, and not everything was read: {}", visible(identity), listed(&unread))
    };
    let hint = if similar.is_empty() {
        "identities are in the table `users`; e-mails count in any case".to_owned()
    } else {
        format!("did you mean {}?", similar.iter().map(|user| visible(user)).collect::<Vec<_>>().join(", "))
    };
    Err(Failure::usage(known, hint))
}

fn find_account(database: &Database, name: &str) -> Result<AccountRow, Failure> {
    let mut found = database.accounts(name)?;
    let list = |accounts: &[AccountRow]| {
        let names: Vec<_> = accounts.iter().map(|account| visible(&account.account_id)).collect();
        listed(&names)
    };
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => {
            let all = database.all_accounts()?;
            let hint = format!("the accounts are {}", list(&all));
            Err(Failure::usage(format!("there is no account `{}`", visible(name)), hint))
        }
        count => {
            let message = format!("{count} accounts are named `{}`: {}", visible(name), list(&found));
            Err(Failure::usage(message, "name one of them as ORGANIZATION/NAME"))
        }
    }
}

/// Names in a row, a long row cut.
fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(SHOWN_NAMES)].join(", ");
    match names.len().saturating_sub(SHOWN_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn describe(user: &UserRow, roles: &[OrganizationRoleRow], accounts: usize) -> String {
    let mut facts = Vec::new();
    if user.user_type == "service" {
        facts.push("service user".to_owned());
    }
    for OrganizationRoleRow { organization_name, org_role, is_enabled } in roles {
        let power = match access_level(RoleScope::Organization, org_role) {
            AccessLevel::Unknown => ", whose power the API does not tell",
            _ => "",
        };
        let state = if *is_enabled { "" } else { " (disabled)" };
        facts.push(format!("{} in {organization_name}{power}{state}", visible(org_role)));
    }
    if !user.is_enabled {
        facts.push("disabled".to_owned());
    }
    facts.push(format!("reaches {}, {} as ADMIN", counted(accounts, "account"), user.admin_account_count));
    facts.push(match (&*user.login_state, user.days_since_login) {
        ("active" | "dormant", Some(days)) => format!(
            "{}: last login {} before",
            user.login_state,
            counted(usize::try_from(days).unwrap_or_default(), "day")
        ),
        ("never", _) => "never logged in".to_owned(),
        ("unknown", _) => "login unknown".to_owned(),
        ("no_membership", _) => "member of no account".to_owned(),
        _ => "does not log in".to_owned(),
    });
    facts.join(", ")
}

/// Whether the row lets its user do anything: a member without a role is no more than listed.
fn reaches(row: &AccessRow) -> bool {
    row.is_effective && row.access_level != "none"
}

fn role(row: &AccessRow) -> String {
    if row.access_level == "unknown" { format!("{} (unknown power)", row.role_name) } else { row.role_name.clone() }
}

fn way(row: &AccessRow) -> String {
    match (&*row.grant_origin, &row.group_name) {
        ("org_admin", _) => format!("org admin of {}", row.organization_name),
        ("org_user", _) => format!("org user of {}", row.organization_name),
        ("group", Some(group)) => format!("group {group}"),
        _ => "own role".to_owned(),
    }
}

fn state(row: &AccessRow) -> &'static str {
    match (row.is_effective, row.is_enabled) {
        (true, _) => "effective",
        (false, true) => "weaker",
        (false, false) => "disabled",
    }
}

fn unread(row: &AccessRow) -> String {
    let status = &row.fetch_status;
    if status == "complete" { String::new() } else { format!("account {status}") }
}

/// A text of the API as a terminal may show it: no control characters, nothing that turns the direction of writing.
pub(super) fn visible(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// A text and spaces after it. The width of a format has an end, a name of the API has none.
pub(super) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    text.to_owned() + &" ".repeat(missing)
}

/// Columns as wide as their widest cell.
fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| std::array::from_fn(|column| visible(&row[column]))).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0).max(head[column].len())
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    let head = head.map(str::to_owned);
    for row in std::iter::once(&head).chain(&rows) {
        let cells = row.iter().zip(widths).map(|(cell, width)| padded(cell, width));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_length_has_its_column() {
        let long = "x".repeat(70_000);
        let text = table(["A", "B"], &[[long.clone(), "b".to_owned()], ["é".to_owned(), "c".to_owned()]]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], format!("{long}  b"));
        assert_eq!(lines[2].chars().count(), lines[1].chars().count());
    }
}
