//! Single questions to a stored run; each reads only the rows it needs.

use std::path::{Path, PathBuf};

use lacegraph_model::{GrantOrigin, path_text};
use rusqlite::{Connection, Row};
use serde::Serialize;

use crate::error::ExportError;

/// A stored run, open for questions.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    connection: Connection,
}

/// What a run is, for the first line of every answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunInfo {
    /// Capture time and hash.
    pub snapshot_id: String,
    /// `YYYY-MM-DD HH:MM:SS` in UTC.
    pub captured_at_utc: String,
    /// `complete` or `partial`.
    pub snapshot_status: String,
    /// `live`, `capture` or `demo`.
    pub data_source: String,
    /// The hosts that were asked.
    pub source_hosts: String,
}

/// A user, as `users` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns of `users`, described in schema.sql")]
pub struct UserRow {
    pub identity: String,
    pub user_type: String,
    pub full_name: Option<String>,
    pub is_enabled: bool,
    pub is_org_admin: bool,
    pub is_org_user: bool,
    pub highest_privilege: String,
    pub account_count: i64,
    pub admin_account_count: i64,
    pub login_state: String,
    pub last_login_anywhere_utc: Option<String>,
    pub days_since_login: Option<i64>,
}

/// An account, as `accounts` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns of `accounts`, described in schema.sql")]
pub struct AccountRow {
    pub organization_name: String,
    pub account_id: String,
    pub account_name: String,
    pub fetch_status: String,
    pub fetch_detail: Option<String>,
}

/// A grant, as `v_access` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns of `v_access`, described in schema.sql")]
pub struct AccessRow {
    pub organization_name: String,
    pub account_id: String,
    pub account_name: String,
    pub fetch_status: String,
    pub identity: String,
    pub full_name: Option<String>,
    pub role_name: String,
    pub access_level: String,
    pub is_privileged: Option<bool>,
    pub grant_origin: String,
    pub group_name: Option<String>,
    pub is_enabled: bool,
    pub is_strongest: bool,
    pub is_effective: bool,
    pub has_unresolved_group: bool,
    pub login_state: String,
    pub days_since_login: Option<i64>,
}

impl AccessRow {
    /// The path of the grant: `ann@example.com -holds-> acme:ORG_ADMIN -implies-> ACME-PROD:ADMIN`.
    pub fn path(&self) -> String {
        let origin = GrantOrigin::parse(&self.grant_origin).unwrap_or(GrantOrigin::Direct);
        let Self { identity, organization_name, account_name, role_name, group_name, .. } = self;
        path_text(identity, organization_name, account_name, role_name, origin, group_name.as_deref())
    }
}

/// A role in a whole organization, as `organization_grants` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns of `organization_grants`, described in schema.sql")]
pub struct OrganizationRoleRow {
    pub organization_name: String,
    pub org_role: String,
    pub is_enabled: bool,
}

/// A problem, with the names of what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns of `problems`, described in schema.sql")]
pub struct ProblemRow {
    pub severity: String,
    pub problem_code: String,
    pub account_id: Option<String>,
    pub message: String,
    pub hint: Option<String>,
}

const ACCESS: &str =
    "SELECT o.organization_name, a.account_id, a.account_name, a.fetch_status, u.identity, u.full_name,
        r.role_name, r.access_level, r.is_privileged, s.grant_origin, s.group_name, g.is_enabled, g.is_strongest,
        g.is_effective, g.has_unresolved_group, u.login_state, u.days_since_login
    FROM access_grants g
    JOIN users u ON u.user_key = g.user_key
    JOIN accounts a ON a.account_key = g.account_key
    JOIN organizations o ON o.organization_key = a.organization_key
    JOIN roles r ON r.role_key = g.role_key
    JOIN grant_sources s ON s.source_key = g.source_key";

/// The order of strength, as the model has it: privilege, origin, role name, source.
const STRONGEST_FIRST: &str = "r.privilege_rank DESC,
    CASE s.grant_origin WHEN 'org_admin' THEN 1 WHEN 'org_user' THEN 2 WHEN 'direct' THEN 3 ELSE 4 END,
    r.role_name, g.role_key, g.source_key";

