use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::http::StatusCode;

use crate::answer::Answer;
use crate::audit_window::AuditWindow;
use crate::document::{Document, Slot};
use crate::fault::Fault;
use crate::key::{KeyScope, MockKey};
use crate::listing::{Listing, PagePlan};
use crate::resource::{Resource, Scope};

/// One organization of a world: its keys, what it holds and how it fails.
#[derive(Debug, Clone)]
pub(crate) struct Organization {
    pub(crate) name: String,
    pub(crate) keys: Vec<MockKey>,
    pub(crate) faults: Vec<Fault>,
    /// The account that answers when neither header says which, in upper case.
    pub(crate) primary: String,
    /// The status of `TeamMembers` in an account that has moved to the newer access model.
    pub(crate) legacy_off_status: StatusCode,
    /// The accounts that exist, in upper case.
    pub(crate) accounts: BTreeSet<String>,
    pub(crate) documents: BTreeMap<(Resource, Scope), Document>,
}

impl Organization {
    /// Adds the accounts that the keys, the faults, the documents and the directory name.
    pub(crate) fn collect_accounts(&mut self) {
        let mut names: BTreeSet<String> = BTreeSet::from([self.primary.clone()]);
        names.extend(self.faults.iter().filter_map(|fault| fault.aim.account()).map(str::to_uppercase));
        names.extend(self.keys.iter().filter_map(|key| match &key.scope {
            KeyScope::Account(account) => Some(account.to_uppercase()),
            KeyScope::Organization => None,
        }));
        for ((resource, scope), document) in &self.documents {
            if let Scope::Account(account) = scope {
                names.insert(account.clone());
            }
            if *resource == Resource::UserProfile {
                let rows = document.json_rows().iter();
                let listed = rows.filter_map(|row| row.get("accounts")?.as_array()).flatten();
                names.extend(listed.filter_map(|account| Some(account.get("accountName")?.as_str()?.to_uppercase())));
            }
        }
        names.remove("");
        self.accounts.extend(names);
    }
}

/// The documents of an organization, ready to be served.
#[derive(Debug)]
pub(crate) struct Shelf {
    organization: String,
    slots: BTreeMap<(Resource, Scope), Slot>,
    legacy_off_status: StatusCode,
}

impl Shelf {
    /// Takes the documents over and writes the pages of those that are wanted before the first call.
    pub(crate) fn stock(
        organization: &str,
        documents: BTreeMap<(Resource, Scope), Document>,
        legacy_off_status: StatusCode,
        plan: &PagePlan,
    ) -> Self {
        let slots: BTreeMap<_, _> =
            documents.into_iter().map(|(place, document)| (place, Slot::new(document))).collect();
        for ((resource, scope), slot) in &slots {
            if slot.is_written_early() {
                slot.listing(plan, organization, *resource, scope);
            }
        }
        Self { organization: organization.to_owned(), slots, legacy_off_status }
    }

    fn slot(&self, resource: Resource, scope: &Scope) -> Option<&Slot> {
        self.slots.get(&(resource, scope.clone()))
    }

    /// The page that a call asks for, by its name or, without one, the first; `None` where there is no such page.
    pub(crate) fn page(
        &self,
        plan: &PagePlan,
        resource: Resource,
        scope: &Scope,
        window: Option<&AuditWindow>,
        name: Option<&str>,
    ) -> Option<PageOnShelf> {
        let Some(slot) = self.slot(resource, scope) else {
            // A list that is not there has a first page only, which says so.
            return name.is_none().then_some(PageOnShelf { listing: None, number: 1 });
        };
        let organization = &self.organization;
        let found = match (name, window) {
            (None, Some(window)) => Some((slot.window_listing(plan, organization, resource, scope, window), 1)),
            (None, None) => Some((Arc::clone(slot.listing(plan, organization, resource, scope)), 1)),
            (Some(name), _) => {
                let listing = slot.listing(plan, organization, resource, scope);
                let whole = listing.number_of(Some(name)).map(|number| (Arc::clone(listing), number));
                whole.or_else(|| slot.window_page(name))
            }
        };
        found.map(|(listing, number)| PageOnShelf { listing: Some(listing), number })
    }

    /// What a page says, or what the absence of its list is answered.
    pub(crate) fn answer(&self, resource: Resource, scope: &Scope, page: &PageOnShelf) -> Answer {
        match &page.listing {
            None => self.absent(resource, scope),
            Some(listing) if listing.is_empty() => Answer::no_rows(),
            Some(listing) => match listing.body(page.number) {
                Some(body) => Answer::json(StatusCode::OK, body),
                None => Answer::message(StatusCode::NOT_FOUND, "there is no such page"),
            },
        }
    }

    fn absent(&self, resource: Resource, scope: &Scope) -> Answer {
        let (status, message) = match (resource, scope) {
            // Seen by callers who are not organization admins (vendor client source).
            (Resource::UserProfile, _) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
            (Resource::OrganizationInfo, _) => {
                (StatusCode::FORBIDDEN, "OrganizationInfo is not available to this user")
            }
            (Resource::TeamMembers, Scope::Organization) => {
                (StatusCode::FORBIDDEN, "TeamMembers is not available at organization level")
            }
            (Resource::TeamMembers, Scope::Account(_)) => {
                if self.slot(Resource::TeamUsers, scope).is_none() {
                    return Answer::no_rows();
                }
                let message = "TeamMembers is not available: this account uses the newer access model";
                (self.legacy_off_status, message)
            }
            // An organization-wide list is not supported (vendor documentation).
            (Resource::TeamUsers, Scope::Organization) => {
                (StatusCode::BAD_REQUEST, "TeamUsers has no list at organization level")
            }
            (Resource::TeamUsers, Scope::Account(_)) => {
                (StatusCode::FORBIDDEN, "TeamUsers is not available: this account uses the legacy access model")
            }
            (Resource::AuditLogs | Resource::ApiKeys, _) => (StatusCode::NOT_FOUND, "Not found"),
        };
        Answer::message(status, message)
    }
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct PageOnShelf {
    /// `None` for a list that is not there.
    listing: Option<Arc<Listing>>,
    /// Counted from 1.
    pub(crate) number: usize,
}
