//! From rows to statements: which accounts a row is about, and what it says of the person in each.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use lacegraph_model::{
    ADMIN, AccountId, AccountRef, ApiModel, ORG_ADMIN, ORG_USER, OrganizationId, RecordSource, STAGE, StatedGroup,
    StatedMembership, Statement, USER, UserType,
};

use crate::recorder::Recording;
use crate::wire::{AccountEntry, MemberProps, Moment, ParsedRows, RowFault, TeamMember, TeamUser, Text};

/// The list that rows stand in.
#[derive(Clone, Debug)]
pub(crate) struct ListId {
    pub(crate) organization: OrganizationId,
    /// The account whose list it is, and its name; `None` for the organization's.
    pub(crate) account: Option<(AccountId, String)>,
    /// Whether the account was asked for without a name, so that its rows may tell the name.
    pub(crate) is_primary: bool,
}

impl ListId {
    fn source(&self) -> RecordSource {
        if self.account.is_some() { RecordSource::AccountList } else { RecordSource::OrganizationList }
    }
}

/// What was noticed while rows were recorded.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Rows, or parts of rows, that are not understood: page and row, from 1.
    pub(crate) faults: Vec<(u32, u64, RowFault)>,
    /// Values that the product does not know, by problem code and value, and how often they came.
    pub(crate) unknown_values: BTreeMap<(&'static str, String), u64>,
    /// Rows about the account whose list it is.
    pub(crate) own_rows: u64,
    /// Those of them that are about it only because it was asked for: they name no account.
    pub(crate) unnamed_rows: u64,
    /// Rows about other accounts alone.
    pub(crate) foreign_rows: u64,
    /// Who is in the list.
    pub(crate) people: Listed,
    /// The accounts that rows name, where the account was asked for without a name.
    pub(crate) named: BTreeSet<AccountId>,
    /// The first users' guids.
    pub(crate) guids: Vec<String>,
    /// How many rows have a user's guid that the own list of another account has, by that account.
    pub(crate) shared_guids: BTreeMap<AccountId, u64>,
}

/// Who is in a list, as far as it matters whether it is the key's owner alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Nobody.
    #[default]
    Nobody,
    /// One person, by name in lower case.
    One(String),
    /// More than one, or somebody without a name.
    Others,
}

impl Listed {
    pub(crate) fn add(&mut self, login: Option<&str>) {
        if *self == Self::Others {
            return;
        }
        let login = login.map(|login| login.trim().to_lowercase());
        *self = match (std::mem::take(self), login) {
            (Self::Nobody, Some(login)) => Self::One(login),
            (Self::One(known), Some(login)) if known == login => Self::One(known),
            _ => Self::Others,
        };
    }

    /// Who is in a list of which these are in two parts.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nobody, one) | (one, Self::Nobody) => one,
            (Self::One(a), Self::One(b)) if a == b => Self::One(a),
            _ => Self::Others,
        }
    }

    /// The only person.
    pub(crate) fn one(self) -> Option<String> {
        if let Self::One(login) = self { Some(login) } else { None }
    }
}

/// How many users' guids of each list are kept to tell whether another list repeats it.
const GUIDS_KEPT: usize = 8;

impl Notes {
    fn see_guid(&mut self, recording: &Recording, list: &ListId, guid: Option<&str>) {
        let Some(guid) = guid else { return };
        if let Some(other) = recording.list_with_guid(list.organization, guid) {
            *self.shared_guids.entry(other).or_default() += 1;
        }
        if self.guids.len() < GUIDS_KEPT {
            self.guids.push(guid.to_owned());
        }
    }
}

