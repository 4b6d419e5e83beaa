//! `tables`: the data dictionary in its forms, and the page made of it.

use std::path::Path;

use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn one_table_in_words() {
    assert_snapshot!(Place::new().run(&["tables", "V_Org_Admins"]).text(), @r"
    exit 0
    --- stdout
    v_org_admins
      One row per user and organization with the role of organization admin, in force or not.
      organization_name         TEXT      The organization's name in the configuration.
      identity                  TEXT      E-mail in lower case, or a text that begins with local:, service: or unidentified:.
      full_name                 TEXT      The full name: the first that a record of the user carries.
      email_domain              TEXT      What follows the @ of the e-mail; NULL where the identity is none.
      domain_class              TEXT      Whose e-mail domain it is: internal (one of internal_domains in the configuration), freemail (a public mail provider), external (another), unclassified (without internal_domains: not a public provider); none is no e-mail.
      is_enabled                BOOLEAN   Off only if every record of the user in this organization is disabled.
      record_source             TEXT      The list that says so.
      account_count             INTEGER   Rows of v_effective_access for this user.
      last_login_anywhere_utc   DATETIME  The latest login of the user in any account.
      last_login_anywhere_date  DATE      The day of last_login_anywhere_utc, in UTC.
      days_since_login          INTEGER   Whole days from last_login_anywhere_utc to the capture; NULL where no login is known.
      login_state               TEXT      What the login records of all the user's memberships amount to: active; dormant (too long ago); never (every membership says so); unknown; no_membership (a member of no account); not_applicable (a service user).
      is_dormant                BOOLEAN   Whether login_state is dormant; a user who never logged in is not.
    --- stderr
    ");
    let run = Place::new().run(&["tables", "v_everything"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("error: there is no table or view `v_everything`\nhint: there are snapshot, "),
        "{}",
        run.err
    );
}

#[test]
fn every_form_names_every_table_and_view() {
    let place = Place::new();
    let rows = place.run(&["tables", "--format", "json"]).json();
    let rows = rows.as_array().unwrap();
    let text = place.run(&["tables"]).out;
    let datasette = place.run(&["tables", "--format", "datasette"]).json();
    let mut tables = 0;
    for row in rows {
        let (table, column) = (row["table"].as_str().unwrap(), row["column"].as_str().unwrap());
        let described = &datasette["databases"]["lacegraph"]["tables"][table];
        if column.is_empty() {
            tables += 1;
            assert_eq!(described["description"], row["description"]);
            assert!(text.contains(&format!("{table}\n  {}", row["description"].as_str().unwrap())), "{table}");
        } else {
            assert_eq!(described["columns"][column], row["description"]);
        }
    }
    assert_eq!(tables, 45);
}

/// `make docs` makes it anew.
#[test]
fn the_page_of_tables_is_current() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tables.md");
    let page = fs_err::read_to_string(page).unwrap().replace("\r\n", "\n");
    let made = Place::new().run(&["tables", "--format", "markdown"]).out;
    assert!(page == made, "docs/tables.md is not what the schema says: run `make docs`");
}
