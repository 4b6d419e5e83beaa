//! What a run would read, with which key, and what stands in the way.

mod covered;
mod doubt;
mod found;

use std::collections::BTreeMap;

use futures::StreamExt as _;
use lacegraph_model::ApiModel;

use self::covered::Covered;
use self::doubt::{Seen, flaw, people};
pub use self::found::{AccountCheck, Doubt, KeyOwner, ListCheck, OrganizationCheck, Outlook, OwnKeyCheck};
use crate::clock::Clock;
use crate::directory::{Directory, read_directory};
use crate::error::CallError;
use crate::fan_out::CROSS_CHECKED;
use crate::list::PageWalk;
use crate::observer::Observer;
use crate::organization::asker;
use crate::own_list::Asker;
use crate::patience::Patience;
use crate::plan::{ModelChoice, OrganizationPlan, Plan};
use crate::session::{Context, Session, own_sessions};
use crate::statements::Listed;
use crate::transport::{Endpoint, Scope, Transport};

/// Asks what a run would ask, but first pages only, and records nothing.
///
/// Counts against the rate limit: three calls for an organization, two for each further key, and one or two for each account
/// that has a key of its own, or that the organization's list does not name as far as its first page tells.
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
        checks.push(check_organization(context, organization, plan).await);
    }
    checks
}

async fn check_organization(context: Context<'_>, plan: &OrganizationPlan, run: &Plan) -> OrganizationCheck {
    let session = Session::new(context, &plan.name, &plan.base, plan.credential.as_ref(), None);
    let own_sessions = own_sessions(context, plan);
    let token = session.sign_in().await;
    let (directory, list) = match &token {
        Ok(()) => {
            let directory = read_directory(&session).await;
            let list = match run.api_model {
                ModelChoice::TeamUsers => None,
                _ => Some(first_page(&session, Endpoint::OrganizationMembers, None, Scope::Organization).await),
            };
            (directory, list)
        }
        Err(error) => (Directory { profile: Err(error.clone()), call: None }, Some(Err(error.clone()))),
    };
    let profile = directory.profile.as_ref().ok();
    let (one, list_flaw) = match &list {
        Some(Ok(first)) => {
            let (people, faults) = people(first, ApiModel::TeamMembers);
            let flaw = flaw(first, faults);
            (people.one().filter(|_| first.list.rows > 0 && flaw.is_none()), flaw)
        }
        _ => (None, None),
    };
    let (one, is_owner_alone) = match (one, asker(profile, None)) {
        (Some(one), Asker::NoAdmin(owner)) => (None, one == owner),
        (one, Asker::Unknown) => (one, false),
        _ => (None, false),
    };
    let covered = match &list {
        Some(Ok(first)) if one.is_none() && !is_owner_alone && list_flaw.is_none() => Covered::by(first, &directory),
        _ => Covered::Nothing,
    };
    let has_token = token.is_ok();
    let organization_list = list.map(|list| list.map(|first| first.list));
    let accounts = expected_accounts(plan, &directory);
    let has_names = accounts.values().any(|account| account.is_in_directory) || !plan.accounts.is_empty();
    // Made before they go into the stream, so that the compiler can tell that they may move to another thread.
    let mut probes = Vec::with_capacity(accounts.len());
    for (key, account) in &accounts {
        let probe = Probe { plan, session: &session, own_sessions: &own_sessions, choice: run.api_model, has_names };
        let is_covered = covered.covers(key);
        let name = account.name.clone();
        probes.push(async move {
            let own_key = probe.own_key(&name).await;
            let (outlook, people) = probe.outlook(name, is_covered).await;
            (key.clone(), own_key, outlook, people)
        });
    }
    let outlooks: Vec<_> = futures::stream::iter(probes).buffered(run.concurrency.max(1)).collect().await;
    let mut accounts: Vec<AccountCheck> = accounts.into_values().collect();
    let mut seen = Vec::with_capacity(accounts.len());
    // Both are in the order of the keys.
    for (account, (_, own_key, outlook, people)) in accounts.iter_mut().zip(outlooks) {
        (account.own_key, account.outlook) = (own_key, outlook);
        // Whose key of its own an account has, a run does not ask.
        let profile = profile.filter(|_| account.own_key.is_none());
        let asker = asker(profile, Some(&account.name));
        seen.push(Seen { asker, people, outlook: &mut account.outlook });
    }
    let shows_one_alone = doubt::doubt(seen, one.as_deref()) || is_owner_alone;
    OrganizationCheck {
        organization: plan.name.clone(),
        host: plan.base.host(),
        is_vendor_host: plan.base.is_vendor_host(),
        token,
        key_owner: directory.profile.as_ref().map(KeyOwner::of).map_err(Clone::clone),
        requests_needed: requests_needed(organization_list.as_ref(), &accounts, run.api_model),
        gaps: if has_token { gaps(&directory, organization_list.as_ref(), list_flaw) } else { Vec::new() },
        organization_list,
        shows_one_alone,
        accounts,
        rate_limits: session.rate_limits(),
    }
}

