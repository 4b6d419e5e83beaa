//! Answers of the API that are good in part: what was read is kept, and nothing incomplete looks complete.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::access;
use crate::fixture::{Fixture, invalid};
use crate::mock::Mock;
use crate::place::{Place, Run};

/// An export by the variables for the small fixture, into `out`.
fn export(mock: &Mock, place: &Place) -> Run {
    place.run_with(&mock.variables("tiny"), &["export", "--env", "--out", "out"])
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
    assert_snapshot!(partial(&one_account_with(json!({"status": 500, "message": "Internal server error"}))), @"
    Accounts    2 of 2 in scope: 1 read whole, 1 failed
      error     tiny/tiny-two: TeamMembers page 1: status 500: Internal server error (4 tries)
                hint: the API has a fault of its own; run again later
      note      tiny: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(partial(&one_account_with(json!({"status": 403, "message": "not for you"}))), @"
    Accounts    2 of 2 in scope: 1 read whole, 1 failed
      error     tiny/tiny-two: the directory lists this account, but its list is refused: TeamMembers page 1: status 403: not for you (2 tries); TeamUsers page 1: status 403: not for you (2 tries)
                hint: the key's owner may not read this; use the key of an organization admin, or a key of the account's own
      note      tiny: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
}

#[test]
fn one_account_answers_with_something_else() {
    let body = |name: &str| partial(&one_account_with(json!({"status": 200, "body": invalid(name)})));
    assert_snapshot!(body("truncated.json"), @"
    Accounts    2 of 2 in scope: 1 read whole, 1 failed
      error     tiny/tiny-two: TeamMembers page 1: status 200, JSON that is cut off after 266 bytes (content type application/json)
                hint: run again; if it stays so, a proxy may be cutting the answers off
      note      tiny: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(body("page_loop.json"), @"
    Accounts    2 of 2 in scope: 1 read whole, 1 read in part
      error     tiny/tiny-two: TeamMembers page 2: the next page was read before
                hint: run again; if it stays so, report it to the vendor: the list cannot be read to its end
      note      tiny: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(body("foreign_page_url.json"), @"
    Accounts    2 of 2 in scope: 1 read whole, 1 read in part
      error     tiny/tiny-two: TeamMembers page 1: the next page is at https://collector.example, another origin than the API's
                hint: run again; if it stays so, report it to the vendor: the list cannot be read to its end
      note      tiny: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(body("one_bad_row.json"), @"
    Accounts    2 of 2 in scope: 1 read whole, 1 read in part
      error     tiny/tiny-two, page 1, row 2: a row of the list is not understood, or not all of it: `data[1].accounts`: expected a list
                hint: look at this row in the console; if the form of the answer has changed, please report it
      note      tiny: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    assert_snapshot!(body("wrong_total_rows.json"), @"
    Accounts    2 of 2 in scope: 1 read whole, 1 read in part
      error     tiny/tiny-two: 2 rows arrived, the API announced 5
                hint: run again; if it stays so, members may be hidden from the key's owner
      note      tiny: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
    let page = json!({"status": 200, "body": invalid("html.html"), "content_type": "text/html"});
    assert_snapshot!(partial(&one_account_with(page)), @"
    Accounts    2 of 2 in scope: 1 read whole, 1 failed
      error     tiny/tiny-two: TeamMembers page 1: status 200, HTML instead of JSON (content type text/html)
                hint: a proxy or a login page answered instead of the API; check the host and the proxy
      note      tiny: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    ");
}

#[test]
fn a_page_of_the_organizations_list_is_lost() {
    let world = Fixture::small().set("faults", json!([{"org": true, "page": 2, "status": 500}])).world();
    let (mock, place) = (Mock::serve(world.with_page_size(Some(2))), Place::new());
    let run = export(&mock, &place);
    // The accounts' own lists make up for it, but nobody can say who was on the page.
    assert_snapshot!(format!("exit {}\n{}", run.code, problems(&run)), @"
    exit 3
    Accounts    2 of 2 in scope: 2 read whole
      error     tiny: TeamMembers (organization) page 2: status 500: a failure that the fixture asks for (4 tries)
                hint: the API has a fault of its own; run again later
    ");
}

#[test]
fn a_key_of_one_account_alone() {
    let mock = Mock::serve(Fixture::small().with_key_of("TINY-TWO").world());
    let place = Place::new();
    let variables: Vec<_> =
        mock.variables("tiny").into_iter().chain([("LW_SUBACCOUNT".to_owned(), "tiny-two".to_owned())]).collect();
    let run = place.run_with(&variables, &["export", "--env", "--out", "out"]);
    // Whole, and it says of what: nobody knows which other accounts there are.
    assert_snapshot!(run.text(), @"
    exit 0
    --- stdout
    COMPLETE: every account in scope was read whole
                tiny: the API gave no list of accounts; this is about the 1 account of the configuration or the host
    Source      live [MOCK]
    Snapshot    [SNAPSHOT], taken [TIME]
    Accounts    1 of 1 in scope: 1 read whole
    Who         3 people; 1 of them can reach nothing now
    Access      2 pairs of user and account: 1 as ADMIN, 0 as a member without a role (from 4 grants)
    Org admins  0
    To look at  0 dormant, 0 never logged in, 2 with unknown logins, 0 with a group or role of unknown power
    Problems    0 errors, 0 warnings, 2 notes
      note      tiny: the API's own list of accounts is not to be had: UserProfile: status 500: Internal server error (2 tries)
      note      tiny: the organization's list is not to be had, every account was asked on its own; the key seems to be that of one account, of a service user or of somebody who is no organization admin: the API does not tell whose it is either: TeamMembers (organization) page 1: status 403: this key does not reach the organization's data (2 tries)
    Files       out/lacegraph.db  start at the view v_effective_access
                out/csv/effective_access.csv  the same for a spreadsheet; access.csv tells every way
                out/dot/accounts.dot  a picture: dot -Tsvg -O FILE
                out/access.xlsx  for a double click: the same with filters
                out/EVIDENCE.md  for an auditor: what was read, how it follows, what is not covered
    Next        lacegraph who ACCOUNT --db out    lacegraph why PERSON ACCOUNT --db out
    Verify      lacegraph verify out
    Manifest    SHA-256 [HASH]: record it in your ticket
    --- stderr
    reading tiny ([MOCK]) as configured in the LW_* variables
    ");
    let rows = access::in_database(&place.path("out"));
    let of_account = access::expected("small").into_iter().map(|(_, row)| row);
    let of_account: Vec<_> =
        of_account.filter(|row| row[1] == "tiny/tiny-two" && row[0] != "ann@tiny.example").collect();
    assert!(!of_account.is_empty());
    for row in of_account {
        assert!(rows.contains(&row), "{row:?}");
    }
}

#[test]
fn an_organization_without_a_directory_is_asked_for_the_configured_accounts() {
    let fixture = Fixture::small().without("tiny/UserProfile.json").without("tiny/org/TeamMembers.json");
    let (mock, place) = (Mock::serve(fixture.world()), Place::new());
    let accounts =
        "[organization.accounts.TINY-ONE]\n[organization.accounts.TINY-TWO]\n[organization.accounts.TINY-SIX]\n";
    place.give("lacegraph.toml", mock.configuration("") + accounts);
    let run = place.run_with(&mock.secrets(), &["export", "--out", "out"]);
    assert_snapshot!(run.text(), @"
    exit 3
    --- stdout
    PARTIAL: something is missing
                tiny: the API gave no list of accounts; this is about the 3 accounts of the configuration or the host
    Source      live [MOCK]
    Snapshot    [SNAPSHOT], taken [TIME]
    Accounts    3 of 3 in scope: 2 read whole, 1 failed
    Who         5 people; 1 of them can reach nothing now
    Access      9 pairs of user and account: 5 as ADMIN, 0 as a member without a role (from 12 grants)
    Org admins  1
    To look at  0 dormant, 0 never logged in, 4 with unknown logins, 0 with a group or role of unknown power
    Problems    2 errors, 0 warnings, 2 notes
      error     tiny: the organization's key reaches 2 accounts and is refused by 1 account
                hint: give each account that refused it a key of its own, in [organization.accounts.NAME], or the organization the key of an organization admin
      error     tiny/tiny-six: the account's list is refused: TeamMembers page 1: status 403: there is no account TINY-SIX for this user (2 tries); TeamUsers page 1: status 403: there is no account TINY-SIX for this user (2 tries)
                hint: the key's owner may not read this; use the key of an organization admin, or a key of the account's own
      note      tiny: the API's own list of accounts is not to be had: UserProfile: status 500: Internal server error (2 tries)
      note      tiny: the organization's list is not to be had, every account was asked on its own; the key seems to be that of one account, of a service user or of somebody who is no organization admin: the API does not tell whose it is either: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    Files       out/lacegraph.db  start at the view v_effective_access
                out/csv/effective_access.csv  the same for a spreadsheet; access.csv tells every way
                out/dot/accounts.dot  a picture: dot -Tsvg -O FILE
                out/access.xlsx  for a double click: the same with filters
                out/EVIDENCE.md  for an auditor: what was read, how it follows, what is not covered
    Next        lacegraph who ACCOUNT --db out    lacegraph why PERSON ACCOUNT --db out
    Verify      lacegraph verify out
    Manifest    SHA-256 [HASH]: record it in your ticket
    --- stderr
    reading tiny ([MOCK]) as configured in lacegraph.toml
    ");
}
