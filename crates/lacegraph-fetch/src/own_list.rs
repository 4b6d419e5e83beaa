//! The own list of one account: read by whichever access model answers, then recorded.

use lacegraph_model::{AccountId, ApiModel, FetchStatus, OrganizationId, Severity};

use crate::error::CallError;
use crate::list::{CallRecord, Page, PageWalk};
use crate::plan::ModelChoice;
use crate::problems::{Trouble, write_calls, write_notes};
use crate::recorder::{Recording, Turn};
use crate::session::Session;
use crate::statements::{ListId, Listed, Notes, PageRows};
use crate::transport::{Endpoint, Scope};

/// An account that is to be read.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    /// The place of its own session; `None` for the organization's.
    pub(crate) session: Option<usize>,
    /// Which data set to ask for: the account by name, or the host's primary account.
    pub(crate) scope: Scope,
    /// Why it cannot be asked at all.
    pub(crate) obstacle: Option<CallError>,
    /// What is known of the user whose key asks.
    pub(crate) asker: Asker,
    /// Whether the directory of the organization's key lists it, and that key asks.
    pub(crate) is_in_directory: bool,
}

/// What is known of the user whose key asks for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// An administrator, who sees every member.
    Admin,
    /// Somebody, by name in lower case, who may be shown nobody else.
    NoAdmin(String),
    /// The API does not tell.
    Unknown,
}

/// What came of asking an account for its own list.
pub(crate) struct OwnList {
    pub(crate) calls: Vec<CallRecord>,
    pub(crate) model: Option<ApiModel>,
    pub(crate) pages: Vec<Page>,
    pub(crate) end: ListEnd,
}

/// How a list ended.
#[derive(Clone, Debug)]
pub(crate) enum ListEnd {
    /// At its end.
    Whole,
    /// At its end, but with fewer rows than the API promised.
    Short { rows: u64, total: u64 },
    /// In the middle.
    Broken { page: u32, error: CallError },
    /// Before its first page.
    Refused(CallError),
}

/// Reads the list of an account: `TeamMembers`, and `TeamUsers` where that is switched off, refused or empty.
///
/// Which access model an account speaks cannot be known before (vendor documentation and client source), nor how a list
/// that is switched off is answered. Where the plan says which, that one alone is asked for. Where all is refused because the
/// token has died, all is asked for again.
pub(crate) async fn read_own_list(session: &Session<'_>, target: &Target, choice: ModelChoice) -> OwnList {
    let before = session.generation().await;
    let list = ask_for_list(session, target, choice).await;
    let is_forbidden =
        matches!(&list.end, ListEnd::Refused(error) if error.is_refusal() && error.status() == Some(403));
    if is_forbidden && session.has_new_token(before).await {
        return ask_for_list(session, target, choice).await;
    }
    list
}

async fn ask_for_list(session: &Session<'_>, target: &Target, choice: ModelChoice) -> OwnList {
    let (name, scope) = (Some(target.name.clone()), target.scope.clone());
    if choice == ModelChoice::TeamUsers {
        let users = PageWalk::new(session, Endpoint::TeamUsers, name, scope);
        return read_pages(users, ApiModel::TeamUsers).await;
    }
    let members = PageWalk::new(session, Endpoint::TeamMembers, name.clone(), scope.clone());
    let mut list = read_pages(members, ApiModel::TeamMembers).await;
    if choice == ModelChoice::TeamMembers {
        return list;
    }
    let legacy = match &list.end {
        ListEnd::Refused(legacy) if legacy.is_list_not_available() => Some(legacy.clone()),
        ListEnd::Whole if list.rows() == 0 => None,
        _ => return list,
    };
    let users = PageWalk::new(session, Endpoint::TeamUsers, name, scope);
    let mut newer = read_pages(users, ApiModel::TeamUsers).await;
    list.calls.append(&mut newer.calls);
    let end = match (newer.end, legacy) {
        (ListEnd::Refused(newer), Some(legacy)) => {
            ListEnd::Refused(CallError::BothLists { legacy: Box::new(legacy), newer: Box::new(newer) })
        }
        // The older list is empty and the newer one is not offered: then there are no members.
        (ListEnd::Refused(newer), None) if newer.is_refusal() => return list,
        (ListEnd::Whole, None) if newer.pages.iter().all(|page| page.rows == 0) => return list,
        (end, _) => end,
    };
    OwnList { calls: list.calls, end, ..newer }
}

