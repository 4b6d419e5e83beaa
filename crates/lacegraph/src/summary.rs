//! What an export comes to, in a few lines or as JSON.

use std::fmt::Write as _;
use std::path::Path;

use lacegraph_export::{DATABASE_FILE, WrittenFile, WrittenRun, status_line};
use lacegraph_model::{FetchStatus, Graph, Problem, Severity, Totals};
use serde::Serialize;

use crate::timings::Timing;

/// Problems shown at most; the database has them all.
const SHOWN_PROBLEMS: usize = 12;

/// The figures and problems of an export.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    snapshot_id: String,
    status: &'static str,
    status_line: String,
    data_source: &'static str,
    source: String,
    captured_at_utc: String,
    out: String,
    organizations: Vec<OrganizationLine>,
    accounts: Accounts,
    people: usize,
    service_users: usize,
    users_without_access: usize,
    memberships: usize,
    grants: usize,
    effective_access: usize,
    roleless_access: usize,
    admin_access: usize,
    org_admins: usize,
    dormant: usize,
    never_logged_in: usize,
    login_unknown: usize,
    users_of_unknown_power: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    problems: Vec<ProblemLine>,
    files: Vec<WrittenFile>,
    left_out: Vec<String>,
    neutralised_cells: u64,
    manifest_sha256: String,
    /// With `--timings` alone: how long a run takes says nothing of what it found.
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<Vec<Timing>>,
}

#[derive(Debug, Serialize)]
struct OrganizationLine {
    name: String,
    host: String,
    expected_from: &'static str,
    in_scope: usize,
}

#[derive(Debug, Serialize)]
struct Accounts {
    expected: usize,
    in_scope: usize,
    complete: usize,
    incomplete: usize,
    failed: usize,
    not_attempted: usize,
    excluded: usize,
    unlisted: usize,
}

#[derive(Debug, Serialize)]
struct ProblemLine {
    severity: &'static str,
    code: String,
    place: Option<String>,
    message: String,
    hint: Option<String>,
}

impl Summary {
    /// The summary of a run that was written to `out`.
    pub(crate) fn new(graph: &Graph, totals: &Totals, out: &Path, run: WrittenRun) -> Self {
        let snapshot = graph.snapshot();
        let counts = totals.accounts;
        Self {
            snapshot_id: snapshot.id().to_owned(),
            status: snapshot.status(),
            status_line: status_line(graph),
            data_source: snapshot.header().data_source.as_str(),
            source: snapshot.source_line(),
            captured_at_utc: snapshot.header().captured_at.to_rfc3339(),
            out: out.display().to_string(),
            organizations: organization_lines(graph),
            accounts: Accounts {
                expected: counts.expected(),
                in_scope: counts.in_scope(),
                complete: counts.complete,
                incomplete: counts.incomplete,
                failed: counts.failed,
                not_attempted: counts.not_attempted,
                excluded: counts.excluded,
                unlisted: counts.unlisted,
            },
            people: totals.persons,
            service_users: totals.users - totals.persons,
            users_without_access: totals.disabled_users,
            memberships: totals.memberships,
            grants: totals.grants,
            effective_access: totals.effective_access,
            roleless_access: totals.roleless_access,
            admin_access: totals.admin_access,
            org_admins: totals.org_admins,
            dormant: totals.dormant,
            never_logged_in: totals.never_logged_in,
            login_unknown: totals.login_unknown,
            users_of_unknown_power: totals.users_of_unknown_power,
            errors: totals.errors,
            warnings: totals.warnings,
            notes: totals.infos,
            problems: snapshot.problems().iter().map(|problem| problem_line(graph, problem)).collect(),
            files: run.files,
            left_out: run.left_out,
            neutralised_cells: run.neutralised,
            manifest_sha256: run.manifest_sha256,
            timings: None,
        }
    }

    /// The same with how long each stage took.
    pub(crate) fn with_timings(self, timings: Vec<Timing>) -> Self {
        Self { timings: Some(timings), ..self }
    }