/// What a run would report as an error of the organization itself.
fn gaps(
    directory: &Directory,
    list: Option<&Result<ListCheck, CallError>>,
    flaw: Option<Doubt>,
) -> Vec<(String, &'static str)> {
    let mut gaps = Vec::new();
    match &directory.profile {
        Err(error) if !error.is_directory_refused() => {
            gaps.push((
                format!("the API's own list of accounts is not to be had: {}", error.for_report()),
                error.hint(),
            ));
        }
        Ok(profile) if profile.unusable > 0 || !profile.nameless.is_empty() => gaps.push((
            "entries of the directory are not understood, or name no account".to_owned(),
            "name the accounts in the configuration if any is missing from the result",
        )),
        _ => {}
    }
    match list {
        Some(Err(error)) if !error.is_refusal() => {
            gaps.push((format!("the organization's list could not be read: {}", error.for_report()), error.hint()));
        }
        _ => {}
    }
    if let Some(flaw) = flaw {
        gaps.push((format!("the organization's list is not whole: {}", flaw.for_report()), flaw.hint()));
    }
    gaps
}

/// How many calls of each kind a run makes with the organization's key, by the path of the call.
fn requests_needed(
    list: Option<&Result<ListCheck, CallError>>,
    accounts: &[AccountCheck],
    choice: ModelChoice,
) -> BTreeMap<&'static str, u64> {
    let (mut members, mut users, mut compared) = (0, 0, 0);
    match list {
        Some(Ok(list)) => members += list.pages(),
        // What is refused is asked for a second time: a refusal can pass.
        Some(Err(_)) => members += 2,
        None => {}
    }
    for account in accounts.iter().filter(|account| account.own_key.is_none()) {
        match &account.outlook {
            Outlook::Excluded => {}
            Outlook::ByOrganizationList => compared += 1,
            Outlook::ByOwnList { model: ApiModel::TeamMembers, list }
            | Outlook::Doubtful { model: ApiModel::TeamMembers, list, .. } => members += list.pages(),
            Outlook::ByOwnList { model: ApiModel::TeamUsers, list }
            | Outlook::Doubtful { model: ApiModel::TeamUsers, list, .. } => {
                members += if choice == ModelChoice::Auto { 2 } else { 0 };
                users += list.pages();
            }
            Outlook::Fails(_) => {
                members += if choice == ModelChoice::TeamUsers { 0 } else { 2 };
                users += if choice == ModelChoice::TeamMembers { 0 } else { 2 };
            }
        }
    }
    let needed = [
        (Endpoint::AccessTokens, 1),
        (Endpoint::UserProfile, 1),
        (Endpoint::TeamMembers, members + compared.min(CROSS_CHECKED as u64)),
        (Endpoint::TeamUsers, users),
    ];
    needed.into_iter().filter(|(_, count)| *count > 0).map(|(endpoint, count)| (endpoint.path(), count)).collect()
}

impl ListCheck {
    /// How many pages the whole list has, about.
    fn pages(&self) -> u64 {
        self.total.map_or(1, |total| total.div_ceil(self.rows.max(1)).max(1))
    }
}

/// The accounts to expect, by name in lower case; what becomes of them is found out after.
fn expected_accounts(plan: &OrganizationPlan, directory: &Directory) -> BTreeMap<String, AccountCheck> {
    let listed =
        directory.profile.iter().flat_map(|profile| &profile.accounts).map(|entry| (entry.name.as_str(), true));
    let configured = plan.accounts.iter().map(|account| (account.name.as_str(), false));
    let mut accounts = BTreeMap::new();
    let mut add = |name: &str, is_in_directory| {
        let name = name.trim().to_owned();
        let (own_key, outlook) = (None, Outlook::Excluded);
        let key = name.to_lowercase();
        accounts.entry(key).or_insert(AccountCheck { name, is_in_directory, own_key, outlook });
    };
    listed.chain(configured).for_each(|(name, is_in_directory)| add(name, is_in_directory));
    if accounts.is_empty() {
        let (name, own_key, outlook) = (plan.primary_account().to_owned(), None, Outlook::Excluded);
        accounts.insert(name.to_lowercase(), AccountCheck { name, is_in_directory: false, own_key, outlook });
    }
    accounts
}

/// What is needed to ask an account.
#[derive(Clone, Copy)]
struct Probe<'p, 'a> {
    plan: &'p OrganizationPlan,
    session: &'p Session<'a>,
    own_sessions: &'p [Session<'a>],
    choice: ModelChoice,
    has_names: bool,
}

