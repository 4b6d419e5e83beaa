//! Random organizations: few of everything, so that rows meet, and every text as nasty as an answer may be.

use lacegraph_model::{
    AccountId, ApiModel, CallReport, ExpectedFrom, FetchStatus, Login, OrganizationId, ProblemReport, Severity,
    Snapshot, SnapshotBuilder, SourceKind, SourceStatus, StatedEvent, StatedKey, UtcTime,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;

use crate::rows::{CAPTURED, Place, Row, Seat, header};

/// Few cases, because each is a whole world; `PROPTEST_CASES` asks for four times as many as it takes.
pub(crate) fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / 4, failure_persistence: None, ..usual }
}

/// Everything that a run hears.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) organizations: Vec<Heard>,
    problems: Vec<(Severity, String, Option<&'static str>, Option<u64>)>,
}

/// What a run hears of one organization.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) name: String,
    expected_from: ExpectedFrom,
    pub(crate) accounts: Vec<HeardAccount>,
    pub(crate) rows: Vec<Row>,
    pub(crate) own_lists_come_first: bool,
    /// Account, group and role.
    meanings: Vec<(&'static str, &'static str, String)>,
}

/// What a run hears of one account.
#[derive(Clone, Debug)]
pub(crate) struct HeardAccount {
    pub(crate) name: String,
    pub(crate) status: FetchStatus,
    model: Option<ApiModel>,
    pub(crate) cust_guid: Option<String>,
    pub(crate) is_guid_learnt_late: bool,
    facts: [Option<String>; 4],
    pub(crate) rows: Vec<Row>,
    call: Option<(u32, Option<u16>, Option<[u8; 32]>)>,
    sources: HeardSources,
}

/// What a run hears of an account beside its members.
#[derive(Clone, Debug)]
struct HeardSources {
    audit_log: Option<(SourceStatus, Option<String>)>,
    /// When, and the texts: who, event, action, description, another account.
    events: Vec<(Option<UtcTime>, [Option<String>; 5])>,
    api_keys: Option<SourceStatus>,
    /// Id, whether it is enabled, and what somebody wrote about it.
    keys: Vec<(String, Option<bool>, Option<String>)>,
}

impl HeardSources {
    fn feed(&self, builder: &mut SnapshotBuilder, account: AccountId) {
        if let Some((status, detail)) = &self.audit_log {
            let window =
                Some((UtcTime::from_seconds(CAPTURED - 86_400).unwrap(), UtcTime::from_seconds(CAPTURED).unwrap()));
            let rows = self.events.len() as u64;
            builder.optional_source(account, SourceKind::AuditLog, *status, detail.as_deref(), window, rows);
        }
        for (happened, texts) in &self.events {
            let [actor, event_name, user_action, description, stated_account] = texts.each_ref().map(Option::as_deref);
            let happened = *happened;
            let event = StatedEvent { happened, actor, event_name, user_action, description, stated_account };
            builder.audit_event(account, &event);
        }
        if let Some(status) = self.api_keys {
            builder.optional_source(account, SourceKind::ApiKeys, status, None, None, self.keys.len() as u64);
        }
        for (id, enabled, description) in &self.keys {
            let (fingerprint, enabled, description) = ("0123456789abcdef", *enabled, description.as_deref());
            builder.api_key(account, &StatedKey { masked_id: id, fingerprint, enabled, description });
        }
    }
}

