//! From what rows say to a [`Snapshot`]: whose each record is, which account it means, and what wins where records differ.

mod accounts;
mod meaning;
mod merge;
mod people;
mod report;
mod source;

use std::collections::BTreeSet;

use crate::draft::Draft;
use crate::record::{
    AccountId, ExpectedFrom, Header, IdentifierKind, Membership, NameListId, Organization, OrganizationId, Problem,
    RecordSource, SourceCall, UserId,
};
use crate::role::{ORG_ADMIN, ORG_USER};
use crate::snapshot::Snapshot;
use crate::statement::{AccountRef, StatedMembership, Statement};
use crate::strings::{LastText, Sym};
use crate::time::UtcTime;

use accounts::AccountSlots;
pub use accounts::AccountView;
use meaning::Meaning;
use people::{People, RowPerson};
pub use report::{CallReport, ProblemReport};

/// Takes in what the lists say, row by row, and makes a [`Snapshot`] of it.
///
/// The result depends on what was fed, and where two records of one list contradict each other, on their order:
/// feed lists in an order that does not depend on timing.
/// Ids given out while building are not those of the finished snapshot.
#[derive(Debug)]
pub struct SnapshotBuilder {
    draft: Draft,
    accounts: AccountSlots,
    people: People,
    records: Vec<Record>,
    record_groups: Vec<RecordGroup>,
    organization_roles: Vec<StatedRole>,
    loose_records: Vec<LooseRecord>,
    identifiers: Vec<LooseIdentifier>,
    meanings: Vec<Meaning>,
    /// The names of a list that is put together.
    names: Vec<Sym>,
    repeated: Repeated,
}

/// Texts that are likely to come again in the next row.
#[derive(Debug, Default)]
struct Repeated {
    company: LastText,
    updated_by: LastText,
    role: LastText,
}

/// A membership as one record states it; user and account are not final yet.
#[derive(Clone, Debug)]
struct Record {
    membership: Membership,
    /// Whether the record said anything of roles: one that did not contradicts nobody's.
    says_roles: bool,
    /// The order of arrival, which also finds the record's groups.
    number: u32,
}

#[derive(Debug)]
struct RecordGroup {
    record: u32,
    guid: Sym,
    name: Sym,
}

#[derive(Debug)]
struct StatedRole {
    user: UserId,
    organization: OrganizationId,
    role: Sym,
    source: RecordSource,
    account: Option<AccountId>,
}

/// A row that names no account.
#[derive(Debug)]
struct LooseRecord {
    user: UserId,
    organization: OrganizationId,
    enabled: Option<bool>,
}

#[derive(Debug)]
struct LooseIdentifier {
    user: UserId,
    kind: IdentifierKind,
    organization: OrganizationId,
    account: Option<AccountId>,
    value: Sym,
}

impl SnapshotBuilder {
    /// A builder that knows nothing yet.
    pub fn new(header: Header) -> Self {
        Self {
            draft: Draft::new(header),
            accounts: AccountSlots::default(),
            people: People::default(),
            records: Vec::new(),
            record_groups: Vec::new(),
            organization_roles: Vec::new(),
            loose_records: Vec::new(),
            identifiers: Vec::new(),
            meanings: Vec::new(),
            names: Vec::new(),
            repeated: Repeated::default(),
        }
    }

    /// Says when the last answer had arrived.
    pub fn set_completed_at(&mut self, time: UtcTime) {
        self.draft.header.completed_at = time;
    }

    /// Adds an organization, or finds it by its exact name.
    pub fn organization(&mut self, name: &str, host: &str) -> OrganizationId {
        let name = self.draft.interner.intern(name);
        if let Some(index) = self.draft.organizations.iter().position(|known| known.name == name) {
            return OrganizationId::from_index(index);
        }
        let host = self.draft.interner.intern(host);
        let expected_from = ExpectedFrom::Configuration;
        self.draft.organizations.push(Organization { name, host, expected_from });
        OrganizationId::from_index(self.draft.organizations.len() - 1)
    }

    /// Says what told which accounts to expect; [`ExpectedFrom::Configuration`] until then.
    pub fn set_expected_from(&mut self, organization: OrganizationId, expected_from: ExpectedFrom) {
        self.draft.organizations[organization.index()].expected_from = expected_from;
    }

