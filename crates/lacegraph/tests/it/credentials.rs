//! Credentials that are missing, half there or in doubt: exit code 2 before anything is asked or written.

use insta::assert_snapshot;

use crate::fixture::invalid;
use crate::mock::Mock;
use crate::place::Place;

#[test]
fn none_at_all() {
    let place = Place::new();
    assert_snapshot!(place.run(&["export"]).refusal(2), @r"
    error: there are no credentials
    hint: write a lacegraph.toml, or set LW_ACCOUNT, LW_API_KEY and LW_API_SECRET, or name a --profile of ~/.lacework.toml; `lacegraph demo` needs none
    ");
    assert_snapshot!(place.run_with(&[("LW_API_TOKEN", "_token-that-must-not-be-printed")], &["check"]).refusal(2), @r"
    error: LW_API_TOKEN alone is not enough: a token cannot be renewed
    hint: write a lacegraph.toml, or set LW_ACCOUNT, LW_API_KEY and LW_API_SECRET, or name a --profile of ~/.lacework.toml; `lacegraph demo` needs none
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn no_home() {
    let place = Place::new();
    let mut command = place.command(&["export", "--profile", "audit"]);
    let run = place.ended(&command.env_remove("HOME").output().unwrap());
    assert_snapshot!(run.refusal(2), @r"
    error: there is no home directory to find .lacework.toml in
    hint: set HOME, or use a lacegraph.toml
    ");
}

#[test]
fn half_of_a_key() {
    let place = Place::new();
    let run = place.run_with(&[("LW_ACCOUNT", "acme"), ("LW_API_KEY", "ACMEPROD_1")], &["export"]);
    assert_snapshot!(run.refusal(2), @r"
    error: LW_API_KEY is set and LW_API_SECRET is not
    hint: set both, or neither
    ");
    let half = [("LW_ACCOUNT", "acme"), ("LW_API_SECRET", "_secret-that-must-not-be-printed")];
    assert_snapshot!(place.run_with(&half, &["export"]).refusal(2), @r"
    error: LW_API_SECRET is set and LW_API_KEY is not
    hint: set both, or neither
    ");
    let no_account = [("LW_API_KEY", "ACMEPROD_1"), ("LW_API_SECRET", "_secret-that-must-not-be-printed")];
    assert_snapshot!(place.run_with(&no_account, &["export"]).refusal(2), @r"
    error: no account is named in the LW_* variables
    hint: set LW_ACCOUNT, or `account` in the profile, to the name of your account
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn profiles_that_do_not_do() {
    let place = Place::new();
    assert_snapshot!(place.run(&["export", "--profile", "acme-audit"]).refusal(2), @r"
    error: the file of profiles [HOME]/.lacework.toml does not exist
    hint: make it with `lacework configure`, or use a lacegraph.toml
    ");
    place.give_profiles(&invalid("lacework_profile_missing_secret.toml"));
    assert_snapshot!(place.run(&["export", "--profile", "acme-adit"]).refusal(2), @r"
    error: [HOME]/.lacework.toml has no profile `acme-adit`
    hint: its profiles are acme-audit, default
    ");
    assert_snapshot!(place.run(&["export", "--profile", "acme-audit"]).refusal(2), @r"
    error: the profile `acme-audit` in [HOME]/.lacework.toml has no api_secret
    hint: run `lacework configure` again
    ");
    // The key of a profile goes to the host of that profile alone.
    let other = [("LW_ACCOUNT", "acme")];
    assert_snapshot!(place.run_with(&other, &["export"]).refusal(2), @r"
    error: LW_ACCOUNT is `acme`, and the profile `default` is for another account
    hint: set LW_API_KEY and LW_API_SECRET too, or unset LW_ACCOUNT
    ");
    place.give_profiles("[default]\naccount = \"globex\"\napi_secret = \"_secret-that-must-not-be-printed\n");
    assert_snapshot!(place.run(&["export", "--profile", "default"]).refusal(2), @r"
    error: [HOME]/.lacework.toml, line 3, `api_secret`: invalid basic string, expected a quotation mark
    hint: correct it, or make it anew with `lacework configure`
    ");
    place.give_profiles("[default]\napi_secret = [\"_secret-that-must-not-be-printed\"]\n");
    assert_snapshot!(place.run(&["export", "--profile", "default"]).refusal(2), @r"
    error: the profile `default` in [HOME]/.lacework.toml has a field of the wrong type
    hint: account, subaccount, api_key and api_secret are texts
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_configuration_and_variables_with_a_key() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give("lacegraph.toml", mock.configuration(""));
    let both: Vec<_> = mock.variables("tiny").into_iter().chain(mock.secrets()).collect();
    assert_snapshot!(place.run_with(&both, &["export"]).refusal(2), @r"
    error: both lacegraph.toml and LW_* variables with credentials are here
    hint: say which is meant: --config lacegraph.toml, or --env
    ");
    assert_eq!(mock.calls(), []);
    assert_eq!(place.names(), ["lacegraph.toml"]);
}

#[test]
fn a_plain_connection_to_another_host() {
    let place = Place::new();
    let key = [("LW_API_KEY", "ACMEPROD_1"), ("LW_API_SECRET", "_secret-that-must-not-be-printed")];
    for (variable, url) in [
        ("LW_API_SERVER_URL", "http://acme.lacework.net"),
        ("LW_ACCOUNT", "http://acme.lacework.net"),
        // Loopback in its name only.
        ("LW_API_SERVER_URL", "http://127.0.0.1.example:8080"),
    ] {
        let run = place.run_with(&[key[0], key[1], (variable, url)], &["export"]);
        assert!(run.refusal(2).contains("http"), "{}", run.err);
    }
    let run = place.run_with(&[key[0], key[1], ("LW_API_SERVER_URL", "http://acme.lacework.net")], &["export"]);
    assert_snapshot!(run.refusal(2), @r"
    error: failed to read LW_API_SERVER_URL: use `acme.lacework.net` as the API: plain http would send the key readable by others
    hint: write https://; http:// is for localhost, 127.0.0.0/8 and [::1] only
    ");
    place.give(
        "lacegraph.toml",
        "[[organization]]\nname = \"acme\"\naccount = \"http://acme.lacework.net\"\nkey_id = \"ACMEPROD_1\"\nsecret_env = \"SECRET\"\n",
    );
    let secret = [("SECRET", "_secret-that-must-not-be-printed")];
    assert_snapshot!(place.run_with(&secret, &["export"]).refusal(2), @r"
    error: failed to read the account of organization `acme` in lacegraph.toml: use `acme.lacework.net` as the API: plain http would send the key readable by others
    hint: write https://; http:// is for localhost, 127.0.0.0/8 and [::1] only
    ");
    assert_eq!(place.names(), ["lacegraph.toml"]);
}

#[test]
fn arguments_that_do_not_go_together() {
    let place = Place::new();
    assert_snapshot!(place.run(&["export", "--format", "sqlite,xls"]).refusal(2), @r"
    error: invalid value 'xls' for '--format <LIST>'
      [possible values: sqlite, csv, dot, xlsx]

      tip: a similar value exists: 'xlsx'

    For more information, try '--help'.
    ");
    assert_snapshot!(place.run(&["export", "--env", "--profile", "audit"]).refusal(2), @r"
    error: the argument '--env' cannot be used with '--profile <NAME>'

    Usage: lacegraph export --env

    For more information, try '--help'.
    ");
    assert_snapshot!(place.run(&["export", "--concurrency", "0"]).refusal(2), @r"
    error: invalid value '0' for '--concurrency <N>': 0 is not in 1..=64

    For more information, try '--help'.
    ");
    assert_snapshot!(place.run(&["exprot"]).refusal(2), @"
    error: unrecognized subcommand 'exprot'

      tip: a similar subcommand exists: 'export'

    Usage: lacegraph [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_eq!(place.names(), [""; 0]);
}
