//! The thread that owns the snapshot in the making: rows are parsed and recorded there, off the asynchronous threads.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lacegraph_model::{AccountId, Header, OrganizationId, Snapshot, SnapshotBuilder, UtcTime};
use tokio::sync::{mpsc, oneshot};

use crate::error::FetchError;

/// The snapshot in the making, and what is known to read rows by.
pub(crate) struct Recording {
    pub(crate) builder: SnapshotBuilder,
    /// By organization and the API's key of an account: the account and its name.
    pub(crate) guids: BTreeMap<OrganizationId, BTreeMap<String, KnownAccount>>,
    seen: BTreeMap<OrganizationId, SeenLists>,
}

/// What tells the own lists of an organization's accounts from each other.
#[derive(Default)]
struct SeenLists {
    /// A few users' guids of each list: the account.
    guids: HashMap<String, AccountId>,
    /// The hashes of bodies: the account.
    bodies: HashMap<[u8; 32], AccountId>,
    /// Accounts whose list turned up for another one, and which are reported.
    reported: BTreeSet<AccountId>,
}

/// An account whose `custGuid` is known.
#[derive(Clone, Debug)]
pub(crate) struct KnownAccount {
    pub(crate) id: AccountId,
    pub(crate) name: String,
}

impl Recording {
    /// Notes which account a `custGuid` means; the first to say so is believed.
    pub(crate) fn learn(&mut self, organization: OrganizationId, cust_guid: &str, id: AccountId, name: &str) {
        let guids = self.guids.entry(organization).or_default();
        if !guids.contains_key(cust_guid) {
            guids.insert(cust_guid.to_owned(), KnownAccount { id, name: name.to_owned() });
            self.builder.learn_cust_guid(organization, cust_guid, id);
        }
    }

    /// The account whose own list, recorded before, has the user of this guid, as far as its guids are kept.
    pub(crate) fn list_with_guid(&self, organization: OrganizationId, guid: &str) -> Option<AccountId> {
        self.seen.get(&organization)?.guids.get(guid).copied()
    }

    /// The account whose own list, recorded before, has a page of this hash.
    pub(crate) fn list_with_body(&self, organization: OrganizationId, body_sha256: &[u8; 32]) -> Option<AccountId> {
        self.seen.get(&organization)?.bodies.get(body_sha256).copied()
    }

    /// Keeps what tells the own list of an account from others; the first list to have it is kept.
    pub(crate) fn remember(
        &mut self,
        organization: OrganizationId,
        account: AccountId,
        guids: Vec<String>,
        bodies: impl IntoIterator<Item = [u8; 32]>,
    ) {
        let seen = self.seen.entry(organization).or_default();
        for guid in guids {
            seen.guids.entry(guid).or_insert(account);
        }
        for body in bodies {
            seen.bodies.entry(body).or_insert(account);
        }
    }

    /// Whether it is the first time that the account is reported for a list that turned up for another one too.
    pub(crate) fn is_first_report(&mut self, organization: OrganizationId, account: AccountId) -> bool {
        self.seen.entry(organization).or_default().reported.insert(account)
    }

    /// Says that `stand_in` was `account` all along.
    pub(crate) fn take_for(&mut self, organization: OrganizationId, stand_in: AccountId, account: AccountId) {
        self.builder.take_for(stand_in, account);
        let views = self.builder.accounts(organization);
        let Some(view) = views.into_iter().find(|view| view.id == account) else { return };
        let known = self.guids.get_mut(&organization).into_iter().flat_map(BTreeMap::values_mut);
        for known in known.filter(|known| known.id == stand_in) {
            *known = KnownAccount { id: account, name: view.name.clone() };
        }
    }

    /// The account that a `custGuid` means.
    pub(crate) fn known(&self, organization: OrganizationId, cust_guid: &str) -> Option<&KnownAccount> {
        self.guids.get(&organization)?.get(cust_guid)
    }
}

type Job = Box<dyn FnOnce(&mut Recording) + Send>;

/// How many jobs may wait: enough to keep the thread busy, few enough to keep few pages in memory.
const WAITING_JOBS: usize = 4;

/// Hands jobs to the thread; they are done in the order in which they are handed over.
pub(crate) struct Recorder {
    jobs: mpsc::Sender<Job>,
    done: oneshot::Receiver<Snapshot>,
}

/// What a job gives, once it is done.
pub(crate) struct Reply<T>(oneshot::Receiver<T>);

impl<T> Reply<T> {
    /// Waits for it.
    pub(crate) async fn get(self) -> Result<T, FetchError> {
        self.0.await.map_err(|_| FetchError::RecorderStopped)
    }
}

impl Recorder {
    pub(crate) fn start(header: Header) -> Result<Self, FetchError> {
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING_JOBS);
        let (finished, done) = oneshot::channel();
        let work = move || {
            let mut recording =
                Recording { builder: SnapshotBuilder::new(header), guids: BTreeMap::new(), seen: BTreeMap::new() };
            while let Some(job) = waiting.blocking_recv() {
                job(&mut recording);
            }
            // Nobody waits where the run was given up; then there is nothing to finish either.
            if !finished.is_closed() {
                let _ = finished.send(recording.builder.finish());
            }
        };
        let thread = std::thread::Builder::new().name("lacegraph-recorder".to_owned());
        thread.spawn(work).map_err(FetchError::RecorderNotStarted)?;
        Ok(Self { jobs, done })
    }

    /// Hands over a job, waiting where too many wait already.
    pub(crate) async fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Recording) -> T + Send + 'static,
    ) -> Result<Reply<T>, FetchError> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |recording| {
            // Nobody waits for the reply where the run was given up.
            let _ = sender.send(job(recording));
        });
        self.jobs.send(job).await.map_err(|_| FetchError::RecorderStopped)?;
        Ok(Reply(receiver))
    }

    /// Hands over a job and waits until it is done.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Recording) -> T + Send + 'static,
    ) -> Result<T, FetchError> {
        self.submit(job).await?.get().await
    }

    /// The snapshot of everything recorded.
    pub(crate) async fn finish(self, completed_at: UtcTime) -> Result<Snapshot, FetchError> {
        self.ask(move |recording| recording.builder.set_completed_at(completed_at)).await?;
        let Self { jobs, done } = self;
        drop(jobs);
        done.await.map_err(|_| FetchError::RecorderStopped)
    }
}
