//! Who a row is about. Identities are text in the end; while building they are keys, because the name of an account,
//! and whether a service user's name is taken twice, may become known later.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::accounts::AccountSlots;
use crate::draft::Draft;
use crate::record::{AccountId, NOT_EMAILS, OrganizationId, User, UserId, UserType};
use crate::statement::Statement;
use crate::strings::{Interner, Sym};

/// What tells one user from another while building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// By e-mail in lower case: one person everywhere.
    Email(Sym),
    /// By a name that is only good in one account, in lower case. The guid tells two of one name apart.
    Named {
        user_type: UserType,
        organization: OrganizationId,
        account: Option<AccountId>,
        name: Sym,
        guid: Option<Sym>,
    },
    /// By guid alone.
    Unnamed { user_type: UserType, organization: OrganizationId, account: Option<AccountId>, guid: Option<Sym> },
}

/// What a row alone tells of whom it is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum RowPerson {
    /// One person everywhere, and whether the row spells the e-mail exactly as the identity will be.
    Known { user: UserId, is_spelled: bool },
    /// A name that is only good in one account.
    Named(Sym),
    /// Nobody by name.
    Nameless,
}

#[derive(Debug, Default)]
pub(super) struct People {
    keys: Vec<Key>,
    /// All but those of an e-mail.
    known: HashMap<Key, UserId>,
    /// By the number of the e-mail's text: the number of the user, from 1; 0 where it is nobody's.
    by_email: Vec<u32>,
}

impl People {
    /// The person whom a row is about, by e-mail, wherever it places them; by name in lower case otherwise, which tells a
    /// user in one account only.
    pub(super) fn person(&mut self, interner: &mut Interner, statement: &Statement<'_>) -> RowPerson {
        let login = statement.login.map(str::trim).unwrap_or_default();
        if login.is_empty() {
            return RowPerson::Nameless;
        }
        let lower = lower_case(login);
        let name = interner.intern(&lower);
        if statement.user_type != UserType::Person || !is_email(&lower) {
            return RowPerson::Named(name);
        }
        let is_spelled = statement.login == Some(&*lower);
        RowPerson::Known { user: self.of_email(name), is_spelled }
    }

    /// The person of an e-mail in lower case, new or known.
    fn of_email(&mut self, email: Sym) -> UserId {
        if self.by_email.len() <= email.index() {
            self.by_email.resize(email.index() + 1, 0);
        }
        let user = &mut self.by_email[email.index()];
        if *user == 0 {
            self.keys.push(Key::Email(email));
            *user = u32::try_from(self.keys.len()).expect("fewer than four thousand million users");
        }
        UserId(*user - 1)
    }

    /// The user of a row in `account`, new or known.
    pub(super) fn user(
        &mut self,
        interner: &mut Interner,
        person: RowPerson,
        statement: &Statement<'_>,
        account: Option<AccountId>,
        guid: Option<&str>,
    ) -> UserId {
        let Statement { organization, user_type, .. } = *statement;
        let guid = |interner: &mut Interner| guid.map(|guid| interner.intern(guid));
        match person {
            RowPerson::Known { user, .. } => user,
            RowPerson::Named(name) => {
                self.of(Key::Named { user_type, organization, account, name, guid: guid(interner) })
            }
            RowPerson::Nameless => self.of(Key::Unnamed { user_type, organization, account, guid: guid(interner) }),
        }
    }

    fn of(&mut self, key: Key) -> UserId {
        *self.known.entry(key).or_insert_with(|| {
            self.keys.push(key);
            UserId::from_index(self.keys.len() - 1)
        })
    }

    /// The person of that e-mail.
    pub(super) fn find_email(&self, interner: &Interner, login: &str) -> Option<UserId> {
        let email = interner.find(&lower_case(login.trim()))?;
        self.by_email.get(email.index())?.checked_sub(1).map(UserId)
    }

    /// The user in words, the same for every record about one user of one account.
    pub(super) fn describe(&self, interner: &Interner, user: UserId) -> String {
        match self.keys[user.index()] {
            Key::Email(name) | Key::Named { name, .. } => interner.get(name).to_owned(),
            Key::Unnamed { guid, .. } => guid.map(|guid| interner.get(guid)).unwrap_or_default().to_owned(),
        }
    }

