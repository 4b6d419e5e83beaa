//! Reads a database back into the snapshot it was written from.

use std::cell::Cell;
use std::path::Path;

use lacegraph_model::{
    Account, AccountId, ApiKey, ApiModel, AuditEvent, DataSource, Draft, ExpectedFrom, FetchStatus, GroupId, Header,
    IdentifierKind, Interner, Login, Membership, MembershipConflict, NameListId, OptionalSource, Organization,
    OrganizationGrant, OrganizationId, Problem, RecordSource, Settings, Severity, Snapshot, SourceCall, SourceKind,
    SourceStatus, Sym, User, UserGroup, UserGroupMember, UserId, UserIdentifier, UserType, UtcTime,
};
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, Row, Statement};

use crate::error::ExportError;

/// A run as it was stored: snapshot and settings determine everything else.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// What was observed.
    pub snapshot: Snapshot,
    /// The thresholds that the derived tables were made with.
    pub settings: Settings,
}

/// Reads the observed tables of a database.
///
/// # Errors
///
/// [`ExportError::NotOurs`], [`ExportError::Version`], [`ExportError::Sqlite`]; [`ExportError::Damaged`] where a value
/// cannot be, or where what was read does not have the id that the file claims.
pub fn read(path: &Path) -> Result<StoredRun, ExportError> {
    let database = super::open(path)?;
    let version = database.query_row("PRAGMA user_version", [], |row| row.get(0));
    let version = version.map_err(ExportError::sqlite("read", path))?;
    let reader = Reader { path, database: &database, version };
    let (id, header) = reader.header()?;
    let mut draft = Draft::new(header);
    reader.observed(&mut draft)?;
    let settings = reader.settings()?;
    let snapshot = draft.seal();
    if snapshot.id() != id {
        let what = format!("its rows make snapshot {}, it says to be {id}", snapshot.id());
        return Err(ExportError::Damaged { path: path.to_owned(), what });
    }
    Ok(StoredRun { snapshot, settings })
}

struct Reader<'a> {
    path: &'a Path,
    database: &'a Connection,
    /// Of its tables.
    version: i32,
}

/// A row on its way in: texts are numbered, keys become ids, and what cannot be is said.
struct Cells<'r, 'd> {
    row: &'r Row<'r>,
    columns: &'r Columns,
    draft: &'d mut Draft,
    counts: Counts,
}

/// Where the columns of a table stand, whatever order a file has them in.
struct Columns {
    names: Vec<String>,
    /// The one after that which was asked for last: nearly always it is the next.
    next: Cell<usize>,
}

impl Columns {
    fn of(statement: &Statement<'_>) -> Self {
        let names = statement.column_names().map(str::to_owned).collect();
        Self { names, next: Cell::new(0) }
    }

    fn place(&self, column: &str) -> rusqlite::Result<usize> {
        let next = self.next.get();
        let place = match self.names.get(next) {
            Some(name) if name == column => Some(next),
            _ => self.names.iter().position(|name| name == column),
        };
        let place = place.ok_or_else(|| rusqlite::Error::InvalidColumnName(column.to_owned()))?;
        self.next.set(place + 1);
        Ok(place)
    }
}

/// How many records of each kind there are: a key beyond them points nowhere.
#[derive(Clone, Copy, Default)]
struct Counts {
    organizations: usize,
    accounts: usize,
    users: usize,
    groups: usize,
}

