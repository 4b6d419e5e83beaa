//! The own list of one account: read by whichever access model answers, then recorded.

use lacegraph_model::{AccountId, ApiModel, FetchStatus, OrganizationId, Severity};

use crate::error::CallError;
use crate::list::{CallRecord, Page, PageWalk};
use crate::problems::{Trouble, write_calls, write_notes};
use crate::recorder::Recording;
use crate::session::Session;
use crate::statements::{ListId, Notes, record_members, record_users};
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

/// Reads the list of an account: `TeamMembers`, and `TeamUsers` where that is switched off or refused.
///
/// Which access model an account speaks cannot be known before (vendor documentation and client source).
pub(crate) async fn read_own_list(session: &Session<'_>, target: &Target) -> OwnList {
    let (name, scope) = (Some(target.name.clone()), target.scope.clone());
    let members = PageWalk::new(session, Endpoint::TeamMembers, name.clone(), scope.clone());
    let mut list = read_pages(members, ApiModel::TeamMembers).await;
    let ListEnd::Refused(legacy) = &list.end else { return list };
    if !legacy.is_list_not_available() {
        return list;
    }
    let legacy = legacy.clone();
    let users = PageWalk::new(session, Endpoint::TeamUsers, name, scope);
    let newer = read_pages(users, ApiModel::TeamUsers).await;
    list.calls.extend(newer.calls);
    let end = match newer.end {
        ListEnd::Refused(newer) => {
            ListEnd::Refused(CallError::BothLists { legacy: Box::new(legacy), newer: Box::new(newer) })
        }
        end => end,
    };
    OwnList { calls: list.calls, end, ..newer }
}

async fn read_pages(mut walk: PageWalk<'_, '_>, model: ApiModel) -> OwnList {
    let mut list = OwnList { calls: Vec::new(), model: None, pages: Vec::new(), end: ListEnd::Whole };
    while let Some(step) = walk.next().await {
        list.calls.extend(step.call);
        match step.outcome {
            Ok(page) => list.pages.push(page),
            Err(error) if list.pages.is_empty() => {
                list.end = ListEnd::Refused(error);
                return list;
            }
            Err(error) => {
                list.end = ListEnd::Broken { page: page_after(&list.pages), error };
                break;
            }
        }
    }
    list.model = Some(model);
    if let (ListEnd::Whole, Some((rows, total))) = (&list.end, walk.shortfall()) {
        list.end = ListEnd::Short { rows, total };
    }
    list
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
}

/// Accounts that the organization's list covers say so.
pub(crate) const COVERED: &str = "covered by the organization's list";

/// Records the list of an account, and how far it was read.
pub(crate) fn record_own_list(
    recording: &mut Recording,
    organization: OrganizationId,
    target: &Target,
    list: OwnList,
    cover: Cover,
) -> Recorded {
    let OwnList { calls, model, pages, end } = list;
    let account = Some(target.id);
    write_calls(&mut recording.builder, organization, account, &calls);
    let id = ListId { organization, account: Some((target.id, target.name.clone())) };
    let mut notes = Notes::default();
    let mut rows = 0;
    for page in pages {
        rows += page.rows;
        let Some(text) = &page.text else { continue };
        match model {
            Some(ApiModel::TeamUsers) => record_users(recording, &id, page.number, text, &mut notes),
            _ => record_members(recording, &id, page.number, text, &mut notes),
        }
    }
    recording.builder.add_rows_returned(target.id, rows);
    if let Some(model) = model {
        recording.builder.set_api_model(target.id, model);
    }
    let (status, detail, trouble) = match end {
        ListEnd::Refused(error) if cover.is_cross_check => {
            recording.builder.set_status(target.id, FetchStatus::Complete, Some(COVERED));
            return Recorded { status: FetchStatus::Complete, rows, waived: Some(error) };
        }
        ListEnd::Refused(error) => {
            let status = write_failure(recording, organization, target, &error, cover.is_named);
            return Recorded { status, rows, waived: None };
        }
        ListEnd::Broken { page, error } => {
            let trouble = page_failed(&error, page);
            (FetchStatus::Incomplete, Some(format!("page {page} could not be read")), Some(trouble))
        }
        ListEnd::Short { rows, total } => {
            let detail = format!("{rows} of {total} rows arrived");
            (FetchStatus::Incomplete, Some(detail), Some(fewer_rows(rows, total)))
        }
        ListEnd::Whole if notes.own_rows == 0 && notes.foreign_rows > 0 => {
            let trouble = Trouble::new(
                Severity::Error,
                "rows_of_another_account",
                format!("all {} rows of this list carry the key of another account", notes.foreign_rows),
                "the API seems to ignore which account is asked for; give the account a key of its own",
            );
            (FetchStatus::Incomplete, Some("only rows of another account arrived".to_owned()), Some(trouble))
        }
        ListEnd::Whole if !notes.faults.is_empty() => {
            (FetchStatus::Incomplete, Some(format!("{} rows are not understood", notes.faults.len())), None)
        }
        ListEnd::Whole if rows == 0 && (cover.is_named || !cover.is_list_whole) => {
            let trouble = Trouble::new(
                Severity::Warning,
                "empty_list",
                "the account's own list is empty",
                "check in the console whether the account has members; if it has, the key's owner may not see them",
            );
            (FetchStatus::Complete, None, Some(trouble))
        }
        ListEnd::Whole => (FetchStatus::Complete, None, None),
    };
    write_notes(&mut recording.builder, organization, account, &notes);
    if let Some(trouble) = trouble {
        trouble.of(account).write(&mut recording.builder, organization);
    }
    recording.builder.set_status(target.id, status, detail.as_deref());
    Recorded { status, rows, waived: None }
}

/// Records that an account's own list could not be read: failed, or incomplete where the organization's list names it.
pub(crate) fn write_failure(
    recording: &mut Recording,
    organization: OrganizationId,
    target: &Target,
    error: &CallError,
    is_named: bool,
) -> FetchStatus {
    let (status, detail) = if is_named {
        (FetchStatus::Incomplete, format!("only what the organization's list says: {}", error.for_report()))
    } else {
        (FetchStatus::Failed, error.for_report())
    };
    Trouble::new(Severity::Error, "account_failed", error.for_report(), error.hint())
        .of(Some(target.id))
        .write(&mut recording.builder, organization);
    recording.builder.set_status(target.id, status, Some(&detail));
    status
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
