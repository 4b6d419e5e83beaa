use std::error::Error as _;
use std::path::Path;

use lacegraph_mock::{KeyScope, World};

use crate::client::{altered_world, small_world, start};

#[tokio::test]
async fn a_world_says_what_it_is() {
    let world = World::from_fixture_dir(small_world()).unwrap();
    assert_eq!(world.clock().unwrap().to_string(), "2026-09-01T08:00:00Z");
    assert_eq!(world.organization_names(), ["acme", "globex"]);
    let server = start(lacegraph_mock::ServerOptions::default()).await;
    let scopes: Vec<_> =
        server.keys().iter().map(|key| (key.key_id.as_str(), key.organization.as_str(), &key.scope)).collect();
    let dev = KeyScope::Account("ACME-DEV".to_owned());
    assert_eq!(
        scopes,
        [
            ("ACME_AUDIT_KEY", "acme", &KeyScope::Organization),
            ("ACME_DEV_KEY", "acme", &dev),
            ("GLOBEX_KEY", "globex", &KeyScope::Organization),
        ]
    );
}

/// The error of a world with one file written over, with its cause.
fn error_with(file: &str, text: &str) -> String {
    let directory = altered_world(file, text);
    let error = World::from_fixture_dir(directory.path()).unwrap_err();
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// The error of a fault, without the file that it is in.
fn fault_error(fault: &str) -> String {
    let organization = format!(r#"{{"name": "globex", "host_account": "globex", "keys": [], "faults": [{fault}]}}"#);
    error_with("globex/organization.json", &organization).rsplit_once(".json: ").unwrap().1.to_owned()
}

#[test]
fn mistakes_in_a_fixture_are_named() {
    let organization = "globex/organization.json";
    let errors = [
        error_with("world.json", "{"),
        error_with("world.json", r#"{"organizations": []}"#),
        error_with("world.json", r#"{"organizations": ["nowhere"]}"#),
        error_with("world.json", r#"{"organizations": ["acme"], "clock": "noon"}"#),
        error_with("world.json", r#"{"organizations": ["acme"], "page_size": 0}"#),
        error_with("world.json", r#"{"organizations": ["acme", "acme"]}"#),
        error_with(
            organization,
            r#"{"name": "globex", "host_account": "globex", "keys": [], "legacy_off_status": 200}"#,
        ),
        error_with(
            organization,
            r#"{"name": "globex", "host_account": "globex", "keys": [], "faults": [{"status": 99}]}"#,
        ),
        error_with(
            organization,
            r#"{"name": "globex", "host_account": "globex", "keys": [], "faults": [{"status": 500, "endpoint": "Users"}]}"#,
        ),
        error_with(organization, r#"{"name": "globex", "host_account": "globex", "keys": [], "fault": []}"#),
        fault_error(r#"{"times": 2}"#),
        fault_error(r#"{"message": "no", "delay_ms": 1}"#),
        fault_error(r#"{"status": 200, "next_page": "self"}"#),
        fault_error(r#"{"endpoint": "access/tokens", "total_rows": 3}"#),
        fault_error(r#"{"status": 200, "body": "{}", "filler_bytes": 9}"#),
        fault_error(r#"{"headers": {"a b": "c"}}"#),
        fault_error(r#"{"location": "a\nb"}"#),
        fault_error(r#"{"headers": {"Date": null}}"#),
        fault_error(r#"{"key_id": "STRANGER", "status": 403}"#),
        error_with("acme/accounts/ACME-PROD/Members.json", "[]"),
        error_with("acme/accounts/TeamMembers.json", "[]"),
        error_with("acme/accounts/acme-prod/TeamMembers.json", "[]"),
    ];
    insta::assert_snapshot!(errors.join("\n"), @r"
    parse fixture file world.json: EOF while parsing an object at line 1 column 1
    use fixture file world.json: no organization has a key
    find fixture file nowhere/organization.json
    use fixture file world.json: clock is not a time: noon
    use fixture file world.json: page_size is 0
    use fixture file acme/organization.json: the key id ACME_AUDIT_KEY occurs twice
    use fixture file globex/organization.json: legacy_off_status is 200, which is no failure
    use fixture file globex/organization.json: a fault has the status 99, which is not between 200 and 599
    use fixture file globex/organization.json: a fault names the endpoint Users, which is not served
    parse fixture file globex/organization.json: unknown field `fault`, expected one of `name`, `host_account`, `keys`, `faults`, `primary`, `legacy_off_status`
    a fault has no status and changes nothing
    a fault has a message or a body, and no status
    a fault has a status, and says something of a page, which it replaces
    a fault says something of a page of the token exchange, which has none
    a fault has a filler, and says something of the body that it replaces
    a fault names the header a b, which is no name for one
    a fault has a value for location that no header can have
    a fault leaves out the header Date, which every answer has
    a fault names the key STRANGER, which the organization does not have
    use fixture file acme/accounts/ACME-PROD/Members.json: no endpoint has this name
    use fixture file acme/accounts/TeamMembers.json: there is no use for a file in this place
    use fixture file acme/accounts/acme-prod/TeamMembers.json: another file holds the same list
    ");
}

#[test]
fn a_missing_directory_is_an_error() {
    let error = World::from_fixture_dir(small_world().join("nowhere")).unwrap_err();
    assert!(error.to_string().ends_with("tests/worlds/small/nowhere"), "{error}");
}

#[test]
fn the_demo_is_embedded() {
    let embedded = World::embedded_demo().unwrap();
    let on_disk = World::from_fixture_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo")).unwrap();
    assert_eq!(format!("{embedded:?}"), format!("{on_disk:?}"));
    assert!(embedded.clock().is_some());
}

#[test]
fn the_small_fixture_can_be_served() {
    let world = World::from_fixture_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/small")).unwrap();
    assert_eq!(world.organization_names(), ["tiny"]);
}
