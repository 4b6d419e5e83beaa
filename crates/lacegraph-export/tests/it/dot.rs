//! The pictures, read back with a reader of our own: no test needs Graphviz.

mod check;
mod properties;
mod world;

use insta::assert_snapshot;
use lacegraph_export::dot::{write_accounts, write_full};
use lacegraph_model::{ApiModel, DataSource, FetchStatus, Graph, ProblemReport, Severity};

use crate::dot_reader::{Document, DrawnEdge, read, shown};
use check::{check_accounts, check_full, own_edges};
use world::{Row, World};

fn accounts_text(graph: &Graph) -> String {
    let mut out = Vec::new();
    write_accounts(graph, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn full_text(graph: &Graph) -> String {
    let mut out = Vec::new();
    write_full(graph, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// One organization admin, one direct admin who is an organization user too, a group, a disabled member, a ghost account.
fn small() -> Graph {
    let mut world = World::new(DataSource::Live);
    let acme = world.builder.organization("acme", "acme.lacework.net");
    let globex = world.builder.organization("globex", "globex.lacework.net");
    world.account(acme, "PROD", FetchStatus::Complete, ApiModel::TeamMembers);
    world.account(acme, "NEW", FetchStatus::Complete, ApiModel::TeamUsers);
    world.account(globex, "EMPTY", FetchStatus::Complete, ApiModel::TeamMembers);
    world.account(globex, "DOWN", FetchStatus::Failed, ApiModel::TeamMembers);
    let rows = [
        Row { login: "ann@x.example", account: "PROD", organization_roles: &["ORG_ADMIN"], ..Row::default() },
        Row { login: "bob@x.example", name: Some("Bob B"), account: "PROD", roles: &["ADMIN"], ..Row::default() },
        Row { login: "bob@x.example", account: "NEW", organization_roles: &["ORG_USER"], ..Row::default() },
        Row { login: "cid@x.example", account: "NEW", groups: &[("G1", "Auditors")], ..Row::default() },
        Row { login: "dan@x.example", account: "PROD", roles: &["USER"], is_disabled: true, ..Row::default() },
        Row { login: "ci", account: "NEW", roles: &["READ_ONLY"], is_service: true, ..Row::default() },
    ];
    for row in &rows {
        world.row(acme, row);
    }
    world.row(globex, &Row { login: "eva@y.example", account: "GHOST", ..Row::default() });
    world.finish()
}

/// The document in short: frames, nodes and lines with what they show, without the legend.
fn outline(graph: &Graph, text: &str) -> String {
    let document = &read(text).unwrap();
    let shown_text = |value: &String| shown(value).unwrap().trim_end().replace('\n', " / ");
    let mut lines = vec![shown_text(&document.graph["label"]).replace(graph.snapshot().id(), "[snapshot]")];
    for (id, attributes, parent) in document.clusters.iter().filter(|(id, ..)| id != "cluster_legend") {
        let place = parent.as_ref().map_or(String::new(), |parent| format!(" in {parent}"));
        lines.push(format!("{id}{place} {}: {}", attributes["style"], shown_text(&attributes["label"])));
    }
    for (id, node) in document.nodes.iter().filter(|(id, _)| !id.starts_with('l')) {
        let place = node.cluster.as_ref().map_or(String::new(), |cluster| format!(" in {cluster}"));
        lines.push(format!("{id}{place} {}: {}", node.attributes["shape"], shown_text(&node.attributes["label"])));
    }
    for edge in own_edges(document) {
        let DrawnEdge { from, to, attributes } = edge;
        lines.push(format!("{from} -> {to} {}: {}", attributes["class"], shown_text(&attributes["tooltip"])));
    }
    lines.join("\n")
}

#[test]
fn accounts_show_who_is_where_and_by_which_way() {
    let graph = small();
    assert_snapshot!(outline(&graph, &accounts_text(&graph)), @"
    lacegraph: who can reach which account, in what role / Source: live acme.lacework.net, globex.lacework.net / Organizations: acme, globex / Captured 2026-09-01 08:00:00 UTC, snapshot [snapshot] / Status: complete; 4 of 4 accounts in scope, 3 read whole / 5 people + 1 service user; 7 effective accesses (one a user and account) from 11 grants
    cluster_w1 rounded: Organization acme: roles in all accounts
    cluster_o1 rounded: Organization acme (acme.lacework.net): 2 accounts, as configured; no independent account list
    cluster_a1 in cluster_o1 solid: NEW: complete, TeamUsers, 3 people + 1 service user
    cluster_a2 in cluster_o1 solid: PROD: complete, TeamMembers, 2 people
    cluster_o2 rounded: Organization globex (globex.lacework.net): 2 accounts, as configured; no independent account list; 1 more unlisted
    cluster_a3 in cluster_o2 dashed,bold: DOWN: FAILED: its members were not read
    cluster_a4 in cluster_o2 solid: EMPTY: complete, TeamMembers, 0 people
    cluster_a5 in cluster_o2 dotted,bold: GHOST: UNLISTED: named by a member, in no list, 1 person known
    a3 in cluster_a3 plaintext: members unknown
    a4 in cluster_a4 plaintext: no members
    r1 in cluster_a1 octagon: ADMIN: 1 person, inherited
    r10 in cluster_w1 box: ORG_USER: 1 person
    r3 in cluster_a1 box: READ_ONLY: 1 person + 1 service user, 1 inherited
    r4 in cluster_a1 hexagon: [Auditors] (?): 1 person
    r5 in cluster_a2 octagon: ADMIN: 2 people, 1 inherited
    r7 in cluster_a2 box: USER: nobody
    r8 in cluster_a5 box: NO_ROLE: 1 person
    r9 in cluster_w1 octagon: ORG_ADMIN: 1 person
    u1 box: ann@x.example, org admin
    u2 box: Bob B  bob@x.example
    u3 box: cid@x.example
    u4 box: dan@x.example, disabled
    u5 box: eva@y.example
    u6 component: service:acme/new/ci
    r9 -> r1 implies: acme:ORG_ADMIN -implies-> NEW:ADMIN
    r9 -> r5 implies: acme:ORG_ADMIN -implies-> PROD:ADMIN
    r10 -> r3 implies: acme:ORG_USER -implies-> NEW:READ_ONLY
    u1 -> r9 holds: ann@x.example -holds-> acme:ORG_ADMIN (effective in 2 accounts)
    u2 -> r5 direct: bob@x.example -holds-> PROD:ADMIN
    u2 -> r10 holds: bob@x.example -holds-> acme:ORG_USER (effective in 1 account)
    u3 -> r4 group: cid@x.example -in-> NEW:[Auditors] -confers-> NEW:Auditors
    u4 -> r7 disabled: dan@x.example -holds-> PROD:USER (disabled)
    u5 -> r8 direct: eva@y.example -holds-> GHOST:NO_ROLE
    u6 -> r3 direct: service:acme/new/ci -holds-> NEW:READ_ONLY
    ");
}

#[test]
fn full_shows_every_node_and_edge() {
    let graph = small();
    assert_snapshot!(outline(&graph, &full_text(&graph)), @r#"
    lacegraph: the access graph, every node and edge / Source: live acme.lacework.net, globex.lacework.net / Organizations: acme, globex / Captured 2026-09-01 08:00:00 UTC, snapshot [snapshot] / Status: complete; 4 of 4 accounts in scope, 3 read whole / 5 people + 1 service user; 24 nodes and 36 edges drawn
    cluster_o1 rounded: Organization acme
    cluster_a1 in cluster_o1 solid: NEW: complete
    cluster_a2 in cluster_o1 solid: PROD: complete
    cluster_o2 rounded: Organization globex
    cluster_a3 in cluster_o2 dashed,bold: DOWN: FAILED: its members were not read
    cluster_a4 in cluster_o2 solid: EMPTY: complete
    cluster_a5 in cluster_o2 dotted,bold: GHOST: UNLISTED: named by a member, in no list
    a1 in cluster_a1 cylinder: NEW
    a2 in cluster_a2 cylinder: PROD
    a3 in cluster_a3 cylinder: DOWN
    a4 in cluster_a4 cylinder: EMPTY
    a5 in cluster_a5 cylinder: GHOST
    g1 in cluster_a1 ellipse: [Auditors]
    o1 in cluster_o1 house: acme
    o2 in cluster_o2 house: globex
    r1 in cluster_a1 octagon: ADMIN
    r10 in cluster_o1 box: ORG_USER
    r2 in cluster_a1 box: NO_ROLE
    r3 in cluster_a1 box: READ_ONLY
    r4 in cluster_a1 hexagon: [Auditors] (?)
    r5 in cluster_a2 octagon: ADMIN
    r6 in cluster_a2 box: NO_ROLE
    r7 in cluster_a2 box: USER
    r8 in cluster_a5 box: NO_ROLE
    r9 in cluster_o1 octagon: ORG_ADMIN
    u1 box: ann@x.example
    u2 box: Bob B  bob@x.example
    u3 box: cid@x.example
    u4 box: dan@x.example
    u5 box: eva@y.example
    u6 component: service:acme/new/ci
    o1 -> a1 contains: acme -contains-> NEW
    o1 -> a2 contains: acme -contains-> PROD
    o1 -> r9 defines: acme -defines-> acme:ORG_ADMIN
    o1 -> r10 defines: acme -defines-> acme:ORG_USER
    o2 -> a3 contains: globex -contains-> DOWN
    o2 -> a4 contains: globex -contains-> EMPTY
    o2 -> a5 contains: globex -contains-> GHOST
    a1 -> r1 defines: NEW -defines-> NEW:ADMIN
    a1 -> r2 defines: NEW -defines-> NEW:NO_ROLE
    a1 -> r3 defines: NEW -defines-> NEW:READ_ONLY
    a1 -> r4 defines: NEW -defines-> NEW:Auditors
    a2 -> r5 defines: PROD -defines-> PROD:ADMIN
    a2 -> r6 defines: PROD -defines-> PROD:NO_ROLE
    a2 -> r7 defines: PROD -defines-> PROD:USER
    a5 -> r8 defines: GHOST -defines-> GHOST:NO_ROLE
    r9 -> r1 implies: acme:ORG_ADMIN -implies-> NEW:ADMIN
    r9 -> r5 implies: acme:ORG_ADMIN -implies-> PROD:ADMIN
    r10 -> r3 implies: acme:ORG_USER -implies-> NEW:READ_ONLY
    r10 -> r7 implies: acme:ORG_USER -implies-> PROD:USER
    g1 -> r4 confers: NEW:[Auditors] -confers-> NEW:Auditors
    u1 -> a2 member: ann@x.example -member-> PROD
    u1 -> r6 holds: ann@x.example -holds-> PROD:NO_ROLE
    u1 -> r9 holds: ann@x.example -holds-> acme:ORG_ADMIN
    u2 -> a1 member: bob@x.example -member-> NEW
    u2 -> a2 member: bob@x.example -member-> PROD
    u2 -> r2 holds: bob@x.example -holds-> NEW:NO_ROLE
    u2 -> r5 holds: bob@x.example -holds-> PROD:ADMIN
    u2 -> r10 holds: bob@x.example -holds-> acme:ORG_USER
    u3 -> a1 member: cid@x.example -member-> NEW
    u3 -> g1 in: cid@x.example -in-> NEW:[Auditors]
    u4 -> a2 member disabled: dan@x.example -member-> PROD (disabled)
    u4 -> r7 holds disabled: dan@x.example -holds-> PROD:USER (disabled)
    u5 -> a5 member: eva@y.example -member-> GHOST
    u5 -> r8 holds: eva@y.example -holds-> GHOST:NO_ROLE
    u6 -> a1 member: service:acme/new/ci -member-> NEW
    u6 -> r3 holds: service:acme/new/ci -holds-> NEW:READ_ONLY
    "#);
}

#[test]
fn the_head_counts() {
    let graph = small();
    assert_snapshot!(read(&accounts_text(&graph)).unwrap().comments.join("\n"), @r#"
    accounts.dot, written by lacegraph
    organizations: 2
    accounts: 5
    people: 5
    service_users: 1
    grants: 11
    effective_access: 7
    people_nodes: 6
    "#);
    assert_snapshot!(read(&full_text(&graph)).unwrap().comments.join("\n"), @r#"
    full.dot, written by lacegraph
    organizations: 2
    accounts: 5
    people: 5
    service_users: 1
    grants: 11
    effective_access: 7
    nodes: 24
    edges: 36
    "#);
}

#[test]
fn the_text_is_plain_dot() {
    let text = accounts_text(&small());
    let some: Vec<_> = text
        .lines()
        .map(str::trim_start)
        .filter(|line| line.contains("\"u2\"") || line.contains("cluster_o2"))
        .collect();
    assert_snapshot!(some.join("\n"), @r##"
    subgraph "cluster_o2" {
    "u2" [shape="box", style="rounded", color="#000000", label="Bob B  bob@x.example", tooltip="Bob B\nbob@x.example\nperson, reaches 2 accounts, ADMIN in 1\nlogin: never"];
    "u2" -> "r5" [class="direct", style="solid", color="#D55E00", penwidth="1.6", tooltip="bob@x.example -holds-> PROD:ADMIN", minlen="2"];
    "u2" -> "r10" [class="holds", style="dashed", color="#0072B2", penwidth="0.9", tooltip="bob@x.example -holds-> acme:ORG_USER (effective in 1 account)", minlen="1"];
    "##);
}

#[test]
fn the_legend_explains_what_occurs_and_nothing_else() {
    let document = read(&accounts_text(&small())).unwrap();
    let labels = |document: &Document| -> Vec<String> {
        let legend = document.nodes.iter().filter(|(id, _)| id.starts_with('l'));
        let lines = document.edges.iter().filter(|edge| edge.from.starts_with('l'));
        let nodes = legend.map(|(_, node)| node.attributes["label"].clone());
        nodes.chain(lines.map(|edge| edge.attributes["xlabel"].clone())).collect()
    };
    assert_snapshot!(labels(&document).join("\n"), @r#"
    role of an organization
    person
    organization admin
    service user
    without access, or disabled
    privileged role
    (?): privilege unknown
    role that only views
    member without a role
    direct
    through a group
    holds
    implies
    disabled
    "#);

    let mut world = World::new(DataSource::Live);
    let acme = world.builder.organization("acme", "acme.lacework.net");
    world.row(acme, &Row { login: "ann@x.example", account: "PROD", roles: &["USER"], ..Row::default() });
    let document = read(&accounts_text(&world.finish())).unwrap();
    assert_eq!(labels(&document), ["person", "role that only views", "direct"]);
}

#[test]
fn a_partial_demo_says_both_in_its_title() {
    let mut world = World::new(DataSource::Demo);
    let acme = world.builder.organization("acme", "127.0.0.1:8080");
    world.builder.problem(ProblemReport {
        severity: Severity::Error,
        code: "account_failed",
        organization: Some(acme),
        account: None,
        page: None,
        row_number: None,
        message: "it was refused",
        hint: None,
    });
    let graph = world.finish();
    for text in [accounts_text(&graph), full_text(&graph)] {
        let title = shown(&read(&text).unwrap().graph["label"]).unwrap();
        assert!(title.contains("*** DEMO DATA, invented people ***\n"), "{title}");
        assert!(title.contains("Status: PARTIAL, 1 error"), "{title}");
        assert!(title.contains("Captured 2026-09-01 08:00:00 UTC, snapshot 20260901T080000Z-"), "{title}");
    }
}

#[test]
fn nasty_names_are_shown_and_not_obeyed() {
    let cases = [
        (r"a\N\G\lb", r"a\N\G\lb"),
        ("a\"]; evil -> u1; \"", "a\"]; evil -> u1; \""),
        ("ends in \\", r"ends in \"),
        ("x &lt; &amp; &#65; y", "x &lt; &amp; &#65; y"),
        ("<b>x</b>|{y}", "<b>x</b>|{y}"),
        ("two\nlines\tand\rmore", "two lines and more"),
        ("nul\0 esc\u{1b} del\u{7f} nel\u{85}", "nul\u{FFFD} esc\u{FFFD} del\u{FFFD} nel\u{FFFD}"),
        ("cod\u{202E}gpj.exe", "cod<U+202E>gpj.exe"),
        ("i\u{2066}s\u{2069}", "i<U+2066>s<U+2069>"),
        ("zero\u{200B}width\u{FEFF}", "zero<U+200B>width<U+FEFF>"),
        ("Zoë 李雷 ✓", "Zoë 李雷 ✓"),
    ];
    for (name, expected) in cases {
        let mut world = World::new(DataSource::Live);
        let acme = world.builder.organization(&format!("o {name}"), "acme.lacework.net");
        let account = format!("a {name}.");
        world.account(acme, &account, FetchStatus::Complete, ApiModel::TeamUsers);
        let role = format!("r {name}.");
        let (roles, groups) = ([role.as_str()], [("G1", role.as_str())]);
        let full_name = format!("n {name}.");
        let row = Row {
            login: "ann@x.example",
            name: Some(&full_name),
            account: &account,
            roles: &roles,
            groups: &groups,
            organization_roles: &[],
            ..Row::default()
        };
        world.row(acme, &row);
        let graph = world.finish();
        for text in [accounts_text(&graph), full_text(&graph)] {
            let document = read(&text).unwrap();
            let label = |id: &str| shown(&document.nodes[id].attributes["label"]).unwrap();
            assert!(label("u1").starts_with(&format!("n {expected}.")), "{:?}", label("u1"));
            assert!(label("r1").contains(&format!("r {expected}.")), "{:?}", label("r1"));
            let frames: Vec<_> = document.clusters.iter().map(|(_, own, _)| shown(&own["label"]).unwrap()).collect();
            assert!(frames.iter().any(|frame| frame.starts_with(&format!("a {expected}.: complete"))), "{frames:?}");
            assert!(frames.iter().any(|frame| frame.contains(&format!("Organization o {expected}"))), "{frames:?}");
            assert_eq!(document.nodes.keys().filter(|id| !id.starts_with(['l', 'u', 'r', 'o', 'a', 'g'])).count(), 0);
        }
    }
}

#[test]
fn a_long_name_is_cut_in_the_label_and_whole_in_the_tooltip() {
    let (whole, short) = ("é".repeat(60), "ü".repeat(61));
    let mut world = World::new(DataSource::Live);
    let acme = world.builder.organization("acme", "acme.lacework.net");
    world.row(acme, &Row { login: "a@x.example", name: Some(&whole), account: "PROD", ..Row::default() });
    world.row(acme, &Row { login: "b@x.example", name: Some(&short), account: "PROD", ..Row::default() });
    world.row(acme, &Row { login: "c@x.example", name: Some("ليلى"), account: "PROD", ..Row::default() });
    let document = read(&accounts_text(&world.finish())).unwrap();
    let value = |id: &str, name: &str| shown(&document.nodes[id].attributes[name]).unwrap();
    assert_eq!(value("u1", "label"), format!("{whole}\na@x.example"));
    assert_eq!(value("u2", "label"), format!("{}…\nb@x.example", "ü".repeat(59)));
    // From right to left: beside the identity it would change places with it.
    assert_eq!(value("u3", "label"), "ليلى\nc@x.example");
    assert!(value("u2", "tooltip").starts_with(&format!("{short}\nb@x.example\n")));
}

#[test]
fn a_failing_writer_is_reported() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let graph = small();
    for room in [0, 100, 3000] {
        assert_eq!(write_accounts(&graph, Full(room)).unwrap_err().kind(), std::io::ErrorKind::StorageFull);
        assert_eq!(write_full(&graph, Full(room)).unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    }
}

/// 200 people at most are drawn one by one.
#[test]
fn two_hundred_people_are_each_drawn_and_one_more_makes_classes() {
    let graph = crowd(200, 3);
    let document = read(&accounts_text(&graph)).unwrap();
    check_accounts(&graph, &document);
    assert_eq!(document.nodes.keys().filter(|id| id.starts_with('u')).count(), 200);

    let graph = crowd(201, 3);
    let document = read(&accounts_text(&graph)).unwrap();
    let classes: Vec<_> = document.nodes.iter().filter(|(id, _)| id.starts_with('c')).collect();
    let labels: Vec<_> = classes.iter().map(|(_, node)| node.attributes["label"].as_str()).collect();
    assert_eq!(labels, ["67 people: ADMIN in A0", "67 people: USER in A1", "67 people: USER in A2"]);
    let tooltip = shown(&classes[0].1.attributes["tooltip"]).unwrap();
    assert!(tooltip.starts_with("p000@x.example\np003@x.example\n"), "{tooltip}");
    assert!(tooltip.ends_with("\nand 59 more"), "{tooltip}");
    assert!(document.nodes.keys().all(|id| !id.starts_with('u')));
    let lines: Vec<_> = own_edges(&document).map(|edge| (edge.from.as_str(), edge.to.as_str())).collect();
    assert_eq!(lines, [("c1", "r1"), ("c2", "r2"), ("c3", "r3")]);
}

/// Beyond 150 classes the least privileged are left out, and the title says so.
#[test]
fn too_many_classes_are_cut_to_the_most_privileged() {
    let graph = crowd(400, 160);
    let text = accounts_text(&graph);
    let document = read(&text).unwrap();
    let drawn = document.nodes.keys().filter(|id| id.starts_with(['c', 'u'])).count();
    assert_eq!(drawn, 150);
    let title = shown(&document.graph["label"]).unwrap();
    let note = "150 of 160 groups of people drawn, the most privileged; all in v_effective_access";
    assert!(title.contains(note), "{title}");
    // Every class of an ADMIN is there: accounts 0, 10, 20 ...
    let admins = document.nodes.values().filter(|node| node.attributes["label"].contains(" people: ADMIN in A"));
    assert_eq!(admins.count(), 16);
    assert!(text.contains("// people: 400\n") && text.contains("// people_nodes: 150\n"));
}

/// Person `i` is in account `i % accounts`, every tenth account has admins.
fn crowd(people: usize, accounts: usize) -> Graph {
    let mut world = World::new(DataSource::Live);
    let acme = world.builder.organization("acme", "acme.lacework.net");
    for index in 0..people {
        let (login, place) = (format!("p{index:03}@x.example"), index % accounts);
        let roles = if place % 10 == 0 { ["ADMIN"] } else { ["USER"] };
        world.row(acme, &Row { login: &login, account: &format!("A{place}"), roles: &roles, ..Row::default() });
    }
    world.finish()
}

#[test]
fn an_organization_role_without_accounts_still_has_a_legend() {
    for is_disabled in [false, true] {
        let mut world = World::new(DataSource::Live);
        let acme = world.builder.organization("acme", "acme.lacework.net");
        let organization_roles = &["AUDITOR"];
        world.row(acme, &Row { login: "ann@x.example", organization_roles, is_disabled, ..Row::default() });
        let graph = world.finish();
        let document = read(&accounts_text(&graph)).unwrap();
        check_accounts(&graph, &document);
        let lines: Vec<_> = own_edges(&document).map(|edge| edge.attributes["class"].as_str()).collect();
        assert_eq!(lines, [if is_disabled { "disabled" } else { "holds" }]);
    }
}

#[test]
fn small_pictures_cover_the_graph() {
    let graph = small();
    check_accounts(&graph, &read(&accounts_text(&graph)).unwrap());
    check_full(&graph, &read(&full_text(&graph)).unwrap());
}
