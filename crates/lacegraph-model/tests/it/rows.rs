//! Rows as tests write them: what is not said stays unsaid. Each is a sentence that begins with who it is about.

use lacegraph_model::{
    AccountId, AccountRef, DataSource, FetchStatus, GrantOrigin, Graph, Header, Login, OrganizationId, RecordSource,
    Settings, Snapshot, SnapshotBuilder, StatedGroup, StatedMembership, Statement, UserType, UtcTime,
};

/// One row of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) is_service: bool,
    pub(crate) login: Option<String>,
    pub(crate) full_name: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) organization_roles: Vec<String>,
    pub(crate) user_guid: Option<String>,
    pub(crate) enabled: Option<bool>,
    pub(crate) seats: Vec<Seat>,
}

/// What a row says of one account.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) place: Place,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) groups: Vec<(String, String)>,
    pub(crate) user_guid: Option<String>,
    pub(crate) enabled: Option<bool>,
    pub(crate) jit_created: Option<bool>,
    pub(crate) created: Option<UtcTime>,
    pub(crate) updated: Option<UtcTime>,
    pub(crate) updated_by: Option<String>,
    pub(crate) last_login: Login,
    pub(crate) last_session: Login,
}

/// How a row names an account.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The account whose list it stands in.
    Own,
    /// By name.
    Named(String),
    /// By the API's key.
    Guid(String),
}

impl Seat {
    pub(crate) fn of(place: Place) -> Self {
        Self {
            place,
            roles: None,
            groups: Vec::new(),
            user_guid: None,
            enabled: None,
            jit_created: None,
            created: None,
            updated: None,
            updated_by: None,
            last_login: Login::UNKNOWN,
            last_session: Login::UNKNOWN,
        }
    }
}

/// A row about somebody who signs in by that name.
pub(crate) fn person(login: &str) -> Row {
    Row { login: Some(login.to_owned()), ..Row::default() }
}

/// A row about a service user.
pub(crate) fn service(name: &str) -> Row {
    Row { is_service: true, ..person(name) }
}

/// A row about nobody in particular.
pub(crate) fn somebody() -> Row {
    Row::default()
}

impl Row {
    fn seat(mut self, place: Place) -> Self {
        self.seats.push(Seat::of(place));
        self
    }

    /// … is a member of the account whose list this is.
    pub(crate) fn here(self) -> Self {
        self.seat(Place::Own)
    }

    /// … is a member of the account of that name.
    pub(crate) fn at(self, account: &str) -> Self {
        self.seat(Place::Named(account.to_owned()))
    }

    /// … is a member of the account of that key.
    pub(crate) fn at_guid(self, guid: &str) -> Self {
        self.seat(Place::Guid(guid.to_owned()))
    }

    fn last(mut self, change: impl FnOnce(&mut Seat)) -> Self {
        change(self.seats.last_mut().expect("name an account first"));
        self
    }

    /// … with exactly these roles.
    pub(crate) fn as_(self, roles: &[&str]) -> Self {
        let roles = roles.iter().map(ToString::to_string).collect();
        self.last(|seat| seat.roles = Some(roles))
    }

    /// … in a group of that guid and name.
    pub(crate) fn in_group(self, guid: &str, name: &str) -> Self {
        self.last(|seat| seat.groups.push((guid.to_owned(), name.to_owned())))
    }

    /// … under that guid there.
    pub(crate) fn with_guid(self, guid: &str) -> Self {
        self.last(|seat| seat.user_guid = Some(guid.to_owned()))
    }

    /// … with sign-in on there.
    pub(crate) fn on(self) -> Self {
        self.last(|seat| seat.enabled = Some(true))
    }

    /// … with sign-in off there.
    pub(crate) fn off(self) -> Self {
        self.last(|seat| seat.enabled = Some(false))
    }

    /// … who logged in there.
    pub(crate) fn logged_in(self, login: Login) -> Self {
        self.last(|seat| seat.last_login = login)
    }

    /// … whose last session there began.
    pub(crate) fn in_session(self, session: Login) -> Self {
        self.last(|seat| seat.last_session = session)
    }

    /// … whose record there has everything else that a record can have.
    pub(crate) fn in_full(self, created: UtcTime, updated: UtcTime, by: &str, jit: bool) -> Self {
        self.last(|seat| {
            (seat.created, seat.updated) = (Some(created), Some(updated));
            (seat.updated_by, seat.jit_created) = (Some(by.to_owned()), Some(jit));
        })
    }

