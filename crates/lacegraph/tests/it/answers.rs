//! Answers of the API that are no good: no secret is shown, nothing half-read looks whole, the exit code tells.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::fixture::{Fixture, invalid};
use crate::mock::Mock;
use crate::place::{Place, Run};

/// An export by the variables for the small fixture, into `out`.
fn export(mock: &Mock, place: &Place) -> Run {
    place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out"])
}

/// What an export says that could read nothing, without its first line, which only tells what it set out to do.
fn refused(mock: &Mock) -> String {
    let place = Place::new();
    let said = export(mock, &place).refusal(5).to_owned();
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
    error: no account could be read; acme: access/tokens: no connection: error sending request: client error (Connect): tcp connect error: Connection refused (os error 111) (5 tries)
    hint: check the account or host name, the network, the proxy and the certificates
    ");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn every_list_is_a_web_page() {
    let page = json!([{"status": 200, "body": invalid("html.html"), "content_type": "text/html"}]);
    assert_snapshot!(refused(&faulty(page)), @r"
    error: no account could be read; tiny/tiny-one: TeamMembers page 1: status 200, HTML instead of JSON (content type text/html)
    hint: a proxy or a login page answered instead of the API; check the host and the proxy
    ");
    let page = json!([{"status": 502, "body": invalid("html.html"), "content_type": "text/html"}]);
    assert_snapshot!(refused(&faulty(page)), @r"
    error: no account could be read; tiny/tiny-one: TeamMembers page 1: status 502: an HTML page (5 tries)
    hint: a proxy or a login page answered instead of the API; check the host and the proxy
    ");
}

#[test]
fn every_list_is_broken_json() {
    assert_snapshot!(refused(&faulty(json!([{"status": 200, "body": invalid("truncated.json")}]))), @r"
    error: no account could be read; tiny/tiny-one: TeamMembers page 1: status 200, JSON that is cut off after 266 bytes (content type application/json)
    hint: run again; if it stays so, a proxy may be cutting the answers off
    ");
    assert_snapshot!(refused(&faulty(json!([{"status": 200, "body": invalid("not_an_object.json")}]))), @r"
    error: no account could be read; tiny/tiny-one: TeamMembers page 1: status 200, no JSON of the expected form, line 1 column 33 (content type application/json)
    hint: check that the host is the API's; if it is, please report the form of the answer
    ");
    assert_snapshot!(refused(&faulty(json!([{"status": 200, "body": invalid("data_is_string.json")}]))), @"");
    assert_snapshot!(refused(&faulty(json!([{"status": 200, "body": "{}"}]))), @r"
    error: no account could be read; tiny/tiny-one: TeamMembers page 1: status 200, JSON without a `data` list (content type application/json)
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
    assert_snapshot!(refused(&mock), @r"
    error: no account could be read; tiny/tiny-one: TeamMembers page 1: status 500: Internal server error (4 tries)
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

/// A mock whose organization list is refused, and one account of which strikes this fault.
fn one_account_with(fault: Value) -> Mock {
    let mut fault = fault;
    fault["account"] = json!("TINY-TWO");
    let fixture = Fixture::small().set("faults", json!([fault])).without("tiny/org/TeamMembers.json");
    Mock::serve(fixture.world())
}

/// The problem lines of a summary.
fn problems(run: &Run) -> String {
    let from = run.out.find("Accounts").unwrap();
    let lines = run.out[from..].lines().filter(|line| line.starts_with("Accounts") || line.starts_with("  "));
    lines.filter(|line| !line.contains(" out/")).collect::<Vec<_>>().join("\n")
}

/// An export of a mock with one bad account: partial, and the other account is whole.
fn partial(mock: &Mock) -> String {
    let place = Place::new();
    let run = export(mock, &place);
    assert_eq!(run.code, 3, "{}", run.text());
    assert!(run.out.starts_with("PARTIAL"), "{}", run.out);
    let database = rusqlite::Connection::open(place.path("out/lacegraph.db")).unwrap();
    let text = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("SELECT snapshot_status FROM snapshot"), "partial");
    assert_eq!(text("SELECT fetch_status FROM accounts WHERE account_name = 'TINY-ONE'"), "complete");
    assert_ne!(text("SELECT fetch_status FROM accounts WHERE account_name = 'TINY-TWO'"), "complete");
    problems(&run)
}

#[test]
fn one_account_fails_and_the_other_is_whole() {
    assert_snapshot!(partial(&one_account_with(json!({"status": 500, "message": "Internal server error"}))), @r"
    Accounts    2 of 2 in scope: 1 read whole, 1 failed
      error     tiny/tiny-two: TeamMembers page 1: status 500: Internal server error (4 tries)
                hint: the API has a fault of its own; run again later
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(partial(&one_account_with(json!({"status": 403, "message": "not for you"}))), @r"
    Accounts    2 of 2 in scope: 1 read whole, 1 failed
      error     tiny/tiny-two: TeamMembers page 1: status 403: not for you (2 tries); TeamUsers page 1: status 403: not for you (2 tries)
                hint: the key's owner may not read this; use the key of an organization admin, or a key of the account's own
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
}

#[test]
fn one_account_answers_with_something_else() {
    let body = |name: &str| partial(&one_account_with(json!({"status": 200, "body": invalid(name)})));
    assert_snapshot!(body("truncated.json"), @r"
    Accounts    2 of 2 in scope: 1 read whole, 1 failed
      error     tiny/tiny-two: TeamMembers page 1: status 200, JSON that is cut off after 266 bytes (content type application/json)
                hint: run again; if it stays so, a proxy may be cutting the answers off
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(body("page_loop.json"), @r"
    Accounts    2 of 2 in scope: 1 read whole, 1 read in part
      error     tiny/tiny-two, page 3: TeamMembers page 2: the next page was read before
                hint: run again; if it stays so, report it to the vendor: the list cannot be read to its end
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(body("foreign_page_url.json"), @r"
    Accounts    2 of 2 in scope: 1 read whole, 1 read in part
      error     tiny/tiny-two, page 2: TeamMembers page 1: the next page is at https://collector.example, another origin than the API's
                hint: run again; if it stays so, report it to the vendor: the list cannot be read to its end
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(body("one_bad_row.json"), @r"
    Accounts    2 of 2 in scope: 1 read whole, 1 read in part
      error     tiny/tiny-two, page 1, row 2: a row of the list is not understood, or not all of it: `data[1].accounts`: expected a list
                hint: look at this row in the console; if the form of the answer has changed, please report it
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(body("wrong_total_rows.json"), @r"
    Accounts    2 of 2 in scope: 1 read whole, 1 read in part
      error     tiny/tiny-two: 2 rows arrived, the API announced 5
                hint: run again; if it stays so, members may be hidden from the key's owner
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    let page = json!({"status": 200, "body": invalid("html.html"), "content_type": "text/html"});
    assert_snapshot!(partial(&one_account_with(page)), @r"
    Accounts    2 of 2 in scope: 1 read whole, 1 failed
      error     tiny/tiny-two: TeamMembers page 1: status 200, HTML instead of JSON (content type text/html)
                hint: a proxy or a login page answered instead of the API; check the host and the proxy
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
}

#[test]
fn a_page_of_the_organizations_list_is_lost() {
    let world = Fixture::small().set("faults", json!([{"org": true, "page": 2, "status": 500}])).world();
    let (mock, place) = (Mock::serve(world.with_page_size(Some(2))), Place::new());
    let run = export(&mock, &place);
    // The accounts' own lists make up for it, but nobody can say who was on the page.
    assert_snapshot!(format!("exit {}\n{}", run.code, problems(&run)), @r"
    exit 3
    Accounts    2 of 2 in scope: 2 read whole
      error     tiny, page 2: TeamMembers (organization) page 2: status 500: a failure that the fixture asks for (4 tries)
                hint: the API has a fault of its own; run again later
    ");
}

#[test]
fn a_key_of_one_account_alone() {
    let mock = Mock::serve(Fixture::small().with_key_of("TINY-TWO").world());
    let place = Place::new();
    let run = export(&mock, &place);
    assert_snapshot!(run.text(), @r"
    exit 0
    --- stdout
    COMPLETE: every account in scope was read whole
                tiny: judged by the 1 configured account; the API gave no list of accounts
    Source      live [MOCK]
    Snapshot    [SNAPSHOT], taken [TIME]
    Accounts    1 of 1 in scope: 1 read whole
                1 more that members name and nothing lists
    Who         3 people; 1 of them can reach nothing now
    Access      3 pairs of user and account, 1 as ADMIN (from 5 grants)
    Org admins  0
    To look at  0 dormant, 0 never logged in, 0 in groups whose roles the API does not tell
    Problems    0 errors, 1 warning, 2 notes
      warning   tiny/tiny-two: members name this account, no directory and no configuration does; it was not asked
      note      tiny: the API's own list of accounts is not to be had: UserProfile: status 500: Internal server error (2 tries)
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: this key does not reach the organization's data (2 tries)
    Files       out/lacegraph.db  start at the view v_effective_access
                out/csv/effective_access.csv  the same for a spreadsheet; access.csv tells every way
                out/dot/accounts.dot  a picture: dot -Tsvg -O FILE
    Next        lacegraph who ACCOUNT --db out    lacegraph why PERSON ACCOUNT --db out
    --- stderr
    reading tiny ([MOCK]) as configured in the LW_* variables
    ");
}

#[test]
fn an_organization_without_a_directory_is_asked_for_the_configured_accounts() {
    let fixture = Fixture::small().without("tiny/UserProfile.json").without("tiny/org/TeamMembers.json");
    let (mock, place) = (Mock::serve(fixture.world()), Place::new());
    let accounts =
        "[organization.accounts.TINY-ONE]\n[organization.accounts.TINY-TWO]\n[organization.accounts.TINY-SIX]\n";
    place.give("lacegraph.toml", mock.configuration("") + accounts);
    let run = place.run_with(&mock.secrets(), &["export", "--out", "out"]);
    assert_snapshot!(run.text(), @r"
    exit 3
    --- stdout
    PARTIAL: something is missing, see the errors below
                tiny: judged by the 3 configured accounts; the API gave no list of accounts
    Source      live [MOCK]
    Snapshot    [SNAPSHOT], taken [TIME]
    Accounts    3 of 3 in scope: 2 read whole, 1 failed
    Who         5 people; 1 of them can reach nothing now
    Access      9 pairs of user and account, 5 as ADMIN (from 12 grants)
    Org admins  1
    To look at  0 dormant, 0 never logged in, 0 in groups whose roles the API does not tell
    Problems    1 error, 0 warnings, 2 notes
      error     tiny/tiny-six: TeamMembers page 1: status 403: there is no account TINY-SIX for this user (2 tries); TeamUsers page 1: status 403: there is no account TINY-SIX for this user (2 tries)
                hint: the key's owner may not read this; use the key of an organization admin, or a key of the account's own
      note      tiny: the API's own list of accounts is not to be had: UserProfile: status 500: Internal server error (2 tries)
      note      tiny: the organization's list is not to be had, every account was asked on its own: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    Files       out/lacegraph.db  start at the view v_effective_access
                out/csv/effective_access.csv  the same for a spreadsheet; access.csv tells every way
                out/dot/accounts.dot  a picture: dot -Tsvg -O FILE
    Next        lacegraph who ACCOUNT --db out    lacegraph why PERSON ACCOUNT --db out
    --- stderr
    reading tiny ([MOCK]) as configured in lacegraph.toml
    ");
}
