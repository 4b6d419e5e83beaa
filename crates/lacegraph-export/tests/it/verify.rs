//! Verification: a run as it was written fits together, and whatever is changed in it is found and named.

use std::path::{Path, PathBuf};

use lacegraph_export::manifest::{KeyUse, MANIFEST_FILE, Manifest, Provenance, SUMS_FILE, sha256};
use lacegraph_export::verify::{Report, verify};
use lacegraph_export::{DATABASE_FILE, ExportError, RunOptions, csv::CellText, write_run};
use lacegraph_model::{Graph, Settings};
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::fixed;
use crate::random::{config, world};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn provenance() -> Provenance {
    let key = KeyUse {
        organization: "acme".to_owned(),
        account: None,
        host: "acme.lacework.net".to_owned(),
        key_id: "ACME_0…cdef".to_owned(),
        owner: Some("root@example.com".to_owned()),
        owner_role: "organization admin".to_owned(),
    };
    let tool_version = env!("CARGO_PKG_VERSION").to_owned();
    Provenance { tool_version, tool_commit: COMMIT.to_owned(), keys: vec![key], ..Provenance::default() }
}

/// A run of its own.
struct Run(TempDir);

impl Run {
    fn of(graph: &Graph, options: &RunOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let written = write_run(graph, directory.path(), options, provenance()).unwrap();
        let run = Self(directory);
        assert_eq!(written.manifest_sha256, sha256(&std::fs::read(run.path(MANIFEST_FILE)).unwrap()));
        run
    }

    fn new() -> Self {
        let run = Self::of(&fixed::graph(), &RunOptions::default());
        assert_eq!(run.findings(), [""; 0]);
        run
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn verify(&self) -> Result<Report, ExportError> {
        verify(self.0.path(), COMMIT)
    }

    /// Everything that is wrong; a manifest that cannot be understood too.
    fn findings(&self) -> Vec<String> {
        match self.verify() {
            Ok(report) => {
                let findings: Vec<_> = report.checks.iter().flat_map(|check| check.findings.clone()).collect();
                assert_eq!(report.is_consistent(), findings.is_empty());
                findings
            }
            Err(error) => vec![error.to_string()],
        }
    }

    /// Every file, by its path inside.
    fn files(&self) -> Vec<String> {
        let mut files: Vec<_> = self.manifest().files.into_iter().map(|file| file.path).collect();
        files.extend([MANIFEST_FILE, SUMS_FILE].map(str::to_owned));
        files
    }

    fn manifest(&self) -> Manifest {
        serde_json::from_slice(&std::fs::read(self.path(MANIFEST_FILE)).unwrap()).unwrap()
    }

    /// Makes all hashes right again, as somebody would who knows how a run is made.
    fn forge(&self, change: impl FnOnce(&mut Manifest)) {
        let mut manifest = self.manifest();
        for file in &mut manifest.files {
            let content = std::fs::read(self.path(&file.path)).unwrap();
            (file.bytes, file.sha256) = (content.len() as u64, sha256(&content));
        }
        change(&mut manifest);
        let text = serde_json::to_string_pretty(&manifest).unwrap() + "\n";
        std::fs::write(self.path(MANIFEST_FILE), &text).unwrap();
        let lines = manifest.files.iter().map(|file| format!("{}  {}\n", file.sha256, file.path));
        let sums: String = lines.chain([format!("{}  {MANIFEST_FILE}\n", sha256(text.as_bytes()))]).collect();
        std::fs::write(self.path(SUMS_FILE), sums).unwrap();
    }

    fn change_text(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from:?}");
        std::fs::write(self.path(name), text.replacen(from, to, 1)).unwrap();
    }
}

#[test]
fn a_run_as_it_was_written_fits_together() {
    let run = Run::new();
    let report = run.verify().unwrap();
    let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["files", "database", "manifest", "pictures", "other files", "figures", "csv"]);
    assert!(report.figures.iter().all(|figure| figure.told == Some(figure.derived)));
    assert_eq!(report.figures.len(), 29);
    // Looking changes nothing.
    assert_eq!(run.findings(), [""; 0]);
}

