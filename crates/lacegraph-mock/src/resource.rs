/// What can be read under `/api/v2/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    UserProfile,
    OrganizationInfo,
    TeamMembers,
    TeamUsers,
    AuditLogs,
    ApiKeys,
}

impl Resource {
    pub(crate) const ALL: [Self; 6] =
        [Self::UserProfile, Self::OrganizationInfo, Self::TeamMembers, Self::TeamUsers, Self::AuditLogs, Self::ApiKeys];

    /// The name in a path, and of a fixture's file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UserProfile => "UserProfile",
            Self::OrganizationInfo => "OrganizationInfo",
            Self::TeamMembers => "TeamMembers",
            Self::TeamUsers => "TeamUsers",
            Self::AuditLogs => "AuditLogs",
            Self::ApiKeys => "ApiKeys",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.name() == name)
    }

    /// Whether it is a list of an account or an organization, and not a fact about the caller.
    pub(crate) fn is_list(self) -> bool {
        !matches!(self, Self::UserProfile | Self::OrganizationInfo)
    }
}

/// Whose data is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// The organization's own data set.
    Organization,
    /// One account, by its name in upper case.
    Account(String),
}

impl Scope {
    /// Account names compare case-insensitively (vendor client source).
    pub(crate) fn account(name: &str) -> Self {
        Self::Account(name.trim().to_uppercase())
    }
}