    /// As JSON, indented.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// In lines that a person understands at once.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        // A String takes whatever is written to it.
        let _ = self.write_text(&mut text);
        text
    }

    fn write_text(&self, text: &mut String) -> std::fmt::Result {
        let Self { accounts, .. } = self;
        writeln!(text, "{}", self.status_line)?;
        for organization in
            self.organizations.iter().filter(|organization| organization.expected_from == "configuration")
        {
            let OrganizationLine { name, in_scope, .. } = organization;
            let accounts = counted(*in_scope, "account");
            writeln!(
                text,
                "{:<11} {name}: the API gave no list of accounts; this is about the {accounts} of the configuration or the host",
                ""
            )?;
        }
        writeln!(text, "Source      {}", self.source)?;
        writeln!(text, "Snapshot    {}, taken {}", self.snapshot_id, self.captured_at_utc)?;
        let unread = [
            (accounts.incomplete, "read in part"),
            (accounts.failed, "failed"),
            (accounts.not_attempted, "not attempted"),
            (accounts.excluded, "excluded"),
        ];
        let unread: String =
            unread.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}")).collect();
        writeln!(
            text,
            "Accounts    {} of {} in scope: {} read whole{unread}",
            accounts.in_scope, accounts.expected, accounts.complete
        )?;
        if accounts.unlisted > 0 {
            writeln!(text, "{:<11} {} more that members name and nothing lists", "", accounts.unlisted)?;
        }
        let service_users = match self.service_users {
            0 => String::new(),
            count => format!(" and {}", counted(count, "service user")),
        };
        let persons = if self.people == 1 { "person" } else { "people" };
        writeln!(
            text,
            "Who         {} {persons}{service_users}; {} of them can reach nothing now",
            self.people, self.users_without_access
        )?;
        writeln!(
            text,
            "Access      {} of user and account: {} as ADMIN, {} as a member without a role (from {})",
            counted(self.effective_access, "pair"),
            self.admin_access,
            self.roleless_access,
            counted(self.grants, "grant")
        )?;
        writeln!(text, "Org admins  {}", self.org_admins)?;
        writeln!(
            text,
            "To look at  {} dormant, {} never logged in, {} with unknown logins, {} with a group or role of unknown power",
            self.dormant, self.never_logged_in, self.login_unknown, self.users_of_unknown_power
        )?;
        self.write_problems(text)?;
        self.write_files(text)
    }

    fn write_problems(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "Problems    {}, {}, {}",
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
            counted(self.notes, "note")
        )?;
        let mut hints = Vec::new();
        for problem in self.problems.iter().take(SHOWN_PROBLEMS) {
            let place = problem.place.as_deref().map(|place| format!("{place}: ")).unwrap_or_default();
            let severity = if problem.severity == "info" { "note" } else { problem.severity };
            writeln!(text, "  {severity:<9} {place}{}", problem.message)?;
            // Each once: what to do about the next of its kind is the same.
            let hint = problem.hint.as_deref().filter(|hint| problem.severity != "info" && !hints.contains(hint));
            if let Some(hint) = hint {
                writeln!(text, "  {:<9} hint: {hint}", "")?;
                hints.push(hint);
            }
        }
        if let Some(more) = self.problems.len().checked_sub(SHOWN_PROBLEMS).filter(|&more| more > 0) {
            writeln!(text, "  {:<9} and {more} more in the table `problems`", "")?;
        }
        Ok(())
    }

    fn write_files(&self, text: &mut String) -> std::fmt::Result {
        let out = Path::new(&self.out);
        let has = |name: &str| self.files.iter().any(|file| file.path == name);
        let mut title = "Files";
        let mut line = |name: &str, what: &str| {
            let line = writeln!(text, "{title:<11} {}  {what}", out.join(name).display());
            title = "";
            line
        };
        if has(DATABASE_FILE) {
            line(DATABASE_FILE, "start at the view v_effective_access")?;
        }
        if has("csv/effective_access.csv") {
            line("csv/effective_access.csv", "the same for a spreadsheet; access.csv tells every way")?;
        }
        if has("dot/accounts.dot") {
            line("dot/accounts.dot", "a picture: dot -Tsvg -O FILE")?;
        }
        if has("access.xlsx") {
            line("access.xlsx", "for a double click: the same with filters")?;
        }
        line("EVIDENCE.md", "for an auditor: what was read, how it follows, what is not covered")?;
        for what in &self.left_out {
            writeln!(text, "Left out    {what}")?;
        }
        if self.neutralised_cells > 0 {
            let cells = counted(usize::try_from(self.neutralised_cells).unwrap_or(usize::MAX), "cell");
            writeln!(
                text,
                "CSV         {cells} begin with an apostrophe, as a spreadsheet would run them; manifest.json lists them"
            )?;
        }
        if has(DATABASE_FILE) {
            writeln!(
                text,
                "Next        lacegraph who ACCOUNT --db {0}    lacegraph why PERSON ACCOUNT --db {0}",
                self.out
            )?;
        }
        writeln!(text, "Verify      lacegraph verify {}", self.out)?;
        writeln!(text, "Manifest    SHA-256 {}: record it in your ticket", self.manifest_sha256)
    }
}

fn organization_lines(graph: &Graph) -> Vec<OrganizationLine> {
    let snapshot = graph.snapshot();
    let in_scope = |id| {
        let own = snapshot.accounts().iter().filter(|account| account.organization == id);
        own.filter(|account| !matches!(account.fetch_status, FetchStatus::Excluded | FetchStatus::Unlisted)).count()
    };
    let line = |id| {
        let organization = snapshot.organization(id);
        OrganizationLine {
            name: snapshot.text(organization.name).to_owned(),
            host: snapshot.text(organization.host).to_owned(),
            expected_from: organization.expected_from.as_str(),
            in_scope: in_scope(id),
        }
    };
    snapshot.organization_ids().map(line).collect()
}

fn problem_line(graph: &Graph, problem: &Problem) -> ProblemLine {
    let snapshot = graph.snapshot();
    let account = problem.account.map(|account| snapshot.text(snapshot.account(account).account_id));
    let organization = problem.organization.map(|organization| snapshot.organization_name(organization));
    let list = match (problem.page, problem.row_number) {
        (Some(page), Some(row)) => format!(", page {page}, row {row}"),
        // Without a row, the message itself says which page.
        _ => String::new(),
    };
    ProblemLine {
        severity: problem.severity.as_str(),
        code: snapshot.text(problem.code).to_owned(),
        place: account.or(organization).map(|place| format!("{place}{list}")),
        message: snapshot.text(problem.message).to_owned(),
        hint: snapshot.text_opt(problem.hint).map(str::to_owned),
    }
}

/// The first error of a snapshot, for a run that came to nothing.
pub(crate) fn first_error(graph: &Graph) -> Option<(String, Option<String>)> {
    let problem = graph.snapshot().problems().iter().find(|problem| problem.severity == Severity::Error)?;
    let line = problem_line(graph, problem);
    let place = line.place.map(|place| format!("{place}: ")).unwrap_or_default();
    Some((format!("{place}{}", line.message), line.hint))
}

/// `1 error`, `2 errors`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
