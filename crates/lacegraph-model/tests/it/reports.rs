//! Calls, problems, the header, and the questions that the fetch asks while building.

use lacegraph_model::{
    CallReport, DataSource, ExpectedFrom, Header, ORG_ADMIN, ORG_USER, OrganizationId, ProblemReport, Severity,
    SnapshotBuilder,
};

use crate::rows::{Run, header, person, problems, seconds_ago, somebody};

fn report<'a>(severity: Severity, message: &'a str) -> ProblemReport<'a> {
    ProblemReport {
        severity,
        code: "test",
        organization: None,
        account: None,
        page: None,
        row_number: None,
        message,
        hint: None,
    }
}

#[test]
fn only_an_error_makes_a_snapshot_partial() {
    let status = |severities: &[Severity]| {
        let mut run = Run::new();
        for severity in severities {
            run.builder.problem(report(*severity, "something"));
        }
        run.snapshot().status()
    };
    assert_eq!(status(&[]), "complete");
    assert_eq!(status(&[Severity::Info, Severity::Warning]), "complete");
    assert_eq!(status(&[Severity::Info, Severity::Error]), "partial");
}

#[test]
fn problems_are_sorted_errors_first_then_by_place() {
    let mut run = Run::new();
    let (zulu, alpha) = (run.account("ZULU"), run.account("ALPHA"));
    let at = |account, page, message| ProblemReport {
        organization: Some(OrganizationId::from_index(0)),
        account: Some(account),
        page: Some(page),
        ..report(Severity::Error, message)
    };
    for problem in [
        report(Severity::Info, "info"),
        at(zulu, 1, "zulu 1"),
        at(alpha, 10, "alpha 10"),
        at(alpha, 9, "alpha 9"),
        report(Severity::Warning, "warning"),
        report(Severity::Error, "nowhere"),
        at(alpha, 9, "alpha 9"),
    ] {
        run.builder.problem(problem);
    }
    assert_eq!(
        problems(&run.snapshot()),
        [
            "error test: nowhere",
            "error test: alpha 9",
            "error test: alpha 10",
            "error test: zulu 1",
            "warning test: warning",
            "info test: info",
        ]
    );
}

#[test]
fn calls_are_sorted_by_place_endpoint_and_page() {
    let mut run = Run::new();
    let (zulu, alpha) = (run.account("ZULU"), run.account("ALPHA"));
    for (account, endpoint, page) in [
        (Some(zulu), "TeamMembers", 1),
        (Some(alpha), "TeamUsers", 1),
        (Some(alpha), "TeamMembers", 10),
        (Some(alpha), "TeamMembers", 2),
        (None, "UserProfile", 1),
    ] {
        run.builder.call(CallReport {
            organization: run.organization,
            account,
            endpoint,
            page,
            status: Some(200),
            attempts: 1,
            rows: 5,
            body_sha256: Some([7; 32]),
        });
    }
    let snapshot = run.snapshot();
    let calls: Vec<_> = snapshot
        .source_calls()
        .iter()
        .map(|call| {
            let account = call.account.map_or("-", |account| snapshot.account_name(account));
            format!("{account} {} {}", snapshot.text(call.endpoint), call.page)
        })
        .collect();
    assert_eq!(
        calls,
        ["- UserProfile 1", "ALPHA TeamMembers 2", "ALPHA TeamMembers 10", "ALPHA TeamUsers 1", "ZULU TeamMembers 1"]
    );
}

#[test]
fn the_header_tells_source_and_hosts() {
    let mut builder = SnapshotBuilder::new(header());
    builder.organization("zulu", "shared.lacework.net");
    builder.organization("alpha", "shared.lacework.net");
    let beta = builder.organization("beta", "beta.lacework.net");
    assert_eq!(builder.organization("beta", "ignored.example.com"), beta);
    builder.set_expected_from(beta, ExpectedFrom::Both);
    builder.set_completed_at(seconds_ago(-60));
    let snapshot = builder.finish();
    assert_eq!(snapshot.hosts(), ["beta.lacework.net", "shared.lacework.net"]);
    assert_eq!(snapshot.source_line(), "capture beta.lacework.net, shared.lacework.net");
    let names: Vec<_> = snapshot.organization_ids().map(|id| snapshot.organization_name(id)).collect();
    assert_eq!(names, ["alpha", "beta", "zulu"]);
    let expected: Vec<_> = snapshot.organizations().iter().map(|organization| organization.expected_from).collect();
    use ExpectedFrom::{Both, Configuration};
    assert_eq!(expected, [Configuration, Both, Configuration]);
    assert_eq!(snapshot.header().completed_at, seconds_ago(-60));
    let demo = SnapshotBuilder::new(Header { data_source: DataSource::Demo, ..header() }).finish();
    assert_eq!(demo.source_line(), "DEMO DATA, invented people");
}