impl OwnList {
    pub(crate) fn rows(&self) -> u64 {
        self.pages.iter().map(|page| page.rows).sum()
    }
}

impl Target {
    /// The list of this account.
    pub(crate) fn list_id(&self, organization: OrganizationId) -> ListId {
        let is_primary = self.scope == Scope::Primary;
        ListId { organization, account: Some((self.id, self.name.clone())), is_primary }
    }
}

/// Parses a page of an account's own list and, when its turn has come, records its rows; what is noticed is kept for
/// [`record_own_list`], which must follow before any other list.
pub(crate) fn record_page(turn: Turn, list: &ListId, model: ApiModel, page: &Page) -> Option<()> {
    let Some(text) = &page.text else { return Some(()) };
    let rows = PageRows::parse(model, text);
    turn.take(|recording| {
        let mut notes = std::mem::take(&mut recording.notes);
        rows.record(recording, list, page.number, &mut notes);
        recording.notes = notes;
    })
}

async fn read_pages(walk: PageWalk<'_, '_>, model: ApiModel) -> OwnList {
    let Walked { calls, pages, end } = Walked::to_end(walk).await;
    // Which model an account speaks shows in an answer.
    let model = (!matches!(end, ListEnd::Refused(_))).then_some(model);
    OwnList { calls, model, pages, end }
}

/// A list as far as it could be read.
pub(crate) struct Walked {
    pub(crate) calls: Vec<CallRecord>,
    pub(crate) pages: Vec<Page>,
    pub(crate) end: ListEnd,
}

impl Walked {
    /// Reads every page.
    pub(crate) async fn to_end(mut walk: PageWalk<'_, '_>) -> Self {
        let (mut calls, mut pages, mut end) = (Vec::new(), Vec::<Page>::new(), ListEnd::Whole);
        while let Some(step) = walk.next().await {
            calls.extend(step.call);
            match step.outcome {
                Ok(page) => pages.push(page),
                Err(error) => {
                    let page = page_after(&pages);
                    end = if pages.is_empty() { ListEnd::Refused(error) } else { ListEnd::Broken { page, error } };
                    break;
                }
            }
        }
        if let (ListEnd::Whole, Some((rows, total))) = (&end, walk.shortfall()) {
            end = ListEnd::Short { rows, total };
        }
        Self { calls, pages, end }
    }
}

fn page_after(pages: &[Page]) -> u32 {
    pages.last().map_or(1, |page| page.number + 1)
}

/// What else is known of an account when its own list is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cover {
    /// A complete list of the organization names it, and its own list is asked for as a cross-check alone.
    pub(crate) is_cross_check: bool,
    /// The organization's list, complete or not, names it.
    pub(crate) is_named: bool,
    /// The organization's list is complete, so that an account without members is credible.
    pub(crate) is_list_whole: bool,
}

/// What recording a list showed.
pub(crate) struct Recorded {
    pub(crate) status: FetchStatus,
    /// Rows that arrived.
    pub(crate) rows: u64,
    /// Why nothing arrived, where that mattered not yet.
    pub(crate) waived: Option<CallError>,
    /// Who is in the list.
    pub(crate) people: Listed,
    /// Whether the API refused it.
    pub(crate) is_refused: bool,
}

impl Recorded {
    /// What is said of an account that could not be read.
    pub(crate) fn without_rows(status: FetchStatus, is_refused: bool) -> Self {
        Self { status, rows: 0, waived: None, people: Listed::Nobody, is_refused }
    }
}

/// Accounts that the organization's list covers say so.
pub(crate) const COVERED: &str = "covered by the organization's list";

