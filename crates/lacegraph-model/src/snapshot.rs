//! What was observed, in one value.

use std::fmt;

use crate::record::{
    Account, AccountId, FetchStatus, GroupId, Header, Membership, MembershipConflict, NameListId, Organization,
    OrganizationGrant, OrganizationId, Problem, Severity, SourceCall, User, UserGroup, UserGroupMember, UserId,
    UserIdentifier,
};
use crate::source::{ApiKey, AuditEvent, OptionalSource};
use crate::strings::{Strings, Sym};

/// What one run observed: organizations, accounts, users and what they hold, each list sorted.
///
/// Made by [`SnapshotBuilder`](crate::SnapshotBuilder), or from stored tables by [`Draft::seal`](crate::Draft::seal).
/// Two snapshots that say the same are equal and have the same [`id`](Self::id), whatever the order of the answers was.
///
/// Order: organizations by name, accounts by `account_id`, users by identity, groups by account, guid and name;
/// everything else by these, in the order of its fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub(crate) id: String,
    pub(crate) header: Header,
    pub(crate) organizations: Vec<Organization>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) users: Vec<User>,
    pub(crate) memberships: Vec<Membership>,
    pub(crate) membership_conflicts: Vec<MembershipConflict>,
    pub(crate) user_identifiers: Vec<UserIdentifier>,
    pub(crate) organization_grants: Vec<OrganizationGrant>,
    pub(crate) user_groups: Vec<UserGroup>,
    pub(crate) user_group_members: Vec<UserGroupMember>,
    pub(crate) optional_sources: Vec<OptionalSource>,
    pub(crate) audit_events: Vec<AuditEvent>,
    pub(crate) api_keys: Vec<ApiKey>,
    pub(crate) source_calls: Vec<SourceCall>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) name_lists: Vec<Box<[Sym]>>,
    pub(crate) strings: Strings,
}

impl Snapshot {
    /// Capture time and the first 16 hexadecimal digits of a SHA-256 over everything observed: `20260901T080000Z-0123456789abcdef`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When, by what, from where.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The organizations, by name.
    pub fn organizations(&self) -> &[Organization] {
        &self.organizations
    }

    /// The accounts, by `account_id`.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The users, by identity.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// One record a user and account.
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// Further records that say something else.
    pub fn membership_conflicts(&self) -> &[MembershipConflict] {
        &self.membership_conflicts
    }

    /// Other spellings and guids.
    pub fn user_identifiers(&self) -> &[UserIdentifier] {
        &self.user_identifiers
    }

    /// Roles in whole organizations.
    pub fn organization_grants(&self) -> &[OrganizationGrant] {
        &self.organization_grants
    }

    /// The groups of the accounts that speak the newer access model.
    pub fn user_groups(&self) -> &[UserGroup] {
        &self.user_groups
    }

    /// Who is in which group.
    pub fn user_group_members(&self) -> &[UserGroupMember] {
        &self.user_group_members
    }

    /// What accounts were asked for beside their members, and what came of it.
    pub fn optional_sources(&self) -> &[OptionalSource] {
        &self.optional_sources
    }

    /// The entries of the audit logs that were asked for.
    pub fn audit_events(&self) -> &[AuditEvent] {
        &self.audit_events
    }

    /// The API keys of the accounts that were asked for them.
    pub fn api_keys(&self) -> &[ApiKey] {
        &self.api_keys
    }

    /// The calls that were made.
    pub fn source_calls(&self) -> &[SourceCall] {
        &self.source_calls
    }

    /// What a reader must know.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The text of `sym`.
    pub fn text(&self, sym: Sym) -> &str {
        self.strings.get(sym)
    }

    /// The text of `sym`, where there is one.
    pub fn text_opt(&self, sym: Option<Sym>) -> Option<&str> {
        sym.map(|sym| self.text(sym))
    }

    /// The names of a list, in their order.
    pub fn names(&self, list: NameListId) -> impl ExactSizeIterator<Item = &str> {
        self.name_list(list).iter().map(|&sym| self.text(sym))
    }

    pub(crate) fn name_list(&self, list: NameListId) -> &[Sym] {
        self.name_lists.get(list.index()).map(AsRef::as_ref).unwrap_or_default()
    }

    /// The organization `id`.
    pub fn organization(&self, id: OrganizationId) -> &Organization {
        &self.organizations[id.index()]
    }

    /// The account `id`.
    pub fn account(&self, id: AccountId) -> &Account {
        &self.accounts[id.index()]
    }

