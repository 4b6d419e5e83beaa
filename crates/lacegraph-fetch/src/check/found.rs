//! What a check finds out.

use std::collections::BTreeMap;

use lacegraph_model::ApiModel;

use crate::error::CallError;
use crate::wait::RateLimit;
use crate::wire::Profile;

/// What was found out about one organization.
#[derive(Clone, Debug)]
pub struct OrganizationCheck {
    /// Its name, as configured.
    pub organization: String,
    /// The host that was asked.
    pub host: String,
    /// Whether the host is one of the vendor's own.
    pub is_vendor_host: bool,
    /// Whether the key got a token; everything below is empty or unknown where it got none.
    pub token: Result<(), CallError>,
    /// Whose key it is, where the API tells.
    pub key_owner: Result<KeyOwner, CallError>,
    /// The organization's list, by its first page; `None` where the access model has none.
    pub organization_list: Option<Result<ListCheck, CallError>>,
    /// Whether that list shows one person alone, who may be the key's owner: a run would not believe it.
    pub shows_one_alone: bool,
    /// What of the organization itself a run would report as missing, and what to do.
    pub gaps: Vec<(String, &'static str)>,
    /// The accounts of the directory and the configuration, sorted by name in lower case.
    pub accounts: Vec<AccountCheck>,
    /// What the last call of each kind said of the rate limit, by the path of the call.
    pub rate_limits: BTreeMap<&'static str, RateLimit>,
    /// How many calls of each kind a run would make with the organization's key, about: as far as first pages tell.
    pub requests_needed: BTreeMap<&'static str, u64>,
}

impl OrganizationCheck {
    /// Whether a run would read at least one account.
    pub fn reads_any_account(&self) -> bool {
        let is_read = |outlook: &Outlook| outlook.is_good() || matches!(outlook, Outlook::Doubtful { .. });
        self.accounts.iter().any(|account| is_read(&account.outlook))
    }

    /// Whether a run would read every account that is not excluded, and the organization's own members with the
    /// organization's key.
    pub fn reads_every_account(&self) -> bool {
        !self.token.as_ref().is_err_and(|error| !matches!(error, CallError::NoKey { .. }))
            && !self.shows_one_alone
            && self.gaps.is_empty()
            && self.accounts.iter().all(|account| account.outlook.is_good() || account.outlook == Outlook::Excluded)
    }
}

/// Whose key it is, by `UserProfile`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyOwner {
    /// The user's name, usually an e-mail.
    pub username: Option<String>,
    /// Whether the user is an organization admin.
    pub is_organization_admin: bool,
    /// Whether the user is an organization user.
    pub is_organization_user: bool,
    /// Whether the account is an organization's; `None` where the API leaves it out.
    pub is_organization_account: Option<bool>,
}

impl KeyOwner {
    pub(crate) fn of(profile: &Profile) -> Self {
        Self {
            username: profile.username.clone(),
            is_organization_admin: profile.org_admin,
            is_organization_user: profile.org_user,
            is_organization_account: profile.org_account,
        }
    }
}

/// The first page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListCheck {
    /// Rows on it.
    pub rows: u64,
    /// Rows of the whole list, where the API says so.
    pub total: Option<u64>,
}

/// What a run would do with one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountCheck {
    /// Its name.
    pub name: String,
    /// Whether the API's directory lists it.
    pub is_in_directory: bool,
    /// What its own key is good for, where it has one.
    pub own_key: Option<OwnKeyCheck>,
    /// How it would go.
    pub outlook: Outlook,
}

/// The key of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnKeyCheck {
    /// Its id, by its ends.
    pub masked_id: String,
    /// Where it was found, in words.
    pub origin: String,
    /// The host that is asked with it.
    pub host: String,
    /// Whether it got a token.
    pub token: Result<(), CallError>,
    /// Whose it is, where the API tells.
    pub owner: Result<KeyOwner, CallError>,
}

/// How reading an account would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// The configuration leaves it out.
    Excluded,
    /// The organization's list answers; whether it covers the account shows in the run.
    ByOrganizationList,
    /// Its own list answers.
    ByOwnList {
        /// The access model that answered.
        model: ApiModel,
        /// The first page.
        list: ListCheck,
    },
    /// Its own list answers, but a run would not take it for whole.
    Doubtful {
        /// The access model that answered.
        model: ApiModel,
        /// The first page.
        list: ListCheck,
        /// Why not.
        doubt: Doubt,
    },
    /// Its own list does not answer.
    Fails(CallError),
}

impl Outlook {
    fn is_good(&self) -> bool {
        matches!(self, Self::ByOrganizationList | Self::ByOwnList { .. })
    }

    pub(super) fn doubt(&mut self) {
        if let Self::ByOwnList { model, list } = *self {
            *self = Self::Doubtful { model, list, doubt: Doubt::OneAlone };
        }
    }
}

/// Why a run would not take a list for whole, as far as its first page tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It shows one person alone, who may be the key's owner.
    OneAlone,
    /// So many rows are not understood.
    Rows(usize),
    /// No page follows, but the API announced more rows.
    Short(ListCheck),
    /// The next page cannot be asked for.
    Paging(CallError),
}

impl Doubt {
    /// In words.
    pub fn for_report(&self) -> String {
        match self {
            Self::OneAlone => "it shows one user alone, perhaps the key's own".to_owned(),
            Self::Rows(1) => "1 row of the first page is not understood".to_owned(),
            Self::Rows(count) => format!("{count} rows of the first page are not understood"),
            Self::Short(ListCheck { rows, total }) => {
                format!("{rows} rows arrived, the API announced {}", total.unwrap_or_default())
            }
            Self::Paging(error) => error.for_report(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::OneAlone => {
                "others may be hidden from this key: use the key of an organization admin, or a key of an admin of the account"
            }
            Self::Rows(_) => {
                "look at the account in the console; if the form of the answer has changed, please report it"
            }
            Self::Short(_) => "run again; if it stays so, members may be hidden from the key's owner",
            Self::Paging(error) => error.hint(),
        }
    }
}