/// Records how far the list of an account was read, after its pages, which had `rows` rows.
pub(crate) fn record_own_list(
    recording: &mut Recording,
    organization: OrganizationId,
    target: &Target,
    list: OwnList,
    rows: u64,
    cover: Cover,
) -> Recorded {
    let OwnList { calls, model, end, .. } = list;
    let account = Some(target.id);
    write_calls(&mut recording.builder, organization, account, &calls);
    let mut notes: Notes = std::mem::take(&mut recording.notes);
    let is_known = target.scope != Scope::Primary || name_primary(recording, organization, target, &mut notes);
    recording.builder.add_rows_returned(target.id, rows);
    if let Some(model) = model {
        recording.builder.set_api_model(target.id, model);
    }
    let (status, detail, trouble) = match end {
        ListEnd::Refused(error) if cover.is_cross_check => {
            recording.builder.set_status(target.id, FetchStatus::Complete, Some(COVERED));
            return Recorded { waived: Some(error), ..Recorded::without_rows(FetchStatus::Complete, false) };
        }
        ListEnd::Refused(error) => {
            let status = write_failure(recording, organization, target, &error, cover.is_named);
            return Recorded::without_rows(status, error.is_refusal());
        }
        ListEnd::Broken { page, error } => {
            let trouble = page_failed(&error, page);
            (FetchStatus::Incomplete, Some(format!("page {page} could not be read")), Some(trouble))
        }
        ListEnd::Short { rows, total } => {
            let detail = format!("{rows} of {total} rows arrived");
            (FetchStatus::Incomplete, Some(detail), Some(fewer_rows(rows, total)))
        }
        ListEnd::Whole if !is_known => {
            let message = "the primary account was asked for without a name, and its rows name several accounts or others \
                           than the organization's list: whose list it is is not certain";
            let hint = "name the accounts in the configuration";
            let trouble = Trouble::new(Severity::Error, "primary_account_unknown", message, hint);
            (FetchStatus::Incomplete, Some("which account answered is not certain".to_owned()), Some(trouble))
        }
        ListEnd::Whole if notes.own_rows == 0 && notes.foreign_rows > 0 => {
            let message = format!("all {} rows of this list are about other accounts", notes.foreign_rows);
            (FetchStatus::Incomplete, Some(FOREIGN.to_owned()), Some(foreign(message)))
        }
        ListEnd::Whole if !notes.faults.is_empty() => {
            (FetchStatus::Incomplete, Some(format!("rows not understood: {}", notes.faults.len())), None)
        }
        ListEnd::Whole if rows == 0 && (cover.is_named || !cover.is_list_whole) => {
            (FetchStatus::Complete, None, Some(empty_list()))
        }
        ListEnd::Whole if matches!((&notes.people, &target.asker), (Listed::One(one), Asker::NoAdmin(owner)) if one == owner) => {
            (FetchStatus::Incomplete, Some(OWNER_ALONE.to_owned()), Some(only_the_key_owner(true)))
        }
        ListEnd::Whole => (FetchStatus::Complete, None, None),
    };
    write_notes(&mut recording.builder, organization, account, &notes);
    if let Some(trouble) = trouble {
        trouble.of(account).write(&mut recording.builder, organization);
    }
    if notes.own_rows > 0 && notes.foreign_rows > 0 {
        let rows = count_of_rows(notes.foreign_rows);
        let message = format!("{rows} of the account's own list name only other accounts");
        let hint =
            "what they say is recorded for those accounts; check in the console whether they are members here too";
        Trouble::new(Severity::Warning, "rows_name_other_accounts", message, hint)
            .of(account)
            .write(&mut recording.builder, organization);
    }
    recording.builder.set_status(target.id, status, detail.as_deref());
    let is_repeated = compare_with_other_lists(recording, organization, target, &calls, &mut notes);
    let status = if is_repeated && status == FetchStatus::Complete {
        recording.builder.set_status(target.id, FetchStatus::Incomplete, Some(REPEATED));
        FetchStatus::Incomplete
    } else {
        status
    };
    Recorded { status, rows, waived: None, people: notes.people, is_refused: false }
}

const FOREIGN: &str = "only rows of another account arrived";
const REPEATED: &str = "the same rows came for another account";
/// Why a list that shows the key's owner alone is not believed.
pub(crate) const OWNER_ALONE: &str = "only the key's own user arrived";

fn foreign(message: String) -> Trouble {
    let hint = "the API seems to ignore which account is asked for; give the account a key of its own";
    Trouble::new(Severity::Error, "rows_of_another_account", message, hint)
}

/// A list that may have been cut down to the key's owner: that is how a key whose owner is no admin is answered, without
/// any error (seen in the field).
pub(crate) fn only_the_key_owner(is_known: bool) -> Trouble {
    let message = if is_known {
        "the list names the key's own user alone, who is no admin here; other members may be hidden"
    } else {
        "every list that was read names one and the same user alone, perhaps the key's own; other members may be hidden"
    };
    let hint = "use the key of an organization admin, or a key of an admin of the account";
    Trouble::new(Severity::Error, "only_the_key_owner", message, hint)
}

