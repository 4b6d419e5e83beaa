//! A program that gives a secret, of a password manager for example.
//!
//! It is started with its arguments as they are, without a shell. What it says is never shown, neither its output nor
//! its errors: both may hold the secret.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use tokio::task::JoinHandle;

use super::credentials::Found;
use super::secret::{LONGEST, NoSecret, only_line};
use crate::commands::stopped;
use crate::outcome::Failure;

/// How long it may take: long enough for a finger on a security key.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Between two looks at whether the program has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// A key whose secret a command prints. `program` is where the first item of the command leads.
pub(super) fn from_command(
    key_id: &str,
    program: &Path,
    arguments: &[String],
    limit: Duration,
) -> Result<Found, Failure> {
    // Its arguments are nobody's business: they may tell where secrets are kept.
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    if ["echo", "printf"].contains(&name.as_str()) {
        let message = format!("the secret_command of {key_id} prints what stands in the configuration");
        let hint = "a secret does not belong into this file: name a program that gets it from a safe place, and change the secret";
        return Err(Failure::usage(message, hint));
    }
    match run(program, arguments, limit) {
        Ok(secret) => Ok(Found::of(key_id, secret, format!("the command {name}"))),
        Err(Fault::Interrupted) => Err(Failure::interrupted()),
        Err(fault) => Err(fault.told(key_id, &name, limit)),
    }
}

/// Why a command gave no secret.
#[derive(Debug)]
enum Fault {
    NotFound,
    NotAllowed,
    NotStarted,
    Failed(ExitStatus),
    TooSlow,
    NoSecret(NoSecret),
    Interrupted,
}

impl Fault {
    fn told(&self, key_id: &str, name: &str, limit: Duration) -> Failure {
        const SHAPE: &str = "secret_command is a list: the program, then each of its arguments on its own, \
                             [\"op\", \"read\", \"op://vault/item/field\"] for example; there is no shell";
        const QUIET: &str =
            "run it by hand to see why: lacegraph shows nothing of what it says, for that may hold the secret";
        let named = format!("the command {name}, which gives the secret of {key_id},");
        match self {
            // A program that is not there is not named: it may be the secret itself, in the place of the command.
            Self::NotFound => {
                Failure::usage(format!("the program that gives the secret of {key_id} is not found"), SHAPE)
            }
            Self::NotAllowed => {
                Failure::usage(format!("the program that gives the secret of {key_id} may not be run"), SHAPE)
            }
            Self::NotStarted => {
                Failure::usage(format!("the program that gives the secret of {key_id} does not start"), SHAPE)
            }
            Self::Failed(status) => Failure::usage(format!("{named} failed ({status})"), QUIET),
            Self::TooSlow => Failure::usage(
                format!("{named} took longer than {} seconds and was stopped", limit.as_secs()),
                "unlock or sign in first: it can ask for nothing, for its input is closed",
            ),
            Self::NoSecret(fault) => Failure::usage(
                format!("{named} {}", fault.said_of("printed")),
                "it has to print the secret to its standard output, and nothing else",
            ),
            Self::Interrupted => Failure::interrupted(),
        }
    }
}

fn run(program: &Path, arguments: &[String], limit: Duration) -> Result<SecretString, Fault> {
    let deadline = Instant::now() + limit;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Fault::NotFound,
        std::io::ErrorKind::PermissionDenied => Fault::NotAllowed,
        _ => Fault::NotStarted,
    })?;
    let outcome = output_and_status(&mut child, deadline);
    if outcome.is_err() {
        // It may have ended by itself meanwhile. What it has started in turn is left to itself: a process group of its own would
        // cut the program off from the terminal, and a password manager that asks there would not be heard.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (output, status) = outcome?;
    if is_interruption(status) {
        return Err(Fault::Interrupted);
    }
    if !status.success() {
        return Err(Fault::Failed(status));
    }
    only_line(&output).map_err(Fault::NoSecret)
}

/// What a thread or a task beside has to tell.
enum Word {
    Output(std::io::Result<Vec<u8>>),
    Stopped,
}

/// Waits for the end of both the output and the program. The thread that reads is left behind where time is up.
fn output_and_status(child: &mut Child, deadline: Instant) -> Result<(Vec<u8>, ExitStatus), Fault> {
    let stdout = child.stdout.take().ok_or(Fault::NotStarted)?;
    let (sender, receiver) = mpsc::channel();
    let _listening = Listening::new(sender.clone());
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.take(LONGEST as u64 + 1).read_to_end(&mut bytes);
        // Nobody waits any more where time is up.
        let _ = sender.send(Word::Output(read.map(|_| bytes)));
    });
    let output = match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Word::Output(Ok(output))) if output.len() > LONGEST => return Err(Fault::NoSecret(NoSecret::TooLong)),
        Ok(Word::Output(Ok(output))) => output,
        Ok(Word::Output(Err(_))) => return Err(Fault::NotStarted),
        Ok(Word::Stopped) => return Err(Fault::Interrupted),
        Err(_) => return Err(Fault::TooSlow),
    };
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((output, status)),
            Ok(None) if matches!(receiver.try_recv(), Ok(Word::Stopped)) => return Err(Fault::Interrupted),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(PAUSE),
            Ok(None) => return Err(Fault::TooSlow),
            Err(_) => return Err(Fault::NotStarted),
        }
    }
}

