//! `verify`: what it says, and how it ends; signatures, and the run before.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;
use ssh_key::private::{Ed25519Keypair, PrivateKey};
use ssh_key::{HashAlg, LineEnding, PublicKey, SshSig};

use crate::mock::Mock;
use crate::place::{Place, Run};

fn demo(place: &Place, more: &[&str]) -> Run {
    let run = place.run(&[&["demo", "--out", "out"], more].concat());
    assert_eq!(run.code, 3, "{}", run.text());
    run
}

fn manifest(place: &Place, run: &str) -> Value {
    serde_json::from_slice(&fs_err::read(place.path(run).join("manifest.json")).unwrap()).unwrap()
}

/// The hash that the summary ends with.
fn told_hash(run: &Run) -> String {
    let last = run.out.lines().last().unwrap();
    let hash = last.strip_prefix("Manifest    SHA-256 ").unwrap().strip_suffix(": record it in your ticket").unwrap();
    hash.to_owned()
}

/// A key pair of this seed, as `ssh-keygen` would write it.
fn give_keys(place: &Place, name: &str, seed: u8) {
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]));
    fs_err::write(place.path(name), key.to_openssh(LineEnding::LF).unwrap()).unwrap();
    fs_err::write(place.path(&format!("{name}.pub")), key.public_key().to_openssh().unwrap()).unwrap();
}

