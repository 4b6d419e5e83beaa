//! What is known of one user across all accounts: a row of `users`.

use super::Graph;
use super::access::Grant;
use crate::record::{IdentifierKind, NOT_EMAILS, UserId, UserType};
use crate::role::{AccessLevel, ORG_ADMIN, ORG_USER, RoleScope, access_level};
use crate::time::UtcTime;

/// Mail providers where anybody gets an address. Not complete: it only sharpens `domain_class`.
const FREE_MAIL: [&str; 12] = [
    "aol.com",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "web.de",
    "yahoo.com",
];

/// What the login records of a user amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginState {
    /// Logged in within the threshold.
    Active,
    /// The last login lies more whole days back than the threshold.
    Dormant,
    /// Every membership says "never".
    Never,
    /// No login is known, and not every membership says "never".
    Unknown,
    /// A member of no account, so there is nowhere a login would be recorded.
    NoMembership,
    /// A service user: it does not log in.
    NotApplicable,
}

impl LoginState {
    /// How tables and files spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Dormant => "dormant",
            Self::Never => "never",
            Self::Unknown => "unknown",
            Self::NoMembership => "no_membership",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// Whose mail domain an identity has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainClass {
    /// One of [`Settings::internal_domains`](crate::Settings::internal_domains).
    Internal,
    /// Another one.
    External,
    /// A public mail provider's.
    FreeMail,
    /// Not told apart, because no internal domains are configured.
    Unclassified,
    /// The identity is no e-mail.
    None,
}

impl DomainClass {
    /// How tables and files spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::External => "external",
            Self::FreeMail => "freemail",
            Self::Unclassified => "unclassified",
            Self::None => "none",
        }
    }
}

/// One user across all accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person<'g> {
    /// What tells this user from every other.
    pub identity: &'g str,
    /// Person or service user.
    pub user_type: UserType,
    /// The full name: the first that a membership carries, by account, else one that a row without account carries.
    pub full_name: Option<&'g str>,
    /// What follows the last `@` of an e-mail.
    pub email_domain: Option<&'g str>,
    /// Whose domain that is.
    pub domain_class: DomainClass,
    /// Whether any grant is in force.
    pub is_enabled: bool,
    /// The latest login of all memberships.
    pub last_login_anywhere: Option<UtcTime>,
    /// What the logins amount to.
    pub login_state: LoginState,
    /// Whole days from the last login to the capture; `None` without a known login.
    pub days_since_login: Option<i64>,
    /// Whether anything in force is a group, or a role, whose power is not known.
    pub has_unknown_power: bool,
    /// The highest access level in force, organization roles included.
    pub highest_privilege: AccessLevel,
    /// Accounts reached by an enabled grant.
    pub account_count: usize,
    /// Accounts where the effective role is ADMIN.
    pub admin_account_count: usize,
    /// Accounts with a membership, enabled or not.
    pub membership_count: usize,
    /// Whether the user holds the role of organization admin anywhere, enabled or not.
    pub is_org_admin: bool,
    /// Whether the user holds the role of organization user anywhere, enabled or not.
    pub is_org_user: bool,
}

impl Person<'_> {
    /// Whether the last login lies too far back. A user who never logged in is not dormant.
    pub fn is_dormant(&self) -> bool {
        self.login_state == LoginState::Dormant
    }
}

