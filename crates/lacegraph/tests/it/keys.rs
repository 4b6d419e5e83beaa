//! The forms of a key in `lacegraph.toml`, of organizations and of single accounts: each leads to the same rows.

use insta::assert_snapshot;
use serde_json::json;

use crate::access;
use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::{Place, Run};

/// An organization of the small fixture with these further lines.
fn organization(mock: &Mock, lines: &str) -> String {
    format!("[[organization]]\nname = \"tiny\"\naccount = \"{}\"\n{lines}\n", mock.base_url())
}

/// The id of the small fixture's key, as a line.
fn key_id(mock: &Mock) -> String {
    format!("key_id = \"{}\"\n", mock.key("tiny").key_id)
}

fn export(place: &Place) -> Run {
    let run = place.run(&["export", "--out", "out", "--format", "sqlite"]);
    assert_eq!(run.code, 0, "{}", run.text());
    access::assert_as_expected("small", &access::in_database(&place.path("out")));
    run
}

#[test]
fn the_text_form_of_a_key_file() {
    let (mock, place) = (Mock::small(), Place::new());
    let key = mock.key("tiny");
    place.give("key.txt", format!("\u{feff}API user\r\n\r\napiId: {}\r\npassword: {}\r\n", key.key_id, key.secret));
    place.give("lacegraph.toml", organization(&mock, "key_file = \"key.txt\""));
    export(&place);
}

#[test]
fn a_secret_in_a_file_beside_the_configuration_or_at_home() {
    let (mock, place) = (Mock::small(), Place::new());
    fs_err::create_dir(place.path("etc")).unwrap();
    place.give("etc/secret", format!("{}\n", mock.key("tiny").secret));
    place.give("etc/lacegraph.toml", organization(&mock, &(key_id(&mock) + "secret_file = \"secret\"")));
    let run = place.run(&["check", "--config", "etc/lacegraph.toml"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.text());
    fs_err::rename(place.path("etc/secret"), place.home().join("secret")).unwrap();
    place.give("lacegraph.toml", organization(&mock, &(key_id(&mock) + "secret_file = \"~/secret\"")));
    export(&place);
}

#[cfg(unix)]
#[test]
fn a_secret_from_a_command() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give("its secret", format!("{}\n", mock.key("tiny").secret));
    let lines = key_id(&mock) + "secret_command = [\"cat\", \"its secret\"]";
    place.give("lacegraph.toml", organization(&mock, &lines));
    export(&place);
}