impl World {
    /// The snapshot that a run makes of it.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut builder = SnapshotBuilder::new(header());
        // As from the configuration: known before anything is asked.
        for heard in &self.organizations {
            let organization = builder.organization(&heard.name, "api.example.com");
            builder.set_expected_from(organization, heard.expected_from);
            for account in &heard.accounts {
                account.declare(&mut builder, organization);
            }
        }
        for heard in &self.organizations {
            let organization = builder.organization(&heard.name, "api.example.com");
            if heard.own_lists_come_first {
                heard.own_lists(&mut builder, organization);
            }
            for row in &heard.rows {
                row.feed(&mut builder, organization, None);
            }
            if !heard.own_lists_come_first {
                heard.own_lists(&mut builder, organization);
            }
            for account in heard.accounts.iter().filter(|account| account.is_guid_learnt_late) {
                account.learn(&mut builder, organization);
            }
            for (account, group, role) in &heard.meanings {
                builder.group_meaning(organization, account, group, role, "seen in the console");
            }
        }
        for (severity, message, organization, row_number) in &self.problems {
            let organization = organization.map(|name| builder.organization(name, "api.example.com"));
            builder.problem(ProblemReport {
                severity: *severity,
                code: "random",
                organization,
                account: None,
                page: row_number.map(|_| 1),
                row_number: *row_number,
                message,
                hint: row_number.is_none().then_some("look there"),
            });
        }
        builder.finish()
    }
}

impl Heard {
    fn own_lists(&self, builder: &mut SnapshotBuilder, organization: OrganizationId) {
        for account in &self.accounts {
            let own = builder.account(organization, &account.name);
            builder.add_rows_returned(own, account.rows.len() as u64);
            account.sources.feed(builder, own);
            for row in &account.rows {
                row.feed(builder, organization, Some(own));
            }
            if let Some((page, status, body_sha256)) = account.call {
                let (endpoint, rows) = ("TeamMembers", account.rows.len() as u64);
                let account = Some(own);
                builder.call(CallReport {
                    organization,
                    account,
                    endpoint,
                    page,
                    status,
                    attempts: page,
                    rows,
                    body_sha256,
                });
            }
        }
    }
}

impl HeardAccount {
    fn declare(&self, builder: &mut SnapshotBuilder, organization: OrganizationId) {
        let id = builder.account(organization, &self.name);
        let [detail, owner, environment, scope] = self.facts.each_ref().map(Option::as_deref);
        builder.set_status(id, self.status, detail);
        builder.set_facts(id, owner, environment, scope);
        if let Some(model) = self.model {
            builder.set_api_model(id, model);
        }
        if !self.is_guid_learnt_late {
            self.learn(builder, organization);
        }
    }

    fn learn(&self, builder: &mut SnapshotBuilder, organization: OrganizationId) {
        if let Some(guid) = &self.cust_guid {
            let id = builder.account(organization, &self.name);
            builder.learn_cust_guid(organization, guid, id);
        }
    }
}

/// Texts that break formats which were not written with care.
const NASTY: [&str; 24] = [
    "",
    " ",
    "\0",
    "a\0b",
    "\u{feff}",
    "\r\n",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "'quoted'",
    "\"quoted\"",
    "comma, semicolon; pipe|",
    "back\\slash",
    "</b><script>",
    "{\"json\": [1]}",
    "İstanbul",
    "ΑΣ",
    "ﬃ",
    "Ω≈ç√∫",
    "👩‍👩‍👧",
    "\u{202e}txt",
    "NULL",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => select(&NASTY[..]).prop_map(str::to_owned), 1 => any::<String>(), 2 => "[a-c]{1,2}"]
}

/// A login: mostly an e-mail that other rows have too, in one case or another.
fn login() -> impl Strategy<Value = String> {
    let email = select(
        &[
            "ann@example.com",
            "Ann@Example.COM",
            " ann@example.com ",
            "аnn@example.com",
            "bob@gmail.com",
            "ΑΣ@example.gr",
            "@",
        ][..],
    );
    let local = select(&["root", "ROOT", "ci", "a/b", "local:x"][..]);
    prop_oneof![
        6 => email.prop_map(str::to_owned),
        3 => local.prop_map(str::to_owned),
        1 => text(),
        1 => text().prop_map(|text| format!("{text}@{text}")),
    ]
}

fn time() -> impl Strategy<Value = UtcTime> {
    let seconds = prop_oneof![
        6 => (CAPTURED - 200 * 86_400)..=CAPTURED,
        1 => 1..=253_402_207_200_i64,
        1 => (89_i64..=92).prop_map(|days| CAPTURED - days * 86_400),
    ];
    seconds.prop_map(|seconds| UtcTime::from_seconds(seconds).unwrap())
}