    /// … who has that role in the organization.
    pub(crate) fn org_role(mut self, role: &str) -> Self {
        self.organization_roles.push(role.to_owned());
        self
    }

    /// … whose full name is that.
    pub(crate) fn named(self, full_name: &str) -> Self {
        Self { full_name: Some(full_name.to_owned()), ..self }
    }

    /// … of that company.
    pub(crate) fn of_company(self, company: &str) -> Self {
        Self { company: Some(company.to_owned()), ..self }
    }

    /// … under that guid, in no account in particular.
    pub(crate) fn of_guid(self, guid: &str) -> Self {
        Self { user_guid: Some(guid.to_owned()), ..self }
    }

    /// … with sign-in on or off, in no account in particular.
    pub(crate) fn enabled(self, enabled: bool) -> Self {
        Self { enabled: Some(enabled), ..self }
    }

    /// Hands the row to the builder, as a row of the list of `own` or else of the organization's.
    pub(crate) fn feed(&self, builder: &mut SnapshotBuilder, organization: OrganizationId, own: Option<AccountId>) {
        let texts = |list: &[String]| -> Vec<String> { list.to_vec() };
        let owned: Vec<Vec<String>> =
            self.seats.iter().map(|seat| texts(seat.roles.as_deref().unwrap_or(&[]))).collect();
        let roles: Vec<Vec<&str>> = owned.iter().map(|roles| roles.iter().map(String::as_str).collect()).collect();
        let groups: Vec<Vec<StatedGroup<'_>>> = self
            .seats
            .iter()
            .map(|seat| seat.groups.iter().map(|(guid, name)| StatedGroup { guid, name }).collect())
            .collect();
        let memberships: Vec<StatedMembership<'_>> = self
            .seats
            .iter()
            .enumerate()
            .map(|(index, seat)| StatedMembership {
                account: match &seat.place {
                    Place::Own => AccountRef::Known(own.expect("only an account's list has an account of its own")),
                    Place::Named(name) => AccountRef::Named(name),
                    Place::Guid(guid) => AccountRef::Guid(guid),
                },
                roles: seat.roles.as_ref().map(|_| &*roles[index]),
                groups: &groups[index],
                user_guid: seat.user_guid.as_deref(),
                enabled: seat.enabled,
                jit_created: seat.jit_created,
                created: seat.created,
                updated: seat.updated,
                updated_by: seat.updated_by.as_deref(),
                last_login: seat.last_login,
                last_session: seat.last_session,
            })
            .collect();
        let organization_roles: Vec<&str> = self.organization_roles.iter().map(String::as_str).collect();
        builder.record(&Statement {
            organization,
            source: if own.is_some() { RecordSource::AccountList } else { RecordSource::OrganizationList },
            user_type: if self.is_service { UserType::Service } else { UserType::Person },
            login: self.login.as_deref(),
            full_name: self.full_name.as_deref(),
            company: self.company.as_deref(),
            organization_roles: &organization_roles,
            user_guid: self.user_guid.as_deref(),
            enabled: self.enabled,
            memberships: &memberships,
        });
    }
}

/// 2026-09-01 08:00:00 UTC, when every snapshot of the tests is taken.
pub(crate) const CAPTURED: i64 = 1_788_249_600;

/// The time that many seconds before the capture.
pub(crate) fn seconds_ago(seconds: i64) -> UtcTime {
    UtcTime::from_seconds(CAPTURED - seconds).unwrap()
}

/// A login that many seconds before the capture.
pub(crate) fn login_ago(seconds: i64) -> Login {
    Login::at(seconds_ago(seconds))
}

pub(crate) fn header() -> Header {
    Header {
        captured_at: seconds_ago(0),
        completed_at: seconds_ago(0),
        tool_version: "1.2.3".to_owned(),
        data_source: DataSource::Capture,
    }
}

/// What a run hears, list by list; it begins in the organization `acme`.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) builder: SnapshotBuilder,
    pub(crate) organization: OrganizationId,
}

impl Run {
    pub(crate) fn new() -> Self {
        let mut builder = SnapshotBuilder::new(header());
        let organization = builder.organization("acme", "acme.lacework.net");
        Self { builder, organization }
    }

