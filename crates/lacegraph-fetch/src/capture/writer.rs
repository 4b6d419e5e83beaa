//! Writes a capture while its run goes on.

use std::io::Write;
use std::thread::JoinHandle;

use lacegraph_model::UtcTime;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::entry::{Entry, Fault, Outcome};
use super::{CallKey, Capture, CaptureError, CaptureHeader, Recorded, frame};
use crate::credential::hexadecimal;
use crate::error::CallError;
use crate::session::Answer;

/// How many entries may wait to be written; bodies are megabytes.
const WAITING: usize = 4;

/// Writes a capture on a thread of its own, one entry after the other.
///
/// Dropped before [`finish`](Self::finish), it writes what it was given, and the file tells that it ends early.
#[derive(Debug)]
pub struct CaptureWriter {
    captured_at: UtcTime,
    // `None` once it is finished.
    entries: Option<mpsc::Sender<(Entry, Vec<u8>)>>,
    thread: Option<JoinHandle<Result<CaptureEnd, CaptureError>>>,
}

/// A capture that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureEnd {
    /// How many entries it has, the first and the last included.
    pub entries: u64,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

impl CaptureWriter {
    /// Writes the header, and what is good of the capture that the run goes on from; then goes on in a thread. Each entry is
    /// handed to `out` in one piece.
    ///
    /// # Errors
    /// Where that cannot be written, or the earlier capture is damaged.
    pub fn begin(
        out: impl Write + Send + 'static,
        header: &CaptureHeader,
        earlier: Option<&Capture>,
    ) -> Result<Self, CaptureError> {
        let captured_at = header.captured_at()?;
        let line = serde_json::to_string(header).map_err(|error| CaptureError::Write(error.into()))?;
        let mut file = File { out, number: 0, chain: [0; 32], hash: Sha256::new() };
        file.write(&line, &[])?;
        if let Some(earlier) = earlier {
            for index in Recorded::finished(earlier)?.kept() {
                let (entry, body) = earlier.entry(index)?;
                file.write(&line_of(&Entry { taken_over: true, ..entry })?, &body)?;
            }
        }
        let (sender, mut receiver) = mpsc::channel::<(Entry, Vec<u8>)>(WAITING);
        let thread = std::thread::spawn(move || {
            while let Some((mut entry, body)) = receiver.blocking_recv() {
                if let Outcome::Answer { body_bytes, body_sha256, .. } = &mut entry.outcome {
                    *body_bytes = body.len();
                    *body_sha256 = hexadecimal(&Sha256::digest(&body));
                }
                file.write(&line_of(&entry)?, &body)?;
            }
            file.out.flush().map_err(CaptureError::Write)?;
            Ok(CaptureEnd { entries: file.number, sha256: hexadecimal(&file.hash.finalize()) })
        });
        Ok(Self { captured_at, entries: Some(sender), thread: Some(thread) })
    }

    /// When its run began.
    pub fn captured_at(&self) -> UtcTime {
        self.captured_at
    }

    /// Records how a call ended.
    pub(crate) async fn call(&self, key: CallKey, outcome: &Result<Answer, CallError>, time: UtcTime) {
        let (attempts, outcome, body) = match outcome {
            Ok(Answer { response, attempts }) => {
                let content_type = response.headers.content_type.clone();
                // Both are found out on the thread.
                let (body_bytes, body_sha256) = (0, String::new());
                let outcome = Outcome::Answer { status: response.status, content_type, body_bytes, body_sha256 };
                (*attempts, outcome, response.body.clone())
            }
            Err(error) => {
                let Some(fault) = Fault::of(error) else { return };
                let is_about_key = error.is_about_key();
                let outcome = if is_about_key { Outcome::KeyFailed { fault } } else { Outcome::Failed { fault } };
                (error.attempts(), outcome, Vec::new())
            }
        };
        self.send(Entry::new(key, time, attempts, outcome), body).await;
    }

    /// Records how a request for a token ended.
    pub(crate) async fn exchange(&self, key: CallKey, attempts: u32, outcome: Result<u16, &CallError>, time: UtcTime) {
        let outcome = match outcome {
            Ok(status) => Outcome::Granted { status },
            Err(error) => {
                let Some(fault) = Fault::of(error) else { return };
                Outcome::Failed { fault }
            }
        };
        self.send(Entry::new(key, time, attempts, outcome), Vec::new()).await;
    }

    pub(crate) async fn end(&self, time: UtcTime) {
        self.send(Entry::end(time), Vec::new()).await;
    }

    /// Comes to an end where nothing can be written any more.
    pub(crate) async fn stopped(&self) {
        match &self.entries {
            Some(entries) => entries.closed().await,
            None => std::future::pending().await,
        }
    }

    async fn send(&self, entry: Entry, body: Vec<u8>) {
        if let Some(entries) = &self.entries {
            // Refused only where the thread has ended, of an error that `finish` tells.
            let _ = entries.send((entry, body)).await;
        }
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// Where anything could not be written.
    pub fn finish(mut self) -> Result<CaptureEnd, CaptureError> {
        self.join().unwrap_or(Err(CaptureError::WriterStopped))
    }

    fn join(&mut self) -> Option<Result<CaptureEnd, CaptureError>> {
        drop(self.entries.take());
        let thread = self.thread.take()?;
        Some(thread.join().unwrap_or(Err(CaptureError::WriterStopped)))
    }
}

impl Drop for CaptureWriter {
    fn drop(&mut self) {
        // What a run that is interrupted has read must be in the file.
        self.join();
    }
}

struct File<W> {
    out: W,
    number: u64,
    chain: frame::Chain,
    hash: Sha256,
}

impl<W: Write> File<W> {
    fn write(&mut self, line: &str, body: &[u8]) -> Result<(), CaptureError> {
        let (bytes, chain) = frame::seal(self.number, &self.chain, line, body).map_err(CaptureError::Write)?;
        self.out.write_all(&bytes).map_err(CaptureError::Write)?;
        self.hash.update(&bytes);
        (self.number, self.chain) = (self.number + 1, chain);
        Ok(())
    }
}

fn line_of(entry: &Entry) -> Result<String, CaptureError> {
    serde_json::to_string(entry).map_err(|error| CaptureError::Write(error.into()))
}