impl Graph {
    /// What is known of a user; `grants` are the user's own, from [`grants_of`](Self::grants_of).
    pub fn person(&self, user: UserId, grants: &[Grant]) -> Person<'_> {
        let snapshot = self.snapshot();
        let memberships = self.memberships_of(user);
        let identity = snapshot.identity(user);
        let user_type = snapshot.user(user).user_type;
        let last_login_anywhere = memberships.iter().filter_map(|membership| membership.last_login_here().time()).max();
        let days_since_login = last_login_anywhere.map(|time| time.whole_days_until(snapshot.header().captured_at));
        let login_state = match days_since_login {
            _ if user_type == UserType::Service => LoginState::NotApplicable,
            _ if memberships.is_empty() => LoginState::NoMembership,
            Some(days) if days > self.settings.dormant_after_days => LoginState::Dormant,
            Some(_) => LoginState::Active,
            None if memberships.iter().all(|membership| membership.last_login_here().is_known()) => LoginState::Never,
            None => LoginState::Unknown,
        };
        let organization_grants = self.organization_grants_of(user);
        let holds = |role| organization_grants.iter().any(|grant| snapshot.text(grant.role) == role);
        let of_organizations = (organization_grants.iter().filter(|grant| grant.is_enabled))
            .map(|grant| access_level(RoleScope::Organization, snapshot.text(grant.role)));
        let effective = grants.iter().filter(|grant| grant.is_effective);
        let levels = effective.clone().map(|grant| self.role(grant.role).level);
        let highest = levels.clone().chain(of_organizations.clone()).max_by_key(|level| level.privilege_rank());
        let of_grants = grants.iter().filter(|grant| grant.is_enabled);
        let has_unknown_power = of_organizations.clone().any(|level| level == AccessLevel::Unknown)
            || of_grants
                .clone()
                .any(|grant| self.is_unresolved(grant) || self.role(grant.role).level == AccessLevel::Unknown);
        Person {
            identity,
            user_type,
            full_name: self.full_name(user),
            email_domain: email_domain(identity),
            domain_class: self.domain_class(identity),
            is_enabled: effective.clone().next().is_some() || organization_grants.iter().any(|grant| grant.is_enabled),
            last_login_anywhere,
            login_state,
            days_since_login,
            has_unknown_power,
            highest_privilege: highest.unwrap_or(AccessLevel::None),
            account_count: effective.count(),
            admin_account_count: levels.filter(|&level| level == AccessLevel::Admin).count(),
            membership_count: memberships.len(),
            is_org_admin: holds(ORG_ADMIN),
            is_org_user: holds(ORG_USER),
        }
    }

    /// The organization roles of a user.
    pub fn organization_grants_of(&self, user: UserId) -> &[crate::OrganizationGrant] {
        let grants = self.snapshot().organization_grants();
        let start = grants.partition_point(|grant| grant.user < user);
        let count = grants[start..].partition_point(|grant| grant.user == user);
        &grants[start..start + count]
    }

    fn full_name(&self, user: UserId) -> Option<&str> {
        let snapshot = self.snapshot();
        let of_membership = self.memberships_of(user).iter().find_map(|membership| membership.full_name);
        let of_row = || {
            let identifiers = snapshot.user_identifiers();
            let start = identifiers.partition_point(|identifier| identifier.user < user);
            let own = identifiers[start..].iter().take_while(|identifier| identifier.user == user);
            own.filter(|identifier| identifier.kind == IdentifierKind::FullName)
                .map(|identifier| identifier.value)
                .next()
        };
        snapshot.text_opt(of_membership.or_else(of_row))
    }

    fn domain_class(&self, identity: &str) -> DomainClass {
        let Some(domain) = email_domain(identity) else { return DomainClass::None };
        let internal = &self.settings.internal_domains;
        if internal.iter().any(|known| known.to_lowercase() == domain) {
            DomainClass::Internal
        } else if FREE_MAIL.contains(&domain) {
            DomainClass::FreeMail
        } else if internal.is_empty() {
            DomainClass::Unclassified
        } else {
            DomainClass::External
        }
    }
}

/// What follows the last `@` of an identity that is an e-mail; `None` for every other identity.
pub fn email_domain(identity: &str) -> Option<&str> {
    let is_other = NOT_EMAILS.iter().any(|prefix| identity.starts_with(prefix));
    if is_other { None } else { identity.rsplit_once('@').map(|(_, domain)| domain) }
}