/// Listens for a request to end, as long as it lives: the thread that waits for the program would not hear of it.
struct Listening(Option<JoinHandle<()>>);

impl Listening {
    fn new(sender: mpsc::Sender<Word>) -> Self {
        // Without a runtime nobody catches the request, and it ends the process by itself.
        let runtime = tokio::runtime::Handle::try_current().ok();
        Self(runtime.map(|runtime| {
            runtime.spawn(async move {
                stopped().await;
                // It may have come to its end just now.
                let _ = sender.send(Word::Stopped);
            })
        }))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Whether the person stopped it: Ctrl-C reaches the program too, and is meant for the whole.
#[cfg(unix)]
fn is_interruption(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    const SIGINT: i32 = 2;
    status.signal() == Some(SIGINT) || status.code() == Some(128 + SIGINT)
}

#[cfg(not(unix))]
fn is_interruption(_status: ExitStatus) -> bool {
    false
}

/// Where the first item of a command leads: a bare name is looked up as the system does it, a path counts from the
/// configuration as every path there does.
pub(super) fn program(written: &str, beside: impl FnOnce(&Path) -> PathBuf) -> PathBuf {
    let path = Path::new(written);
    if path.components().count() > 1 { beside(path) } else { path.to_owned() }
}

#[cfg(all(test, unix))]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::outcome::{Code, chain};

    fn shell_within(script: &str, limit: Duration) -> Result<Found, Failure> {
        from_command("K", Path::new("/bin/sh"), &["-c".to_owned(), script.to_owned()], limit)
    }

    fn shell(script: &str) -> Result<Found, Failure> {
        shell_within(script, TIME_LIMIT)
    }

    fn said(script: &str) -> String {
        told(shell(script))
    }

    fn told(result: Result<Found, Failure>) -> String {
        let failure = result.expect_err("a command that gives no secret");
        let text = format!("{} {:?} {failure:?}", chain(failure.error.as_ref()), failure.hint);
        assert!(!text.contains("s3cr3t"), "{text}");
        chain(failure.error.as_ref())
    }

    #[test]
    fn its_output_is_the_secret() {
        let found = shell("echo _s3cr3t; echo told >&2").unwrap();
        assert_eq!(found.credential.secret.expose_secret(), "_s3cr3t");
        assert_eq!(found.credential.origin, "the command sh");
        assert!(!format!("{found:?}").contains("s3cr3t"));
    }

    #[test]
    fn its_input_is_closed() {
        assert_eq!(
            said("read line && echo $line"),
            "the command sh, which gives the secret of K, failed (exit status: 1)"
        );
    }

    #[test]
    fn nothing_of_what_it_says_is_shown() {
        let named = "the command sh, which gives the secret of K,";
        assert_eq!(said("echo _s3cr3t; echo _s3cr3t >&2; exit 7"), format!("{named} failed (exit status: 7)"));
        assert_eq!(said("echo _s3cr3t >&2"), format!("{named} printed nothing"));
        assert_eq!(said("echo _s3cr3t; echo _s3cr3t"), format!("{named} printed more than one line"));
        assert_eq!(said(r"printf '_s3cr3t\377'"), format!("{named} printed something that is not text"));
        assert_eq!(said("yes _s3cr3t"), format!("{named} printed more than 4096 bytes"));
    }

    #[test]
    fn it_is_stopped_when_time_is_up() {
        let start = Instant::now();
        for script in ["echo _s3cr3t; exec sleep 60", "exec sleep 60 >/dev/null", "exec sleep 60 >&-"] {
            let text = told(shell_within(script, Duration::from_millis(300)));
            assert!(text.ends_with("took longer than 0 seconds and was stopped"), "{text}");
        }
        assert!(start.elapsed() < Duration::from_secs(30), "it was not stopped");
    }

    #[test]
    fn a_person_who_stops_it_stops_the_whole() {
        assert_eq!(shell("kill -INT $$; sleep 1").unwrap_err().code, Code::Interrupted);
        assert_eq!(shell("exit 130").unwrap_err().code, Code::Interrupted);
    }

    #[test]
    fn a_program_that_is_not_there_is_not_named() {
        let said = |program: &str| {
            let failure = from_command("K", Path::new(program), &[], TIME_LIMIT).unwrap_err();
            chain(failure.error.as_ref())
        };
        assert_eq!(said("_s3cr3t"), "the program that gives the secret of K is not found");
        assert_eq!(said("/dev/null/_s3cr3t"), "the program that gives the secret of K is not found");
        assert_eq!(said("/dev/null"), "the program that gives the secret of K may not be run");
        assert_eq!(said("/bin/echo"), "the secret_command of K prints what stands in the configuration");
    }

    #[test]
    fn only_paths_count_from_the_configuration() {
        let beside = |path: &Path| Path::new("/etc/lacegraph").join(path);
        assert_eq!(program("op", beside), Path::new("op"));
        assert_eq!(program("./get", beside), Path::new("/etc/lacegraph/./get"));
        assert_eq!(program("/usr/bin/op", beside), Path::new("/usr/bin/op"));
    }
}