fn facts(run: &mut Run, [owner, environment, scope]: [Option<&str>; 3]) {
    let prod = run.account("PROD");
    run.builder.set_facts(prod, owner, environment, scope);
}

#[test]
fn the_id_is_the_capture_time_and_a_hash_of_everything() {
    let id = |change: fn(&mut Run)| {
        let mut run = Run::new();
        run.own_list("PROD", person("ann@example.com").here().as_(&["USER"]));
        change(&mut run);
        run.snapshot().id().to_owned()
    };
    let plain = id(|_| ());
    assert!(plain.starts_with("20260901T080000Z-"), "{plain}");
    assert_eq!(plain.len(), "20260901T080000Z-".len() + 16);
    assert_eq!(plain, id(|_| ()));
    let changes: [fn(&mut Run); 13] = [
        |run| run.own_list("PROD", person("bob@example.com").here()),
        |run| run.own_list("PROD", person("ann@example.com").here().on()),
        |run| run.own_list("PROD", person("Ann@example.com").here()),
        |run| run.builder.problem(report(Severity::Info, "something")),
        |run| run.builder.set_completed_at(seconds_ago(-1)),
        |run| run.turn_to("beta"),
        |run| facts(run, [Some("team"), None, None]),
        |run| facts(run, [None, Some("team"), None]),
        // Texts that are there already: where they stand must count, too.
        |run| facts(run, [Some("PROD"), None, None]),
        |run| facts(run, [None, Some("PROD"), None]),
        |run| facts(run, [None, Some("USER"), None]),
        |run| facts(run, [None, None, Some("PROD")]),
        |run| facts(run, [None, None, Some("USER")]),
    ];
    let mut ids: Vec<_> = changes.into_iter().map(id).collect();
    ids.push(plain);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), changes.len() + 1);
}

#[test]
fn a_snapshot_in_a_log_names_nobody() {
    let mut run = Run::new();
    run.own_list("PROD", person("ann@example.com").here());
    let snapshot = run.snapshot();
    let text = format!("{snapshot:?} {:?}", crate::rows::graph_of(snapshot.clone()));
    assert!(text.contains(snapshot.id()) && !text.contains("ann"), "{text}");
}

#[test]
fn the_fetch_can_ask_whom_a_list_names() {
    let mut run = Run::new();
    run.own_list("PROD", person("Member@Example.com").here());
    run.org_list(person("boss@example.com").org_role(ORG_ADMIN));
    run.org_list(person("idle@example.com"));
    run.turn_to("beta");
    run.own_list("PROD", person("elsewhere@example.com").here());
    run.turn_to("acme");
    let (acme, builder) = (run.organization, &run.builder);
    assert!(builder.knows_login(acme, " member@example.COM "));
    assert!(builder.knows_login(acme, "boss@example.com"));
    assert!(builder.knows_login(acme, "idle@example.com"));
    assert!(!builder.knows_login(acme, "elsewhere@example.com"));
    assert!(!builder.knows_login(acme, "nobody@example.com"));
    assert!(builder.holds_organization_role(acme, "Boss@example.com", ORG_ADMIN));
    assert!(!builder.holds_organization_role(acme, "boss@example.com", ORG_USER));
    assert!(!builder.holds_organization_role(acme, "member@example.com", ORG_ADMIN));
}

#[test]
fn the_fetch_can_ask_whom_the_organizations_list_lacks() {
    let mut run = Run::new();
    let prod = run.account("PROD");
    run.own_list("PROD", person("Both@Example.com").here());
    run.own_list("PROD", person("own-only@example.com").here());
    run.own_list("PROD", somebody().here().with_guid("G1"));
    run.own_list("DEV", person("dev-only@example.com").here());
    run.org_list(person("both@example.com").at_guid("K1"));
    run.org_list(person("org-only@example.com").at("PROD"));
    run.org_list(person("own-only@example.com").at("DEV"));
    run.builder.learn_cust_guid(run.organization, "K1", prod);
    assert_eq!(run.builder.missing_from_organization_list(prod), ["G1", "own-only@example.com"]);
}