fn seen() -> impl Strategy<Value = Login> {
    prop_oneof![Just(Login::UNKNOWN), Just(Login::NEVER), time().prop_map(Login::at)]
}

fn role() -> impl Strategy<Value = String> {
    let known = select(&["ADMIN", "USER", "POWER_USER", "READ_ONLY", "NO_ROLE", "admin", "AUDITOR", "ORG_ADMIN"][..]);
    prop_oneof![6 => known.prop_map(str::to_owned), 1 => text()]
}

fn group() -> impl Strategy<Value = (String, String)> {
    let guid = select(
        &[
            "LACEWORK_USER_GROUP_ADMIN",
            "LACEWORK_USER_GROUP_POWER_USER",
            "LACEWORK_USER_GROUP_READ_ONLY_USER",
            "C1",
            "C2",
            "",
        ][..],
    );
    let name = prop_oneof![4 => select(&["Admins", "Auditors", "ADMIN", ""][..]).prop_map(str::to_owned), 1 => text()];
    (guid.prop_map(str::to_owned), name)
}

fn meaning() -> impl Strategy<Value = (&'static str, &'static str, String)> {
    let account = select(&["prod", "DEV", "ΑΣ", "GHOST"][..]);
    (account, select(&["c1", "C2", "auditors", "ADMIN", "LACEWORK_USER_GROUP_ADMIN", ""][..]), role())
}

fn guid() -> impl Strategy<Value = String> {
    select(&["G1", "G2", "g1", ""][..]).prop_map(str::to_owned)
}

/// How rows name accounts: those that exist, in any case, and one that does not.
fn place() -> impl Strategy<Value = Place> {
    let name = select(&["PROD", "Prod", " prod ", "DEV", "TEST", "GHOST", "ΑΣ", "k3"][..]);
    let guid = select(&["K1", "K2", "K3", "k3"][..]);
    prop_oneof![name.prop_map(|name| Place::Named(name.to_owned())), guid.prop_map(|guid| Place::Guid(guid.to_owned())),]
}

fn seat(place: impl Strategy<Value = Place> + 'static) -> BoxedStrategy<Seat> {
    let what = (option::of(vec(role(), 0..3)), vec(group(), 0..2), option::of(guid()), option::of(any::<bool>()));
    let rest = (option::of(any::<bool>()), option::of(time()), option::of(time()), option::of(text()), seen(), seen());
    (place, what, rest)
        .prop_map(|(place, (roles, groups, user_guid, enabled), rest)| {
            let (jit_created, created, updated, updated_by, last_login, last_session) = rest;
            Seat {
                place,
                roles,
                groups,
                user_guid,
                enabled,
                jit_created,
                created,
                updated,
                updated_by,
                last_login,
                last_session,
            }
        })
        .boxed()
}

fn row(seats: impl Strategy<Value = Vec<Seat>> + 'static) -> BoxedStrategy<Row> {
    let org_role = prop_oneof![
        4 => select(&["ORG_ADMIN", "ORG_USER", "org_admin", "ORG_AUDITOR"][..]).prop_map(str::to_owned),
        1 => text(),
    ];
    let roles = prop_oneof![3 => Just(Vec::new()), 1 => vec(org_role, 1..3)];
    let who = (prop::bool::weighted(0.2), option::weighted(0.9, login()), option::of(text()), option::of(text()));
    let rest = (roles, option::of(guid()), option::of(any::<bool>()));
    (who, rest, seats)
        .prop_map(|((is_service, login, full_name, company), rest, seats)| {
            let (organization_roles, user_guid, enabled) = rest;
            Row { is_service, login, full_name, company, organization_roles, user_guid, enabled, seats }
        })
        .boxed()
}

