//! The accounts while building: found by name in any case, or by the API's key before their name is known.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::SnapshotBuilder;
use crate::draft::Draft;
use crate::record::{Account, AccountId, ApiModel, FetchStatus, OrganizationId};
use crate::strings::{Interner, Sym};

/// An account as far as it is known while building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Its id in the builder.
    pub id: AccountId,
    /// Its name; the API's key of the account where no name is known.
    pub name: String,
    /// How far it was read, as said so far.
    pub status: FetchStatus,
}

#[derive(Debug)]
struct Slot {
    organization: OrganizationId,
    /// `None` while only its key is known.
    name: Option<Sym>,
    cust_guid: Option<Sym>,
    /// The slot that this one turned out to be.
    alias: Option<AccountId>,
    named_by_organization_list: bool,
    status: FetchStatus,
    detail: Option<Sym>,
    api_model: Option<ApiModel>,
    rows_returned: u64,
    owner: Option<Sym>,
    environment: Option<Sym>,
    audit_scope: Option<Sym>,
}

impl Slot {
    fn new(organization: OrganizationId) -> Self {
        Self {
            organization,
            name: None,
            cust_guid: None,
            alias: None,
            named_by_organization_list: false,
            status: FetchStatus::Unlisted,
            detail: None,
            api_model: None,
            rows_returned: 0,
            owner: None,
            environment: None,
            audit_scope: None,
        }
    }
}

/// All accounts seen so far.
#[derive(Debug, Default)]
pub(super) struct AccountSlots {
    slots: Vec<Slot>,
    by_name: HashMap<(OrganizationId, Sym), AccountId>,
    /// As [`by_name`](Self::by_name), by the name as written.
    by_spelling: HashMap<(OrganizationId, Sym), AccountId>,
    by_guid: HashMap<(OrganizationId, Sym), AccountId>,
}

impl AccountSlots {
    fn add(&mut self, slot: Slot) -> AccountId {
        self.slots.push(slot);
        AccountId::from_index(self.slots.len() - 1)
    }

    fn named(&mut self, interner: &mut Interner, organization: OrganizationId, name: &str) -> AccountId {
        let name = name.trim();
        // Rows spell the name of an account in one way, mostly.
        if let Some(&id) = interner.find(name).and_then(|name| self.by_spelling.get(&(organization, name))) {
            return id;
        }
        let id = self.named_in_any_case(interner, organization, name);
        self.by_spelling.insert((organization, interner.intern(name)), id);
        id
    }

    fn named_in_any_case(&mut self, interner: &mut Interner, organization: OrganizationId, name: &str) -> AccountId {
        let key = interner.intern(&name.to_lowercase());
        if let Some(&id) = self.by_name.get(&(organization, key)) {
            return id;
        }
        let slot = Slot { name: Some(interner.intern(name)), ..Slot::new(organization) };
        let id = self.add(slot);
        self.by_name.insert((organization, key), id);
        id
    }

    pub(super) fn of_guid(&mut self, organization: OrganizationId, guid: Sym) -> AccountId {
        if let Some(&id) = self.by_guid.get(&(organization, guid)) {
            return id;
        }
        let id = self.add(Slot { cust_guid: Some(guid), ..Slot::new(organization) });
        self.by_guid.insert((organization, guid), id);
        id
    }

    fn take_for(&mut self, stand_in: AccountId, account: AccountId) {
        let (stand_in, account) = (self.canonical(stand_in), self.canonical(account));
        if stand_in == account {
            return;
        }
        self.by_name.retain(|_, id| *id != stand_in);
        self.by_spelling.retain(|_, id| *id != stand_in);
        let Slot { cust_guid, named_by_organization_list, api_model, rows_returned, .. } = self.slots[stand_in.index()];
        self.slots[stand_in.index()].alias = Some(account);
        let slot = &mut self.slots[account.index()];
        slot.cust_guid = slot.cust_guid.or(cust_guid);
        slot.named_by_organization_list |= named_by_organization_list;
        slot.api_model = slot.api_model.or(api_model);
        slot.rows_returned += rows_returned;
    }