#[test]
fn a_run_is_consistent_and_authentic_against_what_was_recorded() {
    let place = Place::new();
    let hash = told_hash(&demo(&place, &[]));
    assert_snapshot!(place.run(&["verify", "out"]).text(), @r"
    exit 0
    --- stdout
    PARTIAL: something is missing (demo data, invented people; 1 of 9 accounts excluded by the configuration)
    Snapshot    [SNAPSHOT], from embedded mock
    Manifest    SHA-256 [HASH]

    ok    files        size and SHA-256 of 32 files, and that there are no others
    ok    database     SQLite's own check, the schema, 24 tables, each derived again from what was observed
    ok    manifest     what it says of the run follows from lacegraph.db, and the records of 10 accounts add up
    ok    pictures     2 pictures with 222 nodes and 353 lines, and the figures at the head of each
    ok    other files  [EITHER WAY]
    ok    figures      29 figures, each derived again by SQL
    ok    csv          26 files with 1294 rows, against lacegraph.db

    consistent with this manifest. Whether it is the export that was made then, only a hash or a signature from outside can show:
    --manifest-sha256 HEX (as recorded), or --signed-by KEY.pub.
    --- stderr
    ");
    let run = place.run(&["verify", "out", "--manifest-sha256", &hash.to_uppercase()]);
    let end: Vec<&str> = run.out.lines().skip_while(|line| !line.contains("outside")).collect();
    assert_snapshot!(end.join("\n"), @r"
    ok    outside      the SHA-256 of manifest.json that was given

    consistent with this manifest, and authentic by the SHA-256 of manifest.json that was given
    ");
    assert_eq!(run.code, 0);
    let json = place.run(&["verify", "out", "--manifest-sha256", &hash, "--json"]).json();
    assert_eq!((&json["verdict"], &json["manifest_sha256"]), (&"authentic".into(), &hash.as_str().into()));
    assert_eq!(json["figures"].as_array().unwrap().len(), 29);
    // Another export of the same people at the same time is not that export.
    fs_err::remove_dir_all(place.path("out")).unwrap();
    demo(&place, &["--csv-raw"]);
    let run = place.run(&["verify", "out", "--manifest-sha256", &hash]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("FAIL  outside"), "{}", run.out);
    assert!(run.out.contains("NOT CONSISTENT: 1 finding."), "{}", run.out);
}

#[test]
fn what_was_changed_is_named_and_the_exit_code_says_so() {
    let place = Place::new();
    demo(&place, &[]);
    let users = fs_err::read_to_string(place.path("out/csv/users.csv")).unwrap();
    fs_err::write(place.path("out/csv/users.csv"), users.replacen("true", "false", 1)).unwrap();
    fs_err::write(place.path("out/csv/note.txt"), "mine").unwrap();
    fs_err::remove_file(place.path("out/csv/roles.csv")).unwrap();
    let run = place.run(&["verify", "out"]);
    let told = without_hashes(&run.text());
    assert_snapshot!(told, @r"
    exit 1
    --- stdout
    PARTIAL: something is missing (demo data, invented people; 1 of 9 accounts excluded by the configuration)
    Snapshot    [SNAPSHOT], from embedded mock
    Manifest    SHA-256 [HASH]

    FAIL  files        size and SHA-256 of 32 files, and that there are no others
          csv/roles.csv: is missing
          csv/users.csv: has 10414 bytes, manifest.json says 10413
          csv/note.txt: is not part of the export
    FAIL  database     SQLite's own check, the schema, 24 tables, each derived again from what was observed
          failed to read out/csv/roles.csv: No such file or directory (os error N)
    ok    manifest     what it says of the run follows from lacegraph.db, and the records of 10 accounts add up
    ok    pictures     2 pictures with 222 nodes and 353 lines, and the figures at the head of each
    ok    other files  [EITHER WAY]
    ok    figures      29 figures, each derived again by SQL
    FAIL  csv          25 files with 1281 rows, against lacegraph.db
          csv/users.csv, row 1: is not what lacegraph.db has

    NOT CONSISTENT: 5 findings. Do not rely on out; export again, or fetch the copy that was kept.
    --- stderr
    ");
    let json = place.run(&["verify", "out", "--json"]);
    assert_eq!((json.code, json.json()["verdict"].as_str()), (1, Some("not_consistent")));
}

/// Without hashes that differ from run to run.
fn without_hashes(text: &str) -> String {
    let is_hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let line = |line: &str| {
        let words = line.split(' ').map(|word| if is_hash(word.trim_end_matches(',')) { "[HASH]" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_figure_is_explained() {
    let place = Place::new();
    demo(&place, &["--format", "sqlite"]);
    let run = place.run(&["verify", "out", "--explain"]);
    assert_eq!(run.code, 0, "{}", run.text());
    for (figure, statement) in [
        ("effective_access: 109 = 109", "GROUP BY user_key, account_key);"),
        ("org_admins: 6 = 6", "org_role = 'ORG_ADMIN' AND is_enabled = 1;"),
    ] {
        let place = run.out.find(figure).unwrap_or_else(|| panic!("{figure}\n{}", run.out));
        assert!(run.out[place..].lines().nth(1).unwrap().ends_with(statement));
    }
}

#[test]
fn what_cannot_be_verified_is_said() {
    let place = Place::new();
    place.give_demo("bare");
    fs_err::write(place.path("file"), "x").unwrap();
    let told: Vec<String> = [
        &["verify", "nowhere"][..],
        &["verify", "file"],
        &["verify", "bare"],
        &["verify", "bare", "--manifest-sha256", "abc"],
    ]
    .map(|arguments| place.run(arguments).text())
    .into();
    assert_snapshot!(told.join("\n"), @r"
    exit 2
    --- stdout
    --- stderr
    error: nowhere does not exist
    hint: name the directory of an export, as a whole

    exit 2
    --- stdout
    --- stderr
    error: file is a file
    hint: name the directory of an export, as a whole

    exit 2
    --- stdout
    --- stderr
    error: there is no manifest.json in bare
    hint: name the directory of an export, as a whole

    exit 2
    --- stdout
    --- stderr
    error: `abc` is not a SHA-256
    hint: it has 64 hexadecimal digits; the summary of the export ends with it
    ");
}

#[test]
fn a_signature_is_made_and_checked() {
    let place = Place::new();
    give_keys(&place, "key", 7);
    give_keys(&place, "other", 8);
    demo(&place, &["--sign", "key"]);
    // As OpenSSH would check it.
    let text = |name: &str| fs_err::read_to_string(place.path(name)).unwrap();
    let public = PublicKey::from_openssh(&text("key.pub")).unwrap();
    let signature = SshSig::from_pem(text("out/manifest.json.sig")).unwrap();
    public.verify("lacegraph", text("out/manifest.json").as_bytes(), &signature).unwrap();
    assert_eq!(signature.hash_alg(), HashAlg::Sha512);
    let verdict = |key: &str| {
        let run = place.run(&["verify", "out", "--signed-by", key]);
        let lines = run.out.lines().filter(|line| line.contains("outside") || line.contains("manifest.json.sig"));
        format!("{}\n{}", run.code, lines.collect::<Vec<_>>().join("\n"))
    };
    assert_snapshot!(verdict("key.pub"), @r"
    0
    ok    outside      the signature by SHA256:z/fSv0Z0RZS+Lccbc6ZoOWwt/fbj1VFJGSBKQbo4icE
    ");
    assert_snapshot!(verdict("other.pub"), @r"
    1
    FAIL  outside      a signature by other.pub
          manifest.json.sig is not the signature of this manifest.json by that key
    ");
    let unchecked = place.run(&["verify", "out"]);
    assert!(unchecked.out.contains("there is a signature that was not checked"), "{}", unchecked.out);
    // A signature for something else, or of something else.
    let key = PrivateKey::from_openssh(text("key")).unwrap();
    let elsewhere = key.sign("file", HashAlg::Sha512, text("out/manifest.json").as_bytes()).unwrap();
    fs_err::write(place.path("out/manifest.json.sig"), elsewhere.to_pem(LineEnding::LF).unwrap()).unwrap();
    assert!(verdict("key.pub").starts_with("1\n"));
    fs_err::write(place.path("out/manifest.json.sig"), "signed, me").unwrap();
    assert_snapshot!(verdict("key.pub"), @r"
    1
    FAIL  outside      a signature by key.pub
          manifest.json.sig is not an SSH signature
    ");
    fs_err::remove_file(place.path("out/manifest.json.sig")).unwrap();
    assert_snapshot!(verdict("key.pub"), @r"
    1
    FAIL  outside      a signature by key.pub
          there is no manifest.json.sig in the run, or it cannot be read
    ");
    assert_snapshot!(place.run(&["verify", "out", "--signed-by", "key"]).err, @r"
    error: key is not a public SSH key
    hint: name the public part of the key, as ssh-keygen writes it to KEY.pub
    ");
    // The key itself is in no file of the run.
    let secret = text("key").lines().nth(1).unwrap().to_owned();
    for file in crate::place::files(&place.path("out")) {
        assert!(!String::from_utf8_lossy(&fs_err::read(&file).unwrap()).contains(&secret), "{}", file.display());
    }
}

#[test]
fn a_key_or_a_run_that_is_none_is_refused_before_anything_is_asked() {
    let (mock, place) = (Mock::small(), Place::new());
    fs_err::write(place.path("letter"), "dear").unwrap();
    let mut told = Vec::new();
    for (option, file) in
        [("--sign", "nowhere"), ("--sign", "letter"), ("--previous", "nowhere"), ("--previous", "letter")]
    {
        let run = place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out", option, file]);
        assert_eq!(run.code, 2, "{}", run.text());
        told.push(run.err);
    }
    assert_snapshot!(told.join(""), @r"
    reading tiny ([MOCK]) as configured in the LW_* variables
    error: failed to open file `nowhere`: No such file or directory (os error N)
    hint: name the private key of an SSH key pair with --sign, or sign afterwards: ssh-keygen -Y sign -n lacegraph -f KEY DIR/manifest.json
    reading tiny ([MOCK]) as configured in the LW_* variables
    error: letter is not a private SSH key
    hint: make one with ssh-keygen -t ed25519, or sign afterwards: ssh-keygen -Y sign -n lacegraph -f KEY DIR/manifest.json
    reading tiny ([MOCK]) as configured in the LW_* variables
    error: failed to open file `nowhere`: No such file or directory (os error N)
    hint: name the directory of an earlier export with --previous
    reading tiny ([MOCK]) as configured in the LW_* variables
    error: letter is not the manifest of an export
    hint: name the directory of an earlier export with --previous
    ");
    assert_eq!(mock.calls(), []);
    assert_eq!(place.names(), ["letter"]);
}

#[test]
fn the_manifest_tells_who_where_with_which_keys_and_what_came_before() {
    let (mock, place) = (Mock::small(), Place::new());
    let export = |arguments: &[&str]| {
        let arguments = [&["export", "--env"], arguments].concat();
        let run = place.run_with(&mock.variables("tiny"), &arguments);
        assert_eq!(run.code, 0, "{}", run.text());
        told_hash(&run)
    };
    let first = export(&["--out", "first"]);
    export(&["--out", "second", "--previous", "first"]);
    let run = &manifest(&place, "second")["run"];
    assert_eq!(run["previous_manifest_sha256"].as_str(), Some(&*first));
    assert_eq!(manifest(&place, "first")["run"]["previous_manifest_sha256"], Value::Null);
    let command: Vec<&str> =
        run["command_line"].as_array().unwrap().iter().skip(1).map(|a| a.as_str().unwrap()).collect();
    assert_eq!(command, ["export", "--env", "--out", "second", "--previous", "first"]);
    assert_eq!(run["configured_in"], "the LW_* variables");
    assert!(run["machine"].is_string() && run["operator"].is_string() && run["tool_commit"].is_string(), "{run}");
    let key = &run["keys"][0];
    assert_eq!((&key["organization"], &key["owner"]), (&"tiny".into(), &"ann@tiny.example".into()));
    assert_eq!(key["owner_role"], "organization admin");
    // By its ends alone.
    let (id, whole) = (key["key_id"].as_str().unwrap(), &mock.variables("tiny")[1].1);
    let (start, end) = id.split_once('…').unwrap();
    assert!(whole.starts_with(start) && whole.ends_with(end) && id.len() < whole.len(), "{id}");
    // This machine is the server too.
    let ahead = run["server_clocks"][0]["ahead_seconds"].as_i64().unwrap();
    assert!(ahead.abs() <= 2, "{ahead}");
    for (previous, code) in [("nowhere", 2), ("first/lacegraph.db", 2), ("first/manifest.json", 0)] {
        let out = format!("after-{}", previous.replace('/', "-"));
        let arguments = ["export", "--env", "--out", &out, "--previous", previous];
        let run = place.run_with(&mock.variables("tiny"), &arguments);
        assert_eq!(run.code, code, "{}", run.text());
        assert_eq!(place.path(&out).exists(), code == 0);
    }
}

#[test]
fn raw_cells_are_raw_and_the_run_still_fits_together() {
    let place = Place::new();
    let run = demo(&place, &["--csv-raw"]);
    assert!(!run.out.contains("begin with an apostrophe"), "{}", run.out);
    let text = fs_err::read_to_string(place.path("out/csv/users.csv")).unwrap();
    assert!(text.contains("\"=HYPERLINK(") && !text.contains("'=HYPERLINK("));
    let manifest = manifest(&place, "out");
    assert_eq!((&manifest["csv_cells"], &manifest["neutralised_cells"]["count"]), (&"raw".into(), &0.into()));
    assert_eq!(place.run(&["verify", "out"]).code, 0);
}

/// The run directory may be anywhere, and the one who verifies may not be able to write there.
#[cfg(unix)]
#[test]
fn a_run_that_may_only_be_read_can_be_verified_and_asked() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    demo(&place, &[]);
    let protect = |path: &Path, mode| fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    for file in crate::place::files(&place.path("out")) {
        protect(&file, 0o400);
    }
    protect(&place.path("out"), 0o500);
    let runs = [place.run(&["verify", "out"]), place.run(&["who", "acme-prod", "--db", "out"])];
    protect(&place.path("out"), 0o700);
    assert_eq!(runs.map(|run| run.code), [0, 0]);
}
