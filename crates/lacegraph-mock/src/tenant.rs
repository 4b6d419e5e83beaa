use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode};

use crate::answer::Answer;
use crate::fault::Faults;
use crate::key::{KeyScope, MockKey};
use crate::listing::PagePlan;
use crate::organization::{Organization, Shelf};
use crate::resource::{Resource, Scope};
use crate::service::text;

/// One organization while it is being served.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) keys: Vec<MockKey>,
    pub(crate) faults: Faults,
    pub(crate) shelf: Shelf,
    primary: String,
    accounts: BTreeSet<String>,
}

impl Tenant {
    pub(crate) fn open(organization: Organization, plan: &PagePlan) -> Self {
        let Organization { name, keys, faults, primary, legacy_off_status, accounts, documents } = organization;
        Self {
            keys,
            faults: Faults::new(faults),
            shelf: Shelf::stock(&name, documents, legacy_off_status, plan),
            primary,
            accounts,
        }
    }

    /// Whose data a call is about, or why it may not ask for it.
    pub(crate) fn scope(&self, key: &MockKey, resource: Resource, headers: &HeaderMap) -> Result<Scope, Answer> {
        let refuse = |message: String| Answer::message(StatusCode::FORBIDDEN, &message);
        let asks_org = text(headers, "org-access").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        let named = text(headers, "account-name").filter(|name| !name.trim().is_empty());
        let scope = match (&key.scope, named) {
            // The header makes the server ignore Account-Name (vendor documentation).
            (KeyScope::Organization, _) if asks_org => Scope::Organization,
            (KeyScope::Account(_), _) if asks_org => {
                return Err(refuse("this key does not reach the organization's data".to_owned()));
            }
            (KeyScope::Organization, Some(name)) => Scope::account(name),
            (KeyScope::Organization, None) => Scope::account(&self.primary),
            (KeyScope::Account(own), None) => Scope::account(own),
            (KeyScope::Account(own), Some(name)) if Scope::account(own) == Scope::account(name) => Scope::account(own),
            (KeyScope::Account(_), Some(name)) => {
                return Err(refuse(format!("this key does not reach the account {name}")));
            }
        };
        if let Scope::Account(account) = &scope
            && !self.accounts.contains(account)
        {
            return Err(refuse(format!("there is no account {account} for this user")));
        }
        match (resource, &key.scope) {
            // The same for every account: the caller, as an organization admin sees themselves.
            (Resource::UserProfile | Resource::OrganizationInfo, KeyScope::Organization) => Ok(Scope::Organization),
            (Resource::OrganizationInfo, KeyScope::Account(_)) => Ok(Scope::Organization),
            _ => Ok(scope),
        }
    }
}
