/// How large and of what kind a generated organization is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratorOptions {
    /// The organization's name: letters, digits and `-`; anything else is left out. Its accounts begin with it.
    pub organization: String,
    /// How many people there are, at least one: the first owns the key and is an organization admin.
    pub users: usize,
    /// How many accounts there are, at least one.
    pub accounts: usize,
    /// In how many accounts each person is a member, at least one and at most all.
    pub memberships: usize,
    /// What everything that looks random is derived from.
    pub seed: u64,
    /// The shape of the rows of the legacy model.
    pub shape: RowShape,
    /// The access model that every account speaks.
    pub model: AccessModel,
    /// How many of 1,000 people are organization admins, besides the first.
    pub org_admin_permille: u16,
    /// How many of 1,000 people are organization users.
    pub org_user_permille: u16,
    /// Rows a page; `None` serves each list in one body.
    pub page_size: Option<usize>,
    /// Whether there is an organization-wide list; without it every account has to be asked.
    pub org_list: bool,
}

impl Default for GeneratorOptions {
    /// 1,000 people in 10 accounts, three each, in the flat shape and in pages of 5,000 rows (vendor documentation).
    fn default() -> Self {
        Self {
            organization: "corp".to_owned(),
            users: 1000,
            accounts: 10,
            memberships: 3,
            seed: 1,
            shape: RowShape::Flat,
            model: AccessModel::TeamMembers,
            org_admin_permille: 2,
            org_user_permille: 10,
            page_size: Some(5000),
            org_list: true,
        }
    }
}

/// The shapes in which `TeamMembers` rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowShape {
    /// One row a person, with all their accounts in `accounts`.
    Nested,
    /// One row for each person and account, with `props`.
    #[default]
    Flat,
    /// One row a person, with `adminRoleAccounts` and `userRoleAccounts`.
    RoleLists,
}

/// The access model of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccessModel {
    /// The legacy model: `TeamMembers` answers.
    #[default]
    TeamMembers,
    /// The newer, role-based model: `TeamMembers` is switched off and `TeamUsers` answers, account by account.
    TeamUsers,
}