#[cfg(unix)]
#[test]
fn a_command_that_gives_none() {
    let (mock, place) = (Mock::small(), Place::new());
    let refused = |command: &str| {
        let key = "key_id = \"ACMEPROD_1\"\n";
        place.give("lacegraph.toml", organization(&mock, &format!("{key}secret_command = {command}")));
        place.run(&["export"]).refusal(2).to_owned()
    };
    assert_snapshot!(refused(r#"["sh", "-c", "echo _secret-that-must-not-be-printed; echo must-not-be-printed >&2; exit 3"]"#), @r"
    error: the command sh, which gives the secret of ACMEPROD_1, failed (exit status: 3)
    hint: run it by hand to see why: lacegraph shows nothing of what it says, for that may hold the secret
    ");
    assert_snapshot!(refused(r#"["true", "must-not-be-printed"]"#), @r"
    error: the command true, which gives the secret of ACMEPROD_1, printed nothing
    hint: it has to print the secret to its standard output, and nothing else
    ");
    assert_snapshot!(refused(r#"["sh", "-c", "echo must-not-be-printed; echo must-not-be-printed"]"#), @r"
    error: the command sh, which gives the secret of ACMEPROD_1, printed more than one line
    hint: it has to print the secret to its standard output, and nothing else
    ");
    assert_snapshot!(refused(r#"["must-not-be-printed", "x"]"#), @r#"
    error: the program that gives the secret of ACMEPROD_1 is not found
    hint: secret_command is a list: the program, then each of its arguments on its own, ["op", "read", "op://vault/item/field"] for example; there is no shell
    "#);
    assert_snapshot!(refused("[]"), @r#"
    error: lacegraph.toml, line 2: the secret_command of organization `tiny` names no program
    hint: write the program and its arguments as a list: secret_command = ["op", "read", "op://…"]
    "#);
    assert_snapshot!(refused(r#"["echo", "must-not-be-printed"]"#), @r"
    error: the secret_command of ACMEPROD_1 prints what stands in the configuration
    hint: a secret does not belong into this file: name a program that gets it from a safe place, and change the secret
    ");
    assert_eq!(mock.calls(), []);
}

#[test]
fn files_that_give_none() {
    let (mock, place) = (Mock::small(), Place::new());
    let refused = |name: &str| {
        let key = "key_id = \"ACMEPROD_1\"\n";
        place.give("lacegraph.toml", organization(&mock, &format!("{key}secret_file = \"{name}\"")));
        place.run(&["export"]).refusal(2).to_owned()
    };
    assert_snapshot!(refused("no.txt"), @r"
    error: the file no.txt with the secret of ACMEPROD_1 does not exist
    hint: secret_file is the path of a file that holds the secret and nothing else; it counts from where the configuration is
    ");
    place.give("empty.txt", "\n");
    assert_snapshot!(refused("empty.txt"), @r"
    error: the file empty.txt with the secret of ACMEPROD_1 holds nothing
    hint: secret_file is the path of a file that holds the secret and nothing else; it counts from where the configuration is
    ");
    place.give("two.txt", "must-not-be-printed\nmust-not-be-printed\n");
    assert_snapshot!(refused("two.txt"), @r"
    error: the file two.txt with the secret of ACMEPROD_1 holds more than one line
    hint: secret_file is the path of a file that holds the secret and nothing else; it counts from where the configuration is
    ");
}

#[test]
fn more_than_one_secret() {
    let (mock, place) = (Mock::small(), Place::new());
    let lines = "key_id = \"K\"\nsecret_env = \"A\"\nsecret_file = \"b\"";
    place.give("lacegraph.toml", organization(&mock, lines));
    assert_snapshot!(place.run(&["export"]).refusal(2), @r"
    error: lacegraph.toml, line 2: organization `tiny` has more than one secret
    hint: keep one of secret_env, secret_file and secret_command
    ");
    place.give("lacegraph.toml", organization(&mock, "profile = \"a\"\nsecret_file = \"b\""));
    assert_snapshot!(place.run(&["export"]).refusal(2), @r"
    error: lacegraph.toml, line 2: organization `tiny` has more than one key
    hint: keep one of profile, key_file, or key_id with secret_env, secret_file or secret_command
    ");
    place.give("lacegraph.toml", organization(&mock, "secret_command = [\"a\"]"));
    assert_snapshot!(place.run(&["export"]).refusal(2), @r#"
    error: lacegraph.toml, line 2: organization `tiny` has secret_command and no key_id
    hint: add key_id = "…"
    "#);
}

#[cfg(unix)]
#[test]
fn files_that_others_can_read_are_told_of_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let (mock, place) = (Mock::small(), Place::new());
    let key = mock.key("tiny");
    place.give("key.json", json!({"keyId": key.key_id, "secret": key.secret, "account": mock.base_url()}).to_string());
    place.give("secret", &key.secret);
    place.give_profiles(&format!("[audit]\napi_key = \"{}\"\napi_secret = \"{}\"\n", key.key_id, key.secret));
    let files = [place.path("key.json"), place.path("secret"), place.home().join(".lacework.toml")];
    for file in &files {
        fs_err::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let accounts = format!(
        "[organization.accounts.TINY-ONE]\nkey_file = \"key.json\"\n[organization.accounts.TINY-TWO]\n{}secret_file = \"secret\"",
        key_id(&mock)
    );
    place.give("lacegraph.toml", organization(&mock, &format!("key_file = \"key.json\"\n{accounts}")));
    assert_snapshot!(export(&place).err, @r"
    reading tiny ([MOCK]) as configured in lacegraph.toml
    note: others than you can read the key file key.json, which holds a secret: chmod 600 key.json
    note: others than you can read the file secret, which holds a secret: chmod 600 secret
    ");
    fs_err::remove_dir_all(place.path("out")).unwrap();
    let server = [("LW_API_SERVER_URL", mock.base_url())];
    assert_snapshot!(place.run_with(&server, &["check", "--profile", "audit"]).err, @r"
    note: others than you can read the file of profiles [HOME]/.lacework.toml, which holds a secret: chmod 600 [HOME]/.lacework.toml
    note: the key of the profile `audit` goes to [MOCK]: LW_API_SERVER_URL is set
    ");
}

/// The small fixture with a key for each account and none for the organization.
fn with_keys_of_accounts() -> Mock {
    let key = |account: &str, id: &str| json!({"key_id": id, "secret": "_tiny-demo-not-a-secret", "owner": "ann@tiny.example", "scope": "account", "account": account});
    let keys = json!([key("TINY-ONE", "TINYONE_KEY_OF_ONE"), key("TINY-TWO", "TINYTWO_KEY_OF_TWO")]);
    Mock::serve(Fixture::small().set("keys", keys).world())
}

#[test]
fn an_organization_whose_accounts_alone_have_keys() {
    let (mock, place) = (with_keys_of_accounts(), Place::new());
    let file =
        |id: &str| json!({"keyId": id, "secret": "_tiny-demo-not-a-secret", "account": mock.base_url()}).to_string();
    place.give("one.json", file("TINYONE_KEY_OF_ONE"));
    place.give("two.json", file("TINYTWO_KEY_OF_TWO"));
    place.give(
        "lacegraph.toml",
        "[[organization]]\nname = \"tiny\"\n[organization.accounts]\nTINY-ONE.key_file = \"one.json\"\nTINY-TWO.key_file = \"two.json\"\n",
    );
    let run = place.run(&["export", "--out", "out", "--format", "sqlite"]);
    assert_eq!(
        run.err.lines().next(),
        Some(&*format!(
            "reading tiny ({}) as configured in lacegraph.toml",
            mock.base_url().trim_start_matches("http://")
        ))
    );
    let asked: Vec<_> =
        mock.calls().iter().filter_map(|call| Some((call.key_id.clone()?, call.account_name.clone()?))).collect();
    assert!(!asked.is_empty(), "{}", run.text());
    for (key, account) in asked {
        assert_eq!(key == "TINYONE_KEY_OF_ONE", account.eq_ignore_ascii_case("TINY-ONE"), "{key} asked for {account}");
    }
    let rows = access::in_database(&place.path("out"));
    assert!(!rows.is_empty());
}

#[test]
fn an_organization_without_a_key_leaves_no_account_without_one() {
    let (mock, place) = (with_keys_of_accounts(), Place::new());
    let refused = |text: &str| {
        place.give("lacegraph.toml", text);
        place.run(&["export"]).refusal(2).to_owned()
    };
    place.give("key.json", json!({"keyId": "TINYONE_KEY_OF_ONE", "secret": "_tiny-demo-not-a-secret"}).to_string());
    let accounts =
        "[organization.accounts]\nONE.key_file = \"key.json\"\nTWO.owner = \"a team\"\nTHREE.owner = \"a team\"\n";
    assert_snapshot!(refused(&organization(&mock, accounts)), @r"
    error: lacegraph.toml, line 2: organization `tiny` has no key, nor have its accounts `THREE`, `TWO`
    hint: give the organization a key, or each of these accounts: profile, key_file, or key_id with secret_env, secret_file or secret_command
    ");
    let nowhere = "[[organization]]\nname = \"tiny\"\n[organization.accounts]\nONE.key_file = \"key.json\"\nTWO = { key_file = \"key.json\", account = \"tiny\" }\n";
    assert_snapshot!(refused(nowhere), @r#"
    error: lacegraph.toml, line 2: organization `tiny` has no account, and nothing tells the host of `ONE`
    hint: add account = "…" (sub-domain, host or full URL) to the organization, or to each of these
    "#);
    assert_eq!(mock.calls(), []);
}

#[test]
fn two_organizations_with_one_key_at_one_host() {
    let (mock, place) = (Mock::small(), Place::new());
    let one = mock.configuration("");
    place.give("lacegraph.toml", format!("{one}\n{}", one.replace("\"tiny\"", "\"again\"")));
    let run = place.run_with(&mock.secrets(), &["check"]);
    assert_snapshot!(run.err, @r"note: the organizations `tiny` and `again` ask the same host with the same key, so everything is there twice: take one of them out");
}
