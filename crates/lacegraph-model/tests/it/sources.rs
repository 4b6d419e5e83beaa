//! What accounts were asked for beside their members.

use lacegraph_model::{AccountId, Snapshot, SourceKind, SourceStatus, StatedEvent, StatedKey};

use crate::rows::{Run, graph_of, person, seconds_ago, service};

impl Run {
    /// The account's audit log has that entry.
    fn event(&mut self, account: &str, seconds: i64, actor: &str, event_name: &str) {
        let account = self.account(account);
        let (happened, actor, event_name) = (Some(seconds_ago(seconds)), Some(actor), Some(event_name));
        self.builder.audit_event(account, &StatedEvent { happened, actor, event_name, ..StatedEvent::default() });
    }
}

/// Every event as `account_id seconds actor event -> identity`.
fn events(snapshot: &Snapshot) -> Vec<String> {
    let line = |event: &lacegraph_model::AuditEvent| {
        let account = snapshot.text(snapshot.account(event.account).account_id);
        let text = |sym| snapshot.text_opt(sym).unwrap_or("-");
        let who = event.user.map_or("?", |user| snapshot.identity(user));
        format!("{account} {} {} -> {who}", text(event.actor), text(event.event_name))
    };
    snapshot.audit_events().iter().map(line).collect()
}

#[test]
fn events_are_sorted_and_those_that_say_the_same_are_all_kept() {
    let mut run = Run::new();
    run.own_list("B", person("ann@example.com").here());
    run.event("B", 10, "x@example.com", "late");
    run.event("B", 20, "x@example.com", "early");
    run.event("A", 5, "y@example.com", "b");
    run.event("A", 5, "y@example.com", "a");
    run.event("A", 5, "y@example.com", "a");
    let account = run.account("A");
    run.builder.audit_event(account, &StatedEvent { actor: Some("  "), ..StatedEvent::default() });
    let snapshot = run.snapshot();
    assert_eq!(
        events(&snapshot),
        [
            "acme/a - - -> ?",
            "acme/a y@example.com a -> ?",
            "acme/a y@example.com a -> ?",
            "acme/a y@example.com b -> ?",
            "acme/b x@example.com early -> ?",
            "acme/b x@example.com late -> ?",
        ]
    );
    assert_eq!(graph_of(snapshot).totals().audit_events, 6);
}

#[test]
fn an_email_is_the_person_wherever_it_is_a_member_of_the_organization() {
    let mut run = Run::new();
    run.own_list("A", person("Ann@Example.com").here());
    run.own_list("A", person("bob@example.com").here());
    run.org_list(person("boss@example.com").org_role("ORG_ADMIN"));
    run.org_list(person("loose@example.com"));
    run.account("B");
    for actor in ["ANN@example.com ", "boss@example.com", "loose@example.com", "nobody@example.com"] {
        run.event("B", 1, actor, "e");
    }
    run.turn_to("globex");
    run.own_list("C", person("cid@example.com").here());
    // Known, but not here.
    run.event("C", 1, "ann@example.com", "e");
    let snapshot = run.snapshot();
    assert_eq!(
        events(&snapshot),
        [
            "acme/b ANN@example.com e -> ann@example.com",
            "acme/b boss@example.com e -> boss@example.com",
            "acme/b loose@example.com e -> loose@example.com",
            "acme/b nobody@example.com e -> ?",
            "globex/c ann@example.com e -> ?",
        ]
    );
}

#[test]
fn another_name_is_the_user_of_that_account_where_only_one_has_it() {
    let mut run = Run::new();
    for account in ["A", "B"] {
        run.own_list(account, person("Root").here());
        run.own_list(account, service("ci").here());
    }
    run.own_list("A", person("both").here());
    run.own_list("A", service("both").here());
    run.own_list("A", service("twice").here().with_guid("S-1"));
    run.own_list("A", service("twice").here().with_guid("S-2"));
    for actor in ["ROOT", "CI", "both", "twice", "local:acme/a/root"] {
        run.event("A", 1, actor, "e");
    }
    let snapshot = run.snapshot();
    assert_eq!(
        events(&snapshot),
        [
            "acme/a CI e -> service:acme/a/ci",
            "acme/a ROOT e -> local:acme/a/root",
            "acme/a both e -> ?",
            "acme/a local:acme/a/root e -> ?",
            "acme/a twice e -> ?",
        ]
    );
}

#[test]
fn a_user_who_is_left_out_did_nothing_and_the_others_keep_what_they_did() {
    let mut run = Run::new();
    run.account_is("OUT", lacegraph_model::FetchStatus::Excluded);
    run.org_list(person("aaa@example.com").at("OUT"));
    run.own_list("A", person("zoe@example.com").here());
    run.event("A", 2, "aaa@example.com", "e");
    run.event("A", 1, "zoe@example.com", "e");
    let snapshot = run.snapshot();
    assert_eq!(events(&snapshot), ["acme/a aaa@example.com e -> ?", "acme/a zoe@example.com e -> zoe@example.com"]);
    graph_of(snapshot);
}

fn key(builder: &mut lacegraph_model::SnapshotBuilder, account: AccountId, id: &str, enabled: Option<bool>) {
    let (fingerprint, description) = ("0123456789abcdef", Some("pipeline"));
    builder.api_key(account, &StatedKey { masked_id: id, fingerprint, enabled, description });
}

#[test]
fn keys_are_sorted_and_the_same_twice_is_once() {
    let mut run = Run::new();
    let (b, a) = (run.account("B"), run.account("A"));
    for (account, id, enabled) in
        [(b, "K1", None), (a, "K2", Some(true)), (a, "K1", Some(false)), (a, "K2", Some(true)), (a, "K2", Some(false))]
    {
        key(&mut run.builder, account, id, enabled);
    }
    let snapshot = run.snapshot();
    let keys: Vec<_> = snapshot
        .api_keys()
        .iter()
        .map(|key| {
            let account = snapshot.account_name(key.account);
            format!("{account} {} {:?} {}", snapshot.text(key.masked_id), key.enabled, key.is_enabled())
        })
        .collect();
    assert_eq!(keys, ["A K1 Some(false) false", "A K2 Some(false) false", "A K2 Some(true) true", "B K1 None true"]);
    assert_eq!(graph_of(snapshot).totals().api_keys, 4);
}

#[test]
fn what_was_asked_is_part_of_the_snapshot() {
    let id = |status: Option<SourceStatus>, is_key: bool| {
        let mut run = Run::new();
        let account = run.account("A");
        if let Some(status) = status {
            run.builder.optional_source(account, SourceKind::ApiKeys, status, None, None, 0);
        }
        if is_key {
            key(&mut run.builder, account, "K1", None);
        }
        run.snapshot().id().to_owned()
    };
    let ids = [
        id(None, false),
        id(Some(SourceStatus::Complete), false),
        id(Some(SourceStatus::NotOffered), false),
        id(Some(SourceStatus::Complete), true),
    ];
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
}