/// The rows of a page, parsed and not yet recorded.
pub(crate) enum PageRows<'b> {
    Members(ParsedRows<TeamMember<'b>>),
    Users(ParsedRows<TeamUser<'b>>),
}

impl<'b> PageRows<'b> {
    /// Parses the body of a page of the list that this access model has.
    pub(crate) fn parse(model: ApiModel, body: &'b str) -> Self {
        let _stage = tracing::info_span!(target: STAGE, "parse").entered();
        match model {
            ApiModel::TeamMembers => Self::Members(ParsedRows::of(body)),
            ApiModel::TeamUsers => Self::Users(ParsedRows::of(body)),
        }
    }

    /// Records them.
    pub(crate) fn record(self, recording: &mut Recording, list: &ListId, page: u32, notes: &mut Notes) {
        match self {
            Self::Members(rows) => each(rows, page, notes, |row, notes| record_member(recording, list, row, notes)),
            Self::Users(rows) => each(rows, page, notes, |row, notes| record_user(recording, list, row, notes)),
        }
    }
}

fn each<T>(
    rows: ParsedRows<T>,
    page: u32,
    notes: &mut Notes,
    mut record: impl FnMut(&T, &mut Notes) -> Result<(), RowFault>,
) {
    rows.each(|number, row| {
        let fault = match row {
            Ok(row) => record(&row, notes).err(),
            Err(fault) => Some(fault),
        };
        notes.faults.extend(fault.map(|fault| (page, number, fault)));
    });
}

/// What a row says of one account, before what it says twice is put together.
struct Entry<'r> {
    account: AccountRef<'r>,
    cust_guid: Option<&'r str>,
    roles: Option<Cow<'r, [&'r str]>>,
    user_guid: Option<&'r str>,
    enabled: Option<bool>,
}

fn record_member(
    recording: &mut Recording,
    list: &ListId,
    row: &TeamMember<'_>,
    notes: &mut Notes,
) -> Result<(), RowFault> {
    let unsaid = MemberProps::default();
    let props = row.props.as_ref().unwrap_or(&unsaid);
    let mut fault = None;
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(row.accounts.entries().len() + 1);
    for (index, entry) in row.accounts.entries().iter().enumerate() {
        match nested(entry) {
            Some(entry) => {
                learn(recording, list, &entry);
                entries.push(entry);
            }
            None => {
                let path = format!("accounts[{index}]");
                fault = Some(RowFault::new(path, "expected an `accountName` or a `custGuid`"));
            }
        }
    }
    let by_role = [(&row.admin_role_accounts, ADMIN_ROLE), (&row.user_role_accounts, USER_ROLE)];
    for (names, role) in by_role {
        for name in names.entries().iter().filter_map(Text::non_empty) {
            let account = AccountRef::Named(name);
            let roles = Some(Cow::Borrowed(role));
            add(
                recording,
                list,
                &mut entries,
                Entry { account, cust_guid: None, roles, user_guid: None, enabled: None },
            );
        }
    }
    let flat = flat(recording, list, row, props);
    // Times and the rest in `props` are about one account: the flat one, or the only one.
    let described = match flat {
        Some(entry) => {
            if matches!(entry.account, AccountRef::Known(_)) {
                notes.unnamed_rows += u64::from(entry.cust_guid.is_none());
                notes.see_guid(recording, list, entry.user_guid);
            }
            Some(add(recording, list, &mut entries, entry))
        }
        None => (entries.len() == 1).then_some(0),
    };
    match (described, props.account_admin.0) {
        (Some(index), Some(is_admin)) => {
            let known = entries[index].roles.take();
            entries[index].roles = Some(match known {
                None if is_admin => Cow::Borrowed(ADMIN_ROLE),
                None => Cow::Borrowed(USER_ROLE),
                Some(known) if is_admin && !known.iter().any(|role| role.eq_ignore_ascii_case(ADMIN)) => {
                    let mut roles = known.into_owned();
                    union(&mut roles, ADMIN_ROLE);
                    Cow::Owned(roles)
                }
                Some(known) => known,
            });
        }
        (None, Some(is_admin)) if is_admin || entries.is_empty() => {
            fault = Some(RowFault::new("props.accountAdmin", "expected a `custGuid` that tells of which account"));
        }
        _ => {}
    }
    note_accounts(recording, list, &entries, notes);
    let login = row.login();
    notes.people.add(login);
    let row_guid = row.user_guid.non_empty();
    if login.is_none() && row_guid.is_none() && entries.iter().all(|entry| entry.user_guid.is_none()) {
        return Err(RowFault::new(".", "no name, no e-mail and no guid: nobody to record"));
    }
    let memberships: Vec<_> = entries
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            let stated = StatedMembership {
                roles: entry.roles.as_deref(),
                user_guid: entry.user_guid.or(row_guid.filter(|_| login.is_none() && entries.len() == 1)),
                enabled: entry.enabled,
                ..StatedMembership::of(entry.account)
            };
            if described == Some(index) { describe(stated, props) } else { stated }
        })
        .collect();
    let full_name = full_name(props.first_name.non_empty(), props.last_name.non_empty());
    recording.builder.record(&Statement {
        organization: list.organization,
        source: list.source(),
        user_type: UserType::Person,
        login,
        full_name: full_name.as_deref(),
        company: props.company.non_empty(),
        organization_roles: organization_roles(
            row.org_admin.0 == Some(true) || props.org_admin.0 == Some(true),
            row.org_user.0 == Some(true) || props.org_user.0 == Some(true),
        ),
        user_guid: row_guid,
        enabled: row.user_enabled.0,
        memberships: &memberships,
    });
    fault.map_or(Ok(()), Err)
}

