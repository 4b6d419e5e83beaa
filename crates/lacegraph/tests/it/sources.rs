//! Where an export gets its credentials from: every way leads to the same rows.

use insta::assert_snapshot;
use serde_json::json;

use crate::access;
use crate::mock::Mock;
use crate::place::Place;

#[test]
fn a_configuration_with_both_organizations_gives_the_rows_of_the_demo() {
    let (mock, place) = (Mock::demo(), Place::new());
    // The fixture's logins grow old by the real clock: nobody may become dormant while the test is in use.
    let configuration = mock.configuration(r#"exclude = ["*-SANDBOX"]"#);
    place.give("lacegraph.toml", format!("dormant_after_days = 36500\n\n{configuration}"));
    let run = place.run_with(&mock.secrets(), &["export", "--out", "out"]);
    assert_snapshot!(run.text(), @"
    exit 3
    --- stdout
    PARTIAL: something is missing (1 of 9 accounts excluded by the configuration)
    Source      live [MOCK]
    Snapshot    [SNAPSHOT], taken [TIME]
    Accounts    8 of 9 in scope: 6 read whole, 1 read in part, 1 failed, 1 excluded
                1 more that members name and nothing lists
    Who         60 people and 5 service users; 5 of them can reach nothing now
    Access      109 pairs of user and account: 49 as ADMIN, 2 as a member without a role (from 157 grants)
    Org admins  6
    To look at  0 dormant, 5 never logged in, 8 with unknown logins, 5 with a group or role of unknown power
    Problems    2 errors, 8 warnings, 2 notes
      error     globex/globex-apac: TeamMembers page 1: status 500: Internal server error: unable to load team members, request id 4be1c7d2 (4 tries)
                hint: the API has a fault of its own; run again later
      error     globex/globex-hq, page 1, row 8: a row of the list is not understood, or not all of it: `data[7].userEnabled`: expected a boolean, 1 or 0
                hint: look at this row in the console; if the form of the answer has changed, please report it
      warning   acme/acme-dev: two records of pavel.novak@acme.example in this account differ: the account's list says disabled, the organization's list says enabled; the first is used
                hint: the account's own list is used before the organization's; look the person up in the console
      warning   acme/acme-prod: two records of sofia.marin@acme.example in this account differ: the account's list says ADMIN, the organization's list says USER; the first is used
      warning   acme/acme-prod: marcus.oyelaran@acme.example holds an organization role in acme, is disabled in ACME-PROD and enabled elsewhere; the organization role counts as enabled
                hint: disable the person in every account, or remove the role
      warning   acme/acme-staging: felix.brandt@acme.example holds an organization role in acme, is disabled in ACME-STAGING and enabled elsewhere; the organization role counts as enabled
      warning   acme/acme-zurich-lab: members name this account, no directory and no configuration of organization acme does; it was not asked
                hint: find out whose account it is; if it is yours, name it in the configuration
      warning   globex: the pattern `*-SANDBOX` of include or exclude matches no account
                hint: correct it or take it out; as it is, accounts may be read or left out that were not meant to be
      warning   globex: the key's own user audit@globex.example is in no list that was read; organization members may be missing
                hint: compare the organization's admins and users in the console with the result
      warning   globex/globex-emea: 1 row says `orgAccess`: `ORG_AUDITOR`, which is not known
                hint: check in the console what this organization access allows; it is kept as an organization role
      note      acme: the organization's list misses 1 of the members that the list of account ACME-DEV names; every account was asked on its own
      note      globex: the organization's list is not to be had, every account was asked on its own; the tenant does not offer it to this key: TeamMembers (organization) page 1: status 403: TeamMembers is not available at organization level (2 tries)
    Files       out/lacegraph.db  start at the view v_effective_access
                out/csv/effective_access.csv  the same for a spreadsheet; access.csv tells every way
                out/dot/accounts.dot  a picture: dot -Tsvg -O FILE
                out/access.xlsx  for a double click: the same with filters
                out/EVIDENCE.md  for an auditor: what was read, how it follows, what is not covered
    CSV         25 cells begin with an apostrophe, as a spreadsheet would run them; manifest.json lists them
    Next        lacegraph who ACCOUNT --db out    lacegraph why PERSON ACCOUNT --db out
    Verify      lacegraph verify out
    Manifest    SHA-256 [HASH]: record it in your ticket
    --- stderr
    reading acme ([MOCK]), globex ([MOCK]) as configured in lacegraph.toml
    ");
    access::assert_as_expected("demo", &access::in_database(&place.path("out")));
    assert_eq!(place.names(), ["lacegraph.toml", "out"]);
}

#[test]
fn a_configuration_elsewhere_is_read_when_it_is_named() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give("elsewhere.toml", mock.configuration(""));
    let run = place.run_with(&mock.secrets(), &["export", "--config", "elsewhere.toml", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    access::assert_as_expected("small", &access::in_database(&place.path("out")));
}

#[test]
fn the_variables_describe_one_organization() {
    let (mock, place) = (Mock::small(), Place::new());
    let run = place.run_with(&mock.variables("tiny"), &["export", "--out", "out"]);
    assert_snapshot!(run.text(), @"
    exit 0
    --- stdout
    COMPLETE: every account in scope was read whole
    Source      live [MOCK]
    Snapshot    [SNAPSHOT], taken [TIME]
    Accounts    2 of 2 in scope: 2 read whole
    Who         5 people; 1 of them can reach nothing now
    Access      7 pairs of user and account: 4 as ADMIN, 0 as a member without a role (from 10 grants)
    Org admins  1
    To look at  0 dormant, 0 never logged in, 4 with unknown logins, 0 with a group or role of unknown power
    Problems    0 errors, 0 warnings, 0 notes
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
    access::assert_as_expected("small", &access::in_database(&place.path("out")));
}

/// A `.lacework.toml` with the key of the small fixture as `name`.
fn profile(mock: &Mock, name: &str) -> String {
    let key = mock.key("tiny");
    format!(
        "[{name}]\naccount = \"tiny\"\napi_key = \"{}\"\napi_secret = \"{}\"\nversion = 2\n",
        key.key_id, key.secret
    )
}

#[test]
fn a_profile_of_the_vendors_command_line_is_enough() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give_profiles(&profile(&mock, "audit"));
    let server = [("LW_API_SERVER_URL", mock.base_url())];
    let run = place.run_with(&server, &["export", "--profile", "audit", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    assert_snapshot!(run.err, @"
    reading tiny ([MOCK]) as configured in the profile `audit`
    note: the key of the profile `audit` goes to [MOCK]: LW_API_SERVER_URL is set
    ");
    access::assert_as_expected("small", &access::in_database(&place.path("out")));
}

#[test]
fn the_default_profile_needs_no_name() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give_profiles(&profile(&mock, "default"));
    let run = place.run_with(&[("LW_API_SERVER_URL", mock.base_url())], &["export", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    access::assert_as_expected("small", &access::in_database(&place.path("out")));
}

#[test]
fn a_profile_beats_the_variables_and_says_so() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give_profiles(&profile(&mock, "audit"));
    let variables = [
        ("LW_API_KEY", "GLOBEXHQ_0000000000000000000000000000000A"),
        ("LW_API_SECRET", "_secret-that-must-not-be-printed"),
        ("LW_API_SERVER_URL", mock.base_url()),
    ];
    let run = place.run_with(&variables, &["export", "--profile", "audit", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    assert_snapshot!(run.err, @"
    reading tiny ([MOCK]) as configured in the profile `audit`
    note: the key of the profile `audit` goes to [MOCK]: LW_API_SERVER_URL is set
    note: LW_API_KEY and LW_API_SECRET are set and not used: --profile was given
    ");
    assert!(mock.calls().iter().all(|call| call.key_id.as_deref() == Some(&mock.key("tiny").key_id)));
}

#[test]
fn a_key_file_of_the_console_is_enough() {
    let (mock, place) = (Mock::small(), Place::new());
    let key = mock.key("tiny");
    let file = json!({"keyId": key.key_id, "secret": key.secret, "account": mock.base_url(), "subAccount": "TINY-TWO"});
    place.give("key.json", file.to_string());
    place.give("lacegraph.toml", "[[organization]]\nname = \"tiny\"\nkey_file = \"key.json\"\n");
    let run = place.run(&["export", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    // The sub-account narrows nothing: a review that looks at one account alone would miss people.
    access::assert_as_expected("small", &access::in_database(&place.path("out")));
}

#[test]
fn flags_say_which_is_meant_where_there_is_more_than_one() {
    let (mock, place) = (Mock::small(), Place::new());
    place.give("lacegraph.toml", mock.configuration(""));
    let both: Vec<_> = mock.variables("tiny").into_iter().chain(mock.secrets()).collect();
    let run = place.run_with(&both, &["export", "--out", "by-file", "--config", "lacegraph.toml"]);
    assert_eq!(run.code, 0, "{}", run.text());
    assert_snapshot!(run.err, @r"
    reading tiny ([MOCK]) as configured in lacegraph.toml
    note: LW_API_SERVER_URL is set and not used: the configuration names the hosts
    ");
    let run = place.run_with(&both, &["export", "--out", "by-env", "--env"]);
    assert_eq!(run.code, 0, "{}", run.text());
    assert_snapshot!(run.err, @"reading tiny ([MOCK]) as configured in the LW_* variables");
}

#[test]
fn facts_about_an_account_come_from_the_configuration() {
    let (mock, place) = (Mock::small(), Place::new());
    let facts = "[organization.accounts.tiny-two]\nowner = \"platform team\"\nscope = [\"pci\", \"sox\"]\n";
    place.give("lacegraph.toml", mock.configuration("") + facts);
    let run = place.run_with(&mock.secrets(), &["export", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.text());
    let database = rusqlite::Connection::open(place.path("out/lacegraph.db")).unwrap();
    let sql = "SELECT account_name, account_owner, audit_scope FROM accounts WHERE account_id = 'tiny/tiny-two'";
    let row: (String, String, String) =
        database.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    assert_eq!(row, ("TINY-TWO".to_owned(), "platform team".to_owned(), "pci, sox".to_owned()));
    access::assert_as_expected("small", &access::in_database(&place.path("out")));
}
