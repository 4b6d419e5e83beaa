//! A snapshot in the making: records in their final order, not yet sealed.

use hashbrown::HashMap;
use sha2::{Digest, Sha256};

use crate::record::{
    Account, Header, Membership, MembershipConflict, NameListId, Organization, OrganizationGrant, Problem, SourceCall,
    User, UserGroup, UserGroupMember, UserIdentifier,
};
use crate::snapshot::Snapshot;
use crate::source::{ApiKey, AuditEvent, OptionalSource};
use crate::strings::{Interner, Renumbering, Sym};
use crate::time::{Login, UtcTime};

/// The records of a [`Snapshot`], each list in the snapshot's order, with texts still to be numbered.
///
/// Who stores a snapshot fills this on the way back; [`seal`](Self::seal) then gives an equal one.
#[derive(Debug)]
pub struct Draft {
    /// When, by what, from where.
    pub header: Header,
    /// All texts.
    pub interner: Interner,
    /// All lists of names.
    pub name_lists: NameLists,
    /// By name.
    pub organizations: Vec<Organization>,
    /// By `account_id`.
    pub accounts: Vec<Account>,
    /// By identity.
    pub users: Vec<User>,
    /// By user and account.
    pub memberships: Vec<Membership>,
    /// By user, account and source.
    pub membership_conflicts: Vec<MembershipConflict>,
    /// By user, kind, organization, account and value.
    pub user_identifiers: Vec<UserIdentifier>,
    /// By user, organization and role.
    pub organization_grants: Vec<OrganizationGrant>,
    /// By account, guid and name.
    pub user_groups: Vec<UserGroup>,
    /// By group and user.
    pub user_group_members: Vec<UserGroupMember>,
    /// By account and kind.
    pub optional_sources: Vec<OptionalSource>,
    /// By account, time, actor and the other texts.
    pub audit_events: Vec<AuditEvent>,
    /// By account, masked id and fingerprint.
    pub api_keys: Vec<ApiKey>,
    /// By organization, account, endpoint and page.
    pub source_calls: Vec<SourceCall>,
    /// By severity, organization, account, page and row.
    pub problems: Vec<Problem>,
}

impl Draft {
    /// A draft without records.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            interner: Interner::default(),
            name_lists: NameLists::default(),
            organizations: Vec::new(),
            accounts: Vec::new(),
            users: Vec::new(),
            memberships: Vec::new(),
            membership_conflicts: Vec::new(),
            user_identifiers: Vec::new(),
            organization_grants: Vec::new(),
            user_groups: Vec::new(),
            user_group_members: Vec::new(),
            optional_sources: Vec::new(),
            audit_events: Vec::new(),
            api_keys: Vec::new(),
            source_calls: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Numbers texts and lists in the order of the records, and computes the snapshot's id on the way.
    pub fn seal(self) -> Snapshot {
        let _stage = tracing::info_span!(target: crate::STAGE, "seal").entered();
        let Self {
            header,
            interner,
            name_lists,
            mut organizations,
            mut accounts,
            mut users,
            mut memberships,
            mut membership_conflicts,
            mut user_identifiers,
            mut organization_grants,
            mut user_groups,
            mut user_group_members,
            mut optional_sources,
            mut audit_events,
            mut api_keys,
            mut source_calls,
            mut problems,
        } = self;
        let mut seal = Seal::new(interner, name_lists);
        seal.header(&header);
        seal.each(&mut organizations, Seal::organization);
        seal.each(&mut accounts, Seal::account);
        seal.each(&mut users, Seal::user);
        seal.each(&mut memberships, Seal::membership);
        seal.each(&mut membership_conflicts, |seal, conflict| {
            seal.membership(&mut conflict.record);
            seal.list(&mut conflict.groups);
        });
        seal.each(&mut user_identifiers, Seal::identifier);
        seal.each(&mut organization_grants, Seal::organization_grant);
        seal.each(&mut user_groups, Seal::group);
        seal.each(&mut user_group_members, |seal, member| {
            seal.number(member.group.0);
            seal.number(member.user.0);
        });
        seal.each(&mut source_calls, Seal::call);
        seal.each(&mut problems, Seal::problem);
        seal.group_evidence(&mut user_groups);
        seal.each_if_any("sources", &mut optional_sources, Seal::optional_source);
        seal.each_if_any("events", &mut audit_events, Seal::audit_event);
        seal.each_if_any("keys", &mut api_keys, Seal::api_key);
        let (name_lists, strings, digest) = seal.finish();
        let short = u64::from_be_bytes(digest[..8].try_into().expect("a SHA-256 has 32 bytes"));
        Snapshot {
            id: format!("{}-{short:016x}", header.captured_at.to_compact()),
            header,
            organizations,
            accounts,
            users,
            memberships,
            membership_conflicts,
            user_identifiers,
            organization_grants,
            user_groups,
            user_group_members,
            optional_sources,
            audit_events,
            api_keys,
            source_calls,
            problems,
            name_lists,
            strings,
        }
    }
}