    /// Takes in one row.
    ///
    /// A row whose person has no e-mail stands for a separate user in each account it names.
    pub fn record(&mut self, statement: &Statement<'_>) {
        let person = self.people.person(&mut self.draft.interner, statement);
        if statement.memberships.is_empty() {
            let user = self.people.user(&mut self.draft.interner, person, statement, None, statement.user_guid);
            self.organization_roles(statement, user, None);
            self.loose_facts(statement, person, user);
            return;
        }
        // Before any of them is recorded: names of accounts come first in the order of what is learnt.
        let accounts: Vec<AccountId> = statement
            .memberships
            .iter()
            .map(|stated| self.resolve(statement.organization, statement.source, stated.account))
            .collect();
        let interner = &mut self.draft.interner;
        let full_name = non_empty(statement.full_name).map(|name| interner.intern(name));
        let company = non_empty(statement.company).map(|company| self.repeated.company.intern(interner, company));
        for (account, stated) in accounts.into_iter().zip(statement.memberships) {
            let interner = &mut self.draft.interner;
            let user_guid = stated.user_guid.filter(|guid| !guid.is_empty());
            let user = self.people.user(interner, person, statement, Some(account), user_guid);
            let user_guid = user_guid.map(|guid| interner.append(guid));
            let membership = Membership {
                user,
                account,
                source: statement.source,
                enabled: stated.enabled.or(statement.enabled),
                jit_created: stated.jit_created,
                roles: self.role_list(stated),
                user_guid,
                full_name,
                company,
                created: stated.created,
                updated: stated.updated,
                updated_by: non_empty(stated.updated_by)
                    .map(|who| self.repeated.updated_by.intern(&mut self.draft.interner, who)),
                last_login: stated.last_login,
                last_session: stated.last_session,
            };
            self.push_record(membership, stated);
            self.organization_roles(statement, user, Some(account));
            self.login_spelling(statement, person, user, Some(account));
        }
    }

    fn resolve(&mut self, organization: OrganizationId, source: RecordSource, account: AccountRef<'_>) -> AccountId {
        let id = match account {
            AccountRef::Known(id) => id,
            AccountRef::Named(name) => self.account(organization, name),
            AccountRef::Guid(guid) => {
                let guid = self.draft.interner.intern(guid);
                self.accounts.of_guid(organization, guid)
            }
        };
        if source == RecordSource::OrganizationList {
            self.accounts.note_named_by_organization_list(id);
        }
        id
    }

    fn role_list(&mut self, stated: &StatedMembership<'_>) -> NameListId {
        let roles = stated.roles.unwrap_or_default().iter().filter_map(|role| non_empty(Some(role)));
        self.names.clear();
        self.names.extend(roles.map(|role| self.repeated.role.intern(&mut self.draft.interner, role)));
        self.draft.name_lists.intern(&self.names)
    }

    fn push_record(&mut self, membership: Membership, stated: &StatedMembership<'_>) {
        let number = u32::try_from(self.records.len()).expect("fewer than four thousand million records");
        for group in stated.groups {
            let name = if group.name.is_empty() { group.guid } else { group.name };
            let (guid, name) = (self.draft.interner.intern(group.guid), self.draft.interner.intern(name));
            self.record_groups.push(RecordGroup { record: number, guid, name });
        }
        self.records.push(Record { membership, says_roles: stated.roles.is_some(), number });
    }

    fn organization_roles(&mut self, statement: &Statement<'_>, user: UserId, account: Option<AccountId>) {
        for role in statement.organization_roles.iter().filter_map(|role| non_empty(Some(role))) {
            let known = [ORG_ADMIN, ORG_USER].into_iter().find(|known| known.eq_ignore_ascii_case(role));
            let role = self.draft.interner.intern(known.unwrap_or(role));
            let Statement { organization, source, .. } = *statement;
            // Only a record of the account's own list is that account's word.
            let account = account.filter(|_| source == RecordSource::AccountList);
            self.organization_roles.push(StatedRole { user, organization, role, source, account });
        }
    }

    /// Keeps what a row without any account says of a person: there is no membership to keep it in.
    fn loose_facts(&mut self, statement: &Statement<'_>, person: RowPerson, user: UserId) {
        let organization = statement.organization;
        self.loose_records.push(LooseRecord { user, organization, enabled: statement.enabled });
        let full_name = non_empty(statement.full_name).map(|name| self.draft.interner.intern(name));
        let guid = statement.user_guid.map(|guid| self.draft.interner.intern(guid));
        for (kind, value) in [(IdentifierKind::FullName, full_name), (IdentifierKind::UserGuid, guid)] {
            if let Some(value) = value {
                self.identifiers.push(LooseIdentifier { user, kind, organization, account: None, value });
            }
        }
        self.login_spelling(statement, person, user, None);
    }

