//! From records to one membership a user and account: what agrees is merged, what does not becomes a conflict.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashSet;

use super::meaning::{self, Meaning};
use super::source;
use super::{LooseIdentifier, LooseRecord, Record, RecordGroup, SnapshotBuilder, StatedRole};
use crate::draft::Draft;
use crate::record::{
    AccountId, FetchStatus, GroupId, IdentifierKind, Membership, MembershipConflict, OrganizationGrant, OrganizationId,
    Problem, RecordSource, Severity, UserGroup, UserGroupMember, UserId, UserIdentifier,
};
use crate::role::{READ_ONLY, USER, built_in_group_role};
use crate::strings::Sym;

/// The last step of building. All ids in it are final but those of users, of whom some may still be dropped.
pub(super) struct Merge {
    draft: Draft,
    organizations: Vec<OrganizationId>,
    accounts: Vec<AccountId>,
    people: Vec<UserId>,
    records: Vec<Record>,
    record_groups: Vec<RecordGroup>,
    organization_roles: Vec<StatedRole>,
    loose_records: Vec<LooseRecord>,
    identifiers: Vec<LooseIdentifier>,
    meanings: Vec<Meaning>,
    /// Whether a user has a sign-in that is on, or off, in an organization where they hold an organization role.
    states: BTreeMap<(UserId, OrganizationId), States>,
    in_groups: Vec<Seat>,
    is_used: Vec<bool>,
}

/// Final user, account, guid and name of a group seen.
type Seat = (UserId, AccountId, Sym, Sym);

#[derive(Default)]
struct States {
    enabled: usize,
    disabled: Vec<AccountId>,
    disabled_without_account: bool,
}

impl States {
    fn is_off(&self) -> bool {
        self.enabled == 0 && (self.disabled_without_account || !self.disabled.is_empty())
    }
}

impl Merge {
    pub(super) fn new(
        builder: SnapshotBuilder,
        organizations: Vec<OrganizationId>,
        accounts: Vec<AccountId>,
        people: Vec<UserId>,
    ) -> Self {
        let SnapshotBuilder {
            draft,
            records,
            record_groups,
            organization_roles,
            loose_records,
            identifiers,
            meanings,
            ..
        } = builder;
        let is_used = vec![false; draft.users.len()];
        Self {
            draft,
            organizations,
            accounts,
            people,
            records,
            record_groups,
            organization_roles,
            loose_records,
            identifiers,
            meanings,
            states: BTreeMap::new(),
            in_groups: Vec::new(),
            is_used,
        }
    }

    pub(super) fn finish(mut self) -> Draft {
        self.move_calls_and_problems();
        self.move_roles();
        self.merge_records();
        self.organization_grants();
        self.move_identifiers();
        self.groups();
        meaning::apply(&mut self.draft, &self.meanings, &self.organizations);
        self.move_sources();
        self.drop_unused_users();
        self.sort_problems();
        self.draft
    }

    fn move_calls_and_problems(&mut self) {
        let Self { draft, organizations, accounts, .. } = self;
        for call in &mut draft.source_calls {
            call.organization = organizations[call.organization.index()];
            call.account = call.account.map(|account| accounts[account.index()]);
        }
        for problem in &mut draft.problems {
            problem.organization = problem.organization.map(|organization| organizations[organization.index()]);
            problem.account = problem.account.map(|account| accounts[account.index()]);
        }
        let interner = &draft.interner;
        draft.source_calls.sort_by(|a, b| {
            let key = |call: &crate::SourceCall| (call.organization, call.account);
            let endpoints = || interner.get(a.endpoint).cmp(interner.get(b.endpoint));
            key(a).cmp(&key(b)).then_with(endpoints).then(a.page.cmp(&b.page))
        });
    }

    /// Notes who holds an organization role, so that their states are looked at on the way.
    fn move_roles(&mut self) {
        for stated in &mut self.organization_roles {
            stated.user = self.people[stated.user.index()];
            stated.organization = self.organizations[stated.organization.index()];
            stated.account = stated.account.map(|account| self.accounts[account.index()]);
            self.states.entry((stated.user, stated.organization)).or_default();
            self.is_used[stated.user.index()] = true;
        }
        for loose in &self.loose_records {
            let user = self.people[loose.user.index()];
            let organization = self.organizations[loose.organization.index()];
            self.is_used[user.index()] = true;
            if let Some(states) = self.states.get_mut(&(user, organization)) {
                match loose.enabled {
                    Some(false) => states.disabled_without_account = true,
                    Some(true) | None => states.enabled += 1,
                }
            }
        }
    }

