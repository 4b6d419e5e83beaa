//! The figures that a summary tells, and that the tables let anybody re-derive.

use super::Graph;
use crate::record::{Severity, UserType};
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
    /// Users with a role of unknown meaning somewhere, through a custom group.
    pub users_in_unresolved_groups: usize,
    /// Records, one a user and account.
    pub memberships: usize,
    /// Grants, in force or not.
    pub grants: usize,
    /// Pairs of user and account with access in force.
    pub effective_access: usize,
    /// Pairs of user and account with the effective role ADMIN.
    pub admin_access: usize,
    /// Users who hold the role of organization admin in force.
    pub org_admins: usize,
    /// Users who are dormant, and enabled.
    pub dormant: usize,
    /// Users who never logged in, and are enabled.
    pub never_logged_in: usize,
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

impl Graph {
    /// Counts over everything. Walks all grants.
    pub fn totals(&self) -> Totals {
        let snapshot = self.snapshot();
        let problems = |severity| snapshot.problems().iter().filter(|problem| problem.severity == severity).count();
        let mut totals = Totals {
            organizations: snapshot.organizations().len(),
            accounts: snapshot.account_counts(),
            users: snapshot.users().len(),
            memberships: snapshot.memberships().len(),
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
            totals.users_in_unresolved_groups += usize::from(grants.iter().any(|grant| grant.has_unresolved_group));
            totals.grants += grants.len();
            totals.effective_access += person.account_count;
            totals.admin_access += person.admin_account_count;
            totals.org_admins += usize::from(person.highest_privilege == AccessLevel::OrgAdmin);
            totals.dormant += usize::from(person.is_enabled && person.is_dormant());
            totals.never_logged_in += usize::from(person.is_enabled && person.login_state == super::LoginState::Never);
        }
        totals
    }
}