const ADMIN_ROLE: &[&str] = &[ADMIN];
const USER_ROLE: &[&str] = &[USER];

fn organization_roles(is_admin: bool, is_user: bool) -> &'static [&'static str] {
    match (is_admin, is_user) {
        (true, true) => &[ORG_ADMIN, ORG_USER],
        (true, false) => &[ORG_ADMIN],
        (false, true) => &[ORG_USER],
        (false, false) => &[],
    }
}

/// What an entry of `accounts` says; `None` where it names no account.
fn nested<'r>(entry: &'r AccountEntry<'_>) -> Option<Entry<'r>> {
    let cust_guid = entry.cust_guid.non_empty();
    let named = entry.account_name.non_empty().map(AccountRef::Named);
    let listed = entry.user_roles.0.as_ref().map(|roles| roles.iter().filter_map(Text::non_empty).collect::<Vec<_>>());
    let roles = match (listed, entry.admin.0) {
        (None, None) => None,
        (None, Some(admin)) => Some(Cow::Borrowed(if admin { ADMIN_ROLE } else { USER_ROLE })),
        (Some(mut roles), Some(true)) => {
            union(&mut roles, ADMIN_ROLE);
            Some(Cow::Owned(roles))
        }
        (Some(roles), Some(false)) if roles.is_empty() => Some(Cow::Borrowed(USER_ROLE)),
        (Some(roles), _) => Some(Cow::Owned(roles)),
    };
    Some(Entry {
        account: named.or(cust_guid.map(AccountRef::Guid))?,
        cust_guid,
        roles,
        user_guid: entry.user_guid.non_empty(),
        enabled: entry.user_enabled.0,
    })
}

/// Learns the key of an account from an entry that has both its name and the key.
fn learn(recording: &mut Recording, list: &ListId, entry: &Entry<'_>) {
    if let (AccountRef::Named(name), Some(guid)) = (entry.account, entry.cust_guid)
        && recording.known(list.organization, guid).is_none()
    {
        let id = recording.builder.account(list.organization, name);
        recording.learn(list.organization, guid, id, name);
    }
}

/// Counts the row for the account whose list it is, or for others.
fn note_accounts(recording: &mut Recording, list: &ListId, entries: &[Entry<'_>], notes: &mut Notes) {
    let Some((asked, name)) = &list.account else { return };
    let is_name = |named: &str| {
        named.eq_ignore_ascii_case(name) || (!name.is_ascii() && named.to_lowercase() == name.to_lowercase())
    };
    let is_asked = |entry: &Entry<'_>| match entry.account {
        AccountRef::Known(id) => id == *asked,
        AccountRef::Named(named) => is_name(named),
        AccountRef::Guid(guid) => recording.known(list.organization, guid).is_some_and(|known| known.id == *asked),
    };
    if entries.iter().any(is_asked) {
        notes.own_rows += 1;
    } else if !entries.is_empty() {
        notes.foreign_rows += 1;
    }
    if list.is_primary {
        for entry in entries {
            notes.named.extend(match entry.account {
                AccountRef::Named(named) => Some(recording.builder.account(list.organization, named)),
                AccountRef::Guid(guid) => recording.known(list.organization, guid).map(|known| known.id),
                AccountRef::Known(_) => None,
            });
        }
    }
}

