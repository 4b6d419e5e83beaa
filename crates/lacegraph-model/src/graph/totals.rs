//! The figures that a summary tells, and that the tables let anybody re-derive.

use super::{Grant, Graph, LoginState};
use crate::record::{OrganizationGrant, Severity, UserType};
use crate::role::{AccessLevel, RoleScope, access_level};
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
    /// Users with a custom group, or a role in an organization, whose power is not known.
    pub users_of_unknown_power: usize,
    /// Records, one a user and account.
    pub memberships: usize,
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
    /// Counts over everything. Walks all grants the first time it is asked.
    pub fn totals(&self) -> Totals {
        *self.totals.get_or_init(|| self.count())
    }

    fn count(&self) -> Totals {
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
            let is_unknown = |grant: &OrganizationGrant| {
                let role = access_level(RoleScope::Organization, snapshot.text(grant.role));
                grant.is_enabled && role == AccessLevel::Unknown
            };
            let has_group = grants.iter().any(|grant| grant.has_unresolved_group);
            let has_role = self.organization_grants_of(user).iter().any(is_unknown);
            totals.users_of_unknown_power += usize::from(has_group || has_role);
            let is_roleless = |grant: &&Grant| grant.is_effective && self.role(grant.role).level == AccessLevel::None;
            totals.roleless_access += grants.iter().filter(is_roleless).count();
            totals.grants += grants.len();
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
