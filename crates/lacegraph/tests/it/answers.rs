//! Answers of the API that are no good at all: exit code 5, what to do about it, and nothing left.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::fixture::{Fixture, invalid};
use crate::mock::Mock;
use crate::place::Place;

/// What an export says that could read nothing, without its first line, which only tells what it set out to do.
fn refused(mock: &Mock) -> String {
    let place = Place::new();
    let said = place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out"]).refusal(5).to_owned();
    assert_eq!(place.names(), [""; 0]);
    said.lines().skip(1).collect::<Vec<_>>().join("\n")
}

/// The small fixture with these faults.
fn faulty(faults: Value) -> Mock {
    Mock::serve(Fixture::small().set("faults", faults).world())
}

#[test]
fn a_wrong_secret_or_key() {
    let (mock, place) = (Mock::small(), Place::new());
    let mut variables = mock.variables("tiny");
    variables[2].1 = "_wrong-secret-that-must-not-be-printed".to_owned();
    assert_snapshot!(place.run_with(&variables, &["export", "--env"]).refusal(5), @r"
    reading tiny ([MOCK]) as configured in the LW_* variables
    error: no account could be read; tiny: access/tokens: status 401: the key id or the secret is not valid (1 try)
    hint: check the key id, its secret and that the key is enabled and belongs to this account or host
    ");
    // A refused key is not tried again: that would lock it.
    assert_eq!(
        mock.calls().iter().map(|call| (call.method.as_str(), call.status)).collect::<Vec<_>>(),
        [("POST", 401)]
    );
    let mut variables = mock.variables("tiny");
    variables[1].1 = "TINYONE_00000000000000000000000000000000".to_owned();
    assert_snapshot!(place.run_with(&variables, &["export", "--env"]).refusal(5), @r"
    reading tiny ([MOCK]) as configured in the LW_* variables
    error: no account could be read; tiny: access/tokens: status 401: the key id or the secret is not valid (1 try)
    hint: check the key id, its secret and that the key is enabled and belongs to this account or host
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_host_that_does_not_answer() {
    let place = Place::new();
    // Bound and dropped: nobody listens there now.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let variables = [
        ("LW_ACCOUNT", "acme"),
        ("LW_API_KEY", "ACMEPROD_1"),
        ("LW_API_SECRET", "_secret-that-must-not-be-printed"),
        ("LW_API_SERVER_URL", &url),
    ];
    assert_snapshot!(place.run_with(&variables, &["export"]).refusal(5), @r"
    reading acme ([MOCK]) as configured in the LW_* variables
    error: no account could be read; acme: access/tokens: no connection: error sending request: client error (Connect): tcp connect error: Connection refused (os error N) (5 tries)
    hint: check the account or host name, the network, the proxy and the certificates
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn every_list_is_a_web_page() {
    let page = json!([{"status": 200, "body": invalid("html.html"), "content_type": "text/html"}]);
    assert_snapshot!(refused(&faulty(page)), @"
    error: no account could be read; tiny: the organization's list could not be read, every account was asked on its own: TeamMembers (organization) page 1: status 200, HTML instead of JSON (content type text/html)
    hint: a proxy or a login page answered instead of the API; check the host and the proxy
    ");
    let page = json!([{"status": 502, "body": invalid("html.html"), "content_type": "text/html"}]);
    assert_snapshot!(refused(&faulty(page)), @"
    error: no account could be read; tiny: the organization's list could not be read, every account was asked on its own: TeamMembers (organization) page 1: status 502: an HTML page (5 tries)
    hint: a proxy or a login page answered instead of the API; check the host and the proxy
    ");
}

#[test]
fn every_list_is_broken_json() {
    assert_snapshot!(refused(&faulty(json!([{"status": 200, "body": invalid("truncated.json")}]))), @"
    error: no account could be read; tiny: the organization's list could not be read, every account was asked on its own: TeamMembers (organization) page 1: status 200, JSON that is cut off after 266 bytes (content type application/json)
    hint: run again; if it stays so, a proxy may be cutting the answers off
    ");
    assert_snapshot!(refused(&faulty(json!([{"status": 200, "body": invalid("not_an_object.json")}]))), @"
    error: no account could be read; tiny: the organization's list could not be read, every account was asked on its own: TeamMembers (organization) page 1: status 200, no JSON of the expected form, line 1 column 33 (content type application/json)
    hint: check that the host is the API's; if it is, please report the form of the answer
    ");
    assert_snapshot!(refused(&faulty(json!([{"status": 200, "body": invalid("data_is_string.json")}]))), @"
    error: no account could be read; tiny: the organization's list could not be read, every account was asked on its own: TeamMembers (organization) page 1: status 200, no JSON of the expected form, line 2 column 22 (content type application/json)
    hint: check that the host is the API's; if it is, please report the form of the answer
    ");
    assert_snapshot!(refused(&faulty(json!([{"status": 200, "body": "{}"}]))), @"
    error: no account could be read; tiny: the organization's list could not be read, every account was asked on its own: TeamMembers (organization) page 1: status 200, JSON without a `data` list (content type application/json)
    hint: check that the host is the API's; if it is, please report the form of the answer
    ");
}

#[test]
fn the_token_is_a_web_page_or_missing() {
    let page = json!([{"endpoint": "access/tokens", "status": 200, "body": invalid("html.html"), "content_type": "text/html"}]);
    assert_snapshot!(refused(&faulty(page)), @r"
    error: no account could be read; tiny: access/tokens: status 200, HTML instead of JSON (content type text/html)
    hint: a proxy or a login page answered instead of the API; check the host and the proxy
    ");
    assert_snapshot!(refused(&faulty(json!([{"endpoint": "access/tokens", "status": 201, "body": "{}"}]))), @r"
    error: no account could be read; tiny: access/tokens: status 201, no token in the answer (content type application/json)
    hint: check that the host is the API's; if it is, please report the form of the answer
    ");
}

#[test]
fn every_account_fails() {
    let mock = faulty(json!([{"status": 500, "message": "Internal server error"}]));
    assert_snapshot!(refused(&mock), @"
    error: no account could be read; tiny: the organization's list could not be read, every account was asked on its own: TeamMembers (organization) page 1: status 500: Internal server error (4 tries)
    hint: the API has a fault of its own; run again later
    ");
}

#[test]
fn an_organization_without_members() {
    let nobody = r#"{"data": []}"#;
    let fixture = Fixture::small()
        .write("tiny/org/TeamMembers.json", nobody)
        .write("tiny/accounts/TINY-ONE/TeamMembers.json", nobody)
        .write("tiny/accounts/TINY-TWO/TeamMembers.json", nobody);
    assert_snapshot!(refused(&Mock::serve(fixture.world())), @r"
    error: no account could be read; every list that answered was empty
    hint: a key sees what its owner sees: use the key of an organization admin; `lacegraph check` tells whose it is
    ");
}

#[test]
fn every_account_is_excluded() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give("lacegraph.toml", mock.configuration("exclude = [\"*\"]"));
    assert_snapshot!(place.run_with(&mock.secrets(), &["export"]).refusal(5), @r"
    reading tiny ([MOCK]) as configured in lacegraph.toml
    error: no account could be read; the configuration excludes every account
    hint: look at include and exclude in the configuration
    ");
    assert_eq!(place.names(), ["lacegraph.toml"]);
}
