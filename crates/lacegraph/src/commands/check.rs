//! `check`: what an export would read, with which key, and what stands in the way. Writes nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lacegraph_fetch::{
    AccountCheck, CallError, Credential, Doubt, HttpTransport, KeyOwner, ListCheck, OrganizationCheck, Outlook,
    OwnKeyCheck, check,
};
use serde::Serialize;

use super::questions::padded;
use super::{print, print_json};
use crate::cli::ConnectionArguments;
use crate::config;
use crate::outcome::{Code, Failure};
use crate::provenance::role;
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
    let organizations = plan.organizations.iter().zip(&checks);
    let lines: Vec<Line> = organizations.map(|(plan, check)| Line::new(plan.credential.as_ref(), check)).collect();
    let report = Report {
        configured_in: configuration.origin,
        exit_code: code as u8,
        to_fix: to_fix(&lines),
        organizations: lines,
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
        Outlook::ByOwnList { list, .. } | Outlook::Doubtful { list, .. } => list.rows > 0,
        Outlook::Excluded | Outlook::Fails(_) => false,
    })
}

#[derive(Debug, Serialize)]
struct Report {
    configured_in: String,
    exit_code: u8,
    organizations: Vec<Line>,
    /// What stands in the way, worst first, each with what to do.
    to_fix: Vec<String>,
}

/// What is said of one organization.
#[derive(Debug, Serialize)]
struct Line {
    organization: String,
    host: String,
    is_vendor_host: bool,
    /// The ends of the id of its key; none where only accounts have keys.
    key_id: Option<String>,
    key_from: Option<String>,
    token: Finding,
    key_owner: Finding,
    organization_list: Finding,
    limits: Vec<Limit>,
    /// What of the organization itself an export would report as missing, and what to do.
    gaps: Vec<(String, &'static str)>,
    accounts: Vec<AccountLine>,
}

/// The rate limit for one kind of call, and what an export would need of it.
#[derive(Debug, Serialize)]
struct Limit {
    call: &'static str,
    /// Calls left in this hour; none where the API did not say, or was not asked.
    left: Option<u64>,
    needed: u64,
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
    own_key: Option<OwnKey>,
    #[serde(flatten)]
    finding: Finding,
}

#[derive(Debug, Serialize)]
struct OwnKey {
    key_id: String,
    key_from: String,
    host: String,
    token: Finding,
    owner: Finding,
}

impl AccountLine {
    fn new(account: &AccountCheck) -> Self {
        Self {
            account: account.name.clone(),
            is_in_directory: account.is_in_directory,
            own_key: account.own_key.as_ref().map(OwnKey::new),
            finding: match &account.outlook {
                Outlook::Excluded => Finding::good("excluded by the configuration"),
                Outlook::ByOrganizationList => Finding::good("by the organization's list"),
                Outlook::ByOwnList { model, list } => {
                    Finding::good(format!("by its own list ({}), {} on the first page", model.as_str(), rows(list)))
                }
                Outlook::Doubtful { model, doubt, .. } => Finding {
                    is_good: false,
                    text: format!("its own list ({}) is not whole: {}", model.as_str(), doubt.for_report()),
                    hint: Some(doubt.hint()),
                },
                Outlook::Fails(error) => Finding::bad(error),
            },
        }
    }

    fn title(&self) -> String {
        let listed = if self.is_in_directory { "" } else { " (in no directory)" };
        format!("  {}{listed}", self.account)
    }
}

impl OwnKey {
    fn new(key: &OwnKeyCheck) -> Self {
        Self {
            key_id: key.masked_id.clone(),
            key_from: key.origin.clone(),
            host: key.host.clone(),
            token: Finding::of(&key.token, |()| "granted".to_owned()),
            owner: Finding::of(&key.owner, owned_by),
        }
    }

    /// In one line; what is wrong with its token shows at the account itself.
    fn in_words(&self) -> String {
        let owner = if self.owner.is_good {
            format!(", of {}", self.owner.text)
        } else {
            // The API tells that to organization admins alone (vendor client source).
            ", the API does not tell whose it is".to_owned()
        };
        let owner = if self.token.is_good { owner } else { ", which gets no token".to_owned() };
        format!("with a key of its own: {} from {} at {}{owner}", self.key_id, self.key_from, self.host)
    }
}

impl Finding {
    fn good(text: impl Into<String>) -> Self {
        Self { is_good: true, text: text.into(), hint: None }
    }

    fn bad(error: &CallError) -> Self {
        Self { is_good: false, text: error.for_report(), hint: Some(error.hint()) }
    }

    fn of<T>(result: &Result<T, CallError>, text: impl FnOnce(&T) -> String) -> Self {
        match result {
            Ok(value) => Self::good(text(value)),
            Err(error) => Self::bad(error),
        }
    }

