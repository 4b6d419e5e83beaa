//! `EVIDENCE.md`: what an auditor asks of a run, answered from the run, with the SQL to ask again.
//!
//! A function of graph and keys: two exports of the same answers give the same text.

use std::fmt::{self, Write as _};

use lacegraph_model::{
    ApiModel, DataSource, ExpectedFrom, FetchStatus, Graph, GroupId, Severity, SourceKind, SourceStatus,
};

use crate::figures::FIGURES;
use crate::manifest::{Content, KeyUse};

/// The name of the file in a run.
pub(crate) const FILE: &str = "EVIDENCE.md";

/// Accounts, and problems, that are listed at most; the database has them all.
const MOST_LISTED: usize = 200;

/// The first line of everything: whether anything is missing, and what a reader must not overlook.
pub fn status_line(graph: &Graph) -> String {
    let snapshot = graph.snapshot();
    let counts = snapshot.account_counts();
    let status = if snapshot.is_partial() {
        "PARTIAL: something is missing"
    } else {
        "COMPLETE: every account in scope was read whole"
    };
    let demo = match snapshot.header().data_source {
        DataSource::Demo => Some("demo data, invented people".to_owned()),
        DataSource::Live | DataSource::Capture => None,
    };
    let excluded = match counts.excluded {
        0 => None,
        excluded => Some(format!("{excluded} of {} accounts excluded by the configuration", counts.expected())),
    };
    let notes: Vec<String> = demo.into_iter().chain(excluded).collect();
    if notes.is_empty() { status.to_owned() } else { format!("{status} ({})", notes.join("; ")) }
}

/// The text of the file.
///
/// `has_database` is whether the run has one, on which statements can run.
pub(crate) fn text(graph: &Graph, content: &Content, keys: &[KeyUse], has_database: bool) -> String {
    let mut text = String::new();
    let page = Page { graph, content, keys, has_database };
    // A String takes whatever is written to it.
    let _ = page.write(&mut text);
    text
}

struct Page<'a> {
    graph: &'a Graph,
    content: &'a Content,
    keys: &'a [KeyUse],
    has_database: bool,
}