impl Database {
    /// Opens the database of a run: the file itself, or the directory that holds it.
    ///
    /// # Errors
    ///
    /// [`ExportError::NotOurs`], [`ExportError::Version`], [`ExportError::Sqlite`].
    pub fn open(run: &Path) -> Result<Self, ExportError> {
        let path = if run.is_dir() { run.join(crate::DATABASE_FILE) } else { run.to_owned() };
        let connection = super::open(&path)?;
        Ok(Self { path, connection })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the run is.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn info(&self) -> Result<RunInfo, ExportError> {
        let sql = "SELECT snapshot_id, captured_at_utc, snapshot_status, data_source, source_hosts FROM snapshot";
        let mut rows = self.rows(sql, &[], |row| {
            Ok(RunInfo {
                snapshot_id: row.get(0)?,
                captured_at_utc: row.get(1)?,
                snapshot_status: row.get(2)?,
                data_source: row.get(3)?,
                source_hosts: row.get(4)?,
            })
        })?;
        let what = || "the table snapshot is empty".to_owned();
        rows.pop().ok_or_else(|| ExportError::Damaged { path: self.path.clone(), what: what() })
    }

    /// The user of that identity, in any case.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn user(&self, identity: &str) -> Result<Option<UserRow>, ExportError> {
        const SQL: &str = "SELECT identity, user_type, full_name, is_enabled, is_org_admin, is_org_user,
            highest_privilege, account_count, admin_account_count, login_state, last_login_anywhere_utc, days_since_login
            FROM users WHERE identity = ?";
        let user = |text: &str| self.rows(SQL, &[&text], user_row).map(|mut rows| rows.pop());
        // A guid inside an identity keeps its case, everything else is in lower case.
        Ok(match user(identity.trim())? {
            Some(user) => Some(user),
            None => user(&identity.trim().to_lowercase())?,
        })
    }

    /// Identities that contain `part`, or whose full name does, at most `limit` of them, for "did you mean".
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn similar_users(&self, part: &str, limit: u32) -> Result<Vec<String>, ExportError> {
        let name = part.trim().to_lowercase();
        let name = name.split('@').next().unwrap_or_default();
        let sql = "SELECT identity FROM users
            WHERE ?1 <> '' AND (instr(identity, ?1) > 0 OR instr(lower(full_name), ?1) > 0) ORDER BY identity LIMIT ?2";
        self.rows(sql, &[&name, &limit], |row| row.get(0))
    }

