//! The records a snapshot is made of. Texts are [`Sym`]s: [`Snapshot::text`](crate::Snapshot::text) gives them back.

use crate::strings::Sym;
use crate::time::{Login, UtcTime};

/// Declares a number that counts the records of one kind, and the kinds of numbers stay apart.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// The record at `index` of its list. The table key is this plus one.
            pub fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).expect("fewer than four thousand million records of a kind"))
            }

            /// The place of the record in its list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// An [`Organization`] of one snapshot.
    OrganizationId
}
id! {
    /// An [`Account`] of one snapshot.
    AccountId
}
id! {
    /// A [`User`] of one snapshot.
    UserId
}
id! {
    /// A [`UserGroup`] of one snapshot.
    GroupId
}
id! {
    /// A list of names of one snapshot, of roles or of groups.
    NameListId
}

/// Declares an enumeration with the spelling that tables and messages use.
macro_rules! spelled {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// How tables, files and messages spell it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value that is spelled `text`, exactly.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use spelled;

spelled! {
    /// Where the answers came from.
    DataSource {
        /// A tenant, through its API.
        Live = "live",
        /// A recording of such calls.
        Capture = "capture",
        /// The embedded mock: invented people.
        Demo = "demo",
    }
}

spelled! {
    /// What told which accounts an organization should have.
    ExpectedFrom {
        /// `UserProfile`, the API's own list.
        Directory = "directory",
        /// The configuration alone: no independent list was to be had.
        Configuration = "configuration",
        /// `UserProfile`, and accounts that the configuration adds.
        Both = "both",
    }
}

spelled! {
    /// How far an account was read.
    FetchStatus {
        /// All of its members were read.
        Complete = "complete",
        /// Some pages or rows are missing; the rest was kept.
        Incomplete = "incomplete",
        /// Nothing could be read.
        Failed = "failed",
        /// The configuration leaves it out.
        Excluded = "excluded",
        /// A member names it, no directory and no configuration does.
        Unlisted = "unlisted",
        /// The run ended before its turn came.
        NotAttempted = "not_attempted",
    }
}

spelled! {
    /// Which of the two access models an account speaks, told by the list that answered.
    ApiModel {
        /// The older one, with roles in the members themselves.
        TeamMembers = "team_members",
        /// The newer one, with roles through groups.
        TeamUsers = "team_users",
    }
}

spelled! {
    /// Which list a record stands in. The account's own comes first: it wins over the organization's.
    RecordSource {
        /// The list of one account.
        AccountList = "account_list",
        /// The list of a whole organization.
        OrganizationList = "organization_list",
    }
}

spelled! {
    /// What kind of identity a user is.
    UserType {
        /// A human, as far as the API tells.
        Person = "person",
        /// A service user of the newer access model.
        Service = "service",
    }
}

spelled! {
    /// What a [`UserIdentifier`] holds.
    IdentifierKind {
        /// The login name or e-mail as written, where that differs from the identity.
        Login = "login",
        /// A user guid beside the membership's own.
        UserGuid = "user_guid",
        /// A full name that no membership carries.
        FullName = "full_name",
    }
}

spelled! {
    /// How serious a problem is. Any error makes the snapshot partial.
    Severity {
        /// Something is missing or not understood.
        Error = "error",
        /// Something may be missing, or sources contradict each other.
        Warning = "warning",
        /// Good to know.
        Info = "info",
    }
}

/// What the whole snapshot is: when, by what, from where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// When the run began, by the clock that the command passed in. Ages are counted from here.
    pub captured_at: UtcTime,
    /// When the last answer had arrived.
    pub completed_at: UtcTime,
    /// The version of the tool that took the snapshot.
    pub tool_version: String,
    /// Where the answers came from.
    pub data_source: DataSource,
}

/// An organization of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Organization {
    /// How it is called in every output.
    pub name: Sym,
    /// The host that was asked, with a port where it is not the usual one.
    pub host: Sym,
    /// What told which accounts to expect.
    pub expected_from: ExpectedFrom,
}

/// An account of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// Its name as the API writes it.
    pub name: Sym,
    /// `<organization>/<name>` in lower case: what holds across files.
    pub account_id: Sym,
    /// The API's own key of the account.
    pub cust_guid: Option<Sym>,
    /// How far it was read.
    pub fetch_status: FetchStatus,
    /// Why it was read no further, or by which list it was covered.
    pub fetch_detail: Option<Sym>,
    /// The access model that answered; `None` where only the organization's list or nothing was read.
    pub api_model: Option<ApiModel>,
    /// Rows that its own list returned; 0 where that was not asked.
    pub rows_returned: u64,
    /// Records about this account, of its own list and the organization's.
    pub statements_received: u64,
    /// Records that said nothing new and were merged into another.
    pub duplicates_merged: u64,
    /// Who answers for it, from the configuration.
    pub owner: Option<Sym>,
    /// What it is for, from the configuration.
    pub environment: Option<Sym>,
    /// The audit scopes it is in, from the configuration, separated by `, `.
    pub audit_scope: Option<Sym>,
}