impl Page<'_> {
    fn write(&self, out: &mut String) -> fmt::Result {
        self.write_head(out)?;
        self.write_sources(out)?;
        self.write_accounts(out)?;
        self.write_optional_sources(out)?;
        self.write_logic(out)?;
        self.write_figures(out)?;
        self.write_problems(out)?;
        self.write_gaps(out)?;
        out.write_str(CHECK_HASHES)?;
        if self.has_database {
            out.write_str(CHECK_FIGURES)?;
        }
        out.write_str(NOT_AUTHENTIC)
    }

    fn write_head(&self, out: &mut String) -> fmt::Result {
        let Content { snapshot_id, captured_at_utc, completed_at_utc, captured_by_version, .. } = self.content;
        writeln!(out, "# Evidence: who can reach which account, in what role, and why\n")?;
        writeln!(out, "**{}**\n", md(&self.content.status_line))?;
        writeln!(
            out,
            "This directory holds who can reach the accounts below, in what role and why: what the vendor's API (Lacework / \
             FortiCNAPP, API v2) told to the keys below, as far as each account was read, and what follows from it. lacegraph \
             only reads: it changes nothing in a tenant. `manifest.json` says who ran it, where, when and with which command \
             line.\n"
        )?;
        writeln!(out, "| | |\n|---|---|")?;
        writeln!(out, "| Snapshot | `{snapshot_id}` |")?;
        writeln!(out, "| Observed | from {captured_at_utc} to {completed_at_utc} |")?;
        writeln!(out, "| Source | {} |", md(&self.graph.snapshot().source_line()))?;
        writeln!(out, "| Scope | {} |", self.graph.snapshot().account_counts().scope_line())?;
        writeln!(out, "| Taken by | lacegraph {} |", md(captured_by_version))
    }

    fn write_sources(&self, out: &mut String) -> fmt::Result {
        let snapshot = self.graph.snapshot();
        writeln!(out, "\n## From where, and with whose key\n")?;
        writeln!(out, "| organization | host | complete relative to |\n|---|---|---|")?;
        for organization in snapshot.organizations() {
            let relative_to = match organization.expected_from {
                ExpectedFrom::Directory => "the API's own list of accounts",
                ExpectedFrom::Both => "the API's own list of accounts and the configuration",
                ExpectedFrom::Configuration => {
                    "the accounts of the configuration or the host: the API gave no list of accounts to compare with"
                }
            };
            let (name, host) = (snapshot.text(organization.name), snapshot.text(organization.host));
            writeln!(out, "| {} | {} | {relative_to} |", md(name), md(host))?;
        }
        writeln!(out, "\n| key | asked for | host | belongs to |\n|---|---|---|---|")?;
        for KeyUse { organization, account, host, key_id, owner, owner_role } in self.keys {
            let place = account.as_ref().map_or(organization.clone(), |account| format!("{organization}/{account}"));
            let owner =
                owner.as_ref().map_or_else(|| md(owner_role), |owner| format!("{}, {}", md(owner), md(owner_role)));
            writeln!(out, "| `{}` | {} | {} | {owner} |", plain(key_id), md(&place), md(host))?;
        }
        writeln!(
            out,
            "\nA key sees what its owner sees. {} were made, in {} tries; each, by its final outcome, with status, rows and \
             the SHA-256 of the answer is in {}`manifest.json`. Answers with a token and answers that mean no have no hash.",
            count(self.content.calls.len(), "call"),
            self.content.calls.iter().map(|call| u64::from(call.attempts)).sum::<u64>(),
            if self.has_database { "the table `source_calls` and in " } else { "" },
        )
    }

    fn write_accounts(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n## Which accounts were read\n")?;
        writeln!(
            out,
            "Records received are the records about an account in its own list and in the organization's. Each is a \
             membership, a duplicate that was merged, a contradiction that was set aside and reported, or left out because \
             the account is excluded: the four columns make the first.\n"
        )?;
        writeln!(
            out,
            "| account | state | received | memberships | merged | contradicting | left out | users now | admins now | detail |\n\
             |---|---|--:|--:|--:|--:|--:|--:|--:|---|"
        )?;
        let accounts = &self.content.accounts;
        for (account, tally) in accounts.iter().zip(self.graph.account_tallies()).take(MOST_LISTED) {
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                md(&account.account_id),
                account.fetch_status,
                account.records_received,
                account.memberships,
                account.duplicates_merged,
                account.contradicting,
                account.left_out,
                tally.users,
                tally.admins,
                md(account.fetch_detail.as_deref().unwrap_or_default())
            )?;
        }
        write_rest(out, accounts.len(), "accounts", "v_accounts")?;
        writeln!(
            out,
            "\nStates: complete (read whole); incomplete (pages or rows are missing, the rest is kept); failed (nothing was \
             read); not_attempted (the run ended before); excluded (by the configuration); unlisted (members name it, nothing \
             lists it). Users and admins of an account that was not read are those that the roles of its organization give, and \
             those whom the organization's list names there."
        )
    }

    /// What accounts were asked for beside their members.
    fn write_optional_sources(&self, out: &mut String) -> fmt::Result {
        let sources = self.graph.snapshot().optional_sources();
        writeln!(out, "\n## What else was asked for\n")?;
        writeln!(
            out,
            "| list | asked for | window | accounts asked | whole | in part | failed | gave nothing | rows |"
        )?;
        writeln!(out, "|---|---|---|--:|--:|--:|--:|--:|--:|")?;
        for (kind, name) in [(SourceKind::AuditLog, "audit log"), (SourceKind::ApiKeys, "API keys")] {
            let of_kind = || sources.iter().filter(|source| source.kind == kind);
            let Some(first) = of_kind().next() else {
                writeln!(out, "| {name} | no | | | | | | | |")?;
                continue;
            };
            let window = first.window.map(|(start, end)| format!("{start} to {end}")).unwrap_or_default();
            let count = |status| of_kind().filter(|source| source.status == status).count();
            writeln!(
                out,
                "| {name} | yes | {window} | {} | {} | {} | {} | {} | {} |",
                of_kind().count(),
                count(SourceStatus::Complete),
                count(SourceStatus::Incomplete),
                count(SourceStatus::Failed),
                count(SourceStatus::NotOffered),
                of_kind().map(|source| source.rows).sum::<u64>()
            )?;
        }
        writeln!(
            out,
            "\nEach account that was read is asked, once its members are known. What these lists lack makes no account less \
             complete: it is told in `optional_sources` and among the problems. Gave nothing: not offered there, not to this \
             key, or nothing in it; the API does not tell these apart."
        )
    }

    fn write_logic(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n## How effective access follows\n\n{LOGIC}\n")?;
        writeln!(out, "| setting | value |\n|---|---|")?;
        for setting in &self.content.settings {
            writeln!(out, "| {} | {} |", md(&setting.name), md(&setting.value))?;
        }
        writeln!(out, "\nSHA-256 of the settings, each as a line `name=value`: `{}`", self.content.settings_sha256)?;
        self.write_meanings(out)
    }

    /// What custom groups confer, as far as somebody stated it.
    fn write_meanings(&self, out: &mut String) -> fmt::Result {
        let snapshot = self.graph.snapshot();
        let stated: Vec<_> = snapshot.user_groups().iter().filter(|group| group.confers_evidence.is_some()).collect();
        if stated.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\nWhat these custom groups confer is stated by the configuration, not by the API, on the evidence that stands \
             there:\n\n| account | group | guid | role | evidence |\n|---|---|---|---|---|"
        )?;
        for group in stated.iter().take(MOST_LISTED) {
            let text = |sym| md(snapshot.text_opt(sym).unwrap_or_default());
            writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                md(snapshot.text(snapshot.account(group.account).account_id)),
                text(Some(group.name)),
                text(Some(group.guid)),
                text(group.confers),
                text(group.confers_evidence)
            )?;
        }
        write_rest(out, stated.len(), "groups", "user_groups")
    }

    fn write_figures(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n## Figures, and how to derive them again\n")?;
        writeln!(
            out,
            "{}\n\n| figure | value | what it counts |\n|---|--:|---|",
            if self.has_database {
                "Each statement runs on `lacegraph.db` as it is; `lacegraph verify DIR --explain` runs them all."
            } else {
                "This run has no `lacegraph.db`, on which the statements would run; `csv/` has the tables where it was written."
            }
        )?;
        for (entry, figure) in self.content.figures.iter().zip(&FIGURES) {
            writeln!(out, "| {} | {} | {} |", entry.name, entry.value, figure.meaning)?;
        }
        writeln!(out, "\n```sql")?;
        for entry in &self.content.figures {
            writeln!(out, "-- {}: {}\n{};", entry.name, entry.value, entry.sql)?;
        }
        writeln!(out, "```")
    }

    fn write_problems(&self, out: &mut String) -> fmt::Result {
        let snapshot = self.graph.snapshot();
        let problems = snapshot.problems();
        writeln!(out, "\n## What a reader must know\n")?;
        if problems.is_empty() {
            return writeln!(out, "No problem was found.");
        }
        writeln!(out, "Any error makes the snapshot partial.\n\n| severity | about | what happened |\n|---|---|---|")?;
        for problem in problems.iter().take(MOST_LISTED) {
            let account = problem.account.map(|account| snapshot.text(snapshot.account(account).account_id));
            let organization = problem.organization.map(|organization| snapshot.organization_name(organization));
            let severity = if problem.severity == Severity::Info { "note" } else { problem.severity.as_str() };
            let about = account.or(organization).unwrap_or_default();
            writeln!(out, "| {severity} | {} | {} |", md(about), md(snapshot.text(problem.message)))?;
        }
        write_rest(out, problems.len(), "problems", "v_problems")
    }

    /// What the run cannot tell, as far as it concerns this run.
    fn write_gaps(&self, out: &mut String) -> fmt::Result {
        let snapshot = self.graph.snapshot();
        writeln!(out, "\n## Not covered\n")?;
        let names = |is: &dyn Fn(FetchStatus) -> bool| {
            let accounts = snapshot.accounts().iter().filter(|account| is(account.fetch_status));
            accounts.map(|account| snapshot.text(account.account_id)).collect::<Vec<_>>()
        };
        let is_unread =
            |status| matches!(status, FetchStatus::Incomplete | FetchStatus::Failed | FetchStatus::NotAttempted);
        write_names(out, "Accounts in scope that were not read, or not whole", &names(&is_unread))?;
        write_names(
            out,
            "Accounts that the configuration excludes",
            &names(&|status| status == FetchStatus::Excluded),
        )?;
        write_names(out, "Accounts that members name and nothing lists", &names(&|s| s == FetchStatus::Unlisted))?;
        let groups = (0..).map(GroupId::from_index).zip(snapshot.user_groups());
        let unresolved = groups.filter(|&(id, _)| self.graph.is_unresolved_group(id));
        let mut unresolved: Vec<String> = unresolved
            .map(|(_, group)| {
                let account = snapshot.text(snapshot.account(group.account).account_id);
                let (name, guid) = (snapshot.text(group.name), snapshot.text(group.guid));
                format!("\u{201c}{name}\u{201d} ({guid}) in {account}")
            })
            .collect();
        unresolved.sort();
        let unresolved: Vec<&str> = unresolved.iter().map(String::as_str).collect();
        let what = "Roles inside custom groups, which no call reveals and for which no known role is stated; shown as unknown \
                    privilege";
        write_names(out, what, &unresolved)?;
        let older = snapshot.accounts().iter().filter(|account| account.api_model == Some(ApiModel::TeamMembers));
        writeln!(
            out,
            "- **Service users** of accounts that speak the older access model, whose lists have none: {} here.",
            count(older.count(), "account")
        )?;
        let doubts =
            snapshot.problems().iter().filter(|problem| NOT_CROSS_CHECKED.contains(&snapshot.text(problem.code)));
        for problem in doubts.take(MOST_LISTED) {
            let organization = problem.organization.map(|id| snapshot.organization_name(id)).unwrap_or_default();
            writeln!(out, "- **Not cross-checked**, {}: {}", md(organization), md(snapshot.text(problem.message)))?;
        }
        let asks_keys = snapshot.optional_sources().iter().any(|source| source.kind == SourceKind::ApiKeys);
        out.write_str(if asks_keys { KEYS_WITHOUT_OWNERS } else { NO_KEYS })?;
        out.write_str(ALWAYS_NOT_COVERED)
    }
}