/// A build words some things in its own way: comments of the schema, the dictionary, which figures there are.
#[test]
fn a_run_of_another_build_fits_together_too() {
    let run = Run::new();
    let other_words = |sql: &str| {
        let database = Connection::open(run.path(DATABASE_FILE)).unwrap();
        database.execute_batch(sql).unwrap();
    };
    other_words(
        "UPDATE data_dictionary SET description = 'Said otherwise.'; PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, '-- The user.', '-- Who.') WHERE name = 'memberships';",
    );
    let dictionary = csv_of(&run.path(DATABASE_FILE), "data_dictionary");
    std::fs::write(run.path("csv/data_dictionary.csv"), dictionary).unwrap();
    run.change_text("EVIDENCE.md", "# Evidence", "# Proof");
    run.forge(|manifest| {
        manifest.run.tool_commit = "another".to_owned();
        manifest.content.status_line = "PARTIAL, said otherwise".to_owned();
        manifest.content.figures.pop();
    });
    assert_eq!(run.findings(), [""; 0]);
    let report = run.verify().unwrap();
    let other = report.checks.iter().find(|check| check.name == "other files").unwrap();
    assert!(other.what.starts_with("by their hashes alone"), "{}", other.what);
    // The same words are not taken from this build, nor where no build is known.
    run.forge(|manifest| manifest.run.tool_commit = COMMIT.to_owned());
    assert!(run.findings().len() >= 4, "{:?}", run.findings());
    for commit in ["unknown", "0123456789abcdef0123456789abcdef01234567, changed"] {
        run.forge(|manifest| manifest.run.tool_commit = commit.to_owned());
        assert!(verify(run.0.path(), commit).unwrap().is_consistent(), "{commit}");
    }
    // What is derived is derived by every build.
    other_words("UPDATE users SET is_dormant = 0 WHERE is_dormant = 1");
    run.forge(|_| ());
    assert!(run.findings()[0].contains("users, row "), "{:?}", run.findings());
}

/// A table of texts as CSV.
fn csv_of(database: &Path, table: &str) -> String {
    let database = Connection::open(database).unwrap();
    let names: Vec<_> = fixed::columns(&database, table).into_iter().map(|(name, _)| name).collect();
    let rows = fixed::rows(&database, &format!("SELECT * FROM {table}"));
    let quoted = |cell: String| match cell.contains([',', '"']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    };
    let lines = rows.iter().map(|row| row.iter().map(|cell| quoted(fixed::shown(cell))).collect::<Vec<_>>());
    std::iter::once(names).chain(lines).map(|line| line.join(",") + "\r\n").collect()
}

#[test]
fn tables_of_another_version_are_verified_by_another_version() {
    let run = Run::new();
    Connection::open(run.path(DATABASE_FILE)).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    // Changed after it was written, it is found as changed.
    assert!(run.findings()[0].contains("lacegraph.db: was changed"), "{:?}", run.findings());
    run.forge(|_| ());
    let told = run.verify().unwrap_err().to_string();
    assert!(told.ends_with("its tables have version 2, this lacegraph verifies version 3"), "{told}");
}

#[test]
fn a_changed_byte_in_any_file_is_found_and_named() {
    let run = Run::new();
    let mut tried = 0;
    for name in run.files() {
        let whole = std::fs::read(run.path(&name)).unwrap();
        for place in [whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x01;
            std::fs::write(run.path(&name), &bytes).unwrap();
            let findings = run.findings();
            assert!(findings.iter().any(|finding| finding.contains(&name)), "{name}, byte {place}: {findings:?}");
            tried += 1;
        }
        std::fs::write(run.path(&name), &whole).unwrap();
    }
    assert_eq!(run.findings(), [""; 0]);
    assert!(tried > 50);
}