    /// Writes the users into the draft, sorted by identity, and says where each key went.
    pub(super) fn finish(
        &mut self,
        draft: &mut Draft,
        slots: &AccountSlots,
        organizations: &[OrganizationId],
        accounts: &[AccountId],
    ) -> Vec<UserId> {
        for key in &mut self.keys {
            if let Key::Named { account: Some(account), .. } | Key::Unnamed { account: Some(account), .. } = key {
                *account = slots.canonical(*account);
            }
        }
        let shared = self.shared_names();
        let place = |draft: &Draft, organization: OrganizationId, account: Option<AccountId>| match account {
            Some(account) => {
                draft.interner.get(draft.accounts[accounts[account.index()].index()].account_id).to_owned()
            }
            None => {
                let organization = &draft.organizations[organizations[organization.index()].index()];
                draft.interner.get(organization.name).to_lowercase()
            }
        };
        let texts: Vec<Sym> = self.keys.iter().map(|&key| identity(key, &shared, draft, place)).collect();
        let interner = &draft.interner;
        let mut sorted: Vec<usize> = (0..texts.len()).collect();
        // Where rows without a name differ in who they are about, the word of the one that says service user holds.
        let user_type = |key: usize| match self.keys[key] {
            Key::Named { user_type, .. } | Key::Unnamed { user_type, .. } => user_type,
            Key::Email(_) => UserType::Person,
        };
        sorted.sort_unstable_by(|&a, &b| {
            let identities = interner.get(texts[a]).cmp(interner.get(texts[b]));
            identities.then_with(|| user_type(b).cmp(&user_type(a)))
        });
        let mut moved = vec![UserId(0); texts.len()];
        for old in sorted {
            if draft.users.last().is_none_or(|last: &User| last.identity != texts[old]) {
                draft.users.push(User { identity: texts[old], user_type: user_type(old) });
            }
            moved[old] = UserId::from_index(draft.users.len() - 1);
        }
        moved
    }

    /// The names that two users of one account share, told apart by their guids.
    fn shared_names(&self) -> HashMap<Key, bool> {
        let mut first_guid: HashMap<Key, Sym> = HashMap::new();
        let mut shared = HashMap::new();
        for &key in &self.keys {
            if let Key::Named { guid: Some(guid), .. } = key {
                let name = without_guid(key);
                let first = *first_guid.entry(name).or_insert(guid);
                *shared.entry(name).or_insert(false) |= first != guid;
            }
        }
        shared
    }
}

fn without_guid(key: Key) -> Key {
    match key {
        Key::Named { user_type, organization, account, name, .. } => {
            Key::Named { user_type, organization, account, name, guid: None }
        }
        other => other,
    }
}

fn identity(
    key: Key,
    shared: &HashMap<Key, bool>,
    draft: &mut Draft,
    place: impl Fn(&Draft, OrganizationId, Option<AccountId>) -> String,
) -> Sym {
    let text = match key {
        Key::Email(email) => return email,
        Key::Named { user_type, organization, account, name, guid } => {
            let kind = if user_type == UserType::Service { "service" } else { "local" };
            let mut text = format!("{kind}:{}/{}", place(draft, organization, account), draft.interner.get(name));
            if let Some(guid) = guid
                && shared.get(&without_guid(key)) == Some(&true)
            {
                text.push('#');
                text.push_str(draft.interner.get(guid));
            }
            text
        }
        Key::Unnamed { organization, account, guid, .. } => {
            let guid = guid.map(|guid| draft.interner.get(guid)).unwrap_or_default();
            format!("unidentified:{}/{guid}", place(draft, organization, account))
        }
    };
    draft.interner.intern(&text)
}

/// Whether a login in lower case tells one person everywhere. What is written like an identity of ours does not.
pub(super) fn is_email(login: &str) -> bool {
    login.contains('@') && !NOT_EMAILS.iter().any(|prefix| login.starts_with(prefix))
}

/// Unicode lower case, without a copy for what is in lower case already.
pub(super) fn lower_case(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}