/// Problems that say that a second list was not there to compare with.
const NOT_CROSS_CHECKED: [&str; 5] = [
    "organization_list_refused",
    "organization_list_failed",
    "organization_list_empty",
    "directory_not_available",
    "key_owner_not_listed",
];

const LOGIC: &str = "\
- A person is an e-mail in lower case, across all accounts and organizations. Names without `@`, service users and rows without \
a name stay apart for each account.
- An organization admin has ADMIN in every account of the organization, those that were not read, are excluded or unlisted \
included; an organization user has USER (READ_ONLY where the account speaks the newer access model). Such a role counts if any \
record of any list states it, also where another record denies it: that is not reported as a contradiction.
- For each user and account one record counts: that of the account's own list, else the organization's; of one list, the first. \
What it leaves out is taken from the others; what they say otherwise about state, roles or groups is set aside and is a problem.
- A membership that is disabled switches off its own roles and groups. A role of the organization is off only if every record of \
the person in that organization is disabled. A state that no record tells counts as enabled.
- Of all grants of a user in an account, the effective one is the strongest in force: by privilege (ADMIN, POWER_USER, unknown, \
USER and READ_ONLY, NO_ROLE), then organization admin, organization user, direct, group, then by names and keys, so that there is \
always one.
- Custom groups, and role names that are not known, have unknown privilege, between POWER_USER and USER, and are never guessed. \
The role of a custom group may be stated by the configuration, with its evidence; it is then told below.
- A login is the later of last login and last session. Never logged in means that every record says so; a missing login is \
unknown. Dormant is more whole days before the capture than the setting.";