#[test]
fn a_file_more_or_less_is_found_and_named() {
    let run = Run::new();
    for name in ["note.txt", "csv/more.csv", ".hidden", "dot/deep/er.dot"] {
        let path = run.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "x").unwrap();
        assert_eq!(run.findings(), [format!("{name}: is not part of the export")]);
        std::fs::remove_file(&path).unwrap();
    }
    for name in run.files() {
        let whole = std::fs::read(run.path(&name)).unwrap();
        std::fs::remove_file(run.path(&name)).unwrap();
        assert!(run.findings().iter().any(|finding| finding.contains(&name)), "{name}: {:?}", run.findings());
        // Nor is a directory of that name the file.
        std::fs::create_dir(run.path(&name)).unwrap();
        assert!(!run.findings().is_empty(), "{name}");
        std::fs::remove_dir(run.path(&name)).unwrap();
        std::fs::write(run.path(&name), whole).unwrap();
    }
    // What a review adds is no part of the export, and is said.
    std::fs::create_dir(run.path("review")).unwrap();
    std::fs::write(run.path("review/review.db"), "x").unwrap();
    let report = run.verify().unwrap();
    assert!(report.is_consistent());
    assert_eq!(report.later, ["review"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_the_file_it_leads_to() {
    let run = Run::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("users.csv");
    std::fs::copy(run.path("csv/users.csv"), &moved).unwrap();
    std::fs::remove_file(run.path("csv/users.csv")).unwrap();
    std::os::unix::fs::symlink(&moved, run.path("csv/users.csv")).unwrap();
    assert_eq!(run.findings()[0], "csv/users.csv: is not a file");
}

/// A pipe that nobody writes to would keep its reader waiting for ever.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_not_read() {
    for name in Run::new().files() {
        let run = Run::new();
        std::fs::remove_file(run.path(&name)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(run.path(&name)).status().unwrap();
        assert!(made.success());
        assert!(run.findings().iter().any(|finding| finding.contains(&name)), "{name}: {:?}", run.findings());
    }
}

/// With every hash made right again, what is derived shows the change.
#[test]
fn a_forged_database_contradicts_what_was_observed_in_it() {
    for (sql, named) in [
        ("UPDATE users SET is_dormant = 0, login_state = 'active' WHERE is_dormant = 1", "users, row "),
        ("UPDATE users SET highest_privilege = 'read' WHERE highest_privilege = 'org_admin'", "users, row "),
        ("DELETE FROM access_grants WHERE user_key = 1 AND account_key = 1", "access_grants, row 1"),
        ("UPDATE access_grants SET is_enabled = 0, is_effective = 0 WHERE is_effective = 1", "access_grants, row "),
        (
            "INSERT INTO access_grants SELECT user_key, account_key, role_key + 1, source_key, 1, 0, 0, 0 FROM access_grants
             WHERE role_key = 1 LIMIT 1",
            "access_grants, row ",
        ),
        ("UPDATE accounts SET admin_count = admin_count + 1", "accounts, row 1"),
        ("UPDATE snapshot SET problem_count = 0, error_count = 0", "snapshot, row 1"),
        ("UPDATE memberships SET last_login_here_utc = '2026-08-31 00:00:00'", "memberships, row "),
        ("UPDATE data_dictionary SET description = 'Nothing.'", "data_dictionary, row 1"),
        ("UPDATE settings SET setting_value = '36500' WHERE setting_name = 'dormant_after_days'", "users, row "),
        ("UPDATE memberships SET role_names = '[]' WHERE role_names = '[\"ADMIN\"]'", "is damaged: its rows make snapshot"),
        ("DELETE FROM problems", "is damaged: its rows make snapshot"),
        ("UPDATE users SET is_enabled = 2", "users, row 1"),
        ("DELETE FROM audit_events WHERE event_key = 1", "is damaged: its rows make snapshot"),
        ("UPDATE audit_events SET user_key = 1 WHERE user_key IS NULL", "is damaged: its rows make snapshot"),
        ("UPDATE audit_events SET happened_date = '2020-01-01'", "audit_events, row 1"),
        ("UPDATE api_keys SET is_enabled = 0", "api_keys, row 1"),
        ("UPDATE optional_sources SET read_status = 'complete'", "is damaged: its rows make snapshot"),
        ("UPDATE user_groups SET confers_role = 'ADMIN'", "is damaged: its rows make snapshot"),
        ("PRAGMA foreign_keys = OFF; UPDATE user_group_members SET user_key = 99", "a value of user_group_members.user_key cannot be"),
        ("DROP VIEW v_problems", "v_problems is not defined as lacegraph defines it"),
        (
            "DROP VIEW v_unlisted_accounts; CREATE VIEW v_unlisted_accounts AS SELECT account_id FROM accounts WHERE 0",
            "v_unlisted_accounts is not defined as lacegraph defines it",
        ),
        ("CREATE TABLE more (x)", "more is not defined as lacegraph defines it"),
        ("CREATE VIEW sqliteXaccess AS SELECT 1", "sqliteXaccess is not defined as lacegraph defines it"),
        ("CREATE TRIGGER t AFTER INSERT ON users BEGIN DELETE FROM problems; END", "t is not defined as lacegraph defines it"),
    ] {
        let run = Run::new();
        let database = Connection::open(run.path(DATABASE_FILE)).unwrap();
        database.execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {sql}")).unwrap();
        drop(database);
        run.forge(|_| ());
        let findings = run.findings();
        let is_named = |finding: &String| finding.contains(DATABASE_FILE) && finding.contains(named);
        assert!(findings.iter().any(is_named), "{sql}: {findings:#?}");
    }
}

#[test]
fn forged_files_contradict_the_database() {
    type Forgery = fn(&Run);
    let forgeries: [(&str, Forgery); 12] = [
        ("csv/effective_access.csv, row ", |run| run.change_text("csv/effective_access.csv", ",ADMIN,", ",USER,")),
        ("csv/access.csv, row ", |run| run.change_text("csv/access.csv", ",true,", ",false,")),
        ("csv/problems.csv, row 1", |run| run.change_text("csv/problems.csv", "403", "404")),
        ("csv/roles.csv, line with the names of the columns", |run| {
            run.change_text("csv/roles.csv", "role_name", "name");
        }),
        ("csv/accounts.csv, row 6", |run| {
            let text = std::fs::read_to_string(run.path("csv/accounts.csv")).unwrap();
            let last = text.trim_end().rfind("\r\n").unwrap();
            std::fs::write(run.path("csv/accounts.csv"), &text[..last + 2]).unwrap();
        }),
        ("csv/users.csv, row ", |run| {
            let text = std::fs::read_to_string(run.path("csv/users.csv")).unwrap();
            std::fs::write(run.path("csv/users.csv"), text + "99,x@example.com\r\n").unwrap();
        }),
        ("dot/accounts.dot: has ", |run| run.change_text("dot/accounts.dot", "\" -> \"", "\" -- \"")),
        ("dot/full.dot: does not say ", |run| run.change_text("dot/full.dot", "// grants: ", "// grants: 1")),
        ("EVIDENCE.md: is not what follows", |run| run.change_text("EVIDENCE.md", "PARTIAL", "COMPLETE")),
        ("csv/datapackage.json: is not what follows", |run| {
            run.change_text("csv/datapackage.json", "\"user_key\"", "\"key\"");
        }),
        ("access.xlsx: is not what follows", |run| std::fs::write(run.path("access.xlsx"), "PK").unwrap()),
        // Two ways at once: the database of another run under the same manifest.
        ("manifest.json: snapshot_id is not what follows", |run| {
            let mut builder = crate::rows::Run::new();
            builder.account("Other");
            let other = Run::of(&Graph::new(builder.snapshot(), Settings::default()), &RunOptions::default());
            std::fs::copy(other.path(DATABASE_FILE), run.path(DATABASE_FILE)).unwrap();
        }),
    ];
    for (named, forgery) in forgeries {
        let run = Run::new();
        forgery(&run);
        run.forge(|_| ());
        let findings = run.findings();
        assert!(findings.iter().any(|finding| finding.starts_with(named)), "{named}: {findings:#?}");
    }
}

#[test]
fn a_forged_manifest_contradicts_the_database() {
    type Forgery = fn(&mut Manifest);
    let forgeries: [(&str, Forgery); 12] = [
        ("manifest.json: status is not what follows", |m| m.content.status = "complete".to_owned()),
        ("manifest.json: figures is not what follows", |m| m.content.figures[3].value += 1),
        ("manifest.json: accounts_complete is ", |m| m.content.figures[3].value += 1),
        ("manifest.json: does not tell organizations", |m| drop(m.content.figures.remove(0))),
        ("manifest.json: calls is not what follows", |m| m.content.calls[0].rows += 1),
        ("manifest.json: the records of acme/acme-down do not add up", |m| m.content.accounts[0].memberships += 1),
        ("manifest.json: settings_sha256 is not what follows", |m| m.content.settings_sha256.clear()),
        ("manifest.json: lists ", |m| drop(m.neutralised_cells.cells.pop())),
        ("manifest.json: does not say that csv/access.csv has ", |m| {
            m.files.iter_mut().filter(|file| file.path == "csv/access.csv").for_each(|file| file.rows = Some(3));
        }),
        ("dot/accounts.dot: has ", |m| {
            m.files.iter_mut().for_each(|file| file.edges = file.edges.map(|count| count + 1));
        }),
        ("EVIDENCE.md: is not what follows", |m| m.run.keys[0].owner = Some("nobody@example.com".to_owned())),
        ("csv/access.csv, row ", |m| m.csv_cells = "raw".to_owned()),
    ];
    for (named, forgery) in forgeries {
        let run = Run::new();
        run.forge(forgery);
        let findings = run.findings();
        assert!(findings.iter().any(|finding| finding.starts_with(named)), "{named}: {findings:#?}");
    }
}

/// A view may be any statement: none of the file is run.
#[test]
fn no_statement_of_a_database_is_run() {
    let run = Run::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("written.db");
    let sql =
        format!("DROP VIEW v_access; CREATE VIEW v_access /* AS VACUUM INTO '{}' -- */ AS SELECT 1", target.display());
    Connection::open(run.path(DATABASE_FILE)).unwrap().execute_batch(&sql).unwrap();
    run.forge(|_| ());
    assert_eq!(run.findings(), ["lacegraph.db: v_access is not defined as lacegraph defines it"]);
    assert!(!target.exists());
    // Nor is one asked that never ends.
    let run = Run::new();
    let sql = "DROP VIEW v_access; CREATE VIEW v_access AS
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n";
    Connection::open(run.path(DATABASE_FILE)).unwrap().execute_batch(sql).unwrap();
    run.forge(|_| ());
    assert_eq!(run.findings(), ["lacegraph.db: v_access is not defined as lacegraph defines it"]);
}

#[test]
fn what_lacegraph_does_not_write_is_found_wherever_it_is_written() {
    let run = Run::new();
    let whole = std::fs::read_to_string(run.path(MANIFEST_FILE)).unwrap();
    run.change_text(MANIFEST_FILE, "\"tool\": ", "\"approved_by\": \"me\", \"tool\": ");
    let found = "manifest.json: holds something else than lacegraph writes, or in another form";
    assert_eq!(run.findings()[1], found, "{:?}", run.findings());
    std::fs::write(run.path(MANIFEST_FILE), whole).unwrap();
    // A file that the manifest lists, too.
    std::fs::write(run.path("APPROVAL.txt"), "approved").unwrap();
    run.forge(|manifest| {
        let file = lacegraph_export::WrittenFile { path: "APPROVAL.txt".to_owned(), ..manifest.files[0].clone() };
        manifest.files.push(file);
    });
    run.forge(|_| ());
    assert_eq!(run.findings(), ["APPROVAL.txt: is no file that lacegraph writes"]);
    // And a picture of the same nodes with other names.
    let run = Run::new();
    run.change_text("dot/full.dot", "boss@example.com", "evil@example.com");
    run.forge(|_| ());
    assert_eq!(run.findings(), ["dot/full.dot: is not what follows from lacegraph.db and manifest.json"]);
    let run = Run::new();
    std::fs::remove_file(run.path("EVIDENCE.md")).unwrap();
    let files = run.manifest().files.into_iter().filter(|file| file.path != "EVIDENCE.md").collect();
    let mut manifest = run.manifest();
    manifest.files = files;
    std::fs::write(run.path(MANIFEST_FILE), serde_json::to_string_pretty(&manifest).unwrap() + "\n").unwrap();
    run.forge(|_| ());
    assert_eq!(run.findings(), ["manifest.json: does not list EVIDENCE.md, which every run has"]);
}

/// Looking would leave files beside it.
#[test]
fn a_database_with_write_ahead_logging_is_not_opened() {
    let run = Run::new();
    let database = Connection::open(run.path(DATABASE_FILE)).unwrap();
    database.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    drop(database);
    run.forge(|_| ());
    assert!(run.findings()[0].ends_with("another program switched it to write-ahead logging"), "{:?}", run.findings());
    assert!(!run.path("lacegraph.db-wal").exists() && !run.path("lacegraph.db-shm").exists());
}

#[test]
fn a_manifest_cannot_lead_out_of_the_run() {
    let run = Run::new();
    let secret = run.0.path().parent().unwrap().join("lacegraph-test-secret");
    for path in [secret.to_str().unwrap(), "../secret", "csv/../../secret"] {
        run.forge(|manifest| manifest.files[0].path = path.to_owned());
        let told = run.verify().unwrap_err().to_string();
        assert!(told.ends_with(&format!("it names a file outside of the run: {path}")), "{told}");
        // Back, so that the next is forged from a whole manifest.
        let mut manifest = run.manifest();
        "EVIDENCE.md".clone_into(&mut manifest.files[0].path);
        std::fs::write(run.path(MANIFEST_FILE), serde_json::to_string(&manifest).unwrap()).unwrap();
    }
}

#[test]
fn what_is_no_run_or_another_form_is_said() {
    let empty = tempfile::tempdir().unwrap();
    let told = |directory: &Path| {
        let error = verify(directory, COMMIT).unwrap_err();
        format!("{error}\n{}", error.hint()).replace(&directory.display().to_string(), "[run]")
    };
    insta::assert_snapshot!(told(empty.path()), @r"
    there is no manifest.json in [run]
    name the directory of an export, as a whole
    ");
    std::fs::write(empty.path().join(MANIFEST_FILE), r#"{"tool": "another"}"#).unwrap();
    insta::assert_snapshot!(told(empty.path()), @r"
    [run]/manifest.json cannot be verified: it is not a manifest of lacegraph, or it was changed
    compare the files with SHA256SUMS; a run of another form is verified by the lacegraph that wrote it
    ");
    std::fs::write(empty.path().join(MANIFEST_FILE), r#"{"tool": "lacegraph", "manifest_version": 1, "files": []}"#)
        .unwrap();
    insta::assert_snapshot!(told(empty.path()), @r"
    [run]/manifest.json cannot be verified: it has form 1, this lacegraph verifies form 2
    compare the files with SHA256SUMS; a run of another form is verified by the lacegraph that wrote it
    ");
}

#[test]
fn without_a_database_only_hashes_are_compared_and_that_is_said() {
    let options = RunOptions { formats: vec![lacegraph_export::Format::Csv], ..RunOptions::default() };
    let run = Run::of(&fixed::graph(), &options);
    let report = run.verify().unwrap();
    assert!(report.is_consistent());
    assert_eq!(
        report.checks[1].what,
        "no lacegraph.db in this run: nothing can be derived again, only hashes were compared"
    );
}

#[test]
fn a_partial_run_says_so_in_every_file_that_has_a_place_for_it() {
    let run = Run::new();
    let text = |name: &str| std::fs::read_to_string(run.path(name)).unwrap();
    assert!(text("EVIDENCE.md").lines().nth(2).unwrap().starts_with("**PARTIAL: something is missing"));
    assert!(text("csv/snapshot.csv").contains(",partial,"));
    assert!(text("csv/datapackage.json").contains("\"description\": \"PARTIAL: "));
    assert!(text("dot/accounts.dot").contains("Status: PARTIAL"));
    assert!(run.manifest().content.status_line.starts_with("PARTIAL"));
    // As does an account that the configuration leaves out.
    assert!(
        run.manifest().content.status_line.contains("1 of 5 accounts excluded"),
        "{}",
        run.manifest().content.status_line
    );
}

proptest! {
    // Each case writes and derives two runs.
    #![proptest_config(ProptestConfig { cases: config().cases / 8, ..config() })]

    #[test]
    fn any_run_fits_together(world in world()) {
        let graph = Graph::new(world.snapshot(), Settings::default());
        for cells in [CellText::Neutralised, CellText::Raw] {
            let run = Run::of(&graph, &RunOptions { cells, full_picture: true, ..RunOptions::default() });
            assert_eq!(run.findings(), [""; 0]);
        }
    }
}