    fn learn(&mut self, organization: OrganizationId, guid: Sym, account: AccountId) {
        let account = self.canonical(account);
        self.slots[account.index()].cust_guid.get_or_insert(guid);
        if let Some(provisional) = self.by_guid.insert((organization, guid), account)
            && self.canonical(provisional) != account
            && self.slots[provisional.index()].name.is_none()
        {
            self.slots[provisional.index()].alias = Some(account);
            self.slots[account.index()].named_by_organization_list |=
                self.slots[provisional.index()].named_by_organization_list;
        }
    }

    pub(super) fn note_named_by_organization_list(&mut self, id: AccountId) {
        self.slot(id).named_by_organization_list = true;
    }

    /// The account that `id` turned out to be.
    pub(super) fn canonical(&self, id: AccountId) -> AccountId {
        let mut id = id;
        while let Some(other) = self.slots[id.index()].alias {
            id = other;
        }
        id
    }

    fn slot(&mut self, id: AccountId) -> &mut Slot {
        let id = self.canonical(id);
        &mut self.slots[id.index()]
    }

    pub(super) fn organization_of(&self, id: AccountId) -> OrganizationId {
        self.slots[id.index()].organization
    }

    /// Takes a slot whose name was never learnt for the account that is called as its key is, where there is one.
    fn fold_unnamed(&mut self, interner: &mut Interner) {
        for index in 0..self.slots.len() {
            let Slot { organization, name: None, cust_guid: Some(guid), alias: None, .. } = self.slots[index] else {
                continue;
            };
            let key = interner.intern(&interner.get(guid).to_lowercase());
            let id = *self.by_name.entry((organization, key)).or_insert(AccountId::from_index(index));
            if id.index() != index {
                self.slots[index].alias = Some(id);
            }
        }
    }

    fn of(&self, organization: OrganizationId) -> impl Iterator<Item = (AccountId, &Slot)> {
        let ids = (0..self.slots.len()).map(AccountId::from_index);
        ids.zip(&self.slots).filter(move |(_, slot)| slot.organization == organization && slot.alias.is_none())
    }

    /// Writes the accounts into the draft, sorted, and says where each slot went.
    pub(super) fn finish(&mut self, draft: &mut Draft, organizations: &[OrganizationId]) -> Vec<AccountId> {
        self.fold_unnamed(&mut draft.interner);
        let mut sorted: Vec<(AccountId, Account)> = Vec::new();
        for (index, slot) in self.slots.iter().enumerate().filter(|(_, slot)| slot.alias.is_none()) {
            let organization = organizations[slot.organization.index()];
            let (name, detail) = match (slot.name, slot.cust_guid) {
                (Some(name), _) => (name, slot.detail),
                (None, guid) => {
                    let detail = "known only by the key of the account that member rows carry";
                    let detail = slot.detail.unwrap_or_else(|| draft.interner.intern(detail));
                    (guid.unwrap_or_else(|| draft.interner.intern("")), Some(detail))
                }
            };
            let organization_name = draft.interner.get(draft.organizations[organization.index()].name);
            let account_id = format!("{organization_name}/{}", draft.interner.get(name)).to_lowercase();
            let account = Account {
                organization,
                name,
                account_id: draft.interner.intern(&account_id),
                cust_guid: slot.cust_guid,
                fetch_status: slot.status,
                fetch_detail: detail,
                api_model: slot.api_model,
                rows_returned: slot.rows_returned,
                statements_received: 0,
                duplicates_merged: 0,
                owner: slot.owner,
                environment: slot.environment,
                audit_scope: slot.audit_scope,
            };
            sorted.push((AccountId::from_index(index), account));
        }
        let interner = &draft.interner;
        sorted.sort_by(|(_, a), (_, b)| interner.get(a.account_id).cmp(interner.get(b.account_id)));
        let mut moved = vec![AccountId(0); self.slots.len()];
        for (new, (old, _)) in sorted.iter().enumerate() {
            moved[old.index()] = AccountId::from_index(new);
        }
        for index in 0..self.slots.len() {
            moved[index] = moved[self.canonical(AccountId::from_index(index)).index()];
        }
        draft.accounts = sorted.into_iter().map(|(_, account)| account).collect();
        moved
    }
}

