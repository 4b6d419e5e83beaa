//! What a role or group is worth: ranks, privilege, access level.

/// The organization role that implies ADMIN in every account of the organization.
pub const ORG_ADMIN: &str = "ORG_ADMIN";
/// The organization role that implies USER (READ_ONLY in the newer access model) in every account of the organization.
pub const ORG_USER: &str = "ORG_USER";
/// The role of full control over one account.
pub const ADMIN: &str = "ADMIN";
/// As ADMIN, but for the account's settings (newer access model).
pub const POWER_USER: &str = "POWER_USER";
/// The role of viewing one account (older access model).
pub const USER: &str = "USER";
/// The role of viewing one account (newer access model).
pub const READ_ONLY: &str = "READ_ONLY";
/// What a member without any role is recorded with, so that every membership has a grant.
pub const NO_ROLE: &str = "NO_ROLE";

/// What a role belongs to, and so where its name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleScope {
    /// A role of one account.
    Account,
    /// A custom group of one account, standing for roles that no call of the API reveals.
    Group,
    /// A role in one organization.
    Organization,
}

impl RoleScope {
    /// How the tables spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Group => "group",
            Self::Organization => "organization",
        }
    }
}

/// What a role lets its holder do, comparable across the two access models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Nothing.
    None,
    /// View.
    Read,
    /// Not known: a custom group or a role name the product does not know.
    Unknown,
    /// Change, but for the settings of the account.
    Write,
    /// Full control of one account.
    Admin,
    /// Full control of every account of an organization.
    OrgAdmin,
}

impl AccessLevel {
    /// How the tables spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Unknown => "unknown",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::OrgAdmin => "org_admin",
        }
    }

    /// The rank by which grants are ordered: 100, 80, 60, 40, 20 or 0.
    pub fn privilege_rank(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Read => 20,
            Self::Unknown => 40,
            Self::Write => 60,
            Self::Admin => 80,
            Self::OrgAdmin => 100,
        }
    }

    /// Whether the level is one that a review looks at first; `None` where the level is unknown.
    pub fn is_privileged(self) -> Option<bool> {
        match self {
            Self::Unknown => None,
            level => Some(level >= Self::Write),
        }
    }
}

/// The access level of a role, by its scope and its name in any case.
pub fn access_level(scope: RoleScope, name: &str) -> AccessLevel {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    match scope {
        RoleScope::Account if is(ADMIN) => AccessLevel::Admin,
        RoleScope::Account if is(POWER_USER) => AccessLevel::Write,
        RoleScope::Account if is(USER) || is(READ_ONLY) => AccessLevel::Read,
        RoleScope::Account if is(NO_ROLE) => AccessLevel::None,
        RoleScope::Organization if is(ORG_ADMIN) => AccessLevel::OrgAdmin,
        RoleScope::Organization if is(ORG_USER) => AccessLevel::Read,
        _ => AccessLevel::Unknown,
    }
}

/// The role as every table spells it, where its name is that of a known one in any case; otherwise as written.
pub(crate) fn spelled(role: &str) -> &str {
    let known = [ADMIN, POWER_USER, READ_ONLY, USER, NO_ROLE];
    known.into_iter().find(|known| known.eq_ignore_ascii_case(role)).unwrap_or(role)
}

/// The role that a built-in group of the newer access model confers; `None` for a custom group.
///
/// Source: the guids are documented by the vendor (`LACEWORK_USER_GROUP_ADMIN` and so on).
pub fn built_in_group_role(group_guid: &str) -> Option<&'static str> {
    match group_guid {
        "LACEWORK_USER_GROUP_ADMIN" => Some(ADMIN),
        "LACEWORK_USER_GROUP_POWER_USER" => Some(POWER_USER),
        "LACEWORK_USER_GROUP_READ_ONLY_USER" => Some(READ_ONLY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_order_of_the_levels() {
        let levels = [
            AccessLevel::None,
            AccessLevel::Read,
            AccessLevel::Unknown,
            AccessLevel::Write,
            AccessLevel::Admin,
            AccessLevel::OrgAdmin,
        ];
        assert!(levels.is_sorted());
        assert!(levels.is_sorted_by_key(|level| level.privilege_rank()));
    }

    #[test]
    fn a_name_means_something_in_its_own_scope_only() {
        assert_eq!(access_level(RoleScope::Account, "Admin"), AccessLevel::Admin);
        assert_eq!(access_level(RoleScope::Group, "ADMIN"), AccessLevel::Unknown);
        assert_eq!(access_level(RoleScope::Organization, "ADMIN"), AccessLevel::Unknown);
        assert_eq!(access_level(RoleScope::Account, "SECURITY_AUDITOR").is_privileged(), None);
        assert_eq!(access_level(RoleScope::Account, "POWER_USER").is_privileged(), Some(true));
        assert_eq!(access_level(RoleScope::Account, "USER").is_privileged(), Some(false));
    }
}
