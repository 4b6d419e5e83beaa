//! The snapshot in the making: rows are recorded in the order of the lists, one page after the other, while the pages after
//! are being parsed; all of it off the asynchronous threads.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use lacegraph_model::{AccountId, Header, OrganizationId, STAGE, Snapshot, SnapshotBuilder, UtcTime};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::error::FetchError;
use crate::statements::Notes;

/// The snapshot in the making, and what is known to read rows by.
pub(crate) struct Recording {
    pub(crate) builder: SnapshotBuilder,
    /// By organization and the API's key of an account: the account and its name.
    guids: BTreeMap<OrganizationId, HashMap<String, KnownAccount>>,
    seen: BTreeMap<OrganizationId, SeenLists>,
    /// What was noticed so far in the list of an account whose pages are being recorded.
    pub(crate) notes: Notes,
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
        let known = self.guids.get_mut(&organization).into_iter().flat_map(HashMap::values_mut);
        known
            .filter(|known| known.id == stand_in)
            .for_each(|known| *known = KnownAccount { id: account, name: view.name.clone() });
    }

    /// The account that a `custGuid` means.
    pub(crate) fn known(&self, organization: OrganizationId, cust_guid: &str) -> Option<&KnownAccount> {
        self.guids.get(&organization)?.get(cust_guid)
    }
}

/// How many jobs may be under way: enough to parse pages while others are recorded, few enough to keep few in memory.
const JOBS: usize = 3;

/// Hands out the snapshot in the making to jobs, in the order in which they were handed over.
pub(crate) struct Recorder {
    shared: Arc<Shared>,
    slots: Arc<Semaphore>,
    /// How many jobs were handed over.
    handed_over: AtomicU64,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// `None` once a job panicked, or it is finished.
    recording: Option<Box<Recording>>,
    /// The number of the job whose turn it is.
    turn: u64,
    /// Jobs that ended before their turn came.
    skipped: BTreeSet<u64>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a job in the order.
pub(crate) struct Turn {
    shared: Arc<Shared>,
    number: u64,
}

impl Turn {
    /// Waits until all jobs before are done, and works on the snapshot in the making. `None` where there is none any more.
    pub(crate) fn take<T>(self, work: impl FnOnce(&mut Recording) -> T) -> Option<T> {
        let mut state = self.shared.lock();
        while state.turn != self.number {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let _stage = tracing::info_span!(target: STAGE, "record").entered();
        // Taken out, so that a panic leaves none behind that is half changed.
        let mut recording = state.recording.take()?;
        let result = work(&mut recording);
        state.recording = Some(recording);
        Some(result)
    }
}

/// Whatever became of the job, those after it have their turn.
impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.skipped.insert(self.number);
        while state.skipped.contains(&state.turn) {
            let turn = state.turn;
            state.skipped.remove(&turn);
            state.turn += 1;
        }
        self.shared.changed.notify_all();
    }
}

/// What a job gives, once it is done.
pub(crate) struct Reply<T>(JoinHandle<Option<T>>);

impl<T> Reply<T> {
    /// Waits for it.
    pub(crate) async fn get(self) -> Result<T, FetchError> {
        self.0.await.ok().flatten().ok_or(FetchError::RecorderStopped)
    }
}

impl Recorder {
    pub(crate) fn new(header: Header) -> Self {
        let recording = Recording {
            builder: SnapshotBuilder::new(header),
            guids: BTreeMap::new(),
            seen: BTreeMap::new(),
            notes: Notes::default(),
        };
        let state = State { recording: Some(Box::new(recording)), turn: 0, skipped: BTreeSet::new() };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        Self { shared, slots: Arc::new(Semaphore::new(JOBS)), handed_over: AtomicU64::new(0) }
    }

    /// Hands over a job, waiting where too many are under way: it prepares what it can, and then takes its turn.
    pub(crate) async fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(Turn) -> Option<T> + Send + 'static,
    ) -> Result<Reply<T>, FetchError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| FetchError::RecorderStopped)?;
        let number = self.handed_over.fetch_add(1, Ordering::Relaxed);
        let turn = Turn { shared: Arc::clone(&self.shared), number };
        Ok(Reply(tokio::task::spawn_blocking(move || {
            let _slot = slot;
            job(turn)
        })))
    }

    /// Hands over a job that has nothing to prepare, and waits until it is done.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Recording) -> T + Send + 'static,
    ) -> Result<T, FetchError> {
        self.submit(move |turn| turn.take(work)).await?.get().await
    }

    /// The snapshot of everything recorded.
    pub(crate) async fn finish(self, completed_at: UtcTime) -> Result<Snapshot, FetchError> {
        let shared = Arc::clone(&self.shared);
        let finish = move |turn: Turn| {
            turn.take(|recording| recording.builder.set_completed_at(completed_at))?;
            let recording = shared.lock().recording.take()?;
            Some(recording.builder.finish())
        };
        self.submit(finish).await?.get().await
    }
}

#[cfg(test)]
mod tests {
    use lacegraph_model::DataSource;

    use super::*;

    fn recorder() -> Recorder {
        let time = UtcTime::from_seconds(1).unwrap();
        let (tool_version, data_source) = (String::new(), DataSource::Demo);
        Recorder::new(Header { captured_at: time, completed_at: time, tool_version, data_source })
    }

    /// Names an organization, so that the order of the jobs shows in its number.
    fn name(recording: &mut Recording, name: &str) -> usize {
        recording.builder.organization(name, "host").index()
    }

    #[tokio::test]
    async fn jobs_take_turns_in_the_order_they_were_handed_over() {
        let recorder = recorder();
        let slow = recorder.submit(|turn| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            turn.take(|recording| name(recording, "slow"))
        });
        let slow = slow.await.unwrap();
        let quick = recorder.submit(|turn| turn.take(|recording| name(recording, "quick"))).await.unwrap();
        assert_eq!((quick.get().await.unwrap(), slow.get().await.unwrap()), (1, 0));
    }

    #[tokio::test]
    async fn a_job_that_takes_no_turn_holds_nobody_up() {
        let recorder = recorder();
        let first = recorder.submit(|turn| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            turn.take(|recording| name(recording, "first"))
        });
        let first = first.await.unwrap();
        let idle = recorder.submit(|_| None::<usize>).await.unwrap();
        let last = recorder.submit(|turn| turn.take(|recording| name(recording, "last"))).await.unwrap();
        assert_eq!((first.get().await.unwrap(), last.get().await.unwrap()), (0, 1));
        assert!(matches!(idle.get().await, Err(FetchError::RecorderStopped)));
    }

    #[tokio::test]
    async fn a_job_that_panics_ends_the_recording() {
        let recorder = recorder();
        let lost = recorder.ask(|_| -> usize { panic!("on purpose") }).await;
        assert!(matches!(lost, Err(FetchError::RecorderStopped)));
        assert!(matches!(recorder.ask(|recording| name(recording, "a")).await, Err(FetchError::RecorderStopped)));
    }
}