const NO_KEYS: &str = "\
- **API keys and agent tokens**: not asked for. A key acts with the access of its owner, who is listed here if a list names them.
";

const KEYS_WITHOUT_OWNERS: &str = "\
- **Whose the API keys are, and what they may do**: the list does not tell. A key acts with the access of its owner, who is listed \
here if a list names them. Agent tokens were not asked for.
";

const ALWAYS_NOT_COVERED: &str = "\
- **Rules of the identity provider** (SAML, just-in-time creation): what they would give at the next login is not seen here; \
what they gave is.
- **What a role allows inside an account** (resource groups, permissions behind a role's name).
- **Changes after the time of observation.** Lists were read at different moments between the two times above, several at a time.
";

const CHECK_HASHES: &str = "
## Check it yourself

```
sha256sum -c SHA256SUMS                      # every file is as it was written
lacegraph verify DIR                         # the same, and everything derived again that can be
lacegraph verify DIR --manifest-sha256 HEX   # with the hash of manifest.json from the ticket: the same export, not another
";

const CHECK_FIGURES: &str = "\
lacegraph verify DIR --explain               # each figure with its statement
sqlite3 -readonly lacegraph.db               # any statement above
";

const NOT_AUTHENTIC: &str = "\
```

Hashes inside this directory show that it fits together. That it is the export that was made then, only a hash of
`manifest.json` kept elsewhere, or a signature, can show.
";

fn write_names(out: &mut String, what: &str, names: &[&str]) -> fmt::Result {
    if names.is_empty() {
        return writeln!(out, "- **{what}**: none.");
    }
    let shown: Vec<String> = names.iter().take(MOST_LISTED).map(|name| md(name)).collect();
    let more = match names.len().saturating_sub(MOST_LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    writeln!(out, "- **{what}** ({}): {}{more}.", names.len(), shown.join(", "))
}

fn write_rest(out: &mut String, all: usize, what: &str, view: &str) -> fmt::Result {
    match all.saturating_sub(MOST_LISTED) {
        0 => Ok(()),
        more => writeln!(out, "\n{more} more {what} are in `{view}`."),
    }
}

fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A text of a tenant as Markdown shows it: no mark of the language works, no line ends.
fn md(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A text without anything that ends a line or turns the direction of writing.
fn plain(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tenant_wrote_stays_text() {
        assert_eq!(md("ann_lee@example.com"), "ann\\_lee@example.com");
        assert_eq!(md("a|b\n# <img src=x> [x](y) `z`"), "a\\|b\u{fffd}\\# \\<img src=x\\> \\[x\\](y) \\`z\\`");
        assert_eq!(md("\u{202e}evil"), "\u{fffd}evil");
    }
}
