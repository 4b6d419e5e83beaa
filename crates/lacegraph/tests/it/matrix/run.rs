//! Runs a row and compares what came of it with what the row says.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use lacegraph_mock::Call;
use rusqlite::Connection;

use super::row::{Access, Row};
use super::search;
use super::tls::AUTHORITY;
use crate::access;
use crate::mock::Mock;
use crate::place::{Place, Run};

/// What a row may put where the command runs.
const GIVEN: [&str; 2] = ["lacegraph.toml", AUTHORITY];

/// What came of a row.
pub(crate) struct Seen {
    pub(crate) fault: &'static str,
    pub(crate) exit: i32,
    /// The first line that tells of the fault, and the hint below it.
    pub(crate) read: String,
    pub(crate) calls: String,
    /// Everything that is not as the row says.
    pub(crate) complaints: Vec<String>,
}

impl Seen {
    /// Of a row whose own test broke.
    pub(crate) fn broken(row: &Row) -> Self {
        let complaints = vec!["its test panicked, as told above".to_owned()];
        Self { fault: row.fault, exit: -1, read: String::new(), calls: String::new(), complaints }
    }
}

/// Runs a row.
pub(crate) fn run(row: &Row) -> Seen {
    let mock = Mock::serve_with(row.world.clone(), row.options.clone());
    let place = Place::new();
    let run = command(row, &mock, &place);
    let calls = counted(&mock.calls());
    let mut complaints = Vec::new();
    let mut expect = |is_so: bool, what: String| {
        if !is_so {
            complaints.push(what);
        }
    };
    expect(run.code == row.exit, format!("it ends with {}, not {}", run.code, row.exit));
    let text = format!("{}{}", run.out, run.err);
    let mut rest = text.as_str();
    for words in &row.says {
        let words = words.replace("[MOCK]", mock.base_url().trim_start_matches("http://"));
        let found = rest.find(&words);
        expect(found.is_some(), format!("it does not say `{words}` (or not in this order)"));
        rest = found.map_or(rest, |at| &rest[at + words.len()..]);
    }
    expect(are_as_many(&row.calls, &calls), format!("the calls are `{calls}`, not `{}`", row.calls));
    if let Some(what) = as_checked(row) {
        expect(false, what);
    }
    for what in row.also.iter().filter_map(|look| look(&mock, &place)) {
        expect(false, what);
    }
    let is_reading =
        |call: &Call| call.method == "GET" || (call.method == "POST" && call.path == "/api/v2/access/tokens");
    expect(mock.calls().iter().all(is_reading), "something else than reading was asked for".to_owned());
    expect(row.traps.iter().all(|trap| !trap.is_sprung()), "a foreign host was asked".to_owned());
    for what in search::leaks(&mock, &place, &run) {
        expect(false, what);
    }
    for what in directory(row, &place, &run) {
        expect(false, what);
    }
    if !complaints.is_empty() {
        complaints.push(run.text());
    }
    Seen { fault: row.fault, exit: run.code, read: read(row, &run, &place), calls, complaints }
}

