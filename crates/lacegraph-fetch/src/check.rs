//! What a run would read, with which key, and what stands in the way.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;
use lacegraph_model::ApiModel;

use crate::clock::Clock;
use crate::directory::{Directory, read_directory};
use crate::error::CallError;
use crate::list::PageWalk;
use crate::observer::Observer;
use crate::patience::Patience;
use crate::plan::{OrganizationPlan, Plan};
use crate::session::{Context, Session, own_sessions};
use crate::transport::{Endpoint, Scope, Transport};
use crate::wait::RateLimit;
use crate::wire::{Profile, TeamMember, each_row};

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
    /// The organization's list, by its first page.
    pub organization_list: Result<ListCheck, CallError>,
    /// The accounts of the directory and the configuration, sorted by name in lower case.
    pub accounts: Vec<AccountCheck>,
    /// What the last call of each kind said of the rate limit, by the path of the call.
    pub rate_limits: BTreeMap<&'static str, RateLimit>,
}

impl OrganizationCheck {
    /// Whether a run would read at least one account.
    pub fn reads_any_account(&self) -> bool {
        self.accounts.iter().any(|account| account.outlook.is_good())
    }

    /// Whether a run would read every account that is not excluded, and the organization's own members with the
    /// organization's key.
    pub fn reads_every_account(&self) -> bool {
        self.token.is_ok()
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
    /// Whether it has a key of its own.
    pub has_own_key: bool,
    /// How it would go.
    pub outlook: Outlook,
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
    /// Its own list does not answer.
    Fails(CallError),
}

impl Outlook {
    fn is_good(&self) -> bool {
        matches!(self, Self::ByOrganizationList | Self::ByOwnList { .. })
    }
}

/// Asks what a run would ask, but first pages only, and records nothing.
///
/// Counts against the rate limit: three calls for an organization, and one or two for each account that has a key of
/// its own, or that the organization's list does not name as far as its first page tells.
pub async fn check(
    plan: &Plan,
    transport: &dyn Transport,
    clock: &dyn Clock,
    observer: &dyn Observer,
) -> Vec<OrganizationCheck> {
    let patience = Patience::new(plan.settings.retry.max_wait);
    let retry = &plan.settings.retry;
    let context = Context { transport, clock, observer, retry, patience: &patience, recorded: None, capture: None };
    let mut checks = Vec::with_capacity(plan.organizations.len());
    for organization in &plan.organizations {
        checks.push(check_organization(context, organization, plan.concurrency.max(1)).await);
    }
    checks
}

async fn check_organization(context: Context<'_>, plan: &OrganizationPlan, concurrency: usize) -> OrganizationCheck {
    let session = Session::new(context, &plan.name, &plan.base, plan.credential.as_ref(), None);
    let own_sessions = own_sessions(context, plan);
    let token = session.sign_in().await;
    let (directory, list) = match &token {
        Ok(()) => {
            let directory = read_directory(&session).await;
            let list = first_page(&session, Endpoint::OrganizationMembers, None, Scope::Organization).await;
            (directory, list)
        }
        Err(error) => (Directory { profile: Err(error.clone()), call: None }, Err(error.clone())),
    };
    let covered = list.as_ref().map_or(Covered::Nothing, |first| Covered::by(first, &directory));
    let list = list.map(|first| first.list);
    let mut accounts = expected_accounts(plan, &directory);
    let has_names = accounts.values().any(|account| account.is_in_directory) || !plan.accounts.is_empty();
    // Made before they go into the stream, so that the compiler can tell that they may move to another thread.
    let mut probes = Vec::with_capacity(accounts.len());
    for (key, account) in &accounts {
        let is_covered = covered.covers(key);
        let outlook = outlook(plan, &session, &own_sessions, account.name.clone(), has_names, is_covered);
        probes.push(async move { (key.clone(), outlook.await) });
    }
    let outlooks: Vec<_> = futures::stream::iter(probes).buffered(concurrency).collect().await;
    for (key, outlook) in outlooks {
        if let Some(account) = accounts.get_mut(&key) {
            account.outlook = outlook;
        }
    }
    OrganizationCheck {
        organization: plan.name.clone(),
        host: plan.base.host(),
        is_vendor_host: plan.base.is_vendor_host(),
        token,
        key_owner: directory.profile.as_ref().map(KeyOwner::of).map_err(Clone::clone),
        organization_list: list,
        accounts: accounts.into_values().collect(),
        rate_limits: session.rate_limits(),
    }
}

/// The accounts to expect, by name in lower case; what becomes of them is found out after.
fn expected_accounts(plan: &OrganizationPlan, directory: &Directory) -> BTreeMap<String, AccountCheck> {
    let mut accounts = BTreeMap::new();
    let mut add = |name: &str, is_in_directory, has_own_key| {
        let account = accounts.entry(name.trim().to_lowercase()).or_insert_with(|| AccountCheck {
            name: name.trim().to_owned(),
            is_in_directory,
            has_own_key,
            outlook: Outlook::Excluded,
        });
        account.has_own_key |= has_own_key;
    };
    for entry in directory.profile.iter().flat_map(|profile| &profile.accounts) {
        add(&entry.name, true, false);
    }
    for account in &plan.accounts {
        add(&account.name, false, account.credential.is_some());
    }
    if accounts.is_empty() {
        let name = plan.primary_account().to_owned();
        let (is_in_directory, has_own_key, outlook) = (false, false, Outlook::Excluded);
        accounts.insert(name.to_lowercase(), AccountCheck { name, is_in_directory, has_own_key, outlook });
    }
    accounts
}

async fn outlook<'a>(
    plan: &OrganizationPlan,
    session: &Session<'a>,
    own_sessions: &[Session<'a>],
    name: String,
    has_names: bool,
    is_covered: bool,
) -> Outlook {
    if !plan.filter.admits(&name) {
        return Outlook::Excluded;
    }
    let session = match plan.session_of(&name, own_sessions) {
        Ok(Some(index)) => &own_sessions[index],
        Ok(None) if is_covered => return Outlook::ByOrganizationList,
        Ok(None) => session,
        Err(error) => return Outlook::Fails(error),
    };
    let scope = if has_names { Scope::Account(name.clone()) } else { Scope::Primary };
    let legacy = match first_page(session, Endpoint::TeamMembers, Some(&name), scope.clone()).await {
        Ok(FirstPage { list, .. }) if list.rows > 0 => {
            return Outlook::ByOwnList { model: ApiModel::TeamMembers, list };
        }
        // An empty list may be one that is switched off.
        Ok(FirstPage { list, .. }) => Ok(list),
        Err(error) if error.is_list_not_available() => Err(error),
        Err(error) => return Outlook::Fails(error),
    };
    match (first_page(session, Endpoint::TeamUsers, Some(&name), scope).await, legacy) {
        (Ok(FirstPage { list, .. }), Ok(_)) if list.rows > 0 => Outlook::ByOwnList { model: ApiModel::TeamUsers, list },
        (Ok(_), Ok(empty)) => Outlook::ByOwnList { model: ApiModel::TeamMembers, list: empty },
        (Ok(FirstPage { list, .. }), Err(_)) => Outlook::ByOwnList { model: ApiModel::TeamUsers, list },
        (Err(newer), Ok(empty)) if newer.is_refusal() => {
            Outlook::ByOwnList { model: ApiModel::TeamMembers, list: empty }
        }
        (Err(newer), Ok(_)) => Outlook::Fails(newer),
        (Err(newer), Err(legacy)) => {
            Outlook::Fails(CallError::BothLists { legacy: Box::new(legacy), newer: Box::new(newer) })
        }
    }
}

async fn first_page(
    session: &Session<'_>,
    endpoint: Endpoint,
    account: Option<&str>,
    scope: Scope,
) -> Result<FirstPage, CallError> {
    let mut walk = PageWalk::new(session, endpoint, account.map(str::to_owned), scope);
    let page = match walk.next().await {
        Some(step) => step.outcome?,
        None => return Ok(FirstPage { list: ListCheck { rows: 0, total: None }, text: None, is_last: true }),
    };
    let list = ListCheck { rows: page.rows, total: walk.total() };
    Ok(FirstPage { list, text: page.text, is_last: walk.is_at_end() })
}

/// The first page of a list, and whether it is the only one.
struct FirstPage {
    list: ListCheck,
    text: Option<String>,
    is_last: bool,
}

/// The accounts that the organization's list covers, as far as its first page tells.
enum Covered {
    Nothing,
    /// A page follows, which may name any.
    Perhaps,
    /// The accounts named, in lower case.
    These(BTreeSet<String>),
}

impl Covered {
    fn by(first: &FirstPage, directory: &Directory) -> Self {
        match &first.text {
            Some(_) if first.list.rows > 0 && !first.is_last => Self::Perhaps,
            Some(text) if first.list.rows > 0 => Self::These(named_accounts(text, directory)),
            _ => Self::Nothing,
        }
    }