/// What is wrong with a cell.
enum Fault {
    Sqlite(rusqlite::Error),
    Value { column: String },
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Reader<'_> {
    fn fault(&self, table: &str, fault: Fault) -> ExportError {
        match fault {
            // A table or column that is not there.
            Fault::Sqlite(error)
                if matches!(error, rusqlite::Error::InvalidColumnName(_))
                    || error.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown) =>
            {
                ExportError::Damaged { path: self.path.to_owned(), what: format!("{table}: {error}") }
            }
            Fault::Sqlite(error) => ExportError::sqlite("read", self.path)(error),
            Fault::Value { column } => {
                let what = format!("a value of {table}.{column} cannot be");
                ExportError::Damaged { path: self.path.to_owned(), what }
            }
        }
    }

    /// Reads all rows of a table in the order of its key, each by `take`.
    fn table<T>(
        &self,
        draft: &mut Draft,
        counts: Counts,
        table: &str,
        order: &str,
        take: impl Fn(&mut Cells<'_, '_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, ExportError> {
        let failed = |error| self.fault(table, Fault::Sqlite(error));
        let mut statement =
            self.database.prepare(&format!("SELECT * FROM {table} ORDER BY {order}")).map_err(failed)?;
        let columns = Columns::of(&statement);
        let mut rows = statement.query([]).map_err(failed)?;
        let mut records = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let mut cells = Cells { row, columns: &columns, draft: &mut *draft, counts };
            records.push(take(&mut cells).map_err(|fault| self.fault(table, fault))?);
        }
        Ok(records)
    }

    fn header(&self) -> Result<(String, Header), ExportError> {
        let unknown = Header {
            captured_at: UtcTime::from_seconds(1).ok_or_else(|| self.no_row())?,
            completed_at: UtcTime::from_seconds(1).ok_or_else(|| self.no_row())?,
            tool_version: String::new(),
            data_source: DataSource::Live,
        };
        let mut rows = self.table(&mut Draft::new(unknown), Counts::default(), "snapshot", "1", |cells| {
            let header = Header {
                captured_at: cells.required("captured_at_utc", Cells::time)?,
                completed_at: cells.required("completed_at_utc", Cells::time)?,
                tool_version: cells.get("tool_version")?,
                data_source: cells.word("data_source", DataSource::parse)?,
            };
            Ok((cells.get("snapshot_id")?, header))
        })?;
        match rows.pop() {
            Some(row) if rows.is_empty() => Ok(row),
            _ => Err(self.no_row()),
        }
    }

    fn no_row(&self) -> ExportError {
        let what = "the table snapshot has not exactly one row".to_owned();
        ExportError::Damaged { path: self.path.to_owned(), what }
    }

    fn settings(&self) -> Result<Settings, ExportError> {
        let failed = ExportError::sqlite("read", self.path);
        let value = |name: &str| {
            let sql = "SELECT setting_value FROM settings WHERE setting_name = ?";
            self.database.query_row(sql, [name], |row| row.get::<_, String>(0))
        };
        let (days, domains) = match (value("dormant_after_days"), value("internal_domains")) {
            (Ok(days), Ok(domains)) => (days, domains),
            (Err(rusqlite::Error::QueryReturnedNoRows), _) | (_, Err(rusqlite::Error::QueryReturnedNoRows)) => {
                let what = "the table settings lacks a row".to_owned();
                return Err(ExportError::Damaged { path: self.path.to_owned(), what });
            }
            (Err(error), _) | (_, Err(error)) => return Err(failed(error)),
        };
        let wrong = || self.fault("settings", Fault::Value { column: "setting_value".to_owned() });
        Ok(Settings {
            dormant_after_days: days.parse().map_err(|_| wrong())?,
            internal_domains: serde_json::from_str(&domains).map_err(|_| wrong())?,
        })
    }

    fn observed(&self, draft: &mut Draft) -> Result<(), ExportError> {
        let mut counts = Counts::default();
        draft.organizations = self.table(draft, counts, "organizations", "organization_key", |cells| {
            Ok(Organization {
                name: cells.text("organization_name")?,
                host: cells.text("api_host")?,
                expected_from: cells.word("expected_from", ExpectedFrom::parse)?,
            })
        })?;
        counts.organizations = draft.organizations.len();
        draft.accounts = self.table(draft, counts, "accounts", "account_key", |cells| cells.account())?;
        counts.accounts = draft.accounts.len();
        draft.users = self.table(draft, counts, "users", "user_key", |cells| {
            Ok(User { identity: cells.text("identity")?, user_type: cells.word("user_type", UserType::parse)? })
        })?;
        counts.users = draft.users.len();
        draft.memberships =
            self.table(draft, counts, "memberships", "user_key, account_key", |cells| cells.membership())?;
        draft.membership_conflicts = self.table(draft, counts, "membership_conflicts", "conflict_key", |cells| {
            Ok(MembershipConflict { record: cells.membership()?, groups: cells.names("group_names")? })
        })?;
        draft.user_identifiers = self.table(draft, counts, "user_identifiers", "identifier_key", |cells| {
            Ok(UserIdentifier {
                user: cells.user("user_key")?,
                kind: cells.word("identifier_kind", IdentifierKind::parse)?,
                organization: cells.organization("organization_key")?,
                account: cells.account_key("account_key")?,
                value: cells.text("identifier_value")?,
            })
        })?;
        let order = "user_key, organization_key, org_role";
        draft.organization_grants = self.table(draft, counts, "organization_grants", order, |cells| {
            Ok(OrganizationGrant {
                user: cells.user("user_key")?,
                organization: cells.organization("organization_key")?,
                role: cells.text("org_role")?,
                is_enabled: cells.get("is_enabled")?,
                source: cells.word("record_source", RecordSource::parse)?,
                stated_by: cells.account_key("stated_by_account_key")?,
            })
        })?;
        draft.user_groups = self.table(draft, counts, "user_groups", "group_key", |cells| {
            Ok(UserGroup {
                account: cells.required("account_key", Cells::account_key)?,
                guid: cells.text("group_guid")?,
                name: cells.text("group_name")?,
                confers: cells.text_opt("confers_role")?,
                confers_evidence: if self.version < 3 { None } else { cells.text_opt("confers_evidence")? },
            })
        })?;
        counts.groups = draft.user_groups.len();
        draft.user_group_members = self.table(draft, counts, "user_group_members", "group_key, user_key", |cells| {
            let group = cells.index("group_key", cells.counts.groups)?.map(GroupId::from_index);
            Ok(UserGroupMember { group: group.ok_or_else(|| wrong("group_key"))?, user: cells.user("user_key")? })
        })?;
        if self.version >= 3 {
            self.optional(draft, counts)?;
        }
        draft.source_calls = self.table(draft, counts, "source_calls", "call_key", |cells| cells.call())?;
        draft.problems = self.table(draft, counts, "problems", "problem_key", |cells| cells.problem())?;
        Ok(())
    }
}

