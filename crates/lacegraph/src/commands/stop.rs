//! Interruption: Ctrl-C, a request to end, and a file that grows beyond its limit.

use crate::outcome::{Code, Failure};

/// Runs `command` until it is done, or until the user stops it.
pub(super) async fn unless_stopped<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    // Before anything is written: without a handler the signal would end the process where it stands.
    let _limit = listen_for_file_size_limit();
    let guard = tokio::spawn(end_if_stuck());
    let result = tokio::select! {
        biased;
        () = stopped() => Err(Failure::interrupted()),
        result = command => result,
    };
    guard.abort();
    result
}

/// Ends the process where a stop is not heard: a pipe that is read for a configuration, say, and in which nothing comes. At
/// such places nothing has been written yet.
async fn end_if_stuck() {
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
    stopped().await;
    tokio::time::sleep(PATIENCE).await;
    // Nobody listening is no reason to stay.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), b"error: interrupted; nothing was left behind\n");
    #[expect(clippy::exit, reason = "the thread that would return is stuck in a call of the system")]
    std::process::exit(Code::Interrupted as i32);
}

/// Waits for the user to stop the command.
#[cfg(unix)]
pub(crate) async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    // A closed terminal too: it must not leave half an export either.
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
    // Where no handler can be set, the system ends the process in its own way.
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    std::future::poll_fn(|context| {
        let is_there = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if is_there { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

#[cfg(not(unix))]
pub(crate) async fn stopped() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// With a handler set, a write beyond the limit fails like one to a full disk, and is reported and cleaned up like it.
#[cfg(unix)]
fn listen_for_file_size_limit() -> Option<tokio::signal::unix::Signal> {
    const SIGXFSZ: i32 = 25;
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(SIGXFSZ)).ok()
}

#[cfg(not(unix))]
fn listen_for_file_size_limit() {}
