//! One snapshot with something of everything, and ways to look at its files.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::LazyLock;

use lacegraph_export::{DATABASE_FILE, sqlite};
use lacegraph_model::{
    AccountId, ApiModel, CallReport, ExpectedFrom, FetchStatus, Graph, Login, ProblemReport, Settings, Severity,
    SnapshotBuilder, SourceKind, SourceStatus, StatedEvent, StatedKey,
};
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use crate::rows::{Run, login_ago, person, seconds_ago, service, somebody};

const DAY: i64 = 86_400;

/// Two organizations, both access models, every table with at least one row.
pub(crate) fn graph() -> Graph {
    let mut run = Run::new();
    let prod = run.account("ACME-Prod");
    run.builder.set_api_model(prod, ApiModel::TeamMembers);
    run.builder.learn_cust_guid(run.organization, "KEY-1", prod);
    run.builder.set_facts(prod, Some("=platform, \"core\""), Some("production"), Some("pci, sox"));
    run.builder.add_rows_returned(prod, 4);
    let newer = run.account("ACME-Newer");
    run.builder.set_api_model(newer, ApiModel::TeamUsers);
    let down = run.account("ACME-Down");
    run.builder.set_status(down, FetchStatus::Failed, Some("403 Forbidden"));
    let sandbox = run.account("SANDBOX");
    run.builder.set_status(sandbox, FetchStatus::Excluded, Some("matches SANDBOX*"));
    run.builder.set_expected_from(run.organization, ExpectedFrom::Both);
    let ann = || person("Ann@Example.com").named("Ann \"the boss\" Lee,\r\nMBA").of_company("Acme");
    run.own_list(
        "ACME-Prod",
        ann()
            .here()
            .as_(&["ADMIN"])
            .on()
            .with_guid("G-1")
            .logged_in(login_ago(3 * DAY))
            .in_full(seconds_ago(900 * DAY), seconds_ago(30 * DAY), "root@example.com", true)
            .org_role("ORG_ADMIN"),
    );
    run.org_list(ann().at_guid("KEY-1").as_(&["USER"]).in_group("C9", "Losers").with_guid("G-2").org_role("ORG_ADMIN"));
    run.org_list(person("bob@partner.example").named("=HYPERLINK(\"x\")").at("ACME-Prod").as_(&["USER"]).off());
    run.own_list("ACME-Prod", person("bob@partner.example").here().logged_in(login_ago(200 * DAY)).with_guid("G-3"));
    run.own_list("ACME-Newer", person("eve@gmail.com").here().as_(&[]).in_group("C1", "+Auditors").with_guid("G-4"));
    run.own_list(
        "ACME-Newer",
        person("eve@gmail.com").here().in_group("C1", "+Auditors").org_role("ORG_USER").org_role("ORG_AUDITOR"),
    );
    run.own_list(
        "ACME-Newer",
        service("ci").here().in_group("LACEWORK_USER_GROUP_POWER_USER", "Power").with_guid("S-1"),
    );
    run.own_list("ACME-Newer", service("CI").here().with_guid("S-2"));
    run.own_list("ACME-Newer", somebody().here().with_guid("G-5").logged_in(Login::NEVER));
    run.org_list(person("-root").at("Ghost").as_(&["AUDITOR", "ADMIN"]));
    run.org_list(person("only-there@example.com").at("SANDBOX").as_(&["ADMIN"]));
    run.builder.problem(ProblemReport {
        severity: Severity::Error,
        code: "account_failed",
        organization: Some(run.organization),
        account: Some(down),
        page: Some(1),
        row_number: Some(7),
        message: "the account answered 403",
        hint: Some("give the key the role it needs"),
    });
    run.builder.call(CallReport {
        organization: run.organization,
        account: Some(prod),
        endpoint: "TeamMembers",
        page: 1,
        status: Some(200),
        attempts: 2,
        rows: 4,
        body_sha256: Some([0xab; 32]),
    });
    run.builder.call(CallReport {
        organization: run.organization,
        account: None,
        endpoint: "UserProfile",
        page: 1,
        status: None,
        attempts: 5,
        rows: 0,
        body_sha256: None,
    });
    optional_sources(&mut run.builder, prod, newer);
    run.turn_to("Beta");
    run.own_list("Acme-PROD", ann().here().as_(&["POWER_USER"]).in_session(login_ago(DAY)));
    // The only admin there whose role is in force, and not seen for long.
    run.own_list("Acme-PROD", person("old@example.com").here().as_(&["ADMIN"]).logged_in(login_ago(100 * DAY)));
    run.org_list(person("boss@example.com").named("The Boss").of_guid("G-9").enabled(false).org_role("ORG_ADMIN"));
    let settings = Settings { dormant_after_days: 60, internal_domains: vec!["example.com".to_owned()] };
    let graph = Graph::new(run.snapshot(), settings);
    graph.verify().unwrap();
    graph
}