    /// What follows is about another organization.
    pub(crate) fn turn_to(&mut self, organization: &str) {
        self.organization = self.builder.organization(organization, &format!("{organization}.lacework.net"));
    }

    /// The account of that name, read whole unless another state was said.
    pub(crate) fn account(&mut self, name: &str) -> AccountId {
        match self.builder.find_account(self.organization, name) {
            Some(known) => known,
            None => {
                let id = self.builder.account(self.organization, name);
                self.builder.set_status(id, FetchStatus::Complete, None);
                id
            }
        }
    }

    /// An account in that state.
    pub(crate) fn account_is(&mut self, name: &str, status: FetchStatus) -> AccountId {
        let id = self.account(name);
        self.builder.set_status(id, status, None);
        id
    }

    /// The account's own list has that row.
    pub(crate) fn own_list(&mut self, account: &str, row: Row) {
        let own = self.account(account);
        row.feed(&mut self.builder, self.organization, Some(own));
    }

    /// The organization's list has that row.
    pub(crate) fn org_list(&mut self, row: Row) {
        row.feed(&mut self.builder, self.organization, None);
    }

    pub(crate) fn snapshot(self) -> Snapshot {
        self.builder.finish()
    }

    /// The graph of what was heard, which holds every invariant.
    pub(crate) fn graph(self) -> Graph {
        graph_of(self.snapshot())
    }
}

/// The graph of a snapshot, which holds every invariant.
pub(crate) fn graph_of(snapshot: Snapshot) -> Graph {
    let graph = Graph::new(snapshot, Settings::default());
    graph.verify().unwrap();
    graph
}

/// Every identity, in the order of the snapshot.
pub(crate) fn identities(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.user_ids().map(|user| snapshot.identity(user)).collect()
}

/// Every grant as `identity account_id ROLE origin`, with the group in brackets, then what is marked on it.
pub(crate) fn access(graph: &Graph) -> Vec<String> {
    let snapshot = graph.snapshot();
    graph
        .grants()
        .map(|grant| {
            let source = graph.source(grant.source);
            let group = source.group.map(|group| format!("[{}]", snapshot.text(snapshot.group(group).name)));
            let account = snapshot.account(grant.account);
            if let Some(organization) = source.organization {
                assert_eq!(organization, account.organization, "a role reaches beyond its organization");
            }
            assert_eq!(source.origin == GrantOrigin::Group, group.is_some());
            let marks = [
                (!grant.is_enabled, " off"),
                (grant.is_strongest, " strongest"),
                (grant.is_effective, " effective"),
                (grant.has_unresolved_group, " unresolved"),
            ];
            let marks: String = marks.into_iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| mark).collect();
            format!(
                "{} {} {} {}{}{marks}",
                snapshot.identity(grant.user),
                snapshot.text(account.account_id),
                graph.role(grant.role).name,
                source.origin.as_str(),
                group.unwrap_or_default(),
            )
        })
        .collect()
}

/// Every problem as `severity code: message`.
pub(crate) fn problems(snapshot: &Snapshot) -> Vec<String> {
    let line = |problem: &lacegraph_model::Problem| {
        let (code, message) = (snapshot.text(problem.code), snapshot.text(problem.message));
        format!("{} {code}: {message}", problem.severity.as_str())
    };
    snapshot.problems().iter().map(line).collect()
}

/// Every further spelling as `identity kind account_id value`; `-` where no account is named.
pub(crate) fn identifiers(snapshot: &Snapshot) -> Vec<String> {
    let line = |id: &lacegraph_model::UserIdentifier| {
        let account = id.account.map_or("-", |account| snapshot.text(snapshot.account(account).account_id));
        format!("{} {} {account} {}", snapshot.identity(id.user), id.kind.as_str(), snapshot.text(id.value))
    };
    snapshot.user_identifiers().iter().map(line).collect()
}

/// The membership of that user in that account.
pub(crate) fn membership<'s>(
    snapshot: &'s Snapshot,
    identity: &str,
    account_id: &str,
) -> &'s lacegraph_model::Membership {
    let (user, account) = (snapshot.find_user(identity).unwrap(), snapshot.find_account(account_id).unwrap());
    snapshot.memberships().iter().find(|record| (record.user, record.account) == (user, account)).unwrap()
}
