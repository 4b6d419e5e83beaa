//! A `lacegraph.toml` that is wrong: the message says where and what, and never shows a secret.

use insta::assert_snapshot;

use crate::fixture::invalid;
use crate::place::Place;

/// What the command says to this configuration, after making sure that nothing was written.
fn refused(text: &str) -> String {
    let place = Place::new();
    place.give("lacegraph.toml", text);
    let message = place.run(&["export"]).refusal(2).to_owned();
    assert_eq!(place.run(&["check"]).refusal(2), message);
    assert_eq!(place.names(), ["lacegraph.toml"]);
    message
}

/// An organization with these further lines.
fn organization(lines: &str) -> String {
    format!("[[organization]]\nname = \"acme\"\naccount = \"acme\"\n{lines}\n")
}

#[test]
fn the_broken_files_of_the_fixtures() {
    assert_snapshot!(refused(&invalid("malformed.toml")), @r"
    error: lacegraph.toml, line 4, `account`: invalid basic string, expected a quotation mark
    hint: the README shows a whole lacegraph.toml
    ");
    assert_snapshot!(refused(&invalid("unknown_key.toml")), @r"
    error: lacegraph.toml, line 6: unknown key `exlude`; did you mean `exclude`?
    hint: the README shows a whole lacegraph.toml
    ");
    assert_snapshot!(refused(&invalid("secret_inside.toml")), @r"
    error: lacegraph.toml, line 6: `secret` of organization `acme` holds a secret
    hint: a secret does not belong into this file: use secret_env, secret_file, secret_command, key_file or profile, and change the secret, for it has been in a file that is easily shared
    ");
    let place = Place::new();
    place.give("lacegraph.toml", invalid("duplicate_organization.toml"));
    let profile = |name| {
        format!("[{name}]\naccount = \"acme\"\napi_key = \"K\"\napi_secret = \"_secret-that-must-not-be-printed\"\n")
    };
    place.give_profiles(&(profile("acme-audit") + &profile("acme-europe-audit")));
    assert_snapshot!(place.run(&["export"]).refusal(2), @r"
    error: lacegraph.toml, line 8: a second organization is named `ACME`
    hint: give each its own name; upper and lower case count as the same
    ");
}

#[test]
fn nothing_to_read() {
    let place = Place::new();
    assert_snapshot!(place.run(&["export", "--config", "nowhere.toml"]).refusal(2), @r"
    error: the configuration nowhere.toml does not exist
    hint: name another one with --config FILE
    ");
    assert_snapshot!(place.run(&["export", "--config", "."]).refusal(2), @r"
    error: the configuration . is a directory
    hint: name another one with --config FILE
    ");
    place.give("binary.toml", [0xff, 0xfe, 0x00]);
    assert_snapshot!(place.run(&["export", "--config", "binary.toml"]).refusal(2), @r"
    error: the configuration binary.toml is not a text file
    hint: name another one with --config FILE
    ");
    assert_snapshot!(refused(""), @r"
    error: lacegraph.toml has no [[organization]]
    hint: the README shows a whole lacegraph.toml
    ");
    assert_snapshot!(refused("dormant_after_days = \"ninety\"\n"), @r"
    error: lacegraph.toml, line 1, `dormant_after_days`: invalid type: string …, expected a whole number
    hint: the README shows a whole lacegraph.toml
    ");
}

#[test]
fn an_organization_without_a_usable_key() {
    assert_snapshot!(refused(&organization("")), @r"
    error: lacegraph.toml, line 2: organization `acme` has no key
    hint: add profile, key_file, or key_id with secret_env, secret_file or secret_command; or give each of its accounts a key of its own
    ");
    assert_snapshot!(refused(&organization("key_id = \"ACMEPROD_1\"")), @r#"
    error: lacegraph.toml, line 2: organization `acme` has key_id and no secret
    hint: add secret_env = "NAME_OF_A_VARIABLE", secret_file or secret_command
    "#);
    assert_snapshot!(refused(&organization("secret_env = \"ACME_SECRET\"")), @r#"
    error: lacegraph.toml, line 2: organization `acme` has secret_env and no key_id
    hint: add key_id = "…"
    "#);
    assert_snapshot!(refused(&organization("key_id = \"ACMEPROD_1\"\nsecret_env = \"ACME_SECRET\"")), @r"
    error: the environment variable ACME_SECRET, which holds the secret of ACMEPROD_1, is not set
    hint: export ACME_SECRET=… before you start lacegraph
    ");
    assert_snapshot!(refused(&organization("profile = \"audit\"\nkey_file = \"key.json\"")), @r"
    error: lacegraph.toml, line 2: organization `acme` has more than one key
    hint: keep one of profile, key_file, or key_id with secret_env, secret_file or secret_command
    ");
    assert_snapshot!(refused(&organization("key_file = \"key.json\"")), @r"
    error: the key file key.json does not exist
    hint: download the key again in the console; the file is JSON with keyId and secret, or text with the lines apiId: … and password: …
    ");
}

#[test]
fn a_secret_in_the_place_of_something_else() {
    assert_snapshot!(refused(&organization("key_id = [\"_secret-that-must-not-be-printed\"]")), @r"
    error: lacegraph.toml, line 4, `key_id`: invalid type: list, expected a string
    hint: the README shows a whole lacegraph.toml
    ");
    assert_snapshot!(refused(&organization("profile = { \"_secret-that-must-not-be-printed\" = 1 }")), @r"
    error: lacegraph.toml, line 4, `profile`: invalid type: table, expected a string
    hint: the README shows a whole lacegraph.toml
    ");
    assert_snapshot!(
        refused(&organization("profile = \"p\"\n[organization.accounts.DEV]\nsecret = \"_secret-that-must-not-be-printed\"")),
        @r"
    error: lacegraph.toml, line 6: `secret` of account `DEV` of organization `acme` holds a secret
    hint: a secret does not belong into this file: use secret_env, secret_file, secret_command, key_file or profile, and change the secret, for it has been in a file that is easily shared
    "
    );
    assert_snapshot!(refused(&organization("include = \"_secret-that-must-not-be-printed\"")), @r"
    error: lacegraph.toml, line 4, `include`: invalid type: string …, expected a list
    hint: the README shows a whole lacegraph.toml
    ");
}

#[test]
fn names_and_patterns_that_cannot_be() {
    let place = Place::new();
    let check = |text: &str| {
        place.give("lacegraph.toml", text);
        let secret = [("ACME_SECRET", "_secret-that-must-not-be-printed")];
        place.run_with(&secret, &["export"]).refusal(2).to_owned()
    };
    let key = "key_id = \"ACMEPROD_1\"\nsecret_env = \"ACME_SECRET\"\n";
    assert_snapshot!(check(&organization(&format!("{key}exclude = [\"ACME-[\"]"))), @r"
    error: lacegraph.toml: organization `acme`: read the account pattern `ACME-[`: unclosed character class; missing ']'
    hint: patterns know `*`, `?`, `[abc]` and `{one,two}`; put a backslash before a character that is meant literally
    ");
    assert_snapshot!(check(&format!("[[organization]]\nname = \"a/b\"\naccount = \"acme\"\n{key}")), @r"
    error: lacegraph.toml, line 2: organization `a/b` needs a name without `/`
    hint: the name is part of every account_id
    ");
    assert_snapshot!(check(&format!("[[organization]]\nname = \"acme\"\n{key}")), @r#"
    error: lacegraph.toml, line 2: organization `acme` has no account
    hint: add account = "…": sub-domain, host or full URL
    "#);
    assert_snapshot!(check(&format!("[[organization]]\nname = \"acme\"\naccount = \"not a host\"\n{key}")), @r"
    error: failed to read the account of organization `acme` in lacegraph.toml: read the account or host `not a host`: it is neither a name nor a URL
    hint: write the account (`acme`), its host (`acme.lacework.net`) or a full URL (`https://acme.lacework.net`)
    ");
    assert_snapshot!(check(&format!("[[organization]]\naccount = \"acme\"\n{key}")), @r"
    error: lacegraph.toml, line 1: missing field `name`
    hint: the README shows a whole lacegraph.toml
    ");
    let host = "[organization.accounts.DEV]\naccount = \"acme-dev\"\n";
    assert_snapshot!(check(&organization(&format!("{key}{host}"))), @r"
    error: lacegraph.toml, line 6: account `DEV` of organization `acme` has a host of its own and no key of its own
    hint: a key goes to its own host only: add profile, key_file, or key_id with secret_env, secret_file or secret_command
    ");
    assert_eq!(place.names(), ["lacegraph.toml"]);
}

#[test]
fn key_files_that_do_not_do() {
    let place = Place::new();
    place.give("lacegraph.toml", organization("key_file = \"key.json\""));
    place.give("key.json", invalid("key_file_malformed.json"));
    assert_snapshot!(place.run(&["export"]).refusal(2), @r"
    error: key.json, line 4: the file ends within a string
    hint: download the key again in the console; the file is JSON with keyId and secret, or text with the lines apiId: … and password: …
    ");
    place.give("key.json", r#"{"keyId": "ACMEPROD_1", "Secret": "_secret-that-must-not-be-printed"}"#);
    assert_snapshot!(place.run(&["export"]).refusal(2), @r"
    error: key.json, line 1: missing field `secret`
    hint: download the key again in the console; the file is JSON with keyId and secret, or text with the lines apiId: … and password: …
    ");
    place.give("key.json", r#"{"keyId": "ACMEPROD_1", "secret": {"_secret-that-must-not-be-printed": 1}}"#);
    assert_snapshot!(place.run(&["export"]).refusal(2), @r"
    error: key.json, line 1: invalid type: table, expected a string
    hint: download the key again in the console; the file is JSON with keyId and secret, or text with the lines apiId: … and password: …
    ");
    assert_eq!(place.names(), ["key.json", "lacegraph.toml"]);
}
