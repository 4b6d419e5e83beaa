//! A whole run, as the command writes it.

use std::process::Command;

use insta::assert_snapshot;
use lacegraph_export::manifest::Provenance;
use lacegraph_export::verify::verify;
use lacegraph_export::{Format, RunOptions, hex, write_formats, write_run};
use lacegraph_model::{Graph, ProblemReport, Settings, Severity};

use crate::fixed;

#[test]
fn a_run_has_the_files_of_its_formats() {
    let files = |formats: &[Format]| {
        let directory = tempfile::tempdir().unwrap();
        let options = RunOptions { formats: formats.to_vec(), ..RunOptions::default() };
        let files = write_formats(&fixed::graph(), directory.path(), &options).unwrap().files;
        for file in &files {
            let size = std::fs::metadata(directory.path().join(&file.path)).unwrap().len();
            assert_eq!(file.bytes, size, "{}", file.path);
        }
        files.into_iter().map(|file| file.path).collect::<Vec<_>>()
    };
    assert_eq!(files(&[]), [""; 0]);
    assert_eq!(files(&[Format::Sqlite]), ["lacegraph.db"]);
    assert_eq!(files(&[Format::Dot]), ["dot/accounts.dot", "dot/full.dot"]);
    let all = files(&Format::ALL);
    assert!(all.is_sorted());
    assert_snapshot!(all.join("\n"), @r#"
    access.xlsx
    csv/access.csv
    csv/access_grants.csv
    csv/accounts.csv
    csv/api_keys.csv
    csv/audit_events.csv
    csv/data_dictionary.csv
    csv/datapackage.json
    csv/effective_access.csv
    csv/grant_sources.csv
    csv/graph_kinds.csv
    csv/group_roles.csv
    csv/membership_conflicts.csv
    csv/memberships.csv
    csv/optional_sources.csv
    csv/organization_grants.csv
    csv/organizations.csv
    csv/problems.csv
    csv/role_implications.csv
    csv/role_nodes.csv
    csv/roles.csv
    csv/settings.csv
    csv/snapshot.csv
    csv/source_calls.csv
    csv/user_group_members.csv
    csv/user_groups.csv
    csv/user_identifiers.csv
    csv/users.csv
    dot/accounts.dot
    dot/full.dot
    lacegraph.db
    "#);
}

#[test]
fn what_is_told_of_a_file_is_what_another_program_finds() {
    let directory = tempfile::tempdir().unwrap();
    let files = write_formats(&fixed::graph(), directory.path(), &RunOptions::default()).unwrap().files;
    let Ok(output) =
        Command::new("sha256sum").current_dir(&directory).args(files.iter().map(|file| &file.path)).output()
    else {
        return;
    };
    let found = String::from_utf8(output.stdout).unwrap();
    let told: Vec<_> = files.iter().map(|file| format!("{}  {}", file.sha256, file.path)).collect();
    assert_eq!(found.lines().collect::<Vec<_>>(), told);
}

#[test]
fn a_run_is_not_written_over_another() {
    let directory = tempfile::tempdir().unwrap();
    write_formats(&fixed::graph(), directory.path(), &RunOptions::default()).unwrap();
    for format in Format::ALL {
        let options = RunOptions { formats: vec![format], ..RunOptions::default() };
        let error = write_formats(&fixed::graph(), directory.path(), &options).unwrap_err();
        assert!(error.to_string().starts_with("failed to create "), "{error}");
        assert_eq!(error.hint(), "check that the directory exists and that you may write there");
    }
}

/// An account whose list is all nonsense has a problem a row; a spreadsheet has an end, and a page that is read too.
#[test]
fn very_many_problems_are_all_kept_and_a_few_are_shown() {
    let mut run = crate::rows::Run::new();
    let account = run.account("Nonsense");
    const COUNT: u64 = 20_001;
    for row in 1..=COUNT {
        run.builder.problem(ProblemReport {
            severity: Severity::Error,
            code: "row_not_understood",
            organization: Some(run.organization),
            account: Some(account),
            page: Some(1),
            row_number: Some(row),
            message: "a row of the list is not understood",
            hint: None,
        });
    }
    let graph = Graph::new(run.snapshot(), Settings::default());
    let directory = tempfile::tempdir().unwrap();
    let written = write_run(&graph, directory.path(), &RunOptions::default(), Provenance::default()).unwrap();
    assert_snapshot!(written.left_out.join("\n"), @"access.xlsx: 20001 problems are too many for a spreadsheet, which would be no help with more than 20000; the CSV files have them all");
    let rows = |path: &str| written.files.iter().find(|file| file.path == path).and_then(|file| file.rows);
    assert_eq!(rows("csv/problems.csv"), Some(COUNT));
    let evidence = std::fs::read_to_string(directory.path().join("EVIDENCE.md")).unwrap();
    assert!(evidence.contains("19801 more problems are in `v_problems`") && evidence.len() < 50_000);
    assert!(std::fs::metadata(directory.path().join("manifest.json")).unwrap().len() < 50_000);
    assert!(verify(directory.path(), "").unwrap().is_consistent());
}

#[test]
fn hexadecimal_is_two_small_digits_a_byte() {
    assert_eq!(hex(&[0x00, 0x0f, 0xf0, 0xab]), "000ff0ab");
    assert_eq!(hex(&[]), "");
}

#[test]
fn the_evidence_tells_what_custom_groups_are_said_to_confer() {
    let mut run = crate::rows::Run::new();
    run.own_list("Prod", crate::rows::person("ann@example.com").here().in_group("C1", "Auditors | all"));
    run.own_list("Prod", crate::rows::person("bob@example.com").here().in_group("C2", "Cooks"));
    run.own_list("Prod", crate::rows::person("cid@example.com").here().in_group("C3", "Secret"));
    run.builder.group_meaning(run.organization, "prod", "c1", "READ_ONLY", "console, 2026-08-30, by Eve");
    run.builder.group_meaning(run.organization, "prod", "Cooks", "KITCHEN", "ticket 7");
    let graph = run.graph();
    let directory = tempfile::tempdir().unwrap();
    write_run(&graph, directory.path(), &RunOptions::default(), Provenance::default()).unwrap();
    assert!(verify(directory.path(), "").unwrap().is_consistent());
    let evidence = std::fs::read_to_string(directory.path().join("EVIDENCE.md")).unwrap();
    let lines: Vec<_> = evidence
        .lines()
        .filter(|line| ["is stated by", "| acme/prod | ", "no known role"].iter().any(|start| line.contains(start)))
        .filter(|line| !line.contains("complete"))
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    What these custom groups confer is stated by the configuration, not by the API, on the evidence that stands there:
    | acme/prod | Auditors \| all | C1 | READ\_ONLY | console, 2026-08-30, by Eve |
    | acme/prod | Cooks | C2 | KITCHEN | ticket 7 |
    - **Roles inside custom groups, which no call reveals and for which no known role is stated; shown as unknown privilege** (2): “Cooks” (C2) in acme/prod, “Secret” (C3) in acme/prod.
    ");
    let unresolved = "SELECT group_name, identity FROM v_unresolved_groups ORDER BY group_name";
    let connection = rusqlite::Connection::open(directory.path().join("lacegraph.db")).unwrap();
    let rows = fixed::rows(&connection, unresolved);
    let lines: Vec<_> = rows.iter().map(|row| row.iter().map(fixed::shown).collect::<Vec<_>>().join(" ")).collect();
    // A role that means nothing here leaves the group as unknown as before.
    assert_eq!(lines, ["Cooks bob@example.com", "Secret cid@example.com"]);
}

#[test]
fn the_evidence_tells_what_else_was_asked_for() {
    let evidence = |graph: &Graph| {
        let directory = tempfile::tempdir().unwrap();
        write_run(graph, directory.path(), &RunOptions::default(), Provenance::default()).unwrap();
        let text = std::fs::read_to_string(directory.path().join("EVIDENCE.md")).unwrap();
        let lines: Vec<_> = text
            .lines()
            .filter(|line| ["| audit log |", "| API keys |", "API keys"].iter().any(|part| line.contains(part)))
            .map(str::to_owned)
            .collect();
        lines.join("\n")
    };
    assert_snapshot!(evidence(&fixed::graph()), @r"
    | audit log | yes | 2026-08-02T08:00:00Z to 2026-09-01T08:00:00Z | 2 | 0 | 1 | 0 | 1 | 3 |
    | API keys | yes |  | 1 | 1 | 0 | 0 | 0 | 2 |
    | api_keys | 2 | API keys; none where nobody asked for them |
    - **Whose the API keys are, and what they may do**: the list does not tell. A key acts with the access of its owner, who is listed here if a list names them. Agent tokens were not asked for.
    ");
    let mut run = crate::rows::Run::new();
    run.own_list("Prod", crate::rows::person("ann@example.com").here());
    assert_snapshot!(evidence(&run.graph()), @r"
    | audit log | no | | | | | | | |
    | API keys | no | | | | | | | |
    | api_keys | 0 | API keys; none where nobody asked for them |
    - **API keys and agent tokens**: not asked for. A key acts with the access of its owner, who is listed here if a list names them.
    ");
}
