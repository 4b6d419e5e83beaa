//! What accounts are asked for beside their members, where the plan says so: the audit log and the API keys.
//!
//! Never in the way of the members: what is missing here makes no account less complete.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use lacegraph_model::{AccountView, FetchStatus, OrganizationId, Severity, SourceKind, SourceStatus, UtcTime};

use crate::error::{CallError, FetchError};
use crate::list::{Page, PageWalk};
use crate::optional_rows::{INCOMPLETE, Noticed, SourceRows};
use crate::organization::Reading;
use crate::own_list::{ListEnd, Target, Walked};
use crate::plan::OptionalSources;
use crate::problems::{Trouble, write_calls};
use crate::recorder::Turn;
use crate::session::Session;
use crate::transport::Endpoint;

/// What a run asks for beside members.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// From when to when the audit log is asked for.
    audit_log: Option<(UtcTime, UtcTime)>,
    api_keys: bool,
}

impl Asked {
    /// What the plan says, at the time that the run begins.
    pub(crate) fn of(with: OptionalSources, captured_at: UtcTime) -> Self {
        let start = |days: u32| {
            let seconds = captured_at.as_seconds() - i64::from(days) * 86_400;
            UtcTime::from_seconds(seconds.max(1)).unwrap_or(captured_at)
        };
        Self { audit_log: with.audit_log_days.map(|days| (start(days), captured_at)), api_keys: with.api_keys }
    }

    fn sources(&self) -> Vec<Source> {
        let audit_log = self.audit_log.map(|window| Source { kind: SourceKind::AuditLog, window: Some(window) });
        let api_keys = self.api_keys.then_some(Source { kind: SourceKind::ApiKeys, window: None });
        audit_log.into_iter().chain(api_keys).collect()
    }
}

/// One list beside those of members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub(crate) kind: SourceKind,
    pub(crate) window: Option<(UtcTime, UtcTime)>,
}

impl Source {
    fn endpoint(self) -> Endpoint {
        match self.kind {
            SourceKind::AuditLog => Endpoint::AuditLogs,
            SourceKind::ApiKeys => Endpoint::ApiKeys,
        }
    }

    fn query(self) -> Vec<(&'static str, String)> {
        let window =
            |(start, end): (UtcTime, UtcTime)| [("startTime", start.to_rfc3339()), ("endTime", end.to_rfc3339())];
        self.window.map(window).into_iter().flatten().collect()
    }
}

/// What one account answered.
struct Answered {
    target: Target,
    list: Walked,
}

/// An account that gave nothing, and the status that said so.
type GaveNothing = Option<(u16, String)>;

/// The API ends every result there (vendor documentation): what has that many rows has more, perhaps.
const MOST_ROWS: u64 = 500_000;

/// Accounts that are named at most in a problem about many.
const MOST_NAMED: usize = 10;

impl Reading<'_> {
    /// Asks each account that was read, whole or not, for what the plan wants beside its members.
    pub(crate) async fn optional_sources(&self, targets: &[Target], asked: &Asked) -> Result<(), FetchError> {
        for source in asked.sources() {
            let asked = self.read_targets(targets).await?;
            let count = asked.len();
            let reads: Vec<_> = asked.into_iter().map(|target| self.read_source(source, target)).collect();
            // Boxed, as the lists of members are: the compiler cannot tell in the end that it may move to another thread.
            let mut answers = futures::stream::iter(reads).buffered(self.concurrency).boxed();
            let mut replies = Vec::with_capacity(count);
            while let Some(answered) = answers.next().await {
                let id = self.id;
                replies.push(self.recorder.submit(move |turn| record(turn, id, source, answered)).await?);
            }
            let mut gave_nothing: BTreeMap<u16, Vec<String>> = BTreeMap::new();
            for reply in replies {
                if let Some((status, account)) = reply.get().await? {
                    gave_nothing.entry(status).or_default().push(account);
                }
            }
            if !gave_nothing.is_empty() {
                self.write(not_offered(source, &gave_nothing, count)).await?;
            }
        }
        Ok(())
    }

    /// The accounts that were read, whole or not, by the names that they turned out to have.
    async fn read_targets(&self, targets: &[Target]) -> Result<Vec<Target>, FetchError> {
        let mut targets = targets.to_vec();
        self.recorder
            .ask(move |recording| {
                targets.retain_mut(|target| {
                    let AccountView { name, status, .. } = recording.builder.view(target.id);
                    target.name = name;
                    matches!(status, FetchStatus::Complete | FetchStatus::Incomplete)
                });
                targets
            })
            .await
    }

    async fn read_source(&self, source: Source, target: Target) -> Answered {
        if let Some(obstacle) = &target.obstacle {
            let end = ListEnd::Refused(obstacle.clone());
            return Answered { target, list: Walked { calls: Vec::new(), pages: Vec::new(), end } };
        }
        let session: &Session<'_> = target.session.map_or(&self.session, |index| &self.own_sessions[index]);
        let (name, scope) = (Some(target.name.clone()), target.scope.clone());
        let walk = PageWalk::new(session, source.endpoint(), name, scope).with_query(&source.query());
        Answered { list: Walked::to_end(walk).await, target }
    }
}

