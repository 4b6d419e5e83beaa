//! What to fetch.

use lacegraph_model::DataSource;
use serde::{Deserialize, Serialize};

use crate::base::ApiBase;
use crate::credential::Credential;
use crate::filter::AccountFilter;
use crate::settings::Settings;

/// A whole run: which organizations, with which keys.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The organizations, read in this order.
    pub organizations: Vec<OrganizationPlan>,
    /// Where the answers come from, for the snapshot's header.
    pub data_source: DataSource,
    /// The version of the tool, for the header and the `User-Agent`.
    pub tool_version: String,
    /// How many accounts are asked at a time; at least one.
    pub concurrency: usize,
    /// Which access model accounts are asked by.
    pub api_model: ModelChoice,
    /// What custom groups of the newer access model confer, which no call reveals.
    pub groups: Vec<GroupMeaning>,
    /// Lists beside those of members.
    pub with: OptionalSources,
    /// Timeouts and patience.
    pub settings: Settings,
}

/// Which list an account's members are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelChoice {
    /// `TeamMembers`, and where that is not available or empty `TeamUsers`: which model an account speaks cannot be known
    /// before (vendor documentation).
    #[default]
    Auto,
    /// `TeamMembers` alone: the older access model.
    TeamMembers,
    /// `TeamUsers` alone: the newer access model, which has no list of the organization.
    TeamUsers,
}

/// What somebody found out about a custom group: no documented call reveals it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMeaning {
    /// The organization, as configured.
    pub organization: String,
    /// The account, in any case.
    pub account: String,
    /// The group, by name or guid, in any case.
    pub group: String,
    /// The role it confers, `READ_ONLY` for example.
    pub role: String,
    /// How that is known: who looked where, and when.
    pub evidence: String,
}

/// Lists beside those of members, each off unless asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionalSources {
    /// The audit log of so many days.
    pub audit_log_days: Option<u32>,
    /// The API keys of each account.
    pub api_keys: bool,
}

impl Plan {
    /// A plan with the usual concurrency and settings.
    pub fn new(organizations: Vec<OrganizationPlan>, data_source: DataSource, tool_version: impl Into<String>) -> Self {
        Self {
            organizations,
            data_source,
            tool_version: tool_version.into(),
            concurrency: 8,
            api_model: ModelChoice::Auto,
            groups: Vec::new(),
            with: OptionalSources::default(),
            settings: Settings::default(),
        }
    }
}

/// One organization of a plan.
#[derive(Clone, Debug)]
pub struct OrganizationPlan {
    /// How it is called in every output.
    pub name: String,
    /// Where its API is.
    pub base: ApiBase,
    /// The host as outputs show it, where that is not the one that is asked: the demo's stands for the mock's port.
    pub shown_host: Option<String>,
    /// The key that asks for the organization, and for each account without a key of its own; `None` where only accounts
    /// have keys.
    pub credential: Option<Credential>,
    /// Accounts that the configuration names.
    pub accounts: Vec<AccountPlan>,
    /// Which accounts are read.
    pub filter: AccountFilter,
}

impl OrganizationPlan {
    /// An organization of which the configuration says no more than this.
    pub fn new(name: impl Into<String>, base: ApiBase, credential: Credential) -> Self {
        Self {
            name: name.into(),
            base,
            shown_host: None,
            credential: Some(credential),
            accounts: Vec::new(),
            filter: AccountFilter::default(),
        }
    }
}

impl OrganizationPlan {
    /// What the primary account is called where nothing tells its name: the vendor's hosts are named after it.
    pub(crate) fn primary_account(&self) -> &str {
        if self.base.is_vendor_host() { self.base.account_name() } else { &self.name }
    }
}

/// An account that the configuration names.
#[derive(Clone, Debug, Default)]
pub struct AccountPlan {
    /// Its name, in any case.
    pub name: String,
    /// A key of its own. The account is then always asked, with this key.
    pub credential: Option<Credential>,
    /// Where its API is, if not where the organization's is. Needs a key of its own: the organization's key goes to no other host.
    pub base: Option<ApiBase>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for.
    pub environment: Option<String>,
    /// The audit scopes it is in, separated by `, `.
    pub audit_scope: Option<String>,
}

impl AccountPlan {
    /// An account of which the configuration says no more than the name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
