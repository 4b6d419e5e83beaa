//! The client against the mock API, over HTTP.

use std::time::Duration;

use jiff::Timestamp;
use lacegraph_fetch::{
    AccountFilter, ApiBase, Credential, FixedClock, HttpSettings, HttpTransport, OrganizationPlan, Outlook, Plan,
    check, fetch,
};
use lacegraph_mock::{
    AccessModel, GeneratorOptions, MockServer, PagingForm, RateLimit, RowShape, ServerOptions, TokenForm, World,
};
use lacegraph_model::{DataSource, Snapshot, UtcTime};

use crate::view::{accounts, grants, memberships, message, problems};

const NOW: &str = "2026-09-01T08:00:00Z";

async fn serve(world: World, options: ServerOptions) -> MockServer {
    let started_at: Timestamp = NOW.parse().unwrap();
    MockServer::start(world, ServerOptions { started_at: Some(started_at), ..options }).await.unwrap()
}

/// Every organization with its first key, sandboxes left out.
fn plan(server: &MockServer) -> Plan {
    let mut organizations: Vec<OrganizationPlan> = Vec::new();
    for key in server.keys() {
        if !organizations.iter().any(|known| known.name == key.organization) {
            let credential = Credential::new(key.key_id.clone(), key.secret.clone());
            let base = ApiBase::parse(server.base_url()).unwrap();
            let filter = AccountFilter::new(&[], &["*-sandbox".to_owned()]).unwrap();
            organizations
                .push(OrganizationPlan { filter, ..OrganizationPlan::new(key.organization.clone(), base, credential) });
        }
    }
    let mut plan = Plan::new(organizations, DataSource::Demo, "9.8.7");
    plan.settings.retry.base_delay = Duration::from_millis(1);
    plan
}

fn clock() -> FixedClock {
    FixedClock(UtcTime::from_timestamp(NOW.parse().unwrap()).unwrap())
}

async fn read(plan: &Plan) -> Snapshot {
    let transport = HttpTransport::new(&HttpSettings::default(), &plan.tool_version).unwrap();
    fetch(plan, &transport, &clock(), &()).await.unwrap()
}

/// Everything but the calls and the port of the server.
fn said(snapshot: &Snapshot) -> [Vec<String>; 4] {
    [accounts(snapshot), memberships(snapshot), grants(snapshot), problems(snapshot)]
}

#[tokio::test]
async fn the_demo() {
    let server = serve(World::embedded_demo().unwrap(), ServerOptions::default()).await;
    let snapshot = read(&plan(&server)).await;
    assert_eq!(
        accounts(&snapshot),
        [
            "ACME-DEV complete team_members 14",
            "ACME-PROD complete team_members 26",
            "ACME-SANDBOX excluded - 0",
            "ACME-STAGING complete team_members 8",
            "ACME-ZURICH-LAB unlisted - 0",
            "SHARED-SERVICES complete team_members 3",
            "GLOBEX-APAC failed - 0",
            "GLOBEX-EMEA complete team_users 15",
            "GLOBEX-HQ incomplete team_members 9",
            "SHARED-SERVICES complete team_users 5",
        ]
    );
    assert_eq!((snapshot.memberships().len(), snapshot.users().len()), (80, 65));
    assert!(snapshot.is_partial());
    assert!(message(&snapshot, "unknown_org_access").contains("ORG_AUDITOR"));
    assert!(message(&snapshot, "key_owner_not_listed").contains("audit@globex.example"));
    let calls = server.calls();
    assert!(calls.iter().all(|call| call.user_agent.as_deref() == Some("lacegraph/9.8.7")));
    // On GET too (vendor documentation).
    assert!(calls.iter().all(|call| call.content_type.as_deref() == Some("application/json")));
    assert!(!calls.iter().any(|call| call.account_name.as_deref() == Some("ACME-SANDBOX")));
    server.shutdown().await;
}

#[tokio::test]
async fn neither_tokens_nor_pages_nor_timing_change_the_result() {
    let demo = || World::embedded_demo().unwrap();
    let server = serve(demo(), ServerOptions::default()).await;
    let usual = read(&plan(&server)).await;
    // The same server again, so that even the port is the same.
    let mut one_at_a_time = plan(&server);
    one_at_a_time.concurrency = 1;
    assert_eq!(read(&one_at_a_time).await, usual);
    server.shutdown().await;
    let dying = ServerOptions { token_uses: Some(3), token_form: TokenForm::Envelope, ..ServerOptions::default() };
    let slow = ServerOptions { latency: Duration::from_millis(3), ..ServerOptions::default() };
    for (world, options) in [(demo(), dying), (demo().with_paging(PagingForm::Token), slow)] {
        let server = serve(world, options).await;
        assert_eq!(said(&read(&plan(&server)).await), said(&usual));
        server.shutdown().await;
    }
}

