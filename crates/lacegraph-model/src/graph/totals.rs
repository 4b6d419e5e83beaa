//! The figures that a summary tells, and that the tables let anybody re-derive.

use super::{Grant, Graph, LoginState};
use crate::record::{Account, FetchStatus, Severity, UserType};
use crate::role::AccessLevel;
use crate::snapshot::AccountCounts;

/// Counts over a whole graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Organizations.
    pub organizations: usize,
    /// Accounts by how far they were read.
    pub accounts: AccountCounts,
    /// Persons and service users.
    pub users: usize,
    /// Persons among them.
    pub persons: usize,
    /// Persons and service users who reach nothing now.
    pub disabled_users: usize,
    /// Users who hold a group, or a role, in force whose power is not known.
    pub users_of_unknown_power: usize,
    /// Records, one a user and account.
    pub memberships: usize,
    /// Records about accounts, before further ones were merged into another or set aside.
    pub records_received: usize,
    /// Records that say something else than the one that is used.
    pub conflicts: usize,
    /// Grants, in force or not.
    pub grants: usize,
    /// Pairs of user and account with access in force.
    pub effective_access: usize,
    /// Pairs among them whose role is NO_ROLE: members who can do nothing there.
    pub roleless_access: usize,
    /// Pairs of user and account with the effective role ADMIN.
    pub admin_access: usize,
    /// Users who hold the role of organization admin in force.
    pub org_admins: usize,
    /// Users who are dormant, and enabled.
    pub dormant: usize,
    /// Users who never logged in, and are enabled.
    pub never_logged_in: usize,
    /// Users of whom no login is known, and who are enabled.
    pub login_unknown: usize,
    /// Entries of audit logs; 0 too where nobody asked for them.
    pub audit_events: usize,
    /// API keys; 0 too where nobody asked for them.
    pub api_keys: usize,
    /// Problems that are errors.
    pub errors: usize,
    /// Problems that are warnings.
    pub warnings: usize,
    /// Problems that are good to know.
    pub infos: usize,
}

impl Totals {
    /// All problems.
    pub fn problems(&self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Counts over one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountTally {
    /// Its memberships.
    pub memberships: u64,
    /// Records about it that say something else than the membership.
    pub conflicts: u64,
    /// Records about it that were left out because the configuration excludes it.
    pub left_out: u64,
    /// Users who reach it now.
    pub users: u64,
    /// Users among them whose effective role is ADMIN.
    pub admins: u64,
}

impl Graph {
    /// Counts over everything. Walks all grants the first time that this or [`account_tallies`](Self::account_tallies) is asked.
    pub fn totals(&self) -> Totals {
        self.counted().0
    }

    /// Counts over each account, in the order of the accounts.
    ///
    /// For each, memberships, conflicts, merged duplicates and what was left out make the records received.
    pub fn account_tallies(&self) -> &[AccountTally] {
        &self.counted().1
    }

    fn counted(&self) -> &(Totals, Vec<AccountTally>) {
        self.counted.get_or_init(|| {
            let mut tallies = self.records_by_account();
            (self.count(&mut tallies), tallies)
        })
    }

    fn records_by_account(&self) -> Vec<AccountTally> {
        let snapshot = self.snapshot();
        let left_out = |account: &Account| match account.fetch_status {
            FetchStatus::Excluded => account.statements_received,
            _ => 0,
        };
        let tally = |account| AccountTally { left_out: left_out(account), ..AccountTally::default() };
        let mut tallies: Vec<_> = snapshot.accounts().iter().map(tally).collect();
        for membership in snapshot.memberships() {
            tallies[membership.account.index()].memberships += 1;
        }
        for conflict in snapshot.membership_conflicts() {
            tallies[conflict.record.account.index()].conflicts += 1;
        }
        tallies
    }

    fn count(&self, tallies: &mut [AccountTally]) -> Totals {
        let snapshot = self.snapshot();
        let problems = |severity| snapshot.problems().iter().filter(|problem| problem.severity == severity).count();
        let mut totals = Totals {
            organizations: snapshot.organizations().len(),
            accounts: snapshot.account_counts(),
            users: snapshot.users().len(),
            memberships: snapshot.memberships().len(),
            records_received: count(snapshot.accounts().iter().map(|account| account.statements_received).sum()),
            conflicts: snapshot.membership_conflicts().len(),
            audit_events: snapshot.audit_events().len(),
            api_keys: snapshot.api_keys().len(),
            errors: problems(Severity::Error),
            warnings: problems(Severity::Warning),
            infos: problems(Severity::Info),
            ..Totals::default()
        };
        let mut grants = Vec::new();
        for user in snapshot.user_ids() {
            self.collect_grants(user, &mut grants);
            let person = self.person(user, &grants);
            totals.persons += usize::from(person.user_type == UserType::Person);
            totals.disabled_users += usize::from(!person.is_enabled);
            totals.users_of_unknown_power += usize::from(person.has_unknown_power);
            let is_roleless = |grant: &&Grant| grant.is_effective && self.role(grant.role).level == AccessLevel::None;
            totals.roleless_access += grants.iter().filter(is_roleless).count();
            totals.grants += grants.len();
            for grant in grants.iter().filter(|grant| grant.is_effective) {
                let tally = &mut tallies[grant.account.index()];
                tally.users += 1;
                tally.admins += u64::from(self.role(grant.role).level == AccessLevel::Admin);
            }
            totals.effective_access += person.account_count;
            totals.admin_access += person.admin_account_count;
            totals.org_admins += usize::from(person.highest_privilege == AccessLevel::OrgAdmin);
            totals.dormant += usize::from(person.is_enabled && person.is_dormant());
            let is_login = |state| usize::from(person.is_enabled && person.login_state == state);
            totals.never_logged_in += is_login(LoginState::Never);
            totals.login_unknown += is_login(LoginState::Unknown);
        }
        totals
    }
}
