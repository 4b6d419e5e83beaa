//! The figures of a run, each with the SQL that derives it again from the tables: for manifest, evidence and verification.

use lacegraph_model::Totals;

/// A figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its name in the manifest.
    pub name: &'static str,
    /// What it counts.
    pub meaning: &'static str,
    /// The SQL that gives it from the tables, derived columns among them: `verify` derives those again too.
    pub sql: &'static str,
    /// What the graph says.
    pub(crate) value: fn(&Totals) -> usize,
}

impl Figure {
    /// The figure of these totals.
    pub fn of(&self, totals: &Totals) -> u64 {
        (self.value)(totals) as u64
    }
}

macro_rules! figures {
    ($($name:ident: $meaning:literal, $value:expr, $sql:literal;)+) => {
        [$(Figure { name: stringify!($name), meaning: $meaning, sql: $sql, value: $value },)+]
    };
}

/// All figures, in the order in which a reader asks for them.
pub const FIGURES: [Figure; 29] = figures! {
    organizations: "organizations", |t| t.organizations,
        "SELECT count(*) FROM organizations";
    accounts_expected: "accounts that a directory or the configuration lists", |t| t.accounts.expected(),
        "SELECT count(*) FROM accounts WHERE fetch_status <> 'unlisted'";
    accounts_in_scope: "expected accounts that the configuration does not exclude", |t| t.accounts.in_scope(),
        "SELECT count(*) FROM accounts WHERE fetch_status NOT IN ('unlisted', 'excluded')";
    accounts_complete: "accounts in scope that were read whole", |t| t.accounts.complete,
        "SELECT count(*) FROM accounts WHERE fetch_status = 'complete'";
    accounts_incomplete: "accounts in scope that were read in part", |t| t.accounts.incomplete,
        "SELECT count(*) FROM accounts WHERE fetch_status = 'incomplete'";
    accounts_failed: "accounts in scope of which nothing could be read", |t| t.accounts.failed,
        "SELECT count(*) FROM accounts WHERE fetch_status = 'failed'";
    accounts_not_attempted: "accounts in scope that the run did not come to", |t| t.accounts.not_attempted,
        "SELECT count(*) FROM accounts WHERE fetch_status = 'not_attempted'";
    accounts_excluded: "expected accounts that the configuration excludes", |t| t.accounts.excluded,
        "SELECT count(*) FROM accounts WHERE fetch_status = 'excluded'";
    accounts_unlisted: "accounts that members name and nothing lists", |t| t.accounts.unlisted,
        "SELECT count(*) FROM accounts WHERE fetch_status = 'unlisted'";
    people: "persons", |t| t.persons,
        "SELECT count(*) FROM users WHERE user_type = 'person'";
    service_users: "service users", |t| t.users - t.persons,
        "SELECT count(*) FROM users WHERE user_type = 'service'";
    users_without_access: "persons and service users who can reach nothing now", |t| t.disabled_users,
        "SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT 1 FROM access_grants g WHERE g.user_key = u.user_key AND g.is_enabled = 1) AND NOT EXISTS (SELECT 1 FROM organization_grants o WHERE o.user_key = u.user_key AND o.is_enabled = 1)";
    memberships: "records, one for each user and account", |t| t.memberships,
        "SELECT count(*) FROM memberships";
    grants: "ways in which users come by access, in force or not", |t| t.grants,
        "SELECT count(*) FROM access_grants";
    effective_access: "pairs of user and account with access in force", |t| t.effective_access,
        "SELECT count(*) FROM (SELECT 1 FROM access_grants WHERE is_enabled = 1 GROUP BY user_key, account_key)";
    roleless_access: "pairs among them whose role is NO_ROLE", |t| t.roleless_access,
        "SELECT count(*) FROM access_grants g JOIN roles r ON r.role_key = g.role_key WHERE g.is_effective = 1 AND r.access_level = 'none'";
    admin_access: "pairs among them whose role is ADMIN", |t| t.admin_access,
        "SELECT count(*) FROM (SELECT 1 FROM access_grants g JOIN roles r ON r.role_key = g.role_key WHERE g.is_enabled = 1 AND r.access_level = 'admin' GROUP BY g.user_key, g.account_key)";
    org_admins: "users who hold the role of organization admin in force", |t| t.org_admins,
        "SELECT count(DISTINCT user_key) FROM organization_grants WHERE org_role = 'ORG_ADMIN' AND is_enabled = 1";
    dormant: "users with access in force whose last login is too long ago", |t| t.dormant,
        "SELECT count(*) FROM users WHERE is_enabled = 1 AND user_type = 'person' AND last_login_anywhere_utc IS NOT NULL AND days_since_login > (SELECT CAST(setting_value AS INTEGER) FROM settings WHERE setting_name = 'dormant_after_days')";
    never_logged_in: "users with access in force who never logged in", |t| t.never_logged_in,
        "SELECT count(*) FROM users WHERE is_enabled = 1 AND login_state = 'never'";
    login_unknown: "users with access in force of whom no login is known", |t| t.login_unknown,
        "SELECT count(*) FROM users WHERE is_enabled = 1 AND login_state = 'unknown'";
    users_of_unknown_power: "users with a group or a role in force whose power the API does not tell", |t| t.users_of_unknown_power,
        "SELECT count(*) FROM users u WHERE EXISTS (SELECT 1 FROM access_grants g JOIN roles r ON r.role_key = g.role_key WHERE g.user_key = u.user_key AND g.is_enabled = 1 AND r.access_level = 'unknown') OR EXISTS (SELECT 1 FROM organization_grants o JOIN roles r ON r.role_scope = 'organization' AND r.role_name = o.org_role WHERE o.user_key = u.user_key AND o.is_enabled = 1 AND r.access_level = 'unknown')";
    records_received: "records about accounts, of their own lists and the organizations'", |t| t.records_received,
        "SELECT coalesce(sum(statements_received), 0) FROM accounts";
    records_contradicting: "records among them that contradict another and were set aside as problems", |t| t.conflicts,
        "SELECT count(*) FROM membership_conflicts";
    audit_events: "entries of audit logs; none where nobody asked for them", |t| t.audit_events,
        "SELECT count(*) FROM audit_events";
    api_keys: "API keys; none where nobody asked for them", |t| t.api_keys,
        "SELECT count(*) FROM api_keys";
    errors: "problems that are errors", |t| t.errors,
        "SELECT count(*) FROM problems WHERE severity = 'error'";
    warnings: "problems that are warnings", |t| t.warnings,
        "SELECT count(*) FROM problems WHERE severity = 'warning'";
    notes: "problems that are good to know", |t| t.infos,
        "SELECT count(*) FROM problems WHERE severity = 'info'";
};