fn sources() -> impl Strategy<Value = HeardSources> {
    use SourceStatus::{Complete, Failed, Incomplete, NotOffered};
    let status = || select(&[Complete, Incomplete, Failed, NotOffered][..]);
    let texts = [
        option::of(login()).boxed(),
        option::of(text()).boxed(),
        option::of(text()).boxed(),
        option::of(text()).boxed(),
        option::of(text()).boxed(),
    ];
    let events = vec((option::of(time()), texts), 0..3);
    let keys = vec((text(), option::of(any::<bool>()), option::of(text())), 0..3);
    (option::of((status(), option::of(text()))), events, option::of(status()), keys)
        .prop_map(|(audit_log, events, api_keys, keys)| HeardSources { audit_log, events, api_keys, keys })
}

fn account(name: &'static str) -> BoxedStrategy<HeardAccount> {
    use FetchStatus::{Complete, Excluded, Failed, Incomplete, NotAttempted};
    let status = select(&[Complete, Complete, Complete, Incomplete, Failed, NotAttempted, Excluded][..]);
    let model = option::of(select(&[ApiModel::TeamMembers, ApiModel::TeamUsers][..]));
    let guid = option::of(select(&["K1", "K2"][..]).prop_map(str::to_owned));
    let facts = [option::of(text()), option::of(text()), option::of(text()), option::of(text())];
    // An account's own list is about that account, and now and then about another.
    let own = seat(prop_oneof![9 => Just(Place::Own), 1 => place()]);
    let rows = vec(row(vec(own, 1..2)), 0..5);
    let call = option::of((1..4_u32, option::of(200..504_u16), option::of(any::<[u8; 32]>())));
    (status, model, guid, any::<bool>(), facts, rows, call, sources())
        .prop_map(move |(status, model, cust_guid, is_guid_learnt_late, facts, rows, call, sources)| {
            // What is excluded is not asked.
            let rows = if status == FetchStatus::Excluded { Vec::new() } else { rows };
            let name = name.to_owned();
            HeardAccount { name, status, model, cust_guid, is_guid_learnt_late, facts, rows, call, sources }
        })
        .boxed()
}

fn organization(name: &'static str) -> BoxedStrategy<Heard> {
    let expected = select(&[ExpectedFrom::Directory, ExpectedFrom::Configuration, ExpectedFrom::Both][..]);
    let accounts = (account("Prod"), account("DEV"), account("ΑΣ"), 0..=3_usize).prop_map(|(a, b, c, count)| {
        let mut accounts = vec![a, b, c];
        accounts.truncate(count);
        accounts
    });
    let rows = vec(row(vec(seat(place()), 0..3)), 0..8);
    (expected, accounts, rows, any::<bool>(), vec(meaning(), 0..3))
        .prop_map(move |(expected_from, accounts, rows, own_lists_come_first, meanings)| {
            let name = name.to_owned();
            let mut heard = Heard { name, expected_from, accounts, rows, own_lists_come_first, meanings };
            // Two accounts never have one key.
            if let [first, rest @ ..] = &mut *heard.accounts {
                rest.iter_mut()
                    .filter(|other| other.cust_guid == first.cust_guid)
                    .for_each(|other| other.cust_guid = None);
            }
            if let [_, second, third] = &mut *heard.accounts
                && second.cust_guid == third.cust_guid
            {
                third.cust_guid = None;
            }
            heard
        })
        .boxed()
}

/// Anything that a run may hear.
pub(crate) fn world() -> BoxedStrategy<World> {
    let severity = select(&[Severity::Error, Severity::Warning, Severity::Info][..]);
    let problem = (severity, text(), option::of(Just("zulu")), option::of(any::<u32>().prop_map(u64::from)));
    let organizations = (organization("zulu"), organization("Acme"), 1..=2_usize).prop_map(|(a, b, count)| {
        let mut organizations = vec![a, b];
        organizations.truncate(count);
        organizations
    });
    (organizations, vec(problem, 0..3)).prop_map(|(organizations, problems)| World { organizations, problems }).boxed()
}
