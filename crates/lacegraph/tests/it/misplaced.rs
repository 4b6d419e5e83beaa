//! A secret in every wrong place of a configuration: refused, and repeated by no message.

use crate::place::Place;

/// As the vendor's are: an underscore, and no capital letters.
const VENDORS: &str = "_secret-that-must-not-be-printed";
/// As people choose them.
const PEOPLES: &str = "hunter2-must-not-be-printed";

const HEAD: &str = "[[organization]]\nname = \"acme\"\naccount = \"acme\"\n";
const KEY: &str = "key_id = \"ACMEPROD_1\"\nsecret_env = \"ACME_SECRET\"\n";

/// Runs `check` on the configuration; [`Place`] looks for the secret in everything it says.
fn refused(text: &str) -> String {
    let place = Place::new();
    place.give("lacegraph.toml", text);
    let home = format!("[default]\napi_secret = \"{VENDORS}\"\n");
    place.give_profiles(&home);
    let run = place.run_with(&[("ACME_SECRET", VENDORS)], &["check"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{text}\n{}", run.err);
    run.err
}

#[test]
fn where_no_value_or_no_key_belongs() {
    for secret in [VENDORS, PEOPLES, "12345.must-not-be-printed", "a b must-not-be-printed", "\"must-not-be-printed\""]
    {
        for text in [
            format!("{secret}\n"),
            format!("{HEAD}{secret}\n"),
            format!("{HEAD}{secret} = \n"),
            format!("{HEAD}{secret} = 1\n"),
            format!("{HEAD}\"{secret}\" = 1\n"),
            format!("{HEAD}'{secret}' = 1\n'{secret}' = 1\n"),
            format!("{HEAD}{secret}.{secret} = 1\n"),
            format!("{HEAD}[{secret}]\n"),
            format!("{HEAD}[[{secret}]]\n"),
            format!("{HEAD}[\"{secret}\"]\n[\"{secret}\"]\n"),
            format!("{HEAD}[\"{secret}\".a]\n"),
            format!("{HEAD}[organization.\"{secret}\"]\n"),
            format!("{HEAD}[organization.\"{secret}\"]\n[organization.\"{secret}\"]\n"),
            format!("{HEAD}[organization.accounts]\n\"{secret}\" = 1\n\"{secret}\" = 1\n"),
            format!("{HEAD}[{secret}\n"),
            format!("{HEAD}key_id = {secret}\n"),
            format!("{HEAD}key_id = \"{secret}\n"),
            format!("{HEAD}key_id = '{secret}\n"),
            format!("{HEAD}key_id = \"\"\"{secret}\n"),
            format!("{HEAD}key_id = \"\\q{secret}\"\n"),
            format!("{HEAD}key_id = \"a\" {secret}\n"),
            format!("{HEAD}key_id = [\"{secret}\"]\n"),
            format!("{HEAD}key_id = {{ \"{secret}\" = \"{secret}\" }}\n"),
            format!("{HEAD}include = \"{secret}\"\n"),
            format!("{HEAD}include = [{secret}]\n"),
            format!("{HEAD}accounts = \"{secret}\"\n"),
            format!("{HEAD}accounts = {{ DEV = \"{secret}\" }}\n"),
            format!("{HEAD}secret_command = \"{secret}\"\n"),
            format!("dormant_after_days = \"{secret}\"\n{HEAD}"),
            format!("internal_domains = [\"{secret}\", 7]\n{HEAD}"),
            format!("organization = \"{secret}\"\n"),
        ] {
            refused(&text);
        }
    }
}

#[test]
fn a_number_is_a_secret_too() {
    for key in ["key_id", "secret_env", "profile", "owner", "scope"] {
        let said = refused(&format!("{HEAD}{KEY}[organization.accounts.DEV]\n{key} = 987654321\n"));
        assert!(!said.contains("987"), "{said}");
    }
    let said = refused("dormant_after_days = 98765432100\n");
    assert!(!said.contains("987"), "{said}");
}

#[test]
fn under_any_spelling_of_its_key() {
    for key in [
        "secret",
        "api_secret",
        "api_key_secret",
        "apiSecret",
        "password",
        "Password",
        "token",
        "api_token",
        "secret-key",
    ] {
        for place in [HEAD.to_owned(), format!("{HEAD}{KEY}[organization.accounts.DEV]\n")] {
            let said = refused(&format!("{place}{key} = \"{PEOPLES}\"\n"));
            assert!(said.contains("hint: a secret does not belong into this file"), "{key}: {said}");
        }
    }
}

#[test]
fn in_place_of_a_name_or_a_path() {
    for lines in [
        format!("key_id = \"{VENDORS}\"\nsecret_env = \"NO_SECRET\"\n"),
        format!("key_id = \"{VENDORS}\"\nsecret_file = \"no/file\"\n"),
        format!("key_id = \"{VENDORS}\"\n"),
        format!("profile = \"{VENDORS}\"\n"),
        format!("key_file = \"{VENDORS}\"\n"),
        format!("key_file = \"{VENDORS}.json\"\n"),
        format!("{KEY}include = [\"{VENDORS}[\"]\n"),
    ] {
        refused(&format!("{HEAD}{lines}"));
    }
    for secret in [VENDORS, PEOPLES] {
        let id = "key_id = \"ACMEPROD_1\"\n";
        refused(&format!("{HEAD}{id}secret_env = \"{secret}\"\n"));
        refused(&format!("{HEAD}{id}secret_file = \"{secret}\"\n"));
        refused(&format!("{HEAD}{id}secret_command = [\"{secret}\"]\n"));
        refused(&format!("{HEAD}{id}secret_command = [\"echo\", \"{secret}\"]\n"));
    }
    refused(&format!("[[organization]]\nname = \"acme\"\naccount = \"{VENDORS}\"\nkey_file = \"key.json\"\n"));
    refused(&format!("[[organization]]\nname = \"{VENDORS}\"\naccount = \"acme\"\n"));
    refused(&format!("{HEAD}[organization.accounts.{VENDORS}]\nowner = \"a team\"\n"));
}
