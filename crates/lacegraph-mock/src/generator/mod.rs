//! Invented organizations of any size.
//!
//! Nothing is stored but who is a member where: a row is a function of the seed, the person and the account, so that the
//! organization-wide list and the accounts' own lists always agree.

mod options;
mod people;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

pub use options::{AccessModel, GeneratorOptions, RowShape};

use crate::document::Document;
use crate::key::{KeyScope, MockKey};
use crate::organization::Organization;
use crate::random::SplitMix64;
use crate::resource::{Resource, Scope};
use people::{CLOCK, Membership, Person, distinct, hex_digits};

/// A generated organization.
#[derive(Debug)]
pub(crate) struct Generated {
    options: GeneratorOptions,
    accounts: Vec<Account>,
    /// The accounts of each person, `memberships` of them at a time.
    accounts_of: Vec<u32>,
}

#[derive(Debug)]
struct Account {
    name: String,
    guid_prefix: String,
    guid: String,
    members: Vec<u32>,
}

/// What of a generated organization a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everybody.
    Organization,
    /// The members of one account, by its index.
    Account(usize),
}

const KINDS: [&str; 4] = ["PROD", "DEV", "STAGE", "DATA"];

impl Generated {
    pub(crate) fn new(options: &GeneratorOptions) -> Self {
        let mut options = options.clone();
        options.organization.retain(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        if options.organization.is_empty() {
            "corp".clone_into(&mut options.organization);
        }
        // Indices of people and accounts are kept in 32 bits.
        options.users = options.users.clamp(1, u32::MAX as usize);
        options.accounts = options.accounts.clamp(1, u32::MAX as usize);
        options.memberships = options.memberships.clamp(1, options.accounts);
        let mut accounts: Vec<Account> = (0..options.accounts).map(|index| Account::of(&options, index)).collect();
        let mut accounts_of = Vec::with_capacity(options.users * options.memberships);
        for person in 0..options.users {
            let mut random = SplitMix64::of(&[options.seed, 3, person as u64]);
            for account in distinct(&mut random, options.memberships, options.accounts) {
                accounts_of.push(account as u32);
                accounts[account].members.push(person as u32);
            }
        }
        Self { options, accounts, accounts_of }
    }

    pub(crate) fn clock(&self) -> Timestamp {
        Timestamp::from_second(CLOCK).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The organization as a world holds it.
    pub(crate) fn organization(generated: &Arc<Self>) -> Organization {
        let options = &generated.options;
        let name = &options.organization;
        let shouted = name.to_uppercase().replace('-', "_");
        let mut documents = BTreeMap::from([
            ((Resource::UserProfile, Scope::Organization), Document::Json(generated.profile())),
            ((Resource::OrganizationInfo, Scope::Organization), Document::Json(generated.information())),
        ]);
        let list = match options.model {
            AccessModel::TeamMembers => Resource::TeamMembers,
            AccessModel::TeamUsers => Resource::TeamUsers,
        };
        if generated.has_org_list() {
            let document = Document::Generated(Arc::clone(generated), Part::Organization);
            documents.insert((list, Scope::Organization), document);
        }
        for (index, account) in generated.accounts.iter().enumerate() {
            let document = Document::Generated(Arc::clone(generated), Part::Account(index));
            documents.insert((list, Scope::account(&account.name)), document);
        }
        let mut organization = Organization {
            name: name.clone(),
            keys: vec![MockKey {
                key_id: format!("{shouted}_AUDIT_KEY"),
                secret: format!("_{}_generated_secret", name.to_lowercase()),
                owner: generated.person(0).email,
                organization: name.clone(),
                host_account: name.to_lowercase(),
                scope: KeyScope::Organization,
            }],
            faults: Vec::new(),
            primary: generated.accounts[0].name.clone(),
            legacy_off_status: StatusCode::FORBIDDEN,
            accounts: BTreeSet::new(),
            documents,
        };
        organization.collect_accounts();
        organization
    }

    fn has_org_list(&self) -> bool {
        self.options.org_list && self.options.model == AccessModel::TeamMembers
    }

    pub(crate) fn is_written_early(&self, part: Part) -> bool {
        part == Part::Organization || !self.has_org_list()
    }

    /// How many rows a list has.
    pub(crate) fn rows(&self, part: Part) -> usize {
        match part {
            Part::Organization if self.options.shape == RowShape::Flat => self.accounts_of.len(),
            Part::Organization => self.options.users,
            Part::Account(account) => self.accounts[account].members.len(),
        }
    }

    /// Writes one row of a list.
    pub(crate) fn write_row(&self, part: Part, row: usize, out: &mut Vec<u8>) {
        let memberships = self.options.memberships;
        let (person, accounts) = match part {
            Part::Organization if self.options.shape == RowShape::Flat => {
                (row / memberships, &self.accounts_of[row..=row])
            }
            Part::Organization => (row, &self.accounts_of[row * memberships..(row + 1) * memberships]),
            Part::Account(account) => (self.accounts[account].members[row] as usize, &[account as u32][..]),
        };
        let write = match (self.options.model, self.options.shape) {
            (AccessModel::TeamUsers, _) => rows::write_team_user,
            (AccessModel::TeamMembers, RowShape::Flat) => rows::write_flat,
            (AccessModel::TeamMembers, RowShape::Nested) => rows::write_nested,
            (AccessModel::TeamMembers, RowShape::RoleLists) => rows::write_role_lists,
        };
        write(self, person, accounts, out);
    }

    fn person(&self, index: usize) -> Person {
        let options = &self.options;
        Person::of(options.seed, index, options.org_admin_permille, options.org_user_permille)
    }

    fn membership(&self, person_index: usize, person: &Person, account: usize) -> Membership {
        Membership::of(self.options.seed, person_index, person, account)
    }

    /// `UserProfile` of the key's owner: the directory of all accounts.
    fn profile(&self) -> Value {
        let owner = self.person(0);
        let accounts: Vec<Value> = (0..self.accounts.len())
            .map(|index| {
                let account = &self.accounts[index];
                let membership = self.membership(0, &owner, index);
                json!({
                    "admin": true,
                    "accountName": account.name,
                    "custGuid": account.guid,
                    "userGuid": format!("{}_{}", account.guid_prefix, membership.guid_digits),
                    "userEnabled": 1,
                })
            })
            .collect();
        json!({"data": [{
            "username": owner.email,
            "orgAccount": true,
            "url": self.host(),
            "orgAdmin": true,
            "orgUser": owner.org_user,
            "accounts": accounts,
        }]})
    }

    fn information(&self) -> Value {
        json!({"data": [{"orgAccount": true, "orgAccountUrl": self.host()}]})
    }

    fn host(&self) -> String {
        format!("{}.lacework.net", self.options.organization.to_lowercase())
    }
}

impl Account {
    fn of(options: &GeneratorOptions, index: usize) -> Self {
        let organization = options.organization.to_uppercase();
        let kind = KINDS[index % KINDS.len()];
        let number = index + 1;
        let mut random = SplitMix64::of(&[options.seed, 4, index as u64]);
        let guid_prefix = format!("{}{kind}{number}", organization.replace('-', ""));
        Self {
            name: format!("{organization}-{kind}-{number:03}"),
            guid: format!("{guid_prefix}_{}", hex_digits(&mut random)),
            guid_prefix,
            members: Vec::new(),
        }
    }
}