/// What the flat part of a row says, where it has one: it carries a `custGuid`, or stands in an account's own list and
/// names no account in the other shapes.
fn flat<'r>(
    recording: &mut Recording,
    list: &ListId,
    row: &'r TeamMember<'_>,
    props: &MemberProps<'_>,
) -> Option<Entry<'r>> {
    let cust_guid = row.cust_guid.non_empty();
    let lists = [
        row.accounts.0.as_ref().map(Vec::len),
        row.admin_role_accounts.0.as_ref().map(Vec::len),
        row.user_role_accounts.0.as_ref().map(Vec::len),
    ];
    // Empty lists say that a row names no account, unless it says something that only a member of one has.
    let has_other_shape = lists.iter().flatten().any(|&length| length > 0)
        || (lists.iter().any(Option::is_some) && (list.account.is_none() || !has_flat_facts(row, props)));
    let account = match (&list.account, cust_guid) {
        (Some((id, name)), Some(guid)) => match recording.known(list.organization, guid) {
            // An account's key is that account's, whichever list it stands in.
            Some(known) if known.id != *id => AccountRef::Guid(guid),
            Some(_) => AccountRef::Known(*id),
            None => {
                recording.learn(list.organization, guid, *id, name);
                AccountRef::Known(*id)
            }
        },
        (None, Some(guid)) => AccountRef::Guid(guid),
        (_, None) if has_other_shape => return None,
        (Some((id, _)), None) => AccountRef::Known(*id),
        (None, None) => AccountRef::Named(row.account_name.non_empty()?),
    };
    let roles = props.account_admin.0.map(|admin| Cow::Borrowed(if admin { ADMIN_ROLE } else { USER_ROLE }));
    Some(Entry { account, cust_guid, roles, user_guid: row.user_guid.non_empty(), enabled: row.user_enabled.0 })
}

/// Whether a row says something beside names and states that is said of the members of one account.
fn has_flat_facts(row: &TeamMember<'_>, props: &MemberProps<'_>) -> bool {
    let times = [props.created_time, props.updated_time, props.last_login_time, props.last_session_created_time];
    props.account_admin.0.is_some()
        || props.jit_created.0.is_some()
        || !row.user_guid.is_empty()
        || times.iter().any(|time| *time != Moment::Unknown)
}

/// Adds what a row says of an account to what it said of the same account before; gives its place.
fn add<'r>(recording: &Recording, list: &ListId, entries: &mut Vec<Entry<'r>>, new: Entry<'r>) -> usize {
    let same = entries.iter().position(|known| is_same_account(recording, list, known, &new));
    let Some(index) = same else {
        entries.push(new);
        return entries.len() - 1;
    };
    let known = &mut entries[index];
    if let Some(more) = &new.roles {
        let mut roles = known.roles.take().unwrap_or_default().into_owned();
        union(&mut roles, more);
        known.roles = Some(Cow::Owned(roles));
    }
    known.user_guid = known.user_guid.or(new.user_guid);
    known.enabled = known.enabled.or(new.enabled);
    index
}

fn union<'r>(roles: &mut Vec<&'r str>, more: &[&'r str]) {
    for role in more {
        if !roles.iter().any(|known| known.eq_ignore_ascii_case(role)) {
            roles.push(role);
        }
    }
}

fn is_same_account(recording: &Recording, list: &ListId, a: &Entry<'_>, b: &Entry<'_>) -> bool {
    if a.account == b.account || (a.cust_guid.is_some() && a.cust_guid == b.cust_guid) {
        return true;
    }
    let name = |entry: &Entry<'_>| match entry.account {
        AccountRef::Named(name) => Some(name.to_lowercase()),
        AccountRef::Known(_) => list.account.as_ref().map(|(_, name)| name.to_lowercase()),
        AccountRef::Guid(guid) => recording.known(list.organization, guid).map(|known| known.name.to_lowercase()),
    };
    name(a).is_some_and(|name_a| name(b) == Some(name_a))
}

