//! What accounts told beside their members: audit logs and API keys.

use hashbrown::{HashMap, HashSet};

use super::SnapshotBuilder;
use super::non_empty;
use super::people::{is_email, lower_case};
use crate::draft::Draft;
use crate::record::{AccountId, OrganizationId, UserId};
use crate::source::{ApiKey, AuditEvent, OptionalSource, SourceKind, SourceStatus};
use crate::statement::{StatedEvent, StatedKey};
use crate::strings::{Interner, Sym};
use crate::time::UtcTime;

impl SnapshotBuilder {
    /// Says that an account was asked for a list beside its members, and what came of it: once for each account and kind.
    pub fn optional_source(
        &mut self,
        account: AccountId,
        kind: SourceKind,
        status: SourceStatus,
        detail: Option<&str>,
        window: Option<(UtcTime, UtcTime)>,
        rows: u64,
    ) {
        let detail = detail.map(|detail| self.draft.interner.intern(detail));
        self.draft.optional_sources.push(OptionalSource { account, kind, status, detail, window, rows });
    }

    /// Takes in one row of an account's audit log. Who did it is looked up once all members are known.
    pub fn audit_event(&mut self, account: AccountId, stated: &StatedEvent<'_>) {
        let interner = &mut self.draft.interner;
        let mut text = |text| non_empty(text).map(|text| interner.intern(text));
        self.draft.audit_events.push(AuditEvent {
            account,
            happened: stated.happened,
            actor: text(stated.actor),
            user: None,
            event_name: text(stated.event_name),
            user_action: text(stated.user_action),
            description: text(stated.description),
            stated_account: text(stated.stated_account),
        });
    }

    /// Takes in one row of an account's list of API keys.
    pub fn api_key(&mut self, account: AccountId, stated: &StatedKey<'_>) {
        let interner = &mut self.draft.interner;
        self.draft.api_keys.push(ApiKey {
            account,
            masked_id: interner.intern(stated.masked_id),
            fingerprint: interner.intern(stated.fingerprint),
            enabled: stated.enabled,
            description: non_empty(stated.description).map(|text| interner.intern(text)),
        });
    }
}

/// Puts the records into their order, with the accounts that they turned out to be about, and looks up who did what among the
/// users who are `known` in an organization.
pub(super) fn finish(draft: &mut Draft, accounts: &[AccountId], known: &HashSet<(UserId, OrganizationId)>) {
    let moved = |account: &mut AccountId| *account = accounts[account.index()];
    draft.optional_sources.iter_mut().for_each(|source| moved(&mut source.account));
    draft.optional_sources.sort_by_key(|source| (source.account, source.kind));
    draft.optional_sources.dedup_by_key(|source| (source.account, source.kind));
    draft.api_keys.iter_mut().for_each(|key| moved(&mut key.account));
    sort_keys(&mut draft.api_keys, &draft.interner);
    draft.audit_events.iter_mut().for_each(|event| moved(&mut event.account));
    let mut events = std::mem::take(&mut draft.audit_events);
    let mut users: HashMap<(AccountId, Sym), Option<UserId>> = HashMap::new();
    for event in &mut events {
        let Some(actor) = event.actor else { continue };
        // A few people do most of what is done.
        let user = users.entry((event.account, actor));
        event.user = *user.or_insert_with(|| find(draft, known, event.account, actor));
    }
    sort_events(&mut events, &draft.interner);
    draft.audit_events = events;
}

/// The user whom an audit log of an account names, by the rule that identities follow: an e-mail is one person everywhere, any
/// other name is one user of this account, where only one has it.
fn find(draft: &Draft, known: &HashSet<(UserId, OrganizationId)>, account: AccountId, actor: Sym) -> Option<UserId> {
    let account = &draft.accounts[account.index()];
    let name = lower_case(draft.interner.get(actor).trim());
    let of = |identity: &str| {
        let users = &draft.users;
        let place = users.binary_search_by(|user| draft.interner.get(user.identity).cmp(identity)).ok()?;
        Some(UserId::from_index(place)).filter(|&user| known.contains(&(user, account.organization)))
    };
    if is_email(&name) {
        return of(&name);
    }
    let place = draft.interner.get(account.account_id);
    match (of(&format!("local:{place}/{name}")), of(&format!("service:{place}/{name}"))) {
        (Some(user), None) | (None, Some(user)) => Some(user),
        _ => None,
    }
}

/// By everything that they say: those that say the same are kept, and none is before the other.
fn sort_events(events: &mut [AuditEvent], interner: &Interner) {
    let texts = |event: &AuditEvent| {
        let texts = [event.actor, event.event_name, event.user_action, event.description, event.stated_account];
        texts.map(|text| text.map(|text| interner.get(text)))
    };
    events.sort_unstable_by(|a, b| {
        let key = |event: &AuditEvent| (event.account, event.happened);
        key(a).cmp(&key(b)).then_with(|| texts(a).cmp(&texts(b)))
    });
}

/// A key that a list names twice in the same words is one key.
fn sort_keys(keys: &mut Vec<ApiKey>, interner: &Interner) {
    keys.sort_by(|a, b| {
        let ids = |key: &ApiKey| (interner.get(key.masked_id), interner.get(key.fingerprint));
        let rest = |key: &ApiKey| (key.enabled, key.description.map(|text| interner.get(text)));
        a.account.cmp(&b.account).then_with(|| ids(a).cmp(&ids(b))).then_with(|| rest(a).cmp(&rest(b)))
    });
    keys.dedup();
}
