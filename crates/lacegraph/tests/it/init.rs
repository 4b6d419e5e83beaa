//! `init`: what it writes, that it is read back and works, and when it writes nothing.

use insta::assert_snapshot;
use serde_json::json;

use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::Place;

/// A `.lacework.toml` with the key of an organization as `name`.
fn profile(mock: &Mock, organization: &str, name: &str) -> String {
    let key = mock.key(organization);
    format!("[{name}]\naccount = \"{organization}\"\napi_key = \"{}\"\napi_secret = \"{}\"\n", key.key_id, key.secret)
}

#[test]
fn from_the_variables() {
    let (mock, place) = (Mock::demo(), Place::new());
    let variables = mock.variables("globex");
    let run = place.run_with(&variables, &["init"]);
    assert_snapshot!(run.text(), @r"
    exit 0
    --- stdout
    lacegraph.toml
    --- stderr
    [MOCK] knows 4 accounts of this key's organization; 1 of them cannot be read with it
    next: read lacegraph.toml, fill in what you need, and see what an export would read (with the secret in LW_API_SECRET):
      lacegraph check --config lacegraph.toml
    ");
    assert_snapshot!(fs_err::read_to_string(place.path("lacegraph.toml")).unwrap(), @r#"
    #   Which organizations lacegraph reads, and with which keys. Begun by `lacegraph init`.
    #   `lacegraph check` tells what an export would read; it exports nothing.
    #   A secret does not belong into this file: one that is found here is refused.

    #   Your own e-mail domains. Everybody else counts as external.
    # internal_domains = ["example.com"]

    #   Who has not logged in for more days than this is dormant.
    # dormant_after_days = 90

    [[organization]]
    name = "globex"   # how it is called in every output
    account = "http://[MOCK]"   # sub-domain, host or full URL
    key_id = "GLOBEXHQ_DEMO0AUDIT0KEY0000000000000001"   # its id; the secret is never written here
    secret_env = "LW_API_SECRET"   # the variable that holds the secret

    #   A key comes from one of these:
    #     profile = "…"            a profile of ~/.lacework.toml
    #     key_file = "key.json"    as downloaded in the console; a path counts from where this file is
    #     key_id = "…" with        secret_env = "VARIABLE", secret_file = "path"
    #                              or secret_command = ["op", "read", "op://vault/item/field"]

    #   Patterns on the names of accounts. Without them every account is read.
    # include = ["*"]
    # exclude = ["*-SANDBOX"]

    #   What is to be known of an account. One that has a key of its own names it here too, with the same lines as above.
    # [organization.accounts.GLOBEX-APAC]   # this key cannot read it: `lacegraph check` tells why
    # owner = ""
    # environment = ""
    # scope = []

    # [organization.accounts.GLOBEX-EMEA]
    # owner = ""
    # environment = ""
    # scope = []

    # [organization.accounts.GLOBEX-HQ]
    # owner = ""
    # environment = ""
    # scope = []

    # [organization.accounts.SHARED-SERVICES]
    # owner = ""
    # environment = ""
    # scope = []

    #   Another organization: the same lines again.
    # [[organization]]
    # name = "another"
    # account = "another"
    # key_id = "ANOTHER_0123456789ABCDEF"
    # secret_env = "ANOTHER_SECRET"

    #   What a custom group confers, as the console shows it: no call of the API tells.
    # [groups."globex/GLOBEX-APAC/Name of the group"]
    # role = "READ_ONLY"
    # evidence = "console, looked at by … on …"
    "#);
    assert_eq!(place.names(), ["lacegraph.toml"]);
    let before = mock.calls().len();
    let check = place.run_with(&variables, &["check", "--config", "lacegraph.toml", "--json"]);
    assert_eq!(check.json()["organizations"][0]["accounts"].as_array().unwrap().len(), 4, "{}", check.text());
    assert!(mock.calls().len() > before);
}

#[test]
fn from_a_profile() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give_profiles(&profile(&mock, "tiny", "audit"));
    let server = [("LW_API_SERVER_URL", mock.base_url())];
    // A configuration that is here is not what is asked for.
    place.give("lacegraph.toml", "[[organization]]\nname = \"another\"\n");
    let run = place.run_with(&server, &["init", "--profile", "audit", "--out", "new.toml"]);
    assert_snapshot!(run.text(), @r"
    exit 0
    --- stdout
    new.toml
    --- stderr
    note: the key of the profile `audit` goes to [MOCK]: LW_API_SERVER_URL is set
    [MOCK] knows 2 accounts of this key's organization
    next: read new.toml, fill in what you need, and see what an export would read:
      lacegraph check --config new.toml
    ");
    let text = fs_err::read_to_string(place.path("new.toml")).unwrap();
    assert!(text.contains("\nprofile = \"audit\" "), "{text}");
    let check = place.run(&["check", "--config", "new.toml"]);
    assert_eq!(check.code, 0, "{}", check.text());
}

#[test]
fn from_the_default_profile() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give_profiles(&profile(&mock, "tiny", "default"));
    let server = [("LW_API_SERVER_URL", mock.base_url())];
    let run = place.run_with(&server, &["init"]);
    assert_eq!((run.code, run.out.as_str()), (0, "lacegraph.toml\n"), "{}", run.text());
    assert_eq!(place.run(&["check"]).code, 0);
    place.give_profiles(&profile(&mock, "tiny", "audit"));
    assert_snapshot!(place.run_with(&server, &["init", "--out", "other.toml"]).refusal(2), @r"
    error: [HOME]/.lacework.toml has no profile `default`
    hint: its profiles are audit
    ");
}

#[test]
fn without_a_key() {
    let place = Place::new();
    assert_snapshot!(place.run(&["init"]).text(), @r"
    exit 0
    --- stdout
    lacegraph.toml
    --- stderr
    there is no key here yet: what is written is a form to fill in
    next: read lacegraph.toml, fill in what you need, and see what an export would read (with the secret in MY_ORGANIZATION_SECRET):
      lacegraph check --config lacegraph.toml
    ");
    assert_snapshot!(place.run(&["check", "--config", "lacegraph.toml"]).refusal(2), @r"
    error: the environment variable MY_ORGANIZATION_SECRET, which holds the secret of MYACCOUNT_0123456789ABCDEF, is not set
    hint: export MY_ORGANIZATION_SECRET=… before you start lacegraph
    ");
    assert_snapshot!(Place::new().run(&["init", "--env"]).refusal(2), @r"
    error: there are no credentials
    hint: write a lacegraph.toml, or set LW_ACCOUNT, LW_API_KEY and LW_API_SECRET, or name a --profile of ~/.lacework.toml; `lacegraph demo` needs none
    ");
}

#[test]
fn nothing_is_overwritten() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give("lacegraph.toml", "mine");
    assert_snapshot!(place.run_with(&mock.variables("tiny"), &["init"]).refusal(2), @r"
    error: lacegraph.toml exists already
    hint: choose another name with --out FILE; a configuration is never overwritten
    ");
    assert_eq!(fs_err::read_to_string(place.path("lacegraph.toml")).unwrap(), "mine");
    assert_snapshot!(place.run_with(&mock.variables("tiny"), &["init", "--out", "no/where.toml"]).refusal(2), @r"
    error: no/where.toml cannot be written: no is no directory
    hint: make that directory, or choose another place with --out FILE
    ");
    assert_snapshot!(place.run_with(&mock.variables("tiny"), &["init", "--config", "lacegraph.toml", "--out", "x"]).refusal(2), @r"
    error: init begins a configuration and reads none: --config and --console-groups are for other commands
    hint: name the file to write with --out FILE
    ");
    assert_eq!(mock.calls(), []);
    assert_eq!(place.names(), ["lacegraph.toml"]);
}

#[cfg(unix)]
#[test]
fn it_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    assert_eq!(place.run(&["init"]).code, 0);
    let mode = fs_err::metadata(place.path("lacegraph.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_key_that_gives_nothing_writes_nothing() {
    let (mock, place) = (Mock::small(), Place::new());
    let mut variables = mock.variables("tiny");
    variables[2].1 = "_wrong-secret-that-must-not-be-printed".to_owned();
    assert_snapshot!(place.run_with(&variables, &["init"]).refusal(5), @r"
    error: the key of the LW_* variables does not work: access/tokens: status 401: the key id or the secret is not valid (1 try)
    hint: check the key id, its secret and that the key is enabled and belongs to this account or host
    ");
    let forbidden = json!([{"status": 403, "message": "no"}]);
    let mock = Mock::serve(Fixture::small().set("faults", forbidden).world());
    assert_snapshot!(place.run_with(&mock.variables("tiny"), &["init"]).refusal(5), @r"
    error: the key of the LW_* variables reads no account: TeamMembers page 1: status 403: no (2 tries); TeamUsers page 1: status 403: no (2 tries)
    hint: the key's owner may not read this; use the key of an organization admin, or a key of the account's own
    ");
    let nobody = r#"{"data": []}"#;
    let empty = Fixture::small()
        .without("tiny/org/TeamMembers.json")
        .write("tiny/accounts/TINY-ONE/TeamMembers.json", nobody)
        .write("tiny/accounts/TINY-TWO/TeamMembers.json", nobody);
    let mock = Mock::serve(empty.world());
    assert_snapshot!(place.run_with(&mock.variables("tiny"), &["init"]).refusal(5), @r"
    error: the key of the LW_* variables reads no account: every list that answers is empty
    hint: a key sees what its owner sees: use the key of an organization admin
    ");
    assert_eq!(place.names(), [""; 0]);
}