/// What versions 1 and 2 have no tables for.
impl Reader<'_> {
    fn optional(&self, draft: &mut Draft, counts: Counts) -> Result<(), ExportError> {
        let order = "account_key, source_name";
        draft.optional_sources =
            self.table(draft, counts, "optional_sources", order, |cells| cells.optional_source())?;
        draft.audit_events = self.table(draft, counts, "audit_events", "event_key", |cells| {
            Ok(AuditEvent {
                account: cells.required("account_key", Cells::account_key)?,
                happened: cells.time("happened_at_utc")?,
                actor: cells.text_opt("actor_name")?,
                user: cells.index("user_key", cells.counts.users)?.map(UserId::from_index),
                event_name: cells.text_opt("event_name")?,
                user_action: cells.text_opt("user_action")?,
                description: cells.text_opt("event_description")?,
                stated_account: cells.text_opt("stated_account_name")?,
            })
        })?;
        draft.api_keys = self.table(draft, counts, "api_keys", "api_key_key", |cells| {
            Ok(ApiKey {
                account: cells.required("account_key", Cells::account_key)?,
                masked_id: cells.text("masked_key_id")?,
                fingerprint: cells.text("key_fingerprint")?,
                enabled: cells.get("enabled_seen")?,
                description: cells.text_opt("key_description")?,
            })
        })?;
        Ok(())
    }
}

fn wrong(column: &str) -> Fault {
    Fault::Value { column: column.to_owned() }
}

impl Cells<'_, '_> {
    fn get<T: FromSql>(&self, column: &str) -> Result<T, Fault> {
        self.row.get(self.columns.place(column)?).map_err(|error| match error {
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => wrong(column),
            other => Fault::Sqlite(other),
        })
    }