#[tokio::test]
async fn the_rate_limit_is_waited_for() {
    let limit = RateLimit { limit: 2, window: Duration::from_millis(400), retry_after: Some("0".to_owned()) };
    let options = ServerOptions { rate_limit: Some(limit), ..ServerOptions::default() };
    let world = World::generated(&GeneratorOptions { users: 20, ..GeneratorOptions::default() });
    let server = serve(world, options).await;
    let mut plan = plan(&server);
    plan.settings.retry.base_delay = Duration::from_millis(1);
    let snapshot = read(&plan).await;
    // The headers tell when there is one more: no call is refused.
    assert!(server.calls().iter().all(|call| call.status != 429));
    assert!(!snapshot.is_partial(), "{:?}", problems(&snapshot));
    server.shutdown().await;
}

#[tokio::test]
async fn every_shape_of_a_generated_world_gives_the_same_members() {
    let mut seen: Option<Vec<String>> = None;
    for shape in [RowShape::Nested, RowShape::Flat, RowShape::RoleLists] {
        let options = GeneratorOptions {
            users: 60,
            accounts: 5,
            model: AccessModel::TeamMembers,
            shape,
            ..GeneratorOptions::default()
        };
        let server = serve(World::generated(&options).with_page_size(Some(7)), ServerOptions::default()).await;
        let snapshot = read(&plan(&server)).await;
        assert!(!snapshot.is_partial(), "{shape:?}: {:?}", problems(&snapshot));
        let pairs: Vec<String> = snapshot
            .memberships()
            .iter()
            .map(|membership| {
                format!("{} @ {}", snapshot.identity(membership.user), snapshot.account_name(membership.account))
            })
            .collect();
        assert!(pairs.len() > 60, "{shape:?}: {}", pairs.len());
        assert_eq!(*seen.get_or_insert_with(|| pairs.clone()), pairs, "{shape:?}");
        server.shutdown().await;
    }
}

#[tokio::test]
async fn check_says_what_the_demo_would_give() {
    let server = serve(World::embedded_demo().unwrap(), ServerOptions::default()).await;
    let plan = plan(&server);
    let transport = HttpTransport::new(&HttpSettings::default(), "9.8.7").unwrap();
    let checks = check(&plan, &transport, &clock(), &()).await;
    let shown: Vec<String> = checks
        .iter()
        .flat_map(|check| &check.accounts)
        .map(|account| {
            let outlook = match &account.outlook {
                Outlook::Excluded => "excluded".to_owned(),
                Outlook::ByOrganizationList => "organization".to_owned(),
                Outlook::ByOwnList { model, list } | Outlook::Doubtful { model, list, .. } => {
                    format!("{} {}", model.as_str(), list.rows)
                }
                Outlook::Fails(error) => format!("fails {:?}", error.status()),
            };
            format!("{} {outlook}", account.name)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "ACME-DEV organization",
            "ACME-PROD organization",
            "ACME-SANDBOX excluded",
            "ACME-STAGING organization",
            "SHARED-SERVICES organization",
            "GLOBEX-APAC fails Some(500)",
            "GLOBEX-EMEA team_users 15",
            "GLOBEX-HQ team_members 9",
            "SHARED-SERVICES team_users 5",
        ]
    );
    assert!(checks.iter().all(|check| check.rate_limits["TeamMembers"].limit == Some(480) && !check.is_vendor_host));
    server.shutdown().await;
}

#[tokio::test]
async fn nobody_listens() {
    let server = serve(World::embedded_demo().unwrap(), ServerOptions::default()).await;
    let plan = plan(&server);
    server.shutdown().await;
    let snapshot = read(&plan).await;
    assert!(snapshot.accounts().iter().all(|account| account.fetch_status.as_str() == "failed"));
    assert_eq!(problems(&snapshot), ["error organization_failed - - -", "error organization_failed - - -"]);
    let text = snapshot.text(snapshot.problems()[0].message);
    assert!(text.starts_with("access/tokens: no connection: ") && text.ends_with(" (5 tries)"), "{text}");
}
