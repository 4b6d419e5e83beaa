//! A place of its own for each test: a home, a directory to work in, and nothing of the outer environment.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use insta::internals::SettingsBindDropGuard;
use serde_json::Value;
use tempfile::TempDir;

use crate::secrets;

thread_local! {
    /// Holds for the rest of the thread, which is the rest of the test.
    static FILTERS: ManuallyDrop<SettingsBindDropGuard> = ManuallyDrop::new(filters().bind_to_scope());
}

/// Where a child runs. Once there is one, snapshots call paths, ports and times by names.
pub(crate) struct Place {
    root: TempDir,
    /// What the test put there itself: the only files that may hold a secret.
    given: RefCell<BTreeSet<PathBuf>>,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("lacegraph-it-").tempdir().unwrap();
        fs_err::create_dir(root.path().join("home")).unwrap();
        fs_err::create_dir(root.path().join("here")).unwrap();
        FILTERS.with(|_| {});
        Self { root, given: RefCell::default() }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// A path in the directory in which children run.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("here").join(name)
    }

    /// Puts a file there that may hold a secret, for its owner alone.
    pub(crate) fn give(&self, name: &str, content: impl AsRef<[u8]>) {
        fs_err::write(self.path(name), content).unwrap();
        close_to_others(&self.path(name));
        self.given.borrow_mut().insert(self.path(name));
    }

    /// Puts a `.lacework.toml` into the home directory, for its owner alone.
    pub(crate) fn give_profiles(&self, content: &str) {
        let path = self.home().join(".lacework.toml");
        fs_err::write(&path, content).unwrap();
        close_to_others(&path);
    }

    /// Puts the database of a demo into a directory, as if it had been exported there: the same bytes each time.
    pub(crate) fn give_demo(&self, run: &str) {
        static DATABASE: OnceLock<Vec<u8>> = OnceLock::new();
        let database = DATABASE.get_or_init(|| {
            let place = Self::new();
            let run = place.run(&["demo", "--out", "out", "--format", "sqlite"]);
            assert_eq!(run.code, 3, "{}", run.err);
            fs_err::read(place.path("out/lacegraph.db")).unwrap()
        });
        fs_err::create_dir(self.path(run)).unwrap();
        fs_err::write(self.path(run).join("lacegraph.db"), database).unwrap();
    }

    /// The command with a clean environment, in this place.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lacegraph"));
        command.args(arguments);
        self.scrub(&mut command);
        command
    }

    /// Gives a command nothing of the environment but `PATH`, and this place to run in.
    pub(crate) fn scrub(&self, command: &mut Command) {
        command.env_clear().env("HOME", self.home()).current_dir(self.path(""));
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with::<&str>(&[], arguments)
    }

    /// Runs the command with these variables to its end.
    pub(crate) fn run_with<V: AsRef<str>>(&self, variables: &[(V, V)], arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        for (name, value) in variables {
            command.env(name.as_ref(), value.as_ref());
        }
        self.ended(&command.output().unwrap())
    }

    /// What became of a child; no secret may be in what it said and wrote.
    pub(crate) fn ended(&self, output: &Output) -> Run {
        secrets::assert_none_in(&output.stdout, "stdout");
        secrets::assert_none_in(&output.stderr, "stderr");
        for file in files(self.root.path()) {
            let is_ours = file.starts_with(self.home()) || self.given.borrow().contains(&file);
            if !is_ours {
                secrets::assert_none_in(&fs_err::read(&file).unwrap(), &file.display().to_string());
            }
        }
        Run {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// The names of everything in the directory in which children run, hidden and temporary things too.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.path(""))
    }
}

impl Run {
    /// Everything of it, for a snapshot.
    pub(crate) fn text(&self) -> String {
        let Self { code, out, err } = self;
        format!("exit {code}\n--- stdout\n{out}--- stderr\n{err}")
    }

    /// For a run that ended early: what it said, after making sure that it said nothing as data.
    pub(crate) fn refusal(&self, code: i32) -> &str {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        &self.err
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

#[cfg(unix)]
fn close_to_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path) {}

/// The names of everything in a directory, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every file below a directory, sorted.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for name in names(directory) {
        let path = directory.join(name);
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// What differs from run to run and from machine to machine, by name.
fn filters() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    for (what, name) in [
        (r"[^\s`]*lacegraph-it-\w+/home", "[HOME]"),
        (r"[^\s`]*lacegraph-it-\w+/here/?", "[WORK]/"),
        (r"127\.0\.0\.1:\d+", "[MOCK]"),
        (r"\d{8}T\d{6}Z-[0-9a-f]{16}", "[SNAPSHOT]"),
        (r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[TIME]"),
        (r"\.lacegraph-unfinished-\w+", "[UNFINISHED]"),
        (r"os error \d+", "os error N"),
        (r"SHA-256 [0-9a-f]{64}", "SHA-256 [HASH]"),
        // Whether the files are written again depends on whether the checkout has changes.
        (r"(other files  ).*", "$1[EITHER WAY]"),
    ] {
        settings.add_filter(what, name);
    }
    settings
}