impl Probe<'_, '_> {
    /// What the account's own key is good for.
    async fn own_key(&self, name: &str) -> Option<OwnKeyCheck> {
        let session = &self.own_sessions[self.plan.session_of(name, self.own_sessions).ok()??];
        let credential = session.credential()?;
        let token = session.sign_in().await;
        let owner = match &token {
            Ok(()) => read_directory(session).await.profile.as_ref().map(KeyOwner::of).map_err(Clone::clone),
            Err(error) => Err(error.clone()),
        };
        Some(OwnKeyCheck {
            masked_id: credential.masked_id(),
            origin: credential.origin.clone(),
            host: session.base.host(),
            token,
            owner,
        })
    }

    /// How it would go, and who is in the list that answers; asked once more where the token has died.
    async fn outlook(&self, name: String, is_covered: bool) -> (Outlook, Listed) {
        let session = self.plan.session_of(&name, self.own_sessions);
        let session = session.ok().map(|index| index.map_or(self.session, |index| &self.own_sessions[index]));
        let before = match session {
            Some(session) => session.generation().await,
            None => 0,
        };
        let (outlook, people) = self.ask(name.clone(), is_covered).await;
        let is_forbidden =
            matches!(&outlook, Outlook::Fails(error) if error.is_refusal() && error.status() == Some(403));
        match session {
            Some(session) if is_forbidden && session.has_new_token(before).await => self.ask(name, is_covered).await,
            _ => (outlook, people),
        }
    }

    async fn ask(&self, name: String, is_covered: bool) -> (Outlook, Listed) {
        let nobody = |outlook| (outlook, Listed::Nobody);
        if !self.plan.filter.admits(&name) {
            return nobody(Outlook::Excluded);
        }
        let session = match self.plan.session_of(&name, self.own_sessions) {
            Ok(Some(index)) => &self.own_sessions[index],
            Ok(None) if is_covered => return nobody(Outlook::ByOrganizationList),
            Ok(None) => self.session,
            Err(error) => return nobody(Outlook::Fails(error)),
        };
        let by = |page: &FirstPage, model| {
            let list = page.list;
            let (people, faults) = people(page, model);
            let people = if list.rows > 0 { people } else { Listed::Nobody };
            match flaw(page, faults) {
                Some(doubt) => (Outlook::Doubtful { model, list, doubt }, people),
                None => (Outlook::ByOwnList { model, list }, people),
            }
        };
        let scope = if self.has_names { Scope::Account(name.clone()) } else { Scope::Primary };
        let newer = first_page(session, Endpoint::TeamUsers, Some(&name), scope.clone());
        if self.choice == ModelChoice::TeamUsers {
            return newer
                .await
                .map_or_else(|error| nobody(Outlook::Fails(error)), |page| by(&page, ApiModel::TeamUsers));
        }
        let legacy = match first_page(session, Endpoint::TeamMembers, Some(&name), scope).await {
            Ok(page) if page.list.rows > 0 || self.choice == ModelChoice::TeamMembers => {
                return by(&page, ApiModel::TeamMembers);
            }
            // An empty list may be one that is switched off.
            Ok(page) => Ok(page),
            Err(error) if error.is_list_not_available() && self.choice == ModelChoice::Auto => Err(error),
            Err(error) => return nobody(Outlook::Fails(error)),
        };
        match (newer.await, legacy) {
            (Ok(page), Ok(_)) if page.list.rows > 0 => by(&page, ApiModel::TeamUsers),
            (Ok(_), Ok(empty)) => by(&empty, ApiModel::TeamMembers),
            (Ok(page), Err(_)) => by(&page, ApiModel::TeamUsers),
            (Err(newer), Ok(empty)) if newer.is_refusal() => by(&empty, ApiModel::TeamMembers),
            (Err(newer), Ok(_)) => nobody(Outlook::Fails(newer)),
            (Err(newer), Err(legacy)) => {
                nobody(Outlook::Fails(CallError::BothLists { legacy: Box::new(legacy), newer: Box::new(newer) }))
            }
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
        None => {
            let list = ListCheck { rows: 0, total: None };
            return Ok(FirstPage { list, text: None, is_last: true, paging: None });
        }
    };
    let list = ListCheck { rows: page.rows, total: walk.total() };
    let paging = walk.fault().cloned();
    Ok(FirstPage { list, text: page.text, is_last: walk.is_at_end(), paging })
}

/// The first page of a list, and whether it is the only one.
struct FirstPage {
    list: ListCheck,
    text: Option<String>,
    is_last: bool,
    /// Why the next page cannot be asked for.
    paging: Option<CallError>,
}