    /// The user `id`.
    pub fn user(&self, id: UserId) -> &User {
        &self.users[id.index()]
    }

    /// The group `id`.
    pub fn group(&self, id: GroupId) -> &UserGroup {
        &self.user_groups[id.index()]
    }

    /// The identity of the user `id`.
    pub fn identity(&self, id: UserId) -> &str {
        self.text(self.user(id).identity)
    }

    /// The name of the organization `id`.
    pub fn organization_name(&self, id: OrganizationId) -> &str {
        self.text(self.organization(id).name)
    }

    /// The name of the account `id`, as the API writes it.
    pub fn account_name(&self, id: AccountId) -> &str {
        self.text(self.account(id).name)
    }

    /// The ids of all users.
    pub fn user_ids(&self) -> impl ExactSizeIterator<Item = UserId> + use<> {
        (0..self.users.len()).map(UserId::from_index)
    }

    /// The ids of all accounts.
    pub fn account_ids(&self) -> impl ExactSizeIterator<Item = AccountId> + use<> {
        (0..self.accounts.len()).map(AccountId::from_index)
    }

    /// The ids of all organizations.
    pub fn organization_ids(&self) -> impl ExactSizeIterator<Item = OrganizationId> + use<> {
        (0..self.organizations.len()).map(OrganizationId::from_index)
    }

    /// The user of that identity.
    pub fn find_user(&self, identity: &str) -> Option<UserId> {
        self.users.binary_search_by(|user| self.text(user.identity).cmp(identity)).ok().map(UserId::from_index)
    }

    /// The account of that `account_id` (`<organization>/<name>` in lower case).
    pub fn find_account(&self, account_id: &str) -> Option<AccountId> {
        self.accounts
            .binary_search_by(|account| self.text(account.account_id).cmp(account_id))
            .ok()
            .map(AccountId::from_index)
    }

    /// Whether anything is known to be missing.
    pub fn is_partial(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// `complete` or `partial`.
    pub fn status(&self) -> &'static str {
        if self.is_partial() { "partial" } else { "complete" }
    }

    /// How many accounts there are of each state.
    pub fn account_counts(&self) -> AccountCounts {
        let mut counts = AccountCounts::default();
        for account in &self.accounts {
            counts.add(account.fetch_status);
        }
        counts
    }

    /// The hosts that were asked, sorted, each once.
    pub fn hosts(&self) -> Vec<&str> {
        let mut hosts: Vec<_> = self.organizations.iter().map(|organization| self.text(organization.host)).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// Where the data comes from, for titles: `live acme.lacework.net`, or a warning that the people are invented.
    pub fn source_line(&self) -> String {
        match self.header.data_source {
            crate::DataSource::Demo => "DEMO DATA, invented people".to_owned(),
            source => format!("{} {}", source.as_str(), self.hosts().join(", ")),
        }
    }
}

impl fmt::Debug for Snapshot {
    /// Counts only: the people of a tenant do not belong in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("id", &self.id)
            .field("accounts", &self.accounts.len())
            .field("users", &self.users.len())
            .field("memberships", &self.memberships.len())
            .finish_non_exhaustive()
    }
}

/// Accounts by how far they were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountCounts {
    /// Read whole.
    pub complete: usize,
    /// Read in part.
    pub incomplete: usize,
    /// Not read.
    pub failed: usize,
    /// Left out by the configuration.
    pub excluded: usize,
    /// Named by a member, listed nowhere.
    pub unlisted: usize,
    /// The run ended before their turn.
    pub not_attempted: usize,
}

impl AccountCounts {
    fn add(&mut self, status: FetchStatus) {
        *match status {
            FetchStatus::Complete => &mut self.complete,
            FetchStatus::Incomplete => &mut self.incomplete,
            FetchStatus::Failed => &mut self.failed,
            FetchStatus::Excluded => &mut self.excluded,
            FetchStatus::Unlisted => &mut self.unlisted,
            FetchStatus::NotAttempted => &mut self.not_attempted,
        } += 1;
    }

    /// The accounts that a directory or the configuration lists.
    pub fn expected(&self) -> usize {
        self.in_scope() + self.excluded
    }

    /// The expected accounts that the configuration does not exclude.
    pub fn in_scope(&self) -> usize {
        self.complete + self.incomplete + self.failed + self.not_attempted
    }

    /// `8 of 9 accounts in scope, 7 read whole`, for titles.
    pub fn scope_line(&self) -> String {
        format!("{} of {} accounts in scope, {} read whole", self.in_scope(), self.expected(), self.complete)
    }
}