fn describe<'r>(stated: StatedMembership<'r>, props: &'r MemberProps<'_>) -> StatedMembership<'r> {
    StatedMembership {
        jit_created: props.jit_created.0,
        created: props.created_time.time(),
        updated: props.updated_time.time(),
        updated_by: props.updated_by.non_empty(),
        last_login: props.last_login_time.login(),
        last_session: props.last_session_created_time.login(),
        ..stated
    }
}

fn full_name<'r>(first: Option<&'r str>, last: Option<&'r str>) -> Option<Cow<'r, str>> {
    match (first, last) {
        (Some(first), Some(last)) => Some(Cow::Owned(format!("{first} {last}"))),
        (one, other) => one.or(other).map(Cow::Borrowed),
    }
}

fn record_user(
    recording: &mut Recording,
    list: &ListId,
    row: &TeamUser<'_>,
    notes: &mut Notes,
) -> Result<(), RowFault> {
    let Some((account, _)) = &list.account else {
        return Err(RowFault::new(".", "a row of an account's list in the organization's"));
    };
    let kind = row.kind.non_empty();
    let is_kind = |known: &str| kind.is_some_and(|kind| kind.eq_ignore_ascii_case(known));
    let is_service = is_kind("ServiceUser");
    if let Some(kind) = kind.filter(|_| !is_service && !is_kind("StandardUser")) {
        *notes.unknown_values.entry(("unknown_user_type", kind.to_owned())).or_default() += 1;
    }
    let (name, email, guid) = (row.name.non_empty(), row.email.non_empty(), row.user_guid.non_empty());
    // The name of a person is a full name, which identifies nobody; it stands in only where there is nothing else.
    let login = if is_service { name } else { email.or(name.filter(|_| guid.is_none())) };
    if login.is_none() && guid.is_none() {
        return Err(RowFault::new(".", "no name, no e-mail and no guid: nobody to record"));
    }
    let mut fault = None;
    let mut groups = Vec::with_capacity(row.user_groups.entries().len());
    for (index, group) in row.user_groups.entries().iter().enumerate() {
        let (guid, name) = (group.user_group_guid.non_empty(), group.user_group_name.non_empty());
        match name.or(guid) {
            Some(name) => groups.push(StatedGroup { guid: guid.unwrap_or_default(), name }),
            None => {
                let path = format!("userGroups[{index}]");
                fault = Some(RowFault::new(path, "expected a `userGroupName` or a `userGroupGuid`"));
            }
        }
    }
    let unknown;
    let organization_roles: &[&str] = match row.org_access.non_empty() {
        None => &[],
        Some(access) if access.eq_ignore_ascii_case("NO_ORG_ACCESS") => &[],
        Some(access) if access.eq_ignore_ascii_case(ORG_ADMIN) => &[ORG_ADMIN],
        Some(access) if access.eq_ignore_ascii_case(ORG_USER) => &[ORG_USER],
        Some(access) => {
            *notes.unknown_values.entry(("unknown_org_access", access.to_owned())).or_default() += 1;
            unknown = [access];
            &unknown
        }
    };
    notes.own_rows += 1;
    notes.unnamed_rows += 1;
    notes.people.add(login);
    notes.see_guid(recording, list, guid);
    recording.builder.record(&Statement {
        organization: list.organization,
        source: list.source(),
        user_type: if is_service { UserType::Service } else { UserType::Person },
        login,
        full_name: name.filter(|_| !is_service),
        company: row.company.non_empty(),
        organization_roles,
        user_guid: guid,
        enabled: row.user_enabled.0,
        memberships: &[StatedMembership {
            roles: Some(&[]),
            groups: &groups,
            user_guid: guid,
            enabled: row.user_enabled.0,
            last_login: row.last_login_time.login(),
            ..StatedMembership::of(AccountRef::Known(*account))
        }],
    });
    fault.map_or(Ok(()), Err)
}
