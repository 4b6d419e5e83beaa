//! `check`: what an export would read, with which key, and what stands in the way. Writes nothing.

use std::fmt::Write as _;

use lacegraph_fetch::{HttpTransport, ListCheck, OrganizationCheck, Outlook, check};
use serde::Serialize;

use super::questions::padded;
use super::{print, print_json};
use crate::cli::ConnectionArguments;
use crate::config;
use crate::outcome::{Code, Failure};
use crate::provenance::{masked, role};
use crate::summary::counted;
use crate::system::System;

/// The longest title that does not depend on the accounts.
const LIST: &str = "organization list";

/// Asks first pages only, and exits as the export would.
pub(super) async fn run(connection: &ConnectionArguments, json: bool, system: &System) -> Result<Code, Failure> {
    let configuration = config::load(connection, system)?;
    for note in &configuration.notes {
        system.say(&format!("note: {note}"));
    }
    let plan = &configuration.plan;
    let transport = HttpTransport::for_plan(plan)?;
    let checks = check(plan, &transport, system, &()).await;
    let code = if !checks.iter().any(finds_anybody) {
        Code::NoAccess
    } else if checks.iter().all(OrganizationCheck::reads_every_account) {
        Code::Complete
    } else {
        Code::Partial
    };
    let report = Report {
        configured_in: configuration.origin,
        exit_code: code as u8,
        organizations: plan
            .organizations
            .iter()
            .zip(&checks)
            .map(|(plan, check)| Line::new(plan.credential.as_ref().map_or("", |key| &key.key_id), check))
            .collect(),
    };
    if json {
        print_json(&report)?;
    } else {
        print(&report.to_text())?;
    }
    Ok(code)
}

/// Whether a run would find users: one that reads nothing but empty lists fails.
pub(super) fn finds_anybody(check: &OrganizationCheck) -> bool {
    check.accounts.iter().any(|account| match &account.outlook {
        Outlook::ByOrganizationList => true,
        Outlook::ByOwnList { list, .. } => list.rows > 0,
        Outlook::Excluded | Outlook::Fails(_) => false,
    })
}

#[derive(Debug, Serialize)]
struct Report {
    configured_in: String,
    exit_code: u8,
    organizations: Vec<Line>,
}

/// What is said of one organization.
#[derive(Debug, Serialize)]
struct Line {
    organization: String,
    host: String,
    is_vendor_host: bool,
    key_id: String,
    token: Finding,
    key_owner: Finding,
    organization_list: Finding,
    requests_left: Option<u64>,
    accounts: Vec<AccountLine>,
}

/// Good, with what was found, or not, with why and what to do.
#[derive(Debug, Serialize)]
struct Finding {
    is_good: bool,
    text: String,
    hint: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct AccountLine {
    account: String,
    is_in_directory: bool,
    has_own_key: bool,
    #[serde(flatten)]
    finding: Finding,
}

impl AccountLine {
    fn title(&self) -> String {
        let listed = if self.is_in_directory { "" } else { " (in no directory)" };
        let key = if self.has_own_key { " (own key)" } else { "" };
        format!("  {}{listed}{key}", self.account)
    }
}

impl Finding {
    fn good(text: impl Into<String>) -> Self {
        Self { is_good: true, text: text.into(), hint: None }
    }

    fn bad(error: &lacegraph_fetch::CallError) -> Self {
        Self { is_good: false, text: error.for_report(), hint: Some(error.hint()) }
    }

    fn write(&self, text: &mut String, title: &str, width: usize) -> std::fmt::Result {
        writeln!(text, "  {}  {}", padded(title, width), self.text)?;
        match self.hint {
            Some(hint) => writeln!(text, "  {}  hint: {hint}", padded("", width)),
            None => Ok(()),
        }
    }
}

impl Line {
    fn new(key_id: &str, check: &OrganizationCheck) -> Self {
        let key_owner = match &check.key_owner {
            Ok(owner) => {
                let name = owner.username.as_deref().unwrap_or("a user that the API does not name");
                let few = match (owner.is_organization_admin, owner.is_organization_user) {
                    (false, false) => ": an export may see that user only",
                    _ => "",
                };
                Finding::good(format!("{name}, {}{few}", role(owner)))
            }
            Err(error) => Finding::bad(error),
        };
        let organization_list = match &check.organization_list {
            Ok(ListCheck { rows: 0, .. }) => Finding::good("empty: every account is asked for its own list"),
            Ok(list) => Finding::good(format!("answers, {} on the first page", rows(list))),
            Err(error) => Finding::bad(error),
        };
        let accounts = check.accounts.iter().map(|account| AccountLine {
            account: account.name.clone(),
            is_in_directory: account.is_in_directory,
            has_own_key: account.has_own_key,
            finding: match &account.outlook {
                Outlook::Excluded => Finding::good("excluded by the configuration"),
                Outlook::ByOrganizationList => Finding::good("by the organization's list"),
                Outlook::ByOwnList { model, list } => {
                    Finding::good(format!("by its own list ({}), {} on the first page", model.as_str(), rows(list)))
                }
                Outlook::Fails(error) => Finding::bad(error),
            },
        });
        Self {
            organization: check.organization.clone(),
            host: check.host.clone(),
            is_vendor_host: check.is_vendor_host,
            key_id: masked(key_id),
            token: match &check.token {
                Ok(()) => Finding::good("granted"),
                Err(error) => Finding::bad(error),
            },
            key_owner,
            organization_list,
            requests_left: check.rate_limit.remaining,
            accounts: accounts.collect(),
        }
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let foreign = if self.is_vendor_host { "" } else { " (not a host of the vendor)" };
        writeln!(text, "\n{} at {}{foreign}, key {}", self.organization, self.host, self.key_id)?;
        let account_titles: Vec<_> = self.accounts.iter().map(AccountLine::title).collect();
        let longest = account_titles.iter().map(|title| title.chars().count()).max();
        // Without a token there is nothing to say of the accounts.
        let longest = longest.filter(|_| self.token.is_good).unwrap_or_default();
        let width = LIST.len().max(longest);
        self.token.write(text, "token", width)?;
        if !self.token.is_good {
            return Ok(());
        }
        self.key_owner.write(text, "key of", width)?;
        self.organization_list.write(text, LIST, width)?;
        if let Some(left) = self.requests_left {
            let title = padded("rate limit", width);
            writeln!(text, "  {title}  {left} requests left in this hour for the call made last")?;
        }
        writeln!(text, "  {}", counted(self.accounts.len(), "account"))?;
        for (account, title) in self.accounts.iter().zip(account_titles) {
            account.finding.write(text, &title, width)?;
        }
        Ok(())
    }
}

impl Report {
    fn to_text(&self) -> String {
        let mut text = format!("configured in {}\n", self.configured_in);
        for line in &self.organizations {
            // A String takes whatever is written to it.
            let _ = line.write(&mut text);
        }
        let verdict = match self.exit_code {
            0 => "an export would be complete",
            3 => "an export would be PARTIAL: some accounts cannot be read",
            _ => "an export would FAIL: no account can be read, or all of them are empty",
        };
        text + "\n" + verdict + "\n"
    }
}

fn rows(list: &ListCheck) -> String {
    let rows = counted(usize::try_from(list.rows).unwrap_or(usize::MAX), "row");
    match list.total {
        Some(total) => format!("{rows} of {total}"),
        None => rows,
    }
}