    fn login_spelling(
        &mut self,
        statement: &Statement<'_>,
        person: RowPerson,
        user: UserId,
        account: Option<AccountId>,
    ) {
        let Some(login) = statement.login else { return };
        let is_spelled = matches!(person, RowPerson::Known { is_spelled: true, .. });
        if !is_spelled && !login.trim().is_empty() {
            let (kind, organization) = (IdentifierKind::Login, statement.organization);
            let value = self.draft.interner.intern(login);
            self.identifiers.push(LooseIdentifier { user, kind, organization, account, value });
        }
    }

    /// The users, in text form, that the account's own list names and the organization's list does not name for it.
    pub fn missing_from_organization_list(&self, account: AccountId) -> Vec<String> {
        let account = self.accounts.canonical(account);
        let named_by = |source| -> BTreeSet<String> {
            self.records
                .iter()
                .filter(|record| record.membership.source == source)
                .filter(|record| self.accounts.canonical(record.membership.account) == account)
                .map(|record| self.people.describe(&self.draft.interner, record.membership.user))
                .collect()
        };
        let by_organization = named_by(RecordSource::OrganizationList);
        named_by(RecordSource::AccountList).into_iter().filter(|user| !by_organization.contains(user)).collect()
    }

    /// Whether any row of the organization is about the person of that e-mail.
    pub fn knows_login(&self, organization: OrganizationId, login: &str) -> bool {
        let Some(user) = self.people.find_email(&self.draft.interner, login) else { return false };
        self.organization_roles.iter().any(|role| role.user == user && role.organization == organization)
            || self.loose_records.iter().any(|record| record.user == user && record.organization == organization)
            || self.records.iter().any(|record| {
                record.membership.user == user
                    && self.accounts.organization_of(record.membership.account) == organization
            })
    }

    /// Whether any row gives the person of that e-mail that role in the organization.
    pub fn holds_organization_role(&self, organization: OrganizationId, login: &str, role: &str) -> bool {
        let Some(user) = self.people.find_email(&self.draft.interner, login) else { return false };
        self.organization_roles.iter().any(|stated| {
            stated.user == user && stated.organization == organization && self.draft.interner.get(stated.role) == role
        })
    }

    /// Records a call.
    pub fn call(&mut self, report: CallReport<'_>) {
        let endpoint = self.draft.interner.intern(report.endpoint);
        self.draft.source_calls.push(SourceCall {
            organization: report.organization,
            account: report.account,
            endpoint,
            page: report.page,
            status: report.status,
            attempts: report.attempts,
            rows: report.rows,
            body_sha256: report.body_sha256,
        });
    }

    /// Records a problem.
    pub fn problem(&mut self, report: ProblemReport<'_>) {
        let interner = &mut self.draft.interner;
        self.draft.problems.push(Problem {
            severity: report.severity,
            code: interner.intern(report.code),
            organization: report.organization,
            account: report.account,
            page: report.page,
            row_number: report.row_number,
            message: interner.intern(report.message),
            hint: report.hint.map(|hint| interner.intern(hint)),
        });
    }

    /// Resolves, merges, sorts and seals.
    pub fn finish(mut self) -> Snapshot {
        let stage = tracing::info_span!(target: crate::STAGE, "merge").entered();
        let organizations = self.sort_organizations();
        let accounts = self.accounts.finish(&mut self.draft, &organizations);
        let people = self.people.finish(&mut self.draft, &self.accounts, &organizations, &accounts);
        let draft = merge::Merge::new(self, organizations, accounts, people).finish();
        drop(stage);
        draft.seal()
    }

    /// Sorts the organizations by name and says where each went.
    fn sort_organizations(&mut self) -> Vec<OrganizationId> {
        let mut sorted: Vec<(usize, Organization)> = self.draft.organizations.drain(..).enumerate().collect();
        let interner = &self.draft.interner;
        sorted.sort_by(|(_, a), (_, b)| interner.get(a.name).cmp(interner.get(b.name)));
        let mut moved = vec![OrganizationId(0); sorted.len()];
        for (new, (old, organization)) in sorted.into_iter().enumerate() {
            moved[old] = OrganizationId::from_index(new);
            self.draft.organizations.push(organization);
        }
        moved
    }
}

fn non_empty(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