    fn write(&self, text: &mut String, title: &str, width: usize) -> std::fmt::Result {
        let mark = if self.is_good { "" } else { "NO: " };
        writeln!(text, "  {}  {mark}{}", padded(title, width), self.text)
    }
}

/// Whose key it is.
fn owned_by(owner: &KeyOwner) -> String {
    let name = owner.username.as_deref().unwrap_or("a user that the API does not name");
    let few = match (owner.is_organization_admin, owner.is_organization_user) {
        (false, false) => ": an export may see that user only",
        _ => "",
    };
    format!("{name}, {}{few}", role(owner))
}

impl Line {
    fn new(key: Option<&Credential>, check: &OrganizationCheck) -> Self {
        let organization_list = match &check.organization_list {
            None => Finding::good("not asked for: the newer access model has none"),
            Some(Ok(ListCheck { rows: 0, .. })) => Finding::good("empty: every account is asked for its own list"),
            Some(Ok(_)) if check.shows_one_alone => {
                Finding { is_good: false, text: Doubt::OneAlone.for_report(), hint: Some(Doubt::OneAlone.hint()) }
            }
            Some(Ok(list)) => Finding::good(format!("answers, {} on the first page", rows(list))),
            Some(Err(error)) => {
                let bad = Finding::bad(error);
                let text = format!("not to be had, every account is asked for its own list: {}", bad.text);
                Finding { text, ..bad }
            }
        };
        let limit = |(&call, &needed): (&&'static str, &u64)| {
            let left = check.rate_limits.get(call).and_then(|limit| limit.remaining);
            Limit { call, left, needed }
        };
        Self {
            organization: check.organization.clone(),
            host: check.host.clone(),
            is_vendor_host: check.is_vendor_host,
            key_id: key.map(Credential::masked_id),
            key_from: key.map(|key| key.origin.clone()).filter(|origin| !origin.is_empty()),
            token: Finding::of(&check.token, |()| "granted".to_owned()),
            key_owner: Finding::of(&check.key_owner, owned_by),
            organization_list,
            limits: check.requests_needed.iter().map(limit).collect(),
            gaps: check.gaps.clone(),
            accounts: check.accounts.iter().map(AccountLine::new).collect(),
        }
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let foreign = if self.is_vendor_host { "" } else { " (not a host of the vendor)" };
        writeln!(text, "\n{} at {}{foreign}", self.organization, self.host)?;
        let account_titles: Vec<_> = self.accounts.iter().map(AccountLine::title).collect();
        let width = account_titles.iter().map(|title| title.chars().count()).max().unwrap_or_default().max(LIST.len());
        match (&self.key_id, &self.key_from) {
            (Some(id), Some(from)) => writeln!(text, "  {}  {id} from {from}", padded("key", width))?,
            (Some(id), None) => writeln!(text, "  {}  {id}", padded("key", width))?,
            (None, _) => writeln!(text, "  {}  none of its own, only accounts have keys", padded("key", width))?,
        }
        if self.key_id.is_some() {
            self.token.write(text, "token", width)?;
        }
        if self.token.is_good {
            self.key_owner.write(text, "key of", width)?;
            self.organization_list.write(text, LIST, width)?;
            self.write_limits(text, width)?;
        }
        writeln!(text, "  {}", counted(self.accounts.len(), "account"))?;
        for (account, title) in self.accounts.iter().zip(account_titles) {
            account.finding.write(text, &title, width)?;
            if let Some(key) = &account.own_key {
                writeln!(text, "  {}  {}", padded("", width), key.in_words())?;
            }
        }
        Ok(())
    }

    fn write_limits(&self, text: &mut String, width: usize) -> std::fmt::Result {
        let limits: Vec<String> = self
            .limits
            .iter()
            .filter(|limit| limit.needed > 1)
            .filter_map(|limit| Some(format!("{} {} left, about {} needed", limit.call, limit.left?, limit.needed)))
            .collect();
        if limits.is_empty() {
            return Ok(());
        }
        writeln!(text, "  {}  requests in this hour: {}", padded("rate limit", width), limits.join("; "))
    }

    /// What to do, once for each thing that stands in the way, whatever the number of accounts it stands in.
    fn to_fix(&self, to_fix: &mut BTreeMap<&'static str, Vec<String>>) {
        let mut add = |finding: &Finding, place: String| {
            if let Some(hint) = finding.hint {
                to_fix.entry(hint).or_default().push(place);
            }
        };
        if self.key_id.is_some() {
            add(&self.token, self.organization.clone());
        }
        if self.organization_list.hint == Some(Doubt::OneAlone.hint()) {
            add(&self.organization_list, self.organization.clone());
        }
        for account in &self.accounts {
            // The organization's key is told of once.
            if self.token.is_good || account.own_key.is_some() || self.key_id.is_none() {
                add(&account.finding, format!("{}/{}", self.organization, account.account));
            }
        }
        for (text, hint) in &self.gaps {
            to_fix.entry(hint).or_default().push(format!("{} ({text})", self.organization));
        }
        let short = self.limits.iter().filter(|limit| limit.left.is_some_and(|left| left < limit.needed));
        for limit in short {
            let hint =
                "the rate limit leaves too few calls for now: run later, raise --max-wait, or use another user's key";
            to_fix.entry(hint).or_default().push(format!("{} {}", self.organization, limit.call));
        }
        if self.token.is_good && !self.key_owner.is_good && self.gaps.is_empty() {
            let hint = "the API does not list the accounts to this key: name them in the configuration, or use the key of an \
                        organization admin";
            to_fix.entry(hint).or_default().push(self.organization.clone());
        }
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
            3 => "an export would be PARTIAL: something cannot be read",
            _ => "an export would FAIL: no account can be read, or all of them are empty",
        };
        text = text + "\n" + verdict + "\n";
        for line in &self.to_fix {
            text = text + "  to fix: " + line + "\n";
        }
        text
    }
}

/// Places shown of those that have the same thing to fix.
const PLACES: usize = 5;

/// What to fix, in lines: what to do, and where.
fn to_fix(lines: &[Line]) -> Vec<String> {
    let mut places = BTreeMap::new();
    lines.iter().for_each(|line| line.to_fix(&mut places));
    let in_words = |(hint, places): (&str, Vec<String>)| {
        let more = places.len().checked_sub(PLACES).filter(|&more| more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        format!("{}{more}: {hint}", places[..places.len().min(PLACES)].join(", "))
    };
    places.into_iter().map(in_words).collect()
}

fn rows(list: &ListCheck) -> String {
    let rows = counted(usize::try_from(list.rows).unwrap_or(usize::MAX), "row");
    match list.total {
        Some(total) => format!("{rows} of {total}"),
        None => rows,
    }
}