/// Parses what an account answered and, when its turn has come, records it.
fn record(turn: Turn, organization: OrganizationId, source: Source, answered: Answered) -> Option<GaveNothing> {
    let Answered { target, list: Walked { calls, pages, end } } = answered;
    let texts = pages.iter().filter_map(|page| Some((page.number, page.text.as_deref()?)));
    let parsed: Vec<_> = texts.map(|(page, text)| (page, SourceRows::parse(source.kind, text))).collect();
    turn.take(|recording| {
        let builder = &mut recording.builder;
        write_calls(builder, organization, Some(target.id), &calls);
        let mut noticed = Noticed::default();
        for (page, rows) in parsed {
            rows.record(builder, &target, page, &mut noticed);
        }
        let Outcome { status, detail, trouble } = outcome(source, end, &pages, &noticed);
        let rows = pages.iter().map(|page| page.rows).sum();
        builder.optional_source(target.id, source.kind, status, detail.as_deref(), source.window, rows);
        let troubles = trouble.into_iter().chain(noticed.troubles(source.endpoint()));
        troubles.for_each(|trouble| trouble.of(Some(target.id)).write(builder, organization));
        // Without any status there would be an error of another kind.
        let code = calls.first().and_then(|call| call.status).unwrap_or_default();
        (status == SourceStatus::NotOffered).then_some((code, target.name))
    })
}

/// How far a list was read, why no further, and what there is to tell of it.
struct Outcome {
    status: SourceStatus,
    detail: Option<String>,
    trouble: Option<Trouble>,
}

fn outcome(source: Source, end: ListEnd, pages: &[Page], noticed: &Noticed) -> Outcome {
    let told = |status, message: String, hint: &str, page: Option<u32>| {
        let trouble = Trouble::new(Severity::Warning, INCOMPLETE, message.clone(), hint);
        Outcome { status, detail: Some(message), trouble: Some(Trouble { page, ..trouble }) }
    };
    let silent = |status, detail| Outcome { status, detail, trouble: None };
    let endpoint = source.endpoint();
    let rows: u64 = pages.iter().map(|page| page.rows).sum();
    match end {
        ListEnd::Refused(error) if is_not_offered(&error) => silent(SourceStatus::NotOffered, Some(error.for_report())),
        ListEnd::Refused(error) => told(SourceStatus::Failed, error.for_report(), error.hint(), None),
        ListEnd::Broken { page, error } => told(SourceStatus::Incomplete, error.for_report(), error.hint(), Some(page)),
        ListEnd::Short { rows, total } => {
            let message = format!("{endpoint}: {rows} rows arrived, the API announced {total}");
            told(SourceStatus::Incomplete, message, "run again", None)
        }
        ListEnd::Whole if rows >= MOST_ROWS => {
            let message =
                format!("{endpoint}: {rows} rows arrived, where the API ends every result: there may be more");
            told(SourceStatus::Incomplete, message, "ask for fewer days", None)
        }
        ListEnd::Whole if pages.iter().all(|page| page.text.is_none()) => {
            silent(SourceStatus::NotOffered, Some(format!("{endpoint} page 1: status 204, no content")))
        }
        ListEnd::Whole if !noticed.faults.is_empty() => {
            silent(SourceStatus::Incomplete, Some(format!("rows not understood: {}", noticed.faults.len())))
        }
        ListEnd::Whole => silent(SourceStatus::Complete, None),
    }
}

/// Whether the answer is one of a tenant that does not have the list, or not for this key. Which status says so is established
/// nowhere; a web page is a proxy's word.
fn is_not_offered(error: &CallError) -> bool {
    matches!(error, CallError::Status { place, status: 403 | 404 | 405 | 501, is_html: false, .. }
        if place.endpoint != Endpoint::AccessTokens)
}

/// One note about all accounts of an organization that gave nothing, by status.
fn not_offered(source: Source, accounts: &BTreeMap<u16, Vec<String>>, asked: usize) -> Trouble {
    let count: usize = accounts.values().map(Vec::len).sum();
    let by_status = accounts.iter().map(|(status, names)| {
        let mut named = names.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
        if let Some(more) = names.len().checked_sub(MOST_NAMED).filter(|&more| more > 0) {
            named.push_str(&format!(" and {more} more"));
        }
        format!("status {status} from {named}")
    });
    let message = format!(
        "{} gave nothing for {count} of {asked} accounts: {}; it is not offered there, not to this key, or there is nothing in it",
        source.endpoint(),
        by_status.collect::<Vec<_>>().join("; ")
    );
    let hint =
        "nothing, if it is not needed; else look in the console, and use the key of an administrator of the account";
    Trouble::new(Severity::Info, "source_not_offered", message, hint)
}