    /// The roles of a user in whole organizations, those of unknown meaning too.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn organization_roles_of(&self, identity: &str) -> Result<Vec<OrganizationRoleRow>, ExportError> {
        let sql = "SELECT o.organization_name, g.org_role, g.is_enabled FROM organization_grants g
            JOIN users u ON u.user_key = g.user_key JOIN organizations o ON o.organization_key = g.organization_key
            WHERE u.identity = ? ORDER BY g.organization_key, g.org_role";
        self.rows(sql, &[&identity], |row| {
            Ok(OrganizationRoleRow { organization_name: row.get(0)?, org_role: row.get(1)?, is_enabled: row.get(2)? })
        })
    }

    /// The accounts of that name: `NAME` or `ORGANIZATION/NAME`, in any case.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn accounts(&self, name: &str) -> Result<Vec<AccountRow>, ExportError> {
        let wanted = name.trim().to_lowercase();
        let mut accounts = self.all_accounts()?;
        accounts.retain(|account| account.account_id == wanted || account.account_name.to_lowercase() == wanted);
        Ok(accounts)
    }

    /// All accounts, by `account_id`.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn all_accounts(&self) -> Result<Vec<AccountRow>, ExportError> {
        let sql = "SELECT o.organization_name, a.account_id, a.account_name, a.fetch_status, a.fetch_detail
            FROM accounts a JOIN organizations o ON o.organization_key = a.organization_key ORDER BY a.account_key";
        self.rows(sql, &[], |row| {
            Ok(AccountRow {
                organization_name: row.get(0)?,
                account_id: row.get(1)?,
                account_name: row.get(2)?,
                fetch_status: row.get(3)?,
                fetch_detail: row.get(4)?,
            })
        })
    }

    /// Every grant of a user, by account; in each account the strongest first.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn access_of(&self, identity: &str) -> Result<Vec<AccessRow>, ExportError> {
        let sql = format!("{ACCESS} WHERE u.identity = ? ORDER BY g.account_key, {STRONGEST_FIRST}");
        self.rows(&sql, &[&identity], access_row)
    }

    /// Every grant in an account, most privileged users first; for each user the strongest first.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn access_to(&self, account_id: &str) -> Result<Vec<AccessRow>, ExportError> {
        let sql = format!(
            "{ACCESS} JOIN access_grants t ON t.user_key = g.user_key AND t.account_key = g.account_key AND t.is_strongest = 1
             JOIN roles tr ON tr.role_key = t.role_key
             WHERE a.account_id = ?
             ORDER BY tr.privilege_rank DESC, u.identity, {STRONGEST_FIRST}"
        );
        self.rows(&sql, &[&account_id], access_row)
    }

    /// Every grant of a user in an account, the strongest first.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn access(&self, identity: &str, account_id: &str) -> Result<Vec<AccessRow>, ExportError> {
        let sql = format!("{ACCESS} WHERE u.identity = ? AND a.account_id = ? ORDER BY {STRONGEST_FIRST}");
        self.rows(&sql, &[&identity, &account_id], access_row)
    }

    /// The problems about an account.
    ///
    /// # Errors
    ///
    /// [`ExportError::Sqlite`].
    pub fn problems_of(&self, account_id: &str) -> Result<Vec<ProblemRow>, ExportError> {
        let sql = "SELECT p.severity, p.problem_code, a.account_id, p.message, p.hint
            FROM problems p JOIN accounts a ON a.account_key = p.account_key WHERE a.account_id = ? ORDER BY p.problem_key";
        self.rows(sql, &[&account_id], |row| {
            Ok(ProblemRow {
                severity: row.get(0)?,
                problem_code: row.get(1)?,
                account_id: row.get(2)?,
                message: row.get(3)?,
                hint: row.get(4)?,
            })
        })
    }

    fn rows<T>(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
        take: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, ExportError> {
        let read = || -> rusqlite::Result<Vec<T>> {
            let mut statement = self.connection.prepare(sql)?;
            statement.query_map(parameters, take)?.collect()
        };
        read().map_err(ExportError::sqlite("read", &self.path))
    }
}

fn user_row(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    Ok(UserRow {
        identity: row.get(0)?,
        user_type: row.get(1)?,
        full_name: row.get(2)?,
        is_enabled: row.get(3)?,
        is_org_admin: row.get(4)?,
        is_org_user: row.get(5)?,
        highest_privilege: row.get(6)?,
        account_count: row.get(7)?,
        admin_account_count: row.get(8)?,
        login_state: row.get(9)?,
        last_login_anywhere_utc: row.get(10)?,
        days_since_login: row.get(11)?,
    })
}

fn access_row(row: &Row<'_>) -> rusqlite::Result<AccessRow> {
    Ok(AccessRow {
        organization_name: row.get(0)?,
        account_id: row.get(1)?,
        account_name: row.get(2)?,
        fetch_status: row.get(3)?,
        identity: row.get(4)?,
        full_name: row.get(5)?,
        role_name: row.get(6)?,
        access_level: row.get(7)?,
        is_privileged: row.get(8)?,
        grant_origin: row.get(9)?,
        group_name: row.get(10)?,
        is_enabled: row.get(11)?,
        is_strongest: row.get(12)?,
        is_effective: row.get(13)?,
        has_unresolved_group: row.get(14)?,
        login_state: row.get(15)?,
        days_since_login: row.get(16)?,
    })
}
