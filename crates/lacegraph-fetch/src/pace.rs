//! The pace at which one key may make one kind of call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turnstile, MutexGuard as Turn, Notify};
use tokio::time::Instant;

use crate::wait::RateLimit;

/// Holds calls of one kind back where the API's rate limit leaves none, and lets them through in the order they came.
///
/// The limit is a bucket for each user and kind of call: verb and resource, whatever the account (vendor documentation).
/// Every answer tells how many calls are left, and an empty bucket's answer tells when there is one more.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Held while waiting: who comes later waits behind.
    turnstile: Turnstile<()>,
    state: Mutex<State>,
    /// An answer arrived, or a call ended without one.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Calls that are left, those under way taken off; `None` where the API does not say.
    left: Option<u64>,
    /// When an empty bucket has one more.
    more_at: Option<Wait>,
    /// Until when the API wants no call of this kind.
    closed: Option<Wait>,
    under_way: u64,
}

/// A wait that the API asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wait {
    pub(crate) until: Instant,
    /// How long it was when it was asked for: whoever comes later waits less, but is told the same.
    pub(crate) asked: Duration,
}

impl Wait {
    /// That long from now; one beyond reckoning is one that no patience allows.
    pub(crate) fn from_now(asked: Duration) -> Self {
        const BEYOND: Duration = Duration::from_secs(365 * 86_400);
        Self { until: Instant::now() + asked.min(BEYOND), asked }
    }
}

enum Admission {
    Now,
    At(Wait),
    /// The calls under way may have used the last; their answers will tell.
    AfterAnAnswer,
}

impl Pace {
    /// Waits for the turn of a call. `allow` is asked before each wait, and may refuse it.
    pub(crate) async fn enter<E>(&self, mut allow: impl FnMut(Wait) -> Result<(), E>) -> Result<Permit<'_>, E> {
        let turn = self.turnstile.lock().await;
        let mut waited = None;
        loop {
            let changed = self.changed.notified();
            let admission = self.state().admission(Instant::now());
            match admission {
                Admission::Now => break,
                Admission::At(wait) => {
                    if waited != Some(wait) {
                        allow(wait)?;
                        waited = Some(wait);
                    }
                    tokio::select! {
                        () = tokio::time::sleep_until(wait.until) => {}
                        () = changed => {}
                    }
                }
                Admission::AfterAnAnswer => changed.await,
            }
        }
        self.state().begin();
        // After a wait one call goes first, and the others learn from its answer.
        Ok(Permit { pace: self, answered: false, _turn: waited.map(|_| turn) })
    }

    /// Holds all calls back until then.
    pub(crate) fn close(&self, wait: Wait) {
        let mut state = self.state();
        state.closed = state.closed.max(Some(wait));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admission(&self, now: Instant) -> Admission {
        if let Some(wait) = self.closed.filter(|wait| wait.until > now) {
            return Admission::At(wait);
        }
        match (self.left, self.more_at) {
            (Some(0), Some(more_at)) if more_at.until > now => Admission::At(more_at),
            (Some(0), _) if self.under_way > 0 => Admission::AfterAnAnswer,
            _ => Admission::Now,
        }
    }

    fn begin(&mut self) {
        self.under_way += 1;
        self.left = self.left.map(|left| left.saturating_sub(1));
    }

    fn end(&mut self, limit: Option<RateLimit>) {
        self.under_way = self.under_way.saturating_sub(1);
        // An answer that says nothing of it, a proxy's for example, changes nothing of what is known.
        let Some((limit, remaining)) = limit.and_then(|limit| Some((limit, limit.remaining?))) else { return };
        self.left = Some(remaining.saturating_sub(self.under_way));
        let reset = limit.reset_seconds.filter(|_| remaining == 0);
        self.more_at = reset.map(|seconds| Wait::from_now(Duration::from_secs(seconds)));
    }
}

/// A call under way.
#[derive(Debug)]
pub(crate) struct Permit<'p> {
    pace: &'p Pace,
    answered: bool,
    _turn: Option<Turn<'p, ()>>,
}

impl Permit<'_> {
    /// Ends the call with what its answer says of the limit.
    pub(crate) fn answered(mut self, limit: RateLimit) {
        self.pace.state().end(Some(limit));
        self.answered = true;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.pace.state().end(None);
        }
        self.pace.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(remaining: u64, reset_seconds: u64) -> RateLimit {
        RateLimit { limit: Some(480), remaining: Some(remaining), reset_seconds: Some(reset_seconds) }
    }

    /// Looks a moment whether it goes on waiting.
    async fn is_waiting<T>(future: impl Future<Output = T>) -> bool {
        tokio::time::timeout(Duration::from_millis(1), future).await.is_err()
    }

    async fn call(pace: &Pace, after: RateLimit) {
        let permit = pace.enter(|_| Ok::<_, ()>(())).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
        permit.answered(after);
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_bucket_is_waited_for() {
        let (pace, started) = (Pace::default(), Instant::now());
        call(&pace, limit(0, 7)).await;
        call(&pace, limit(479, 3600)).await;
        assert!((7.0..7.1).contains(&started.elapsed().as_secs_f64()), "{:?}", started.elapsed());
        // A bucket with calls in it tells when it will be full, which is nothing to wait for.
        call(&pace, limit(478, 3600)).await;
        assert!(started.elapsed() < Duration::from_secs(8));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_calls_are_not_used_twice() {
        let pace = Pace::default();
        call(&pace, limit(2, 3600)).await;
        let (first, second) = (pace.enter(|_| Ok::<_, ()>(())).await, pace.enter(|_| Ok::<_, ()>(())).await);
        let third = pace.enter(|wait| {
            assert!(wait.until > Instant::now());
            Err("must wait")
        });
        tokio::pin!(third);
        assert!(is_waiting(&mut third).await);
        first.unwrap().answered(limit(1, 3600));
        assert!(is_waiting(&mut third).await);
        second.unwrap().answered(limit(0, 9));
        assert_eq!(third.await.map(|_| ()), Err("must wait"));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_wait_one_goes_first() {
        let pace = Pace::default();
        pace.close(Wait::from_now(Duration::from_secs(60)));
        let started = Instant::now();
        let first = pace.enter(|_| Ok::<_, ()>(())).await.unwrap();
        assert!((60.0..60.1).contains(&started.elapsed().as_secs_f64()));
        let second = pace.enter(|_| Ok::<_, ()>(()));
        tokio::pin!(second);
        assert!(is_waiting(&mut second).await);
        first.answered(RateLimit::default());
        second.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_without_headers_changes_nothing() {
        let (pace, started) = (Pace::default(), Instant::now());
        call(&pace, limit(1, 3600)).await;
        let last = pace.enter(|_| Ok::<_, ()>(())).await.unwrap();
        last.answered(limit(0, 30));
        pace.close(Wait::from_now(Duration::ZERO));
        let probe = pace.enter(|_| Ok::<_, ()>(())).await.unwrap();
        assert!(started.elapsed() >= Duration::from_secs(30));
        probe.answered(RateLimit::default());
        assert_eq!(pace.state().left, Some(0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_holds_nobody_up() {
        let pace = Pace::default();
        call(&pace, limit(1, 3600)).await;
        let lost = pace.enter(|_| Ok::<_, ()>(())).await.unwrap();
        drop(lost);
        pace.enter(|_| Ok::<_, ()>(())).await.unwrap();
    }
}