    fn str_opt(&self, column: &str) -> Result<Option<&str>, Fault> {
        match self.row.get_ref(self.columns.place(column)?)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(text) => std::str::from_utf8(text).map(Some).map_err(|_| wrong(column)),
            _ => Err(wrong(column)),
        }
    }

    fn required<T>(&mut self, column: &str, get: fn(&mut Self, &str) -> Result<Option<T>, Fault>) -> Result<T, Fault> {
        get(self, column)?.ok_or_else(|| wrong(column))
    }

    fn text_opt(&mut self, column: &str) -> Result<Option<Sym>, Fault> {
        self.numbered(column, Interner::intern)
    }

    fn numbered(&mut self, column: &str, number: fn(&mut Interner, &str) -> Sym) -> Result<Option<Sym>, Fault> {
        let text = match self.row.get_ref(self.columns.place(column)?)? {
            ValueRef::Null => return Ok(None),
            ValueRef::Text(text) => std::str::from_utf8(text).map_err(|_| wrong(column))?,
            _ => return Err(wrong(column)),
        };
        Ok(Some(number(&mut self.draft.interner, text)))
    }

    fn text(&mut self, column: &str) -> Result<Sym, Fault> {
        self.required(column, Self::text_opt)
    }

    fn word<T>(&self, column: &str, parse: fn(&str) -> Option<T>) -> Result<T, Fault> {
        self.str_opt(column)?.and_then(parse).ok_or_else(|| wrong(column))
    }

    fn time(&mut self, column: &str) -> Result<Option<UtcTime>, Fault> {
        let Some(text) = self.str_opt(column)? else { return Ok(None) };
        UtcTime::parse_sql(text).map(Some).ok_or_else(|| wrong(column))
    }

    fn login(&mut self, seen: &str, column: &str) -> Result<Login, Fault> {
        let time = self.time(column)?;
        match (self.str_opt(seen)?, time) {
            (Some("time"), Some(time)) => Ok(Login::at(time)),
            (Some("never"), None) => Ok(Login::NEVER),
            (Some("unknown"), None) => Ok(Login::UNKNOWN),
            _ => Err(wrong(seen)),
        }
    }

    fn names(&mut self, column: &str) -> Result<NameListId, Fault> {
        let text = self.str_opt(column)?.unwrap_or_default();
        let names: Vec<String> = serde_json::from_str(text).map_err(|_| wrong(column))?;
        let names: Vec<Sym> = names.iter().map(|name| self.draft.interner.intern(name)).collect();
        Ok(self.draft.name_lists.intern(&names))
    }

    /// A key as a place among `count` records.
    fn index(&self, column: &str, count: usize) -> Result<Option<usize>, Fault> {
        let Some(key) = self.get::<Option<i64>>(column)? else { return Ok(None) };
        let index = key.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        index.filter(|&index| index < count).map(Some).ok_or_else(|| wrong(column))
    }

    fn organization(&self, column: &str) -> Result<OrganizationId, Fault> {
        let index = self.index(column, self.counts.organizations)?;
        index.map(OrganizationId::from_index).ok_or_else(|| wrong(column))
    }

    fn account_key(&mut self, column: &str) -> Result<Option<AccountId>, Fault> {
        Ok(self.index(column, self.counts.accounts)?.map(AccountId::from_index))
    }

    fn user(&self, column: &str) -> Result<UserId, Fault> {
        self.index(column, self.counts.users)?.map(UserId::from_index).ok_or_else(|| wrong(column))
    }

    fn account(&mut self) -> Result<Account, Fault> {
        let api_model =
            self.str_opt("api_model")?.map(|model| ApiModel::parse(model).ok_or_else(|| wrong("api_model")));
        Ok(Account {
            organization: self.organization("organization_key")?,
            name: self.text("account_name")?,
            account_id: self.text("account_id")?,
            cust_guid: self.text_opt("cust_guid")?,
            fetch_status: self.word("fetch_status", FetchStatus::parse)?,
            fetch_detail: self.text_opt("fetch_detail")?,
            api_model: api_model.transpose()?,
            rows_returned: self.get("rows_returned")?,
            statements_received: self.get("statements_received")?,
            duplicates_merged: self.get("duplicates_merged")?,
            owner: self.text_opt("account_owner")?,
            environment: self.text_opt("environment")?,
            audit_scope: self.text_opt("audit_scope")?,
        })
    }

    fn membership(&mut self) -> Result<Membership, Fault> {
        Ok(Membership {
            user: self.user("user_key")?,
            account: self.required("account_key", Self::account_key)?,
            source: self.word("record_source", RecordSource::parse)?,
            enabled: self.get("enabled_seen")?,
            jit_created: self.get("jit_created")?,
            roles: self.names("role_names")?,
            user_guid: self.numbered("user_guid", Interner::append)?,
            full_name: self.text_opt("full_name")?,
            company: self.text_opt("company")?,
            created: self.time("created_at_utc")?,
            updated: self.time("updated_at_utc")?,
            updated_by: self.text_opt("updated_by")?,
            last_login: self.login("last_login_seen", "last_login_utc")?,
            last_session: self.login("last_session_seen", "last_session_utc")?,
        })
    }

    fn optional_source(&mut self) -> Result<OptionalSource, Fault> {
        let window = match (self.time("window_start_utc")?, self.time("window_end_utc")?) {
            (Some(start), Some(end)) => Some((start, end)),
            (None, None) => None,
            _ => return Err(wrong("window_start_utc")),
        };
        Ok(OptionalSource {
            account: self.required("account_key", Self::account_key)?,
            kind: self.word("source_name", SourceKind::parse)?,
            status: self.word("read_status", SourceStatus::parse)?,
            detail: self.text_opt("read_detail")?,
            window,
            rows: self.get("rows_returned")?,
        })
    }

    fn call(&mut self) -> Result<SourceCall, Fault> {
        let digest = self.str_opt("body_sha256")?;
        let digest = digest.map(|hex| crate::unhex(hex).ok_or_else(|| wrong("body_sha256"))).transpose()?;
        Ok(SourceCall {
            organization: self.organization("organization_key")?,
            account: self.account_key("account_key")?,
            endpoint: self.text("endpoint")?,
            page: self.get("page")?,
            status: self.get("http_status")?,
            attempts: self.get("attempts")?,
            rows: self.get("row_count")?,
            body_sha256: digest,
        })
    }

    fn problem(&mut self) -> Result<Problem, Fault> {
        let organization = self.index("organization_key", self.counts.organizations)?;
        Ok(Problem {
            severity: self.word("severity", Severity::parse)?,
            code: self.text("problem_code")?,
            organization: organization.map(OrganizationId::from_index),
            account: self.account_key("account_key")?,
            page: self.get("page")?,
            row_number: self.get("row_number")?,
            message: self.text("message")?,
            hint: self.text_opt("hint")?,
        })
    }
}
