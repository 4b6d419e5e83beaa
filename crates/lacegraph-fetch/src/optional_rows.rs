//! From rows of audit logs and lists of API keys to what they say.

use lacegraph_model::{STAGE, Severity, SnapshotBuilder, SourceKind, StatedEvent, StatedKey};

use crate::credential::{fingerprint, masked_id};
use crate::own_list::Target;
use crate::problems::Trouble;
use crate::transport::{Endpoint, Scope};
use crate::wire::{ApiKeyEntry, AuditLogEntry, ParsedRows, RowFault, Text};

/// The problem of a list beside the members that was not read whole: a warning, for the members are.
pub(crate) const INCOMPLETE: &str = "source_incomplete";

/// Rows of one list that are told one by one; the rest is counted.
const ROWS_TOLD: usize = 100;

/// The rows of a page, parsed and not yet recorded.
pub(crate) enum SourceRows<'b> {
    AuditLog(ParsedRows<AuditLogEntry<'b>>),
    ApiKeys(ParsedRows<ApiKeyEntry<'b>>),
}

/// What was noticed while rows were recorded.
#[derive(Debug, Default)]
pub(crate) struct Noticed {
    /// Rows that are not understood: page and row, from 1.
    pub(crate) faults: Vec<(u32, u64, RowFault)>,
    /// Rows that name another account than the one that was asked.
    foreign_rows: u64,
}

impl<'b> SourceRows<'b> {
    /// Parses the body of a page.
    pub(crate) fn parse(kind: SourceKind, body: &'b str) -> Self {
        let _stage = tracing::info_span!(target: STAGE, "parse").entered();
        match kind {
            SourceKind::AuditLog => Self::AuditLog(ParsedRows::of(body)),
            SourceKind::ApiKeys => Self::ApiKeys(ParsedRows::of(body)),
        }
    }

    /// Records them for the account that was asked.
    pub(crate) fn record(self, builder: &mut SnapshotBuilder, target: &Target, page: u32, noticed: &mut Noticed) {
        match self {
            Self::AuditLog(rows) => {
                each(rows, page, noticed, |row, noticed| record_event(builder, target, row, noticed));
            }
            Self::ApiKeys(rows) => each(rows, page, noticed, |row, _| record_key(builder, target, row)),
        }
    }
}

fn each<T>(
    rows: ParsedRows<T>,
    page: u32,
    noticed: &mut Noticed,
    mut record: impl FnMut(&T, &mut Noticed) -> Result<(), RowFault>,
) {
    rows.each(|number, row| {
        let fault = row.and_then(|row| record(&row, noticed)).err();
        noticed.faults.extend(fault.map(|fault| (page, number, fault)));
    });
}

fn record_event(
    builder: &mut SnapshotBuilder,
    target: &Target,
    row: &AuditLogEntry<'_>,
    noticed: &mut Noticed,
) -> Result<(), RowFault> {
    if row.is_empty() {
        return Err(RowFault::new(".", "no time, no user and no event: nothing to record"));
    }
    let is_asked = |name: &&str| name.to_lowercase() == target.name.trim().to_lowercase();
    let stated_account = row.account_name.non_empty().filter(|name| !is_asked(name));
    // The name of a primary account that was asked for without one is not certain.
    noticed.foreign_rows += u64::from(stated_account.is_some() && target.scope != Scope::Primary);
    builder.audit_event(
        target.id,
        &StatedEvent {
            happened: row.created_time.time(),
            actor: row.user_name.non_empty(),
            event_name: row.event_name.non_empty(),
            user_action: row.user_action.non_empty(),
            description: row.event_description.non_empty(),
            stated_account,
        },
    );
    Ok(())
}

fn record_key(builder: &mut SnapshotBuilder, target: &Target, row: &ApiKeyEntry<'_>) -> Result<(), RowFault> {
    let key_id = row.key_id.non_empty().ok_or_else(|| RowFault::new("keyId", "expected the id of a key"))?;
    let description = row.props.as_ref().map(|props| &props.description).and_then(Text::non_empty);
    let (masked_id, fingerprint) = (masked_id(key_id), fingerprint(key_id));
    let enabled = row.enabled.0;
    builder.api_key(target.id, &StatedKey { masked_id: &masked_id, fingerprint: &fingerprint, enabled, description });
    Ok(())
}

impl Noticed {
    /// What there is to tell of the rows.
    pub(crate) fn troubles(&self, endpoint: Endpoint) -> Vec<Trouble> {
        const HINT: &str = "look at this row in the console; if the form of the answer has changed, please report it";
        let warning = |code, message: String, hint: &str| Trouble::new(Severity::Warning, code, message, hint);
        let told = self.faults.iter().take(ROWS_TOLD).map(|(page, number, fault)| {
            let message = format!("a row of {endpoint} is not understood: {}", fault.in_row(*number));
            warning(INCOMPLETE, message, HINT).on(*page).in_row(*number)
        });
        let more = self.faults.len().checked_sub(ROWS_TOLD).filter(|&more| more > 0);
        let more =
            more.map(|more| warning(INCOMPLETE, format!("{more} more rows of {endpoint} are not understood"), HINT));
        let foreign = (self.foreign_rows > 0).then(|| {
            let rows = if self.foreign_rows == 1 { "1 row".to_owned() } else { format!("{} rows", self.foreign_rows) };
            warning(
                "events_of_other_accounts",
                format!("{rows} of this account's {endpoint} name other accounts; they are kept here, with that name"),
                "look whether the other accounts have the same events: then the API ignores which account is asked for",
            )
        });
        told.chain(more).chain(foreign).collect()
    }
}