/// Lists of names, each once.
#[derive(Debug, Default)]
pub struct NameLists {
    lists: Vec<Box<[Sym]>>,
    known: HashMap<Box<[Sym]>, NameListId>,
}

impl NameLists {
    /// The number of the list `names`, new or known.
    pub fn intern(&mut self, names: &[Sym]) -> NameListId {
        if let Some(&id) = self.known.get(names) {
            return id;
        }
        let id = NameListId::from_index(self.lists.len());
        self.lists.push(names.into());
        self.known.insert(names.into(), id);
        id
    }

    /// The names of a list.
    pub fn get(&self, id: NameListId) -> &[Sym] {
        self.lists.get(id.index()).map(AsRef::as_ref).unwrap_or_default()
    }
}

/// One walk over all records: gives each text its final number, and hashes what it passes.
///
/// The hash is over a byte form of our own (numbers as eight bytes, texts by number and once in full at the end), so
/// that it is the same on every machine and with every compiler.
struct Seal {
    texts: Renumbering,
    old_lists: NameLists,
    list_numbers: Vec<Option<NameListId>>,
    lists: Vec<Box<[Sym]>>,
    hasher: Sha256,
    buffer: Vec<u8>,
}

impl Seal {
    const BUFFER: usize = 1 << 16;

    fn new(interner: Interner, old_lists: NameLists) -> Self {
        Self {
            texts: Renumbering::new(interner),
            list_numbers: vec![None; old_lists.lists.len()],
            old_lists,
            lists: Vec::new(),
            hasher: Sha256::new(),
            buffer: Vec::with_capacity(Self::BUFFER),
        }
    }

    fn finish(mut self) -> (Vec<Box<[Sym]>>, crate::Strings, [u8; 32]) {
        let strings = std::mem::replace(&mut self.texts, Renumbering::new(Interner::default())).finish();
        for &end in strings.ends() {
            self.number(end as u64);
        }
        self.hasher.update(&self.buffer);
        self.hasher.update(strings.bytes());
        (self.lists, strings, self.hasher.finalize().into())
    }

    fn each<T>(&mut self, records: &mut [T], visit: impl Fn(&mut Self, &mut T)) {
        self.number(records.len() as u64);
        for record in records {
            visit(self, record);
        }
    }