fn count_of_rows(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

/// Takes the only account that the rows of the primary account's list name for that account, instead of the stand-in it
/// was asked under. Gives whether the account is known then.
fn name_primary(recording: &mut Recording, organization: OrganizationId, target: &Target, notes: &mut Notes) -> bool {
    if notes.named.is_empty() || notes.named.contains(&target.id) {
        return true;
    }
    let is_named = recording.builder.accounts_named_by_organization_list(organization).contains(&target.id);
    let (Some(&account), 1, false) = (notes.named.first(), notes.named.len(), is_named) else { return false };
    recording.take_for(organization, target.id, account);
    notes.own_rows += std::mem::take(&mut notes.foreign_rows);
    true
}

/// Reports a list that repeats what the own list of another account said, on both; gives whether it does.
///
/// Users' guids differ from account to account (vendor client source); a list without them repeats another one where a
/// page is the same to the byte and names no account.
fn compare_with_other_lists(
    recording: &mut Recording,
    organization: OrganizationId,
    target: &Target,
    calls: &[CallRecord],
    notes: &mut Notes,
) -> bool {
    let bodies = calls.iter().filter(|call| call.rows > 0).filter_map(|call| call.body_sha256);
    let bodies: Vec<[u8; 32]> = if notes.unnamed_rows > 0 { bodies.collect() } else { Vec::new() };
    let mut others = std::mem::take(&mut notes.shared_guids);
    for other in bodies.iter().filter_map(|body| recording.list_with_body(organization, body)) {
        others.entry(other).or_insert(0);
    }
    others.remove(&target.id);
    if others.is_empty() {
        recording.remember(organization, target.id, std::mem::take(&mut notes.guids), bodies);
        return false;
    }
    let views = recording.builder.accounts(organization);
    for (&other, &rows) in &others {
        let view = views.iter().find(|view| view.id == other);
        let what = match rows {
            0 => "a page of this list is the same".to_owned(),
            1 => "1 row of this list has a user's guid".to_owned(),
            rows => format!("{rows} rows of this list have users' guids"),
        };
        let (here, there) = (&target.name, view.map_or("?", |view| view.name.as_str()));
        let as_in = if rows == 0 { "as in" } else { "that stand in" };
        foreign(format!("{what} {as_in} the list of account {there}; both may be the list of one account"))
            .of(Some(target.id))
            .write(&mut recording.builder, organization);
        if recording.is_first_report(organization, other) {
            foreign(format!("rows of this list came for account {here} too; both may be the list of one account"))
                .of(Some(other))
                .write(&mut recording.builder, organization);
        }
        if view.is_some_and(|view| view.status == FetchStatus::Complete) {
            recording.builder.set_status(other, FetchStatus::Incomplete, Some(REPEATED));
        }
    }
    recording.remember(organization, target.id, std::mem::take(&mut notes.guids), bodies);
    true
}

/// Records that an account's own list could not be read: failed, or incomplete where the organization's list names it.
pub(crate) fn write_failure(
    recording: &mut Recording,
    organization: OrganizationId,
    target: &Target,
    error: &CallError,
    is_named: bool,
) -> FetchStatus {
    let (code, message) = match (error.is_refusal(), target.is_in_directory) {
        (true, true) => (
            "account_refused",
            format!("the directory lists this account, but its list is refused: {}", error.for_report()),
        ),
        (true, false) => ("account_refused", format!("the account's list is refused: {}", error.for_report())),
        (false, _) => ("account_failed", error.for_report()),
    };
    let (status, detail) = if is_named {
        (FetchStatus::Incomplete, format!("only what the organization's list says: {message}"))
    } else {
        (FetchStatus::Failed, message.clone())
    };
    Trouble::new(Severity::Error, code, message, error.hint())
        .of(Some(target.id))
        .write(&mut recording.builder, organization);
    recording.builder.set_status(target.id, status, Some(&detail));
    status
}

/// Nothing proves that an account without rows has no members.
pub(crate) fn empty_list() -> Trouble {
    Trouble::new(
        Severity::Warning,
        "empty_list",
        "the account's own list is empty",
        "check in the console whether the account has members; if it has, the key's owner may not see them",
    )
}

pub(crate) fn page_failed(error: &CallError, page: u32) -> Trouble {
    Trouble::new(Severity::Error, "page_failed", error.for_report(), error.hint()).on(page)
}

pub(crate) fn fewer_rows(rows: u64, total: u64) -> Trouble {
    Trouble::new(
        Severity::Error,
        "fewer_rows_than_total",
        format!("{rows} rows arrived, the API announced {total}"),
        "run again; if it stays so, members may be hidden from the key's owner",
    )
}
