//! What a run is at: bars on a terminal, elsewhere a line for each long wait.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lacegraph_fetch::{Endpoint, Event, Observer};

use crate::summary::counted;

/// One line an organization: what it is at, accounts done, rows read.
#[derive(Debug)]
pub(crate) struct Progress {
    lines: MultiProgress,
    organizations: Mutex<BTreeMap<String, Line>>,
}

#[derive(Debug)]
struct Line {
    bar: ProgressBar,
    rows: u64,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { lines: MultiProgress::new(), organizations: Mutex::default() }
    }

    fn line(&self, organization: &str, change: impl FnOnce(&mut Line)) {
        let mut organizations = self.organizations.lock().unwrap_or_else(PoisonError::into_inner);
        let line = organizations.entry(organization.to_owned()).or_insert_with(|| {
            let bar = self.lines.add(ProgressBar::new(0));
            let style = ProgressStyle::with_template("{spinner} {prefix:<16} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_prefix(organization.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            Line { bar, rows: 0 }
        });
        change(line);
    }
}

/// What a call waits for, and until when.
fn waiting(account: Option<&str>, endpoint: Endpoint, delay: Duration, status: Option<u16>, attempts: u32) -> String {
    let place = account.map(|account| format!(" of {account}")).unwrap_or_default();
    let why = match (status, attempts) {
        (Some(429), _) | (None, 0) => "waiting for the rate limit".to_owned(),
        (Some(status), _) => format!("status {status}, waiting to try again"),
        (None, _) => "no answer, waiting to try again".to_owned(),
    };
    let until = jiff::Timestamp::now().checked_add(delay).map(|until| until.strftime("%H:%M:%S").to_string());
    let until = until.map(|until| format!(" until {until} UTC")).unwrap_or_default();
    format!("{endpoint}{place}: {why}{until}")
}

/// Says long waits in lines, where there is no terminal to draw on.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    /// The wait that was said last: calls that wait together wait for the same.
    said: Mutex<Option<(String, Instant)>>,
}

/// Waits from here on are said.
const LONG: Duration = Duration::from_secs(10);

impl Observer for Waits {
    fn notice(&self, event: &Event<'_>) {
        let Event::Waiting { organization, account, endpoint, delay, status, attempts } = *event else { return };
        let until = Instant::now() + delay;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let is_said = said.as_ref().is_some_and(|(known, end)| known == organization && until <= *end + LONG / 2);
        if delay < LONG || is_said {
            return;
        }
        *said = Some((organization.to_owned(), until));
        let line = waiting(account, endpoint, delay, status, attempts);
        // Nobody listening is no reason to stop.
        let _ = writeln!(std::io::stderr(), "organization {organization}: {line}");
    }
}

impl Observer for Progress {
    fn notice(&self, event: &Event<'_>) {
        match *event {
            Event::OrganizationStarted { organization } => {
                self.line(organization, |line| line.bar.set_message("signing in"));
            }
            Event::DirectoryKnown { organization, accounts, .. } => {
                self.line(organization, |line| {
                    line.bar.set_message(format!("{} in scope", counted(accounts, "account")));
                });
            }
            Event::AskingAccounts { organization, accounts } => self.line(organization, |line| {
                // Some accounts may have been asked before, to compare them with the organization's list.
                line.bar.set_length(line.bar.position() + accounts as u64);
                line.bar.set_message(format!("asking {} for their own lists", counted(accounts, "account")));
            }),
            Event::PageRead { organization, account, page, rows, total } => self.line(organization, |line| {
                line.rows += rows;
                let place = account.unwrap_or("organization list");
                let total = total.map(|total| format!(" of a list of {total} rows")).unwrap_or_default();
                line.bar.set_message(format!("{} rows read; {place}, page {page}{total}", line.rows));
            }),
            Event::Waiting { organization, account, endpoint, delay, status, attempts } => {
                self.line(organization, |line| {
                    line.bar.set_message(waiting(account, endpoint, delay, status, attempts));
                });
            }
            Event::AccountFinished { organization, account, status } => self.line(organization, |line| {
                line.bar.inc(1);
                let done = line.bar.position();
                let all = line.bar.length().unwrap_or(done);
                line.bar.set_message(format!("{done} of {all} accounts; {account} {}", status.as_str()));
            }),
            Event::OrganizationFinished { organization } => {
                self.line(organization, |line| line.bar.finish_and_clear());
            }
            _ => {}
        }
    }
}