    fn number(&mut self, number: impl Into<u64>) {
        if self.buffer.len() + 8 > Self::BUFFER {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
        self.buffer.extend_from_slice(&number.into().to_be_bytes());
    }

    fn number_opt(&mut self, number: Option<impl Into<u64>>) {
        match number {
            Some(number) => self.number(number.into().saturating_add(1)),
            None => self.number(0_u64),
        }
    }

    fn word(&mut self, word: &str) {
        let digest: [u8; 32] = Sha256::digest(word.as_bytes()).into();
        self.number(u64::from_be_bytes(digest[..8].try_into().expect("a SHA-256 has 32 bytes")));
    }

    fn text(&mut self, sym: &mut Sym) {
        self.texts.renumber(sym);
        self.number(sym.index() as u64);
    }

    fn text_opt(&mut self, sym: &mut Option<Sym>) {
        self.texts.renumber_opt(sym);
        self.number_opt(sym.map(|sym| sym.index() as u64));
    }

    fn list(&mut self, list: &mut NameListId) {
        let known = self.list_numbers.get(list.index()).copied().flatten();
        let new = known.unwrap_or_else(|| {
            let mut names: Box<[Sym]> = self.old_lists.get(*list).into();
            self.number(names.len() as u64);
            for name in &mut names {
                self.text(name);
            }
            let new = NameListId::from_index(self.lists.len());
            self.lists.push(names);
            if let Some(slot) = self.list_numbers.get_mut(list.index()) {
                *slot = Some(new);
            }
            new
        });
        *list = new;
        self.number(new.0);
    }

    fn time(&mut self, time: Option<UtcTime>) {
        self.number(time.map_or(i64::MIN, UtcTime::as_seconds).cast_unsigned());
    }

    fn login(&mut self, login: Login) {
        self.word_of(login.kind());
        self.time(login.time());
    }

    /// A word of a small fixed set: its first eight bytes tell it from the others of its set.
    fn word_of(&mut self, word: &'static str) {
        let mut bytes = [0; 8];
        for (slot, byte) in bytes.iter_mut().zip(word.bytes()) {
            *slot = byte;
        }
        self.number(u64::from_be_bytes(bytes));
    }

    fn header(&mut self, header: &Header) {
        self.time(Some(header.captured_at));
        self.time(Some(header.completed_at));
        self.word(&header.tool_version);
        self.word_of(header.data_source.as_str());
    }

    fn organization(&mut self, organization: &mut Organization) {
        self.text(&mut organization.name);
        self.text(&mut organization.host);
        self.word_of(organization.expected_from.as_str());
    }

    fn account(&mut self, account: &mut Account) {
        self.number(account.organization.0);
        self.text(&mut account.name);
        self.text(&mut account.account_id);
        self.text_opt(&mut account.cust_guid);
        self.word_of(account.fetch_status.as_str());
        self.text_opt(&mut account.fetch_detail);
        self.number_opt(account.api_model.map(|model| model as u64));
        self.number(account.rows_returned);
        self.number(account.statements_received);
        self.number(account.duplicates_merged);
        self.text_opt(&mut account.owner);
        self.text_opt(&mut account.environment);
        self.text_opt(&mut account.audit_scope);
    }

    fn user(&mut self, user: &mut User) {
        self.text(&mut user.identity);
        self.word_of(user.user_type.as_str());
    }

    fn membership(&mut self, membership: &mut Membership) {
        self.number(membership.user.0);
        self.number(membership.account.0);
        self.word_of(membership.source.as_str());
        self.number_opt(membership.enabled);
        self.number_opt(membership.jit_created);
        self.list(&mut membership.roles);
        self.text_opt(&mut membership.user_guid);
        self.text_opt(&mut membership.full_name);
        self.text_opt(&mut membership.company);
        self.time(membership.created);
        self.time(membership.updated);
        self.text_opt(&mut membership.updated_by);
        self.login(membership.last_login);
        self.login(membership.last_session);
    }

    fn identifier(&mut self, identifier: &mut UserIdentifier) {
        self.number(identifier.user.0);
        self.word_of(identifier.kind.as_str());
        self.number(identifier.organization.0);
        self.number_opt(identifier.account.map(|account| account.0));
        self.text(&mut identifier.value);
    }

    fn organization_grant(&mut self, grant: &mut OrganizationGrant) {
        self.number(grant.user.0);
        self.number(grant.organization.0);
        self.text(&mut grant.role);
        self.number(grant.is_enabled);
        self.word_of(grant.source.as_str());
        self.number_opt(grant.stated_by.map(|account| account.0));
    }

    fn group(&mut self, group: &mut UserGroup) {
        self.number(group.account.0);
        self.text(&mut group.guid);
        self.text(&mut group.name);
        self.text_opt(&mut group.confers);
    }

    /// What came with version 3 of the tables is hashed behind everything else, and only where there is any: snapshots without
    /// it keep the ids that they had.
    fn group_evidence(&mut self, groups: &mut [UserGroup]) {
        for (index, group) in groups.iter_mut().enumerate() {
            if let Some(evidence) = &mut group.confers_evidence {
                self.word_of("evidence");
                self.number(index as u64);
                self.text(evidence);
            }
        }
    }

    fn each_if_any<T>(&mut self, word: &'static str, records: &mut [T], visit: impl Fn(&mut Self, &mut T)) {
        if !records.is_empty() {
            self.word_of(word);
            self.each(records, visit);
        }
    }

    fn optional_source(&mut self, source: &mut OptionalSource) {
        self.number(source.account.0);
        self.word_of(source.kind.as_str());
        self.word_of(source.status.as_str());
        self.text_opt(&mut source.detail);
        self.time(source.window.map(|(start, _)| start));
        self.time(source.window.map(|(_, end)| end));
        self.number(source.rows);
    }

    fn audit_event(&mut self, event: &mut AuditEvent) {
        self.number(event.account.0);
        self.time(event.happened);
        self.text_opt(&mut event.actor);
        self.number_opt(event.user.map(|user| user.0));
        self.text_opt(&mut event.event_name);
        self.text_opt(&mut event.user_action);
        self.text_opt(&mut event.description);
        self.text_opt(&mut event.stated_account);
    }

    fn api_key(&mut self, key: &mut ApiKey) {
        self.number(key.account.0);
        self.text(&mut key.masked_id);
        self.text(&mut key.fingerprint);
        self.number_opt(key.enabled);
        self.text_opt(&mut key.description);
    }

    fn call(&mut self, call: &mut SourceCall) {
        self.number(call.organization.0);
        self.number_opt(call.account.map(|account| account.0));
        self.text(&mut call.endpoint);
        self.number(call.page);
        self.number_opt(call.status);
        self.number(call.attempts);
        self.number(call.rows);
        self.number_opt(call.body_sha256.map(|_| 0_u64));
        for eight in call.body_sha256.iter().flat_map(|digest| digest.chunks_exact(8)) {
            self.number(u64::from_be_bytes(eight.try_into().expect("chunks of eight bytes")));
        }
    }

    fn problem(&mut self, problem: &mut Problem) {
        self.word_of(problem.severity.as_str());
        self.text(&mut problem.code);
        self.number_opt(problem.organization.map(|organization| organization.0));
        self.number_opt(problem.account.map(|account| account.0));
        self.number_opt(problem.page);
        self.number_opt(problem.row_number);
        self.text(&mut problem.message);
        self.text_opt(&mut problem.hint);
    }
}