/// How each identity begins that is no e-mail: of a person, of a service user, of a row with neither name nor e-mail.
pub(crate) const NOT_EMAILS: [&str; 3] = ["local:", "service:", "unidentified:"];

/// One person, or one service user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User {
    /// What tells this user from every other: the e-mail in lower case, or a `local:`, `service:` or `unidentified:` text.
    pub identity: Sym,
    /// Person or service user.
    pub user_type: UserType,
}

/// A user's record in one account: exactly one for a user and account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Membership {
    /// Whose it is.
    pub user: UserId,
    /// Where.
    pub account: AccountId,
    /// The list it was taken from.
    pub source: RecordSource,
    /// Whether the user may sign in to this account; `None` is unknown and counts as enabled.
    pub enabled: Option<bool>,
    /// Whether the record was made by just-in-time creation at sign-in.
    pub jit_created: Option<bool>,
    /// The roles it names, as written. Groups are in [`UserGroupMember`].
    pub roles: NameListId,
    /// The user's guid, which differs from account to account; from [`Interner::append`](crate::Interner::append).
    pub user_guid: Option<Sym>,
    /// The full name as this account knows it.
    pub full_name: Option<Sym>,
    /// The company as this account knows it.
    pub company: Option<Sym>,
    /// When the record was created.
    pub created: Option<UtcTime>,
    /// When the record was last changed.
    pub updated: Option<UtcTime>,
    /// Who changed it last.
    pub updated_by: Option<Sym>,
    /// The last login.
    pub last_login: Login,
    /// The start of the last session.
    pub last_session: Login,
}

impl Membership {
    /// The last sign of life in this account: the later of last login and last session.
    pub fn last_login_here(&self) -> Login {
        self.last_login.or_later(self.last_session)
    }

    /// Whether it counts as enabled: unknown does.
    pub fn is_enabled(&self) -> bool {
        self.enabled != Some(false)
    }
}

/// A further record of a user and account that says something else than the [`Membership`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MembershipConflict {
    /// The record that lost.
    pub record: Membership,
    /// The groups it names.
    pub groups: NameListId,
}

/// Another spelling or guid of a user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserIdentifier {
    /// Whose it is.
    pub user: UserId,
    /// What it is.
    pub kind: IdentifierKind,
    /// The organization it was seen in.
    pub organization: OrganizationId,
    /// The account it was seen in; `None` where a record names no account.
    pub account: Option<AccountId>,
    /// As written.
    pub value: Sym,
}

/// A role that a user holds in a whole organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrganizationGrant {
    /// Who holds it.
    pub user: UserId,
    /// Where.
    pub organization: OrganizationId,
    /// `ORG_ADMIN`, `ORG_USER`, or an unknown text as the API wrote it.
    pub role: Sym,
    /// Off only if every record of the user in this organization is disabled.
    pub is_enabled: bool,
    /// The list whose record says so, the account's own before the organization's.
    pub source: RecordSource,
    /// The first account, by name, whose record says so; `None` where the record names no account.
    pub stated_by: Option<AccountId>,
}

/// A group of one account, newer access model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserGroup {
    /// The account that has it.
    pub account: AccountId,
    /// Its guid, the same for a built-in group everywhere; empty where the API left it out.
    pub guid: Sym,
    /// Its name.
    pub name: Sym,
    /// The role it confers; `None` for a custom group of which nobody said it: no call reveals its roles.
    pub confers: Option<Sym>,
    /// How that is known of a custom group: what the configuration says of it. `None` for a built-in group.
    pub confers_evidence: Option<Sym>,
}

/// A user's place in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserGroupMember {
    /// The group.
    pub group: GroupId,
    /// The user, who is a member of the group's account too.
    pub user: UserId,
}

/// One call to the API, by its final outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourceCall {
    /// The organization whose key was used.
    pub organization: OrganizationId,
    /// The account asked for; `None` for a call about the key or the whole organization.
    pub account: Option<AccountId>,
    /// The endpoint, `TeamMembers` for example; `TeamMembers (organization)` for the organization's list.
    pub endpoint: Sym,
    /// The page, from 1.
    pub page: u32,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// How often it was tried.
    pub attempts: u32,
    /// How many rows it returned.
    pub rows: u64,
    /// The SHA-256 of the body; `None` for no body, and for a token's.
    pub body_sha256: Option<[u8; 32]>,
}

/// Something a reader of the snapshot must know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// How serious it is.
    pub severity: Severity,
    /// What kind it is: a short name that stays, `row_not_understood` for example.
    pub code: Sym,
    /// The organization it is about.
    pub organization: Option<OrganizationId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// The page of the list, from 1.
    pub page: Option<u32>,
    /// The row of the page, from 1.
    pub row_number: Option<u64>,
    /// What happened.
    pub message: Sym,
    /// What to do about it.
    pub hint: Option<Sym>,
}
