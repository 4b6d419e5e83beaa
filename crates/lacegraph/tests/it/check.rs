//! `check`: what stands in the way, and the exit code that the export would have.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::{Place, Run};

fn check(mock: &Mock, arguments: &[&str]) -> Run {
    let place = Place::new();
    place.give("lacegraph.toml", mock.configuration(r#"exclude = ["*-SANDBOX"]"#));
    let run = place.run_with(&mock.secrets(), &[&["check"], arguments].concat());
    assert_eq!(place.names(), ["lacegraph.toml"]);
    run
}

#[test]
fn the_demo_would_be_partial() {
    assert_snapshot!(check(&Mock::demo(), &[]).text(), @"
    exit 3
    --- stdout
    configured in lacegraph.toml

    acme at [MOCK] (not a host of the vendor)
      key                ACMEPR…0001 from the variable LACEGRAPH_MOCK_SECRET_ACME
      token              granted
      key of             audit@acme.example, organization admin
      organization list  answers, 25 rows of 45 on the first page
      rate limit         requests in this hour: TeamMembers 479 left, about 5 needed
      5 accounts
        ACME-DEV         by the organization's list
        ACME-PROD        by the organization's list
        ACME-SANDBOX     excluded by the configuration
        ACME-STAGING     by the organization's list
        SHARED-SERVICES  by the organization's list

    globex at [MOCK] (not a host of the vendor)
      key                GLOBEX…0001 from the variable LACEGRAPH_MOCK_SECRET_GLOBEX
      token              granted
      key of             audit@globex.example, organization admin
      organization list  NO: not to be had, every account is asked for its own list: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
      rate limit         requests in this hour: TeamMembers 479 left, about 9 needed; TeamUsers 479 left, about 4 needed
      4 accounts
        GLOBEX-APAC      NO: TeamMembers page 1: status 500: Internal server error: unable to load team members, request id 4be1c7d2 (4 tries)
        GLOBEX-EMEA      by its own list (team_users), 15 rows of 15 on the first page
        GLOBEX-HQ        NO: its own list (team_members) is not whole: 1 row of the first page is not understood
        SHARED-SERVICES  by its own list (team_users), 5 rows of 5 on the first page

    an export would be PARTIAL: something cannot be read
      to fix: globex/GLOBEX-HQ: look at the account in the console; if the form of the answer has changed, please report it
      to fix: globex/GLOBEX-APAC: the API has a fault of its own; run again later
    --- stderr
    ");
}

#[test]
fn the_small_fixture_would_be_complete() {
    assert_snapshot!(check(&Mock::small(), &[]).text(), @"
    exit 0
    --- stdout
    configured in lacegraph.toml

    tiny at [MOCK] (not a host of the vendor)
      key                TINYON…0001 from the variable LACEGRAPH_MOCK_SECRET_TINY
      token              granted
      key of             ann@tiny.example, organization admin
      organization list  answers, 5 rows on the first page
      rate limit         requests in this hour: TeamMembers 479 left, about 3 needed
      2 accounts
        TINY-ONE         by the organization's list
        TINY-TWO         by the organization's list

    an export would be complete
    --- stderr
    ");
}

#[test]
fn a_wrong_secret_reads_nothing() {
    let (mock, place) = (Mock::small(), Place::new());
    let mut variables = mock.variables("tiny");
    variables[2].1 = "_wrong-secret-that-must-not-be-printed".to_owned();
    assert_snapshot!(place.run_with(&variables, &["check", "--env"]).text(), @"
    exit 5
    --- stdout
    configured in the LW_* variables

    tiny at [MOCK] (not a host of the vendor)
      key                       TINYON…0001 from the LW_* variables
      token                     NO: access/tokens: status 401: the key id or the secret is not valid (1 try)
      1 account
        tiny (in no directory)  NO: access/tokens: status 401: the key id or the secret is not valid (1 try)

    an export would FAIL: no account can be read, or all of them are empty
      to fix: tiny: check the key id, its secret and that the key is enabled and belongs to this account or host
    --- stderr
    ");
    assert_eq!(place.run_with(&variables, &["check", "--env", "--json"]).code, 5);
}

#[test]
fn the_same_as_json() {
    let run = check(&Mock::demo(), &["--json"]);
    let json = run.json();
    assert_eq!((run.code, &json["exit_code"], run.err.as_str()), (3, &3.into(), ""));
    let organizations = json["organizations"].as_array().unwrap();
    let names: Vec<_> = organizations.iter().map(|organization| &organization["organization"]).collect();
    assert_eq!(names, ["acme", "globex"]);
    let accounts = organizations[1]["accounts"].as_array().unwrap();
    let bad: Vec<_> =
        accounts.iter().filter(|account| account["is_good"] == false).map(|account| &account["account"]).collect();
    // A row of GLOBEX-HQ is not understood.
    assert_eq!(bad, ["GLOBEX-APAC", "GLOBEX-HQ"]);
    assert_eq!(organizations[1]["organization_list"]["is_good"], false);
    // Enough to find the key in the console, and not the whole of it.
    assert_eq!(organizations[0]["key_id"], "ACMEPR…0001");
    assert!(!run.out.contains(&Mock::demo().key("acme").key_id));
}

/// The exit codes of `check` and of the `export` of the same organization.
fn both(fixture: Fixture) -> (i32, i32) {
    let mock = Mock::serve(fixture.world());
    let place = Place::new();
    let code = |command: &str| place.run_with(&mock.variables("tiny"), &[command, "--env"]).code;
    (code("check"), code("export"))
}

#[test]
fn it_exits_as_the_export_would() {
    let no_org_list = || Fixture::small().without("tiny/org/TeamMembers.json");
    let fault = |fault: Value| json!([fault]);
    assert_eq!(both(no_org_list()), (0, 0));
    let one = fault(json!({"account": "TINY-ONE", "status": 403}));
    assert_eq!(both(no_org_list().set("faults", one)), (3, 3));
    let all = fault(json!({"status": 403}));
    assert_eq!(both(no_org_list().set("faults", all)), (5, 5));
    let token = fault(json!({"endpoint": "access/tokens", "status": 403}));
    assert_eq!(both(Fixture::small().set("faults", token)), (5, 5));
    assert_eq!(both(Fixture::small().with_key_of("TINY-TWO")), (0, 0));
    let nobody = r#"{"data": []}"#;
    let empty = no_org_list()
        .write("tiny/accounts/TINY-ONE/TeamMembers.json", nobody)
        .write("tiny/accounts/TINY-TWO/TeamMembers.json", nobody);
    assert_eq!(both(empty), (5, 5));
}