/// What the accounts were asked for beside their members.
fn optional_sources(builder: &mut SnapshotBuilder, prod: AccountId, newer: AccountId) {
    let window = Some((seconds_ago(30 * DAY), seconds_ago(0)));
    builder.optional_source(prod, SourceKind::AuditLog, SourceStatus::Incomplete, Some("1 row lacks"), window, 3);
    builder.optional_source(prod, SourceKind::ApiKeys, SourceStatus::Complete, None, None, 2);
    builder.optional_source(newer, SourceKind::AuditLog, SourceStatus::NotOffered, Some("status 403"), window, 0);
    let event = StatedEvent {
        happened: Some(seconds_ago(DAY)),
        actor: Some("ANN@example.com"),
        event_name: Some("=ApiKeyCreated()"),
        user_action: Some("create"),
        description: Some("said \"yes\",\r\nand more"),
        stated_account: None,
    };
    builder.audit_event(prod, &event);
    builder.audit_event(prod, &event);
    builder.audit_event(prod, &StatedEvent { stated_account: Some("ELSEWHERE"), ..StatedEvent::default() });
    let key =
        StatedKey { masked_id: "ACMEPR…0001", fingerprint: "0123456789abcdef", enabled: None, description: None };
    builder.api_key(prod, &key);
    let off = StatedKey { fingerprint: "fedcba9876543210", enabled: Some(false), description: Some("-old"), ..key };
    builder.api_key(prod, &off);
}

/// A directory with the database of a graph in it.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) directory: TempDir,
    connection: OnceCell<Connection>,
}

impl Stored {
    pub(crate) fn of(graph: &Graph) -> Self {
        let directory = tempfile::tempdir().unwrap();
        sqlite::write(graph, &directory.path().join(DATABASE_FILE)).unwrap();
        Self { directory, connection: OnceCell::new() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join(DATABASE_FILE)
    }

    /// Opens it with nothing of ours.
    pub(crate) fn connect(&self) -> &Connection {
        self.connection.get_or_init(|| Connection::open(self.path()).unwrap())
    }

    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        rows(self.connect(), sql)
    }

    /// The rows of a query, each as one line.
    pub(crate) fn lines(&self, sql: &str) -> Vec<String> {
        let line = |row: &Vec<Value>| row.iter().map(shown).collect::<Vec<_>>().join("|");
        self.rows(sql).iter().map(line).collect()
    }
}

pub(crate) fn rows(connection: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(sql).unwrap();
    let count = statement.column_count();
    let rows = statement.query_map([], |row| (0..count).map(|index| row.get(index)).collect()).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        other => panic!("neither number nor text: {other:?}"),
    }
}

/// Tables and views by name, as SQLite has them.
pub(crate) fn tables_and_views(connection: &Connection) -> Vec<String> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name";
    rows(connection, sql).iter().map(|row| shown(&row[0])).collect()
}

/// Names and declared types of the columns of a table or view.
pub(crate) fn columns(connection: &Connection, table: &str) -> Vec<(String, String)> {
    let rows = rows(connection, &format!("SELECT name, type FROM pragma_table_info('{table}') ORDER BY cid"));
    rows.iter().map(|row| (shown(&row[0]), shown(&row[1]))).collect()
}

/// The database of [`graph`], which is written once and copied from then on.
pub(crate) fn stored() -> Stored {
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| std::fs::read(Stored::of(&graph()).path()).unwrap());
    let stored = Stored { directory: tempfile::tempdir().unwrap(), connection: OnceCell::new() };
    std::fs::write(stored.path(), &*BYTES).unwrap();
    stored
}
