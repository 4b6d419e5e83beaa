//! Progress bars, on a terminal only.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lacegraph_fetch::{Event, Observer};

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

impl Observer for Progress {
    fn notice(&self, event: &Event<'_>) {
        match *event {
            Event::OrganizationStarted { organization } => {
                self.line(organization, |line| line.bar.set_message("signing in"));
            }
            Event::DirectoryKnown { organization, accounts, .. } => {
                self.line(organization, |line| line.bar.set_message(format!("{accounts} accounts in scope")));
            }
            Event::AskingAccounts { organization, accounts } => self.line(organization, |line| {
                // Some accounts may have been asked before, to compare them with the organization's list.
                line.bar.set_length(line.bar.position() + accounts as u64);
                line.bar.set_message(format!("asking {accounts} accounts for their own lists"));
            }),
            Event::PageRead { organization, account, page, rows, total } => self.line(organization, |line| {
                line.rows += rows;
                let place = account.unwrap_or("organization list");
                let total = total.map(|total| format!(" of a list of {total} rows")).unwrap_or_default();
                line.bar.set_message(format!("{} rows read; {place}, page {page}{total}", line.rows));
            }),
            Event::Waiting { organization, account, endpoint, delay, status, .. } => self.line(organization, |line| {
                let place = account.map(|account| format!(" of {account}")).unwrap_or_default();
                let why = status.map_or("no answer".to_owned(), |status| format!("status {status}"));
                line.bar.set_message(format!("{endpoint}{place}: {why}, waiting {:.1} s", delay.as_secs_f32()));
            }),
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
