//! `demo`: what it prints and writes.

use std::collections::BTreeMap;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::place::{Place, files};

#[test]
fn it_prints_what_it_found_and_exits_as_partial() {
    let place = Place::new();
    let run = place.run(&["demo", "--out", "out"]);
    assert_snapshot!(run.text(), @"
    exit 3
    --- stdout
    PARTIAL: something is missing (demo data, invented people; 1 of 9 accounts excluded by the configuration)
    Source      DEMO DATA, invented people
    Snapshot    [SNAPSHOT], taken [TIME]
    Accounts    8 of 9 in scope: 6 read whole, 1 read in part, 1 failed, 1 excluded
                1 more that members name and nothing lists
    Who         60 people and 5 service users; 5 of them can reach nothing now
    Access      109 pairs of user and account: 49 as ADMIN, 2 as a member without a role (from 157 grants)
    Org admins  6
    To look at  4 dormant, 5 never logged in, 8 with unknown logins, 5 with a group or role of unknown power
    Problems    2 errors, 7 warnings, 2 notes
      error     globex/globex-apac: TeamMembers page 1: status 500: Internal server error: unable to load team members, request id 4be1c7d2 (4 tries)
                hint: the API has a fault of its own; run again later
      error     globex/globex-hq, page 1, row 8: a row of the list is not understood, or not all of it: `data[7].userEnabled`: expected a boolean, 1 or 0
                hint: look at this row in the console; if the form of the answer has changed, please report it
      warning   acme/acme-dev: two records of pavel.novak@acme.example in this account differ: the account's list says disabled, the organization's list says enabled; the first is used
                hint: the account's own list is used before the organization's; look the person up in the console
      warning   acme/acme-prod: two records of sofia.marin@acme.example in this account differ: the account's list says ADMIN, the organization's list says USER; the first is used
      warning   acme/acme-prod: marcus.oyelaran@acme.example holds an organization role in acme, is disabled in ACME-PROD and enabled elsewhere; the organization role counts as enabled
                hint: disable the person in every account, or remove the role
      warning   acme/acme-staging: felix.brandt@acme.example holds an organization role in acme, is disabled in ACME-STAGING and enabled elsewhere; the organization role counts as enabled
      warning   acme/acme-zurich-lab: members name this account, no directory and no configuration of organization acme does; it was not asked
                hint: find out whose account it is; if it is yours, name it in the configuration
      warning   globex: the key's own user audit@globex.example is in no list that was read; organization members may be missing
                hint: compare the organization's admins and users in the console with the result
      warning   globex/globex-emea: 1 row says `orgAccess`: `ORG_AUDITOR`, which is not known
                hint: check in the console what this organization access allows; it is kept as an organization role
      note      acme: the organization's list misses 1 of the members that the list of account ACME-DEV names; every account was asked on its own
      note      globex: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    Files       out/lacegraph.db  start at the view v_effective_access
                out/csv/effective_access.csv  the same for a spreadsheet; access.csv tells every way
                out/dot/accounts.dot  a picture: dot -Tsvg -O FILE
                out/access.xlsx  for a double click: the same with filters
                out/EVIDENCE.md  for an auditor: what was read, how it follows, what is not covered
    CSV         25 cells begin with an apostrophe, as a spreadsheet would run them; manifest.json lists them
    Next        lacegraph who ACCOUNT --db out    lacegraph why PERSON ACCOUNT --db out
    Verify      lacegraph verify out
    Manifest    SHA-256 [HASH]: record it in your ticket
    --- stderr
    reading invented organizations from a mock on this machine
    ");
    assert_eq!(place.names(), ["out"]);
    assert_eq!(fs_err::read_dir(place.home()).unwrap().count(), 0);
}

#[test]
fn the_figures_are_the_same_as_json() {
    let place = Place::new();
    let text = place.run(&["demo", "--out", "text"]).out;
    let run = place.run(&["demo", "--out", "json", "--json"]);
    let json = run.json();
    assert_eq!((run.code, json["status"].as_str(), json["data_source"].as_str()), (3, Some("partial"), Some("demo")));
    let figure = |name: &str| json.pointer(name).and_then(Value::as_u64).unwrap_or_else(|| panic!("no {name}"));
    // As fixtures/demo/README.md counts them.
    for (name, count) in [
        ("/accounts/expected", 9),
        ("/accounts/in_scope", 8),
        ("/accounts/complete", 6),
        ("/accounts/incomplete", 1),
        ("/accounts/failed", 1),
        ("/accounts/not_attempted", 0),
        ("/accounts/excluded", 1),
        ("/accounts/unlisted", 1),
        ("/people", 60),
        ("/service_users", 5),
        ("/memberships", 80),
        ("/grants", 157),
        ("/effective_access", 109),
        ("/errors", 2),
    ] {
        assert_eq!(figure(name), count, "{name}");
    }
    for line in [
        format!("Snapshot    {}, taken {}", json["snapshot_id"].as_str().unwrap(), "2026-09-01T08:00:00Z"),
        format!("Accounts    {} of {} in scope: {} read whole", 8, 9, figure("/accounts/complete")),
        format!("Who         {} people and {} service users", figure("/people"), figure("/service_users")),
        format!("Access      {} pairs of user and account", figure("/effective_access")),
        format!("Org admins  {}", figure("/org_admins")),
        format!("Problems    {} errors, {} warnings, {} notes", 2, figure("/warnings"), figure("/notes")),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
    let problems = json["problems"].as_array().unwrap();
    assert_eq!(problems.len() as u64, figure("/errors") + figure("/warnings") + figure("/notes"));
}

#[test]
fn the_manifest_lists_every_file_and_its_hash() {
    let place = Place::new();
    let json = place.run(&["demo", "--out", "out", "--json"]).json();
    let out = place.path("out");
    let manifest: Value = serde_json::from_slice(&fs_err::read(out.join("manifest.json")).unwrap()).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    let mut names: Vec<&str> = listed.iter().map(|file| file["path"].as_str().unwrap()).collect();
    for file in listed {
        let content = fs_err::read(out.join(file["path"].as_str().unwrap())).unwrap();
        let hash: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            (file["bytes"].as_u64(), file["sha256"].as_str()),
            (Some(content.len() as u64), Some(&*hash)),
            "{file}"
        );
    }
    names.extend(["SHA256SUMS", "manifest.json"]);
    names.sort_unstable();
    let written = contents(&out);
    assert_eq!(written.keys().collect::<Vec<_>>(), names);
    assert_eq!(json["files"], manifest["files"]);
    assert_eq!(json["snapshot_id"], manifest["snapshot_id"]);
    assert_snapshot!(names.join("\n"), @r"
    EVIDENCE.md
    SHA256SUMS
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
    manifest.json
    ");
}

#[test]
fn two_demos_are_the_same_but_for_the_manifest() {
    let place = Place::new();
    place.run(&["demo", "--out", "one"]);
    place.run(&["demo", "--out", "two"]);
    let (mut one, mut two) = (contents(&place.path("one")), contents(&place.path("two")));
    // Who ran it, when and how: there, and in the hash of that.
    for name in ["manifest.json", "SHA256SUMS"] {
        assert!(one.remove(name).is_some() && two.remove(name).is_some());
    }
    assert!(one.contains_key("lacegraph.db"));
    for (name, content) in &one {
        assert!(two.get(name) == Some(content), "{name} differs");
    }
    assert_eq!(one.len(), two.len());
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    // Whatever the mask of the shell lets through.
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$0\" demo --out out", env!("CARGO_BIN_EXE_lacegraph")]);
    place.scrub(&mut shell);
    assert_eq!(place.ended(&shell.output().unwrap()).code, 3);
    let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o7777;
    let out = place.path("out");
    for directory in [out.clone(), out.join("csv"), out.join("dot")] {
        assert_eq!(mode(&directory), 0o700, "{}", directory.display());
    }
    let files = files(&out);
    assert!(files.len() > 4);
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn only_the_formats_asked_for_are_written() {
    let place = Place::new();
    let run = place.run(&["demo", "--out", "out", "--format", "csv"]);
    assert_eq!(run.code, 3);
    assert_eq!(crate::place::names(&place.path("out")), ["EVIDENCE.md", "SHA256SUMS", "csv", "manifest.json"]);
    // Nothing is promised that is not there.
    assert!(!run.out.contains("lacegraph.db") && !run.out.contains("--db"), "{}", run.out);
}

/// Every file of a run by its path.
fn contents(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &Path| path.strip_prefix(run).unwrap().to_str().unwrap().replace('\\', "/");
    files(run).into_iter().map(|path| (name(&path), fs_err::read(&path).unwrap())).collect()
}

#[test]
fn timings_name_every_stage_and_only_where_they_are_asked_for() {
    let place = Place::new();
    let run = place.run(&["demo", "--out", "text", "--timings"]);
    let stages =
        ["fetch", "record", "parse", "merge", "seal", "graph", "verify", "sqlite", "csv", "dot", "xlsx", "hash"];
    for stage in stages {
        let line = run.err.lines().find(|line| line.trim_start().starts_with(stage));
        let seconds = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|text| text.parse::<f64>().ok());
        assert!(seconds.is_some_and(|seconds| seconds >= 0.0), "{stage}\n{}", run.err);
    }
    assert!(!run.out.contains("seconds"), "{}", run.out);
    let json = place.run(&["demo", "--out", "json", "--timings", "--json"]).json();
    let mut told: Vec<&str> =
        json["timings"].as_array().unwrap().iter().map(|timing| timing["stage"].as_str().unwrap()).collect();
    told.sort_unstable();
    let mut stages = stages.to_vec();
    stages.sort_unstable();
    assert_eq!(told, stages);
    let json = place.run(&["demo", "--out", "without", "--json"]).json();
    assert!(json.get("timings").is_none());
}