    fn merge_records(&mut self) {
        let mut records = std::mem::take(&mut self.records);
        for record in &mut records {
            let membership = &mut record.membership;
            membership.user = self.people[membership.user.index()];
            membership.account = self.accounts[membership.account.index()];
        }
        records.sort_unstable_by_key(|record| {
            let Membership { user, account, source, .. } = record.membership;
            (user, account, source, record.number)
        });
        // In place: there are as many records as memberships, and both at once would be the largest thing of the whole run.
        let mut kept = 0;
        let mut next = 0;
        while next < records.len() {
            records.swap(kept, next);
            next += 1;
            let (kept_records, further) = records.split_at_mut(next);
            let first = &mut kept_records[kept];
            let pair = (first.membership.user, first.membership.account);
            let is_same_pair = |record: &&mut Record| (record.membership.user, record.membership.account) == pair;
            let others = further.iter_mut().take_while(is_same_pair);
            let (count, is_excluded) = self.merge_pair(first, others);
            next += count;
            kept += usize::from(!is_excluded);
        }
        records.truncate(kept);
        self.draft.memberships = records.into_iter().map(|record| record.membership).collect();
        self.note_excluded_records();
    }

    /// Merges all records of one user and account into `first`; says how many further ones there were, and whether the account
    /// is excluded, so that none of them counts.
    fn merge_pair<'r>(&mut self, first: &mut Record, others: impl Iterator<Item = &'r mut Record>) -> (usize, bool) {
        let Membership { user, account: id, .. } = first.membership;
        let account = &mut self.draft.accounts[id.index()];
        let is_excluded = account.fetch_status == FetchStatus::Excluded;
        let organization = account.organization;
        let mut count = 0;
        for other in others {
            count += 1;
            if !is_excluded {
                self.merge(first, other.clone());
            } else if first.membership.enabled != Some(true) {
                first.membership.enabled = other.membership.enabled.or(first.membership.enabled);
            }
        }
        self.draft.accounts[id.index()].statements_received += 1 + count as u64;
        if let Some(states) = self.states.get_mut(&(user, organization)) {
            if first.membership.is_enabled() {
                states.enabled += 1;
            } else {
                states.disabled.push(id);
            }
        }
        if !is_excluded {
            self.is_used[user.index()] = true;
            self.enter_groups(first);
        }
        (count, is_excluded)
    }

    /// Takes `other`, a further record of the same user and account, into `first`, or sets it aside as a conflict.
    fn merge(&mut self, first: &mut Record, other: Record) {
        if let Some(difference) = self.difference(first, &other) {
            let Membership { user, account, .. } = other.membership;
            let who = self.draft.interner.get(self.draft.users[user.index()].identity);
            let message = format!("two records of {who} in this account differ: {difference}; the first is used");
            let hint = "the account's own list is used before the organization's; look the person up in the console";
            let organization = self.draft.accounts[account.index()].organization;
            self.problem("contradiction", organization, Some(account), &message, hint);
            if other.membership.enabled == Some(true)
                && let Some(states) = self.states.get_mut(&(user, organization))
            {
                states.enabled += 1;
            }
            let names: Vec<Sym> = self.groups_of(&other).iter().map(|group| group.name).collect();
            let groups = self.draft.name_lists.intern(&names);
            self.draft.membership_conflicts.push(MembershipConflict { record: other.membership, groups });
            return;
        }
        self.draft.accounts[other.membership.account.index()].duplicates_merged += 1;
        self.keep_other_spellings(&first.membership, &other.membership);
        if !first.says_roles && other.says_roles {
            first.membership.roles = other.membership.roles;
            first.says_roles = true;
        }
        if self.groups_of(first).is_empty() {
            // From here on the groups of `other` are those of the merged record.
            first.number = other.number;
        }
        fill_gaps(&mut first.membership, other.membership);
    }

    fn problem(
        &mut self,
        code: &str,
        organization: OrganizationId,
        account: Option<AccountId>,
        message: &str,
        hint: &str,
    ) {
        let interner = &mut self.draft.interner;
        self.draft.problems.push(Problem {
            severity: Severity::Warning,
            code: interner.intern(code),
            organization: Some(organization),
            account,
            page: None,
            row_number: None,
            message: interner.intern(message),
            hint: Some(interner.intern(hint)),
        });
    }

    /// What two records say differently, in words: roles, or whether sign-in is on.
    fn difference(&self, first: &Record, other: &Record) -> Option<String> {
        let (a, b) = (&first.membership, &other.membership);
        let place = |source: RecordSource| match source {
            RecordSource::AccountList => "the account's list",
            RecordSource::OrganizationList => "the organization's list",
        };
        let state = |enabled: bool| if enabled { "enabled" } else { "disabled" };
        let say = |x: &str, y: &str| Some(format!("{} says {x}, {} says {y}", place(a.source), place(b.source)));
        if let (Some(x), Some(y)) = (a.enabled, b.enabled)
            && x != y
        {
            return say(state(x), state(y));
        }
        let (x, y) = (self.stated_access(first)?, self.stated_access(other)?);
        if x == y {
            return None;
        }
        let list = |names: BTreeSet<String>| match names.into_iter().collect::<Vec<_>>().join(" and ") {
            names if names.is_empty() => "no role".to_owned(),
            names => names,
        };
        say(&list(x), &list(y))
    }

    /// Roles and groups that a record names, comparable across the two access models; `None` where it names neither.
    fn stated_access(&self, record: &Record) -> Option<BTreeSet<String>> {
        let groups = self.groups_of(record);
        if !record.says_roles && groups.is_empty() {
            return None;
        }
        let interner = &self.draft.interner;
        let roles = self.draft.name_lists.get(record.membership.roles).iter().map(|&role| interner.get(role));
        let groups = groups
            .iter()
            .map(|group| built_in_group_role(interner.get(group.guid)).unwrap_or_else(|| interner.get(group.name)));
        let names = roles.chain(groups).map(str::to_uppercase);
        Some(names.map(|name| if name == READ_ONLY { USER.to_owned() } else { name }).collect())
    }

    fn groups_of(&self, record: &Record) -> &[RecordGroup] {
        // In the order of arrival, as the records were numbered.
        let start = self.record_groups.partition_point(|group| group.record < record.number);
        let count = self.record_groups[start..].partition_point(|group| group.record == record.number);
        &self.record_groups[start..start + count]
    }

    fn enter_groups(&mut self, record: &Record) {
        let Membership { user, account, .. } = record.membership;
        if self.record_groups.is_empty() {
            return;
        }
        let groups: Vec<_> =
            self.groups_of(record).iter().map(|group| (user, account, group.guid, group.name)).collect();
        self.in_groups.extend(groups);
    }

    fn keep_other_spellings(&mut self, kept: &Membership, other: &Membership) {
        let organization = self.draft.accounts[other.account.index()].organization;
        let pairs = [
            (IdentifierKind::UserGuid, kept.user_guid, other.user_guid),
            (IdentifierKind::FullName, kept.full_name, other.full_name),
        ];
        for (kind, kept, value) in pairs {
            let interner = &mut self.draft.interner;
            if let (Some(kept), Some(value)) = (kept, value)
                && interner.get(kept) != interner.get(value)
            {
                // A guid has a number of its own until here.
                let value = interner.intern_again(value);
                let (user, account) = (other.user, Some(other.account));
                self.draft.user_identifiers.push(UserIdentifier { user, kind, organization, account, value });
            }
        }
    }

    fn note_excluded_records(&mut self) {
        for index in 0..self.draft.accounts.len() {
            let account = &self.draft.accounts[index];
            let count = account.statements_received;
            if account.fetch_status != FetchStatus::Excluded || count == 0 {
                continue;
            }
            let detail = account.fetch_detail.map(|detail| self.draft.interner.get(detail)).unwrap_or("excluded");
            let detail = format!("{detail}; records of the organization's list left out: {count}");
            self.draft.accounts[index].fetch_detail = Some(self.draft.interner.intern(&detail));
        }
    }

    fn organization_grants(&mut self) {
        let mut stated = std::mem::take(&mut self.organization_roles);
        let interner = &self.draft.interner;
        stated.sort_by(|a, b| {
            let roles = || interner.get(a.role).cmp(interner.get(b.role));
            let key = |role: &StatedRole| (role.source, role.account);
            (a.user, a.organization).cmp(&(b.user, b.organization)).then_with(roles).then(key(a).cmp(&key(b)))
        });
        stated.dedup_by_key(|stated| (stated.user, stated.organization, stated.role));
        for StatedRole { user, organization, role, source, account } in stated {
            let is_enabled = !self.states.get(&(user, organization)).is_some_and(States::is_off);
            let grant = OrganizationGrant { user, organization, role, is_enabled, source, stated_by: account };
            self.draft.organization_grants.push(grant);
        }
        self.report_mixed_states();
    }

    fn report_mixed_states(&mut self) {
        for ((user, organization), states) in std::mem::take(&mut self.states) {
            if states.enabled == 0 || (states.disabled.is_empty() && !states.disabled_without_account) {
                continue;
            }
            let name = |account: &AccountId| self.draft.interner.get(self.draft.accounts[account.index()].name);
            let without_account = states.disabled_without_account.then_some("a record without account");
            let disabled: Vec<_> = states.disabled.iter().map(name).chain(without_account).collect();
            let who = self.draft.interner.get(self.draft.users[user.index()].identity);
            let organization_name = self.draft.interner.get(self.draft.organizations[organization.index()].name);
            let message = format!(
                "{who} holds an organization role in {organization_name}, is disabled in {} and enabled elsewhere; \
                 the organization role counts as enabled",
                disabled.join(", ")
            );
            let hint = "disable the person in every account, or remove the role";
            self.problem("mixed_state", organization, states.disabled.first().copied(), &message, hint);
        }
    }

    fn move_identifiers(&mut self) {
        for loose in std::mem::take(&mut self.identifiers) {
            let account = loose.account.map(|account| self.accounts[account.index()]);
            let is_excluded =
                |account: AccountId| self.draft.accounts[account.index()].fetch_status == FetchStatus::Excluded;
            if account.is_some_and(is_excluded) {
                continue;
            }
            self.draft.user_identifiers.push(UserIdentifier {
                user: self.people[loose.user.index()],
                kind: loose.kind,
                organization: self.organizations[loose.organization.index()],
                account,
                value: loose.value,
            });
        }
        let interner = &self.draft.interner;
        self.draft.user_identifiers.sort_by(|a, b| {
            let key = |id: &UserIdentifier| (id.user, id.kind, id.organization, id.account);
            key(a).cmp(&key(b)).then_with(|| interner.get(a.value).cmp(interner.get(b.value)))
        });
        self.draft.user_identifiers.dedup();
    }

    fn groups(&mut self) {
        let mut seats = std::mem::take(&mut self.in_groups);
        self.name_groups(&mut seats);
        let interner = &mut self.draft.interner;
        seats.sort_by(|&(user, account, guid, name), &(other_user, other_account, other_guid, other_name)| {
            let texts = |guid, name| (interner.get(guid), interner.get(name));
            account
                .cmp(&other_account)
                .then_with(|| texts(guid, name).cmp(&texts(other_guid, other_name)))
                .then(user.cmp(&other_user))
        });
        seats.dedup();
        for (user, account, guid, name) in seats {
            let is_same = |group: &UserGroup| (group.account, group.guid, group.name) == (account, guid, name);
            if !self.draft.user_groups.last().is_some_and(is_same) {
                let role = built_in_group_role(interner.get(guid));
                let confers = role.map(|role| interner.intern(role));
                self.draft.user_groups.push(UserGroup { account, guid, name, confers, confers_evidence: None });
            }
            let group = GroupId::from_index(self.draft.user_groups.len() - 1);
            self.draft.user_group_members.push(UserGroupMember { group, user });
        }
    }

    /// Gives a group whose name a row leaves out, and which so bears its guid, the name that another row has for it.
    fn name_groups(&self, seats: &mut [Seat]) {
        let is_unnamed = |&(_, _, guid, name): &Seat| guid == name && !self.draft.interner.get(guid).is_empty();
        if !seats.iter().any(is_unnamed) {
            return;
        }
        let mut names: BTreeMap<(AccountId, Sym), Sym> = BTreeMap::new();
        for &(_, account, guid, name) in seats.iter().filter(|seat| !is_unnamed(seat)) {
            let known = names.entry((account, guid)).or_insert(name);
            if self.draft.interner.get(name) < self.draft.interner.get(*known) {
                *known = name;
            }
        }
        for seat in seats.iter_mut().filter(|seat| is_unnamed(seat)) {
            seat.3 = names.get(&(seat.1, seat.2)).copied().unwrap_or(seat.3);
        }
    }

    fn move_sources(&mut self) {
        let known = if self.draft.audit_events.is_empty() { HashSet::new() } else { self.known_in_organizations() };
        source::finish(&mut self.draft, &self.accounts, &known);
    }

    /// Who is known in which organization, by any row.
    fn known_in_organizations(&self) -> HashSet<(UserId, OrganizationId)> {
        let draft = &self.draft;
        let loose = self
            .loose_records
            .iter()
            .map(|loose| (self.people[loose.user.index()], self.organizations[loose.organization.index()]));
        let of_account = |account: AccountId| draft.accounts[account.index()].organization;
        let members = draft.memberships.iter().map(|record| (record.user, of_account(record.account)));
        let grants = draft.organization_grants.iter().map(|grant| (grant.user, grant.organization));
        loose.chain(members).chain(grants).collect()
    }

    /// Leaves out the users who were named in excluded accounts only.
    fn drop_unused_users(&mut self) {
        let mut kept = 0;
        let moved: Vec<UserId> = self
            .is_used
            .iter()
            .map(|&is_used| {
                let new = UserId(kept);
                kept += u32::from(is_used);
                new
            })
            .collect();
        let is_used = &self.is_used;
        let mut flags = is_used.iter();
        self.draft.users.retain(|_| flags.next() == Some(&true));
        self.draft.user_identifiers.retain(|identifier| is_used[identifier.user.index()]);
        let draft = &mut self.draft;
        let users = (draft.memberships.iter_mut().map(|record| &mut record.user))
            .chain(draft.membership_conflicts.iter_mut().map(|conflict| &mut conflict.record.user))
            .chain(draft.user_identifiers.iter_mut().map(|identifier| &mut identifier.user))
            .chain(draft.organization_grants.iter_mut().map(|grant| &mut grant.user))
            .chain(draft.user_group_members.iter_mut().map(|member| &mut member.user))
            .chain(draft.audit_events.iter_mut().filter_map(|event| event.user.as_mut()));
        for user in users {
            *user = moved[user.index()];
        }
    }

    fn sort_problems(&mut self) {
        let Draft { problems, interner, .. } = &mut self.draft;
        problems.sort_by(|a, b| {
            let key = |p: &Problem| (p.severity, p.organization, p.account, p.page, p.row_number);
            let texts = |x: &Problem, y: &Problem| {
                let code = interner.get(x.code).cmp(interner.get(y.code));
                code.then_with(|| interner.get(x.message).cmp(interner.get(y.message)))
            };
            key(a).cmp(&key(b)).then_with(|| texts(a, b))
        });
        problems.dedup();
    }
}

/// Takes from `other` what `kept` does not say.
fn fill_gaps(kept: &mut Membership, other: Membership) {
    kept.enabled = kept.enabled.or(other.enabled);
    kept.jit_created = kept.jit_created.or(other.jit_created);
    kept.user_guid = kept.user_guid.or(other.user_guid);
    kept.full_name = kept.full_name.or(other.full_name);
    kept.company = kept.company.or(other.company);
    kept.created = kept.created.or(other.created);
    kept.updated = kept.updated.or(other.updated);
    kept.updated_by = kept.updated_by.or(other.updated_by);
    if !kept.last_login.is_known() {
        kept.last_login = other.last_login;
    }
    if !kept.last_session.is_known() {
        kept.last_session = other.last_session;
    }
}