fn command(row: &Row, mock: &Mock, place: &Place) -> Run {
    let mut command = match row.shell {
        None => place.command(&row.arguments),
        Some(words) => {
            let mut shell = Command::new("sh");
            let script = words.replace("COMMAND", r#""$@""#);
            shell.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_lacegraph")]).args(&row.arguments);
            place.scrub(&mut shell);
            shell
        }
    };
    match row.configuration {
        Some(configuration) => {
            place.give("lacegraph.toml", configuration(mock));
            command.envs(mock.secrets());
        }
        None => {
            command.envs(mock.variables(&mock.keys()[0].organization));
        }
    }
    let front = row.front.map(|front| front(mock, place));
    if let Some(front) = &front {
        command.env("LW_API_SERVER_URL", &front.url).args(&front.arguments);
    }
    // Whatever a library could be made to say, it is asked to say.
    command.env("RUST_LOG", "trace").envs(row.variables.iter().map(|(name, value)| (name, value)));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    if let Some(meanwhile) = row.meanwhile {
        meanwhile(mock, place, &child);
    }
    place.ended(&child.wait_with_output().unwrap())
}

/// Whether `check` ends as the export does, which the same mock answers anew.
fn as_checked(row: &Row) -> Option<String> {
    let is_plain = row.shell.is_none() && row.meanwhile.is_none() && row.front.is_none();
    if !is_plain || !matches!(row.exit, 0 | 3 | 5) {
        return None;
    }
    let (mock, place) = (Mock::serve_with(row.world.clone(), row.options.clone()), Place::new());
    let arguments = row.arguments.iter().copied().filter(|argument| !["--out", "out", "--capture"].contains(argument));
    let arguments = arguments.map(|argument| if argument == "export" { "check" } else { argument }).collect();
    let checked = command(&Row { arguments, ..Row::like(row) }, &mock, &place);
    let wanted = row.check.unwrap_or(row.exit);
    (checked.code != wanted).then(|| format!("check ends with {}, not {wanted}:\n{}", checked.code, checked.out))
}

/// What is wrong with the directory that was written, or with that there is one.
fn directory(row: &Row, place: &Place, run: &Run) -> Vec<String> {
    let mut names = place.names();
    names.retain(|name| !GIVEN.contains(&name.as_str()));
    let missing = row.keeps.iter().find(|kept| !names.iter().any(|name| name == *kept));
    if let Some(missing) = missing {
        return vec![format!("{missing} is not left")];
    }
    names.retain(|name| !row.keeps.contains(&name.as_str()));
    if !matches!(run.code, 0 | 3) {
        return if names.is_empty() { Vec::new() } else { vec![format!("{names:?} is left behind")] };
    }
    if names != ["out"] || !place.path("out/manifest.json").is_file() {
        return vec![format!("there is {names:?} in place of one whole directory")];
    }
    let mut complaints = Vec::new();
    // Where a part is missing, what is there has to fit together all the same.
    let verified = (run.code == 3).then(|| place.run(&["verify", "out"]));
    if let Some(verified) = verified.filter(|verified| verified.code != 0) {
        complaints.push(format!("the directory does not verify:\n{}", verified.text()));
    }
    let first = run.out.lines().next().unwrap_or_default();
    // A shell may have sent it elsewhere.
    if row.shell.is_none() && first.split(':').next() != Some(if run.code == 0 { "COMPLETE" } else { "PARTIAL" }) {
        complaints.push(format!("it ends with {}, and begins with `{first}`", run.code));
    }
    complaints.extend(accounts(row.access, place));
    complaints
}

/// What is wrong with the access that was written.
fn accounts(expected: Access, place: &Place) -> Vec<String> {
    let run = place.path("out");
    let database = Connection::open(run.join("lacegraph.db")).unwrap();
    let mut statement = database.prepare("SELECT account_id, fetch_status FROM accounts ORDER BY 1").unwrap();
    let pairs = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
    let statuses: BTreeMap<String, String> = pairs.unwrap().map(Result::unwrap).collect();
    let found = access::in_database(&run);
    let mut complaints = Vec::new();
    let is_whole = |id: &str| match expected {
        Access::All => true,
        Access::Whole(names) => names.iter().any(|name| id.ends_with(name)),
        Access::Other => false,
    };
    for (id, status) in statuses.iter().filter(|_| expected != Access::Other) {
        if is_whole(id) != (status == "complete") {
            complaints.push(format!("account {id} is {status}"));
        }
    }
    let is_compared = |row: &access::Row| is_whole(&row[1]) && (expected == Access::All || row[3] == "direct");
    // Whether a role is the strongest depends on those that are inherited.
    let essence = |row: &access::Row| row[..4].join(" ");
    let wanted: Vec<_> = access::expected("small").into_iter().map(|(_, row)| row).filter(is_compared).collect();
    let mut wanted: Vec<_> = wanted.iter().map(essence).collect();
    let mut found: Vec<_> = found.iter().filter(|row| is_compared(row)).map(essence).collect();
    wanted.sort();
    found.sort();
    if wanted != found {
        complaints.push(format!("the access is\n{}\nand should be\n{}", found.join("\n"), wanted.join("\n")));
    }
    complaints
}

/// The first error or warning, with its hint; of a run without one, the line that the row is about.
fn read(row: &Row, run: &Run, place: &Place) -> String {
    let text = format!("{}{}", run.out, run.err);
    let tells = |line: &&str| ["error", "warning "].iter().any(|kind| line.trim_start().starts_with(kind));
    let is_about = |line: &&str| row.says.first().is_some_and(|words| line.contains(words.as_str()));
    let first = text.lines().position(|line| tells(&line)).or_else(|| text.lines().position(|line| is_about(&line)));
    let mut lines = text.lines().skip(first.unwrap_or(0));
    let first = lines.next().unwrap_or_default();
    let hint = lines.next().filter(|line| line.trim_start().starts_with("hint:")).unwrap_or_default();
    let words: Vec<_> = first.split_whitespace().chain(hint.split_whitespace()).collect();
    words.join(" ").replace(&place.path("").display().to_string(), "")
}

/// Whether the calls are those that are wanted; `token 1-2` is either number.
fn are_as_many(wanted: &str, calls: &str) -> bool {
    let parts = |text: &str| -> Vec<(String, String)> {
        let pairs = text.split(", ").filter_map(|part| part.rsplit_once(' '));
        pairs.map(|(what, count)| (what.to_owned(), count.to_owned())).collect()
    };
    let (wanted, calls) = (parts(wanted), parts(calls));
    let is_within = |range: &str, count: &str| match range.split_once('-') {
        Some((least, most)) => {
            let number = |text: &str| text.parse::<usize>().unwrap();
            (number(least)..=number(most)).contains(&number(count))
        }
        None => range == count,
    };
    // What may be asked for no times at all may be missing.
    let is_asked =
        |(what, range): &&(String, String)| !range.starts_with("0-") || calls.iter().any(|call| call.0 == *what);
    let wanted: Vec<_> = wanted.iter().filter(is_asked).collect();
    wanted.len() == calls.len()
        && wanted.iter().zip(&calls).all(|(wanted, call)| wanted.0 == call.0 && is_within(&wanted.1, &call.1))
}

/// How often each thing was asked for: `token 1, profile 1, org 2, one 4, two 1, two/TeamUsers 1`.
///
/// Accounts go by their last word in lower case, for their `TeamMembers`; pages and tries count each.
pub(crate) fn counted(calls: &[Call]) -> String {
    let mut counts: BTreeMap<(u8, String), usize> = BTreeMap::new();
    for call in calls {
        let path = call.path.trim_start_matches("/api/v2/");
        let endpoint = path.split('/').next().unwrap();
        let account = call.account_name.as_deref().unwrap_or("primary").to_lowercase();
        let account = account.trim_start_matches("tiny-");
        let what = match (path, endpoint) {
            ("access/tokens", _) => (0, "token".to_owned()),
            (_, "UserProfile") => (1, "profile".to_owned()),
            (_, "OrganizationInfo") => (2, "info".to_owned()),
            _ if call.org_access.is_some() => (2, "org".to_owned()),
            (_, "TeamMembers") => (3, account.to_owned()),
            (_, other) => (3, format!("{account}/{other}")),
        };
        *counts.entry(what).or_default() += 1;
    }
    counts.iter().map(|((_, what), count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn calls_are_compared_as_written() {
    let calls = "token 1, profile 1, two/TeamUsers 12";
    assert!(are_as_many(calls, calls));
    assert!(are_as_many("token 1-2, profile 0-1, two/TeamUsers 12-12", calls));
    assert!(are_as_many("token 1, profile 0-1, org 0-3, two/TeamUsers 12", calls));
    for other in ["", "token 1", "token 2, profile 1, two/TeamUsers 12", "token 1, profile 1, two/TeamUsers 2-11"] {
        assert!(!are_as_many(other, calls), "{other}");
    }
    assert!(are_as_many("", "") && !are_as_many("token 1", ""));
}