impl SnapshotBuilder {
    /// Finds an account by its name in any case, or adds it as [`FetchStatus::Unlisted`].
    pub fn account(&mut self, organization: OrganizationId, name: &str) -> AccountId {
        self.accounts.named(&mut self.draft.interner, organization, name)
    }

    /// Finds an account by its name in any case.
    pub fn find_account(&self, organization: OrganizationId, name: &str) -> Option<AccountId> {
        let key = self.draft.interner.find(&name.trim().to_lowercase())?;
        self.accounts.by_name.get(&(organization, key)).copied()
    }

    /// Says that `cust_guid` is the API's key of `account`; rows that used the key before count for it too.
    pub fn learn_cust_guid(&mut self, organization: OrganizationId, cust_guid: &str, account: AccountId) {
        let guid = self.draft.interner.intern(cust_guid);
        self.accounts.learn(organization, guid, account);
    }

    /// Says that `stand_in` was `account` all along: what was and will be said of it is said of `account`, and its name is
    /// forgotten.
    pub fn take_for(&mut self, stand_in: AccountId, account: AccountId) {
        self.accounts.take_for(stand_in, account);
    }

    /// Says how far an account was read, and why no further or by which list.
    pub fn set_status(&mut self, account: AccountId, status: FetchStatus, detail: Option<&str>) {
        let detail = detail.map(|detail| self.draft.interner.intern(detail));
        let slot = self.accounts.slot(account);
        (slot.status, slot.detail) = (status, detail);
    }

    /// The account that `account` turned out to be, as far as it is known by now.
    pub fn view(&self, account: AccountId) -> AccountView {
        let id = self.accounts.canonical(account);
        self.view_of(id, &self.accounts.slots[id.index()])
    }

    fn view_of(&self, id: AccountId, slot: &Slot) -> AccountView {
        let name = slot.name.or(slot.cust_guid).map(|name| self.draft.interner.get(name)).unwrap_or_default();
        AccountView { id, name: name.to_owned(), status: slot.status }
    }

    /// Says which access model an account speaks.
    pub fn set_api_model(&mut self, account: AccountId, model: ApiModel) {
        self.accounts.slot(account).api_model = Some(model);
    }

    /// Counts rows that the account's own list returned.
    pub fn add_rows_returned(&mut self, account: AccountId, rows: u64) {
        self.accounts.slot(account).rows_returned += rows;
    }

    /// Notes what the configuration says of an account.
    pub fn set_facts(
        &mut self,
        account: AccountId,
        owner: Option<&str>,
        environment: Option<&str>,
        audit_scope: Option<&str>,
    ) {
        let interner = &mut self.draft.interner;
        let slot = &mut self.accounts.slots[account.index()];
        slot.owner = owner.map(|text| interner.intern(text));
        slot.environment = environment.map(|text| interner.intern(text));
        slot.audit_scope = audit_scope.map(|text| interner.intern(text));
    }

    /// The accounts of an organization seen so far, by name in lower case.
    pub fn accounts(&self, organization: OrganizationId) -> Vec<AccountView> {
        let mut views: Vec<_> = self.accounts.of(organization).map(|(id, slot)| self.view_of(id, slot)).collect();
        views.sort_by_cached_key(|view| view.name.to_lowercase());
        views
    }

    /// The accounts that the organization's list names with at least one member.
    pub fn accounts_named_by_organization_list(&self, organization: OrganizationId) -> BTreeSet<AccountId> {
        self.accounts.of(organization).filter(|(_, slot)| slot.named_by_organization_list).map(|(id, _)| id).collect()
    }
}