    /// Whether it covers the account of this name in lower case.
    fn covers(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Perhaps => true,
            Self::These(names) => names.contains(name),
        }
    }
}

/// The accounts that the rows of a page name, by name or by the API's own key, in lower case.
fn named_accounts(text: &str, directory: &Directory) -> BTreeSet<String> {
    let listed = directory.profile.iter().flat_map(|profile| &profile.accounts);
    let by_guid: BTreeMap<&str, &str> =
        listed.filter_map(|entry| Some((entry.cust_guid.as_deref()?, entry.name.as_str()))).collect();
    let mut names = BTreeSet::new();
    let mut see = |name: Option<&str>, guid: Option<&str>| {
        let name = name.or_else(|| by_guid.get(guid?).copied());
        names.extend(name.map(|name| name.trim().to_lowercase()));
    };
    each_row::<TeamMember<'_>>(text, |_, row| {
        let Ok(row) = row else { return };
        for entry in row.accounts.entries() {
            see(entry.account_name.non_empty(), entry.cust_guid.non_empty());
        }
        for name in row.admin_role_accounts.entries().iter().chain(row.user_role_accounts.entries()) {
            see(name.non_empty(), None);
        }
        see(row.account_name.non_empty(), row.cust_guid.non_empty());
    });
    names
}
