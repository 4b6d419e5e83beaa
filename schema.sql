-- The database that lacegraph writes, and the contract with everybody who reads it.
--
-- Start at the view v_effective_access: one row for each user and account that the user can reach now.
-- v_access has every grant, and so explains why. Observed tables hold what the API said; derived tables follow from them.
--
-- Types are declared for the drivers that read them (ODBC, JDBC, SQLAlchemy) and guarded by CHECKs: BOOLEAN is 0 or 1,
-- DATETIME is 'YYYY-MM-DD HH:MM:SS' and DATE is 'YYYY-MM-DD', both in UTC. A *_key is good inside one file only; identity,
-- account_id, organization_name and snapshot_id hold across files.
--
-- PRAGMA application_id is 1281574770 (the letters LcGr). PRAGMA user_version is the version of these tables, raised whenever
-- they change; a newer lacegraph reads older files, and CHANGELOG.md tells what came when.
--
-- Where rows are many, a CHECK of three or more values is written with OR: SQLite would build the list of an IN anew for
-- every row.
--
-- The comment above a table and the comment behind a column are also the rows of data_dictionary; a column of a view means
-- what its table says, or what a line that begins with an at sign says above the view.

------------------------------------------------------------------------------------------------ observed

-- One row: what this snapshot is.
CREATE TABLE snapshot (
    snapshot_id TEXT NOT NULL PRIMARY KEY, -- Capture time and a hash over everything observed.
    captured_at_utc DATETIME NOT NULL CHECK (length(captured_at_utc) = 19), -- When the run began; ages are counted from here.
    captured_date DATE NOT NULL CHECK (length(captured_date) = 10), -- The day of captured_at_utc, in UTC.
    completed_at_utc DATETIME NOT NULL CHECK (length(completed_at_utc) = 19), -- When the last answer had arrived.
    tool_version TEXT NOT NULL, -- The version of lacegraph.
    snapshot_status TEXT NOT NULL CHECK (snapshot_status IN ('complete', 'partial')), -- Partial if any problem is an error.
    data_source TEXT NOT NULL CHECK (data_source IN ('live', 'capture', 'demo')), -- Demo data are invented people.
    source_hosts TEXT NOT NULL, -- The hosts that were asked, separated by a comma and a space.
    dormant_after_days INTEGER NOT NULL, -- The setting of that name: more whole days than this without a login are dormant.
    organization_count INTEGER NOT NULL, -- Rows of organizations.
    expected_account_count INTEGER NOT NULL, -- Accounts that a directory or the configuration lists.
    in_scope_account_count INTEGER NOT NULL, -- Expected accounts that the configuration does not exclude.
    complete_account_count INTEGER NOT NULL, -- Accounts in scope that were read whole.
    unread_account_count INTEGER NOT NULL, -- Accounts in scope that were not read, or not whole.
    excluded_account_count INTEGER NOT NULL, -- Expected accounts that the configuration excludes.
    unlisted_account_count INTEGER NOT NULL, -- Accounts that members name and nothing lists; not among the expected ones.
    user_count INTEGER NOT NULL, -- Rows of users.
    person_count INTEGER NOT NULL, -- Users who are persons.
    membership_count INTEGER NOT NULL, -- Rows of memberships.
    grant_count INTEGER NOT NULL, -- Rows of access_grants.
    effective_access_count INTEGER NOT NULL, -- Rows of v_effective_access.
    org_admin_count INTEGER NOT NULL, -- Users who hold the role of organization admin in force.
    problem_count INTEGER NOT NULL, -- Rows of problems.
    error_count INTEGER NOT NULL -- Problems that are errors.
);

-- One row per setting that the derived tables depend on.
CREATE TABLE settings (
    setting_name TEXT NOT NULL PRIMARY KEY, -- Its name.
    setting_value TEXT NOT NULL -- Its value as text; lists are JSON.
);

-- One row per organization.
CREATE TABLE organizations (
    organization_key INTEGER PRIMARY KEY, -- Key inside this file.
    organization_name TEXT NOT NULL UNIQUE, -- The organization's name in the configuration.
    api_host TEXT NOT NULL, -- The host that was asked.
    expected_from TEXT NOT NULL CHECK (expected_from IN ('directory', 'configuration', 'both')) -- What told which accounts to expect.
);

-- One row per account, read or not.
CREATE TABLE accounts (
    account_key INTEGER PRIMARY KEY, -- Key inside this file.
    organization_key INTEGER NOT NULL REFERENCES organizations (organization_key), -- Its organization.
    account_id TEXT NOT NULL UNIQUE, -- Organization and account name in lower case, joined by a slash.
    account_name TEXT NOT NULL, -- The account's name as the API writes it.
    cust_guid TEXT, -- The key that the API has for it.
    fetch_status TEXT NOT NULL CHECK (fetch_status IN ('complete', 'incomplete', 'failed', 'excluded', 'unlisted', 'not_attempted')), -- How far the account was read: complete; incomplete (pages or rows are missing); failed (nothing was read); excluded (by the configuration); unlisted (named by members alone); not_attempted (the run ended before).
    fetch_detail TEXT, -- Why it was read no further, or by which list it was covered.
    api_model TEXT CHECK (api_model IN ('team_members', 'team_users')), -- The access model that answered for it.
    rows_returned INTEGER NOT NULL, -- Rows of its own list; 0 where that was not asked.
    statements_received INTEGER NOT NULL, -- Records about it in its own and in the list of the organization.
    duplicates_merged INTEGER NOT NULL, -- Records that said nothing else than another.
    conflict_count INTEGER NOT NULL, -- Rows of membership_conflicts for this account: records that said something else than another.
    left_out_count INTEGER NOT NULL, -- Records left out because the configuration excludes the account.
    membership_count INTEGER NOT NULL, -- Rows of memberships for this account; with the three counts before it makes statements_received.
    user_count INTEGER NOT NULL, -- Rows of v_effective_access for this account.
    admin_count INTEGER NOT NULL, -- Rows of v_effective_access for this account with the role ADMIN.
    account_owner TEXT, -- Who answers for the account, from the configuration.
    environment TEXT, -- What the account is for, from the configuration.
    audit_scope TEXT -- The audits that the account is in the scope of, from the configuration.
);

-- One row per person across all accounts and organizations, or a service user of one account.
CREATE TABLE users (
    user_key INTEGER PRIMARY KEY, -- Key inside this file.
    identity TEXT NOT NULL UNIQUE, -- E-mail in lower case, or a text that begins with local:, service: or unidentified:.
    user_type TEXT NOT NULL CHECK (user_type IN ('person', 'service')), -- person, or service for a service user of the newer access model.
    full_name TEXT, -- The full name: the first that a record of the user carries.
    email_domain TEXT, -- What follows the @ of the e-mail; NULL where the identity is none.
    domain_class TEXT NOT NULL CHECK (domain_class = 'internal' OR domain_class = 'external' OR domain_class = 'freemail' OR domain_class = 'unclassified' OR domain_class = 'none'), -- Whose e-mail domain it is: internal (one of internal_domains in the configuration), freemail (a public mail provider), external (another), unclassified (without internal_domains: not a public provider); none is no e-mail.
    is_enabled BOOLEAN NOT NULL CHECK (is_enabled IN (0, 1)), -- Whether anything the user holds is in force.
    is_org_admin BOOLEAN NOT NULL CHECK (is_org_admin IN (0, 1)), -- Holds the role of organization admin somewhere, in force or not.
    is_org_user BOOLEAN NOT NULL CHECK (is_org_user IN (0, 1)), -- Holds the role of organization user somewhere, in force or not.
    has_unknown_power BOOLEAN NOT NULL CHECK (has_unknown_power IN (0, 1)), -- Whether anything in force is a group, or a role, whose power the API does not tell.
    highest_privilege TEXT NOT NULL CHECK (highest_privilege = 'none' OR highest_privilege = 'read' OR highest_privilege = 'unknown' OR highest_privilege = 'write' OR highest_privilege = 'admin' OR highest_privilege = 'org_admin'), -- The highest access level that the user has in force, in any account or organization.
    account_count INTEGER NOT NULL, -- Rows of v_effective_access for this user.
    admin_account_count INTEGER NOT NULL, -- Rows of v_effective_access for this user with the role ADMIN.
    membership_count INTEGER NOT NULL, -- Rows of memberships for this user.
    login_state TEXT NOT NULL CHECK (login_state = 'active' OR login_state = 'dormant' OR login_state = 'never' OR login_state = 'unknown' OR login_state = 'no_membership' OR login_state = 'not_applicable'), -- What the login records of all the user's memberships amount to: active; dormant (too long ago); never (every membership says so); unknown; no_membership (a member of no account); not_applicable (a service user).
    is_dormant BOOLEAN NOT NULL CHECK (is_dormant IN (0, 1)), -- Whether login_state is dormant; a user who never logged in is not.
    last_login_anywhere_utc DATETIME CHECK (length(last_login_anywhere_utc) = 19), -- The latest login of the user in any account.
    last_login_anywhere_date DATE CHECK (length(last_login_anywhere_date) = 10), -- The day of last_login_anywhere_utc, in UTC.
    days_since_login INTEGER -- Whole days from last_login_anywhere_utc to the capture; NULL where no login is known.
);

-- One row per user and account: the record of the account's own list, else that of the organization's.
CREATE TABLE memberships (
    user_key INTEGER NOT NULL REFERENCES users (user_key), -- The user.
    account_key INTEGER NOT NULL REFERENCES accounts (account_key), -- The account.
    record_source TEXT NOT NULL CHECK (record_source IN ('account_list', 'organization_list')), -- The list it was taken from.
    enabled_seen BOOLEAN CHECK (enabled_seen IN (0, 1)), -- Whether sign-in is on, as recorded; NULL is unknown.
    counts_as_enabled BOOLEAN NOT NULL CHECK (counts_as_enabled IN (0, 1)), -- Whether it counts as on: unknown does.
    jit_created BOOLEAN CHECK (jit_created IN (0, 1)), -- Whether sign-in created the record.
    role_names TEXT NOT NULL, -- The roles it names, as a JSON array.
    user_guid TEXT, -- The user's guid, which differs from account to account.
    full_name TEXT, -- As the record of this account has it.
    company TEXT, -- As the record of this account has it.
    created_at_utc DATETIME CHECK (length(created_at_utc) = 19), -- When the record was created.
    updated_at_utc DATETIME CHECK (length(updated_at_utc) = 19), -- When it was last changed.
    updated_by TEXT, -- Who changed it last.
    last_login_seen TEXT NOT NULL CHECK (last_login_seen = 'time' OR last_login_seen = 'never' OR last_login_seen = 'unknown'), -- What it says of the last login.
    last_login_utc DATETIME CHECK (length(last_login_utc) = 19), -- The last login, where that is a time.
    last_session_seen TEXT NOT NULL CHECK (last_session_seen = 'time' OR last_session_seen = 'never' OR last_session_seen = 'unknown'), -- What it says of the last session.
    last_session_utc DATETIME CHECK (length(last_session_utc) = 19), -- The start of the last session, where that is a time.
    last_login_here_utc DATETIME CHECK (length(last_login_here_utc) = 19), -- The user's last sign of life in this account: the later of last login and last session.
    last_login_here_date DATE CHECK (length(last_login_here_date) = 10), -- The day of last_login_here_utc, in UTC.
    PRIMARY KEY (user_key, account_key)
) WITHOUT ROWID;

-- One row per further record of a user and account that says something else; it grants nothing.
CREATE TABLE membership_conflicts (
    conflict_key INTEGER PRIMARY KEY, -- Key inside this file.
    user_key INTEGER NOT NULL REFERENCES users (user_key), -- The user.
    account_key INTEGER NOT NULL REFERENCES accounts (account_key), -- The account.
    record_source TEXT NOT NULL CHECK (record_source IN ('account_list', 'organization_list')), -- The list it stands in.
    enabled_seen BOOLEAN CHECK (enabled_seen IN (0, 1)), -- Whether sign-in is on, as recorded; NULL is unknown.
    counts_as_enabled BOOLEAN NOT NULL CHECK (counts_as_enabled IN (0, 1)), -- Whether it would count as on.
    jit_created BOOLEAN CHECK (jit_created IN (0, 1)), -- Whether sign-in created the record.
    role_names TEXT NOT NULL, -- The roles it names, as a JSON array.
    user_guid TEXT, -- The user's guid in it.
    full_name TEXT, -- The full name in it.
    company TEXT, -- The company in it.
    created_at_utc DATETIME CHECK (length(created_at_utc) = 19), -- When the record was created.
    updated_at_utc DATETIME CHECK (length(updated_at_utc) = 19), -- When it was last changed.
    updated_by TEXT, -- Who changed it last.
    last_login_seen TEXT NOT NULL CHECK (last_login_seen = 'time' OR last_login_seen = 'never' OR last_login_seen = 'unknown'), -- What it says of the last login.
    last_login_utc DATETIME CHECK (length(last_login_utc) = 19), -- The last login, where that is a time.
    last_session_seen TEXT NOT NULL CHECK (last_session_seen = 'time' OR last_session_seen = 'never' OR last_session_seen = 'unknown'), -- What it says of the last session.
    last_session_utc DATETIME CHECK (length(last_session_utc) = 19), -- The start of the last session, where that is a time.
    last_login_here_utc DATETIME CHECK (length(last_login_here_utc) = 19), -- The user's last sign of life in this account: the later of last login and last session.
    last_login_here_date DATE CHECK (length(last_login_here_date) = 10), -- The day of last_login_here_utc, in UTC.
    group_names TEXT NOT NULL -- The groups it names, as a JSON array.
);

-- One row per further spelling, guid or name of a user.
CREATE TABLE user_identifiers (
    identifier_key INTEGER PRIMARY KEY, -- Key inside this file.
    user_key INTEGER NOT NULL REFERENCES users (user_key), -- The user.
    identifier_kind TEXT NOT NULL CHECK (identifier_kind IN ('login', 'user_guid', 'full_name')), -- What it is.
    organization_key INTEGER NOT NULL REFERENCES organizations (organization_key), -- Where it was seen.
    account_key INTEGER REFERENCES accounts (account_key), -- The account it was seen in; NULL for a record without account.
    identifier_value TEXT NOT NULL -- As written.
);

-- One row per user, organization and role in that whole organization.
CREATE TABLE organization_grants (
    user_key INTEGER NOT NULL REFERENCES users (user_key), -- The user.
    organization_key INTEGER NOT NULL REFERENCES organizations (organization_key), -- The organization.
    org_role TEXT NOT NULL, -- ORG_ADMIN, ORG_USER, or an unknown text as the API wrote it.
    is_enabled BOOLEAN NOT NULL CHECK (is_enabled IN (0, 1)), -- Off only if every record of the user in this organization is disabled.
    record_source TEXT NOT NULL CHECK (record_source IN ('account_list', 'organization_list')), -- The list that says so.
    stated_by_account_key INTEGER REFERENCES accounts (account_key), -- The first account whose own list says so.
    PRIMARY KEY (user_key, organization_key, org_role)
) WITHOUT ROWID;

-- One row per group of an account (newer access model).
CREATE TABLE user_groups (
    group_key INTEGER PRIMARY KEY, -- Key inside this file.
    account_key INTEGER NOT NULL REFERENCES accounts (account_key), -- Its account.
    group_guid TEXT NOT NULL, -- Its guid; the same everywhere for a built-in group.
    group_name TEXT NOT NULL, -- Its name.
    confers_role TEXT, -- The role it confers; NULL for a custom group of which nobody stated it: no call reveals its roles.
    confers_evidence TEXT -- How the role of a custom group is known: stated by the configuration, not by the API; NULL for a built-in group, and where no role is stated.
);

-- One row per group and user in it.
CREATE TABLE user_group_members (
    group_key INTEGER NOT NULL REFERENCES user_groups (group_key), -- The group.
    user_key INTEGER NOT NULL REFERENCES users (user_key), -- The user.
    PRIMARY KEY (group_key, user_key)
) WITHOUT ROWID;

-- One row per account and list beside its members that it was asked for; where there is none, nobody asked.
CREATE TABLE optional_sources (
    account_key INTEGER NOT NULL REFERENCES accounts (account_key), -- The account that was asked.
    source_name TEXT NOT NULL CHECK (source_name IN ('audit_log', 'api_keys')), -- The list: audit_log, whose rows are in audit_events, or api_keys.
    read_status TEXT NOT NULL CHECK (read_status IN ('complete', 'incomplete', 'failed', 'not_offered')), -- How far it was read: complete; incomplete (pages or rows are missing); failed (nothing was read); not_offered (the API gave nothing: it is not offered there, not to this key, or there is nothing in it).
    read_detail TEXT, -- Why it was read no further.
    window_start_utc DATETIME CHECK (length(window_start_utc) = 19), -- From when on the audit log was asked for; NULL for other lists.
    window_end_utc DATETIME CHECK (length(window_end_utc) = 19), -- Until when it was asked for: the capture; NULL for other lists.
    rows_returned INTEGER NOT NULL, -- Rows that arrived.
    PRIMARY KEY (account_key, source_name)
) WITHOUT ROWID;

-- One row per entry of an audit log that was asked for; entries that say the same are as many rows.
CREATE TABLE audit_events (
    event_key INTEGER PRIMARY KEY, -- Key inside this file, by account and time.
    account_key INTEGER NOT NULL REFERENCES accounts (account_key), -- The account whose log it stands in.
    happened_at_utc DATETIME CHECK (length(happened_at_utc) = 19), -- When it happened; NULL where it does not say so.
    happened_date DATE CHECK (length(happened_date) = 10), -- The day of happened_at_utc, in UTC.
    actor_name TEXT, -- Who did it, as the API names them.
    user_key INTEGER REFERENCES users (user_key), -- The user of that name; NULL where the organization has none, or the name is that of several.
    event_name TEXT, -- What kind of event it is, as the API calls it.
    user_action TEXT, -- What was done, as the API calls it.
    event_description TEXT, -- More about it.
    stated_account_name TEXT -- The account that the entry itself names, where that is another one.
);

-- One row per API key of an account that was asked for them; neither whose a key is nor what it may do is told.
CREATE TABLE api_keys (
    api_key_key INTEGER PRIMARY KEY, -- Key inside this file.
    account_key INTEGER NOT NULL REFERENCES accounts (account_key), -- The account that lists it.
    masked_key_id TEXT NOT NULL, -- The id of the key by its ends.
    key_fingerprint TEXT NOT NULL CHECK (length(key_fingerprint) = 16), -- The first 16 hexadecimal digits of the SHA-256 of its id, which hold across files.
    enabled_seen BOOLEAN CHECK (enabled_seen IN (0, 1)), -- Whether it may be used, as listed; NULL is unknown.
    is_enabled BOOLEAN NOT NULL CHECK (is_enabled IN (0, 1)), -- Whether it counts as one that may be used: unknown does.
    key_description TEXT -- What somebody wrote about it.
);

-- One row per call to the API, by its final outcome.
CREATE TABLE source_calls (
    call_key INTEGER PRIMARY KEY, -- Key inside this file.
    organization_key INTEGER NOT NULL REFERENCES organizations (organization_key), -- The organization whose key was used.
    account_key INTEGER REFERENCES accounts (account_key), -- The account asked for; NULL for the key or the whole organization.
    endpoint TEXT NOT NULL, -- What was asked.
    page INTEGER NOT NULL, -- The page, from 1.
    http_status INTEGER, -- The status; NULL where no answer came.
    attempts INTEGER NOT NULL, -- How often it was tried.
    row_count INTEGER NOT NULL, -- Rows in the answer.
    body_sha256 TEXT CHECK (length(body_sha256) = 64) -- SHA-256 of the body in hexadecimal; NULL for none, and for a token's.
);

-- One row per thing that a reader must know.
CREATE TABLE problems (
    problem_key INTEGER PRIMARY KEY, -- Key inside this file; errors first.
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')), -- An error makes the snapshot partial.
    problem_code TEXT NOT NULL, -- What kind it is.
    organization_key INTEGER REFERENCES organizations (organization_key), -- The organization it is about.
    account_key INTEGER REFERENCES accounts (account_key), -- The account it is about.
    page INTEGER, -- The page of the list, from 1.
    row_number INTEGER, -- The row of the page, from 1.
    message TEXT NOT NULL, -- What happened.
    hint TEXT -- What to do.
);

------------------------------------------------------------------------------------------------ derived

-- One row per role name and scope, whatever the account.
CREATE TABLE roles (
    role_key INTEGER PRIMARY KEY, -- Key inside this file.
    role_scope TEXT NOT NULL CHECK (role_scope IN ('account', 'group', 'organization')), -- group: a custom group stands for roles that nobody stated.
    role_name TEXT NOT NULL, -- The role's name as the API writes it; for a custom group, whose roles are not known, the name of the group.
    privilege_rank INTEGER NOT NULL, -- 100 organization admin, 80 admin, 60 power user, 40 unknown, 20 view, 0 none.
    is_privileged BOOLEAN CHECK (is_privileged IN (0, 1)), -- Whether the role is a privileged one (rank 60 and above); NULL where its power is not known.
    access_level TEXT NOT NULL CHECK (access_level IN ('none', 'read', 'unknown', 'write', 'admin', 'org_admin')), -- What the role lets its holder do, comparable across the two access models: none, read, write (all but settings), admin, org_admin, unknown.
    UNIQUE (role_scope, role_name)
);

-- One row per way to come by a grant.
CREATE TABLE grant_sources (
    source_key INTEGER PRIMARY KEY, -- Key inside this file.
    grant_origin TEXT NOT NULL CHECK (grant_origin IN ('org_admin', 'org_user', 'direct', 'group')), -- How the access came about: org_admin and org_user are implied by a role in the organization, direct is in the membership, group is through a user group.
    organization_key INTEGER REFERENCES organizations (organization_key), -- The organization whose role implies the grant; NULL for other origins.
    group_key INTEGER REFERENCES user_groups (group_key), -- The group that confers it; NULL for other origins.
    group_name TEXT, -- The name of the group that confers the role; NULL for other origins.
    group_guid TEXT -- The guid of that group, which tells groups of one name apart; NULL for other origins.
);

-- The fact: one row per user, account, role and way to come by it.
CREATE TABLE access_grants (
    user_key INTEGER NOT NULL REFERENCES users (user_key), -- The user.
    account_key INTEGER NOT NULL REFERENCES accounts (account_key), -- The account.
    role_key INTEGER NOT NULL REFERENCES roles (role_key), -- The role; for an organization role, the role it implies in this account.
    source_key INTEGER NOT NULL REFERENCES grant_sources (source_key), -- The way in which the user came by the role.
    is_enabled BOOLEAN NOT NULL CHECK (is_enabled IN (0, 1)), -- Whether the grant is in force: off for what a disabled user holds.
    is_strongest BOOLEAN NOT NULL CHECK (is_strongest IN (0, 1)), -- Whether it is the strongest grant of this user in this account, in force or not: exactly one is.
    is_effective BOOLEAN NOT NULL CHECK (is_effective IN (0, 1)), -- Whether it is the strongest grant in force of this user in this account: at most one is.
    has_unresolved_group BOOLEAN NOT NULL CHECK (has_unresolved_group IN (0, 1)), -- Whether the user is in a group of the account whose roles are not known.
    PRIMARY KEY (user_key, account_key, role_key, source_key)
) WITHOUT ROWID;

-- One row per role in its place: of one account, or of one organization.
CREATE TABLE role_nodes (
    role_node_key INTEGER PRIMARY KEY, -- Key inside this file.
    organization_key INTEGER NOT NULL REFERENCES organizations (organization_key), -- The organization, also of an account's role.
    account_key INTEGER REFERENCES accounts (account_key), -- The account; NULL for a role of the organization.
    role_key INTEGER NOT NULL REFERENCES roles (role_key), -- Which role.
    role_name TEXT NOT NULL -- Its name.
);

-- One row per organization role and a role it implies.
CREATE TABLE role_implications (
    from_role_node_key INTEGER NOT NULL REFERENCES role_nodes (role_node_key), -- The role of the organization.
    to_role_node_key INTEGER NOT NULL REFERENCES role_nodes (role_node_key), -- The role of the account.
    PRIMARY KEY (from_role_node_key, to_role_node_key)
) WITHOUT ROWID;

-- One row per group and the role it confers.
CREATE TABLE group_roles (
    group_key INTEGER NOT NULL REFERENCES user_groups (group_key), -- The group.
    role_node_key INTEGER NOT NULL REFERENCES role_nodes (role_node_key), -- The role.
    PRIMARY KEY (group_key, role_node_key)
) WITHOUT ROWID;

-- One row per kind of node or edge; lets the views of the graph name kinds in typed columns.
CREATE TABLE graph_kinds (
    graph_kind TEXT NOT NULL PRIMARY KEY, -- The kind.
    is_in_force BOOLEAN NOT NULL CHECK (is_in_force IN (0, 1)) -- Always true: the state of edges that cannot be switched off.
);

-- One row per table or view, and one a column of it: what it means.
CREATE TABLE data_dictionary (
    table_name TEXT NOT NULL, -- The table or view.
    column_name TEXT NOT NULL, -- The column; empty for the table itself.
    declared_type TEXT NOT NULL, -- The type that drivers read; empty for the table itself.
    description TEXT NOT NULL, -- One sentence; for a table, its grain.
    PRIMARY KEY (table_name, column_name)
) WITHOUT ROWID;

------------------------------------------------------------------------------------------------ indices

CREATE INDEX access_grants_by_account ON access_grants (account_key, user_key);

------------------------------------------------------------------------------------------------ views

-- One row per user and account that the user can reach now, with the strongest grant in force; a member without any role is in it as NO_ROLE. Count from here.
-- @access_level What the role lets its holder do in this account: none, read, unknown, write (all but settings) or admin. The level of an organization admin stands in highest_privilege.
-- @privilege_rank 80 admin, 60 power user, 40 unknown, 20 view, 0 none.
CREATE VIEW v_effective_access AS
SELECT o.organization_name, a.account_id, a.account_name, u.identity, u.full_name, u.email_domain, u.domain_class,
    u.user_type, r.role_name, r.access_level, r.privilege_rank, r.is_privileged, s.grant_origin, s.group_name, s.group_guid,
    g.is_enabled, g.is_strongest, g.is_effective, g.has_unresolved_group, u.highest_privilege, m.last_login_here_utc, m.last_login_here_date,
    u.last_login_anywhere_utc, u.last_login_anywhere_date, u.days_since_login, u.login_state, u.is_dormant, a.fetch_status,
    a.account_owner, a.environment, a.audit_scope
FROM access_grants g
JOIN users u ON u.user_key = g.user_key
JOIN accounts a ON a.account_key = g.account_key
JOIN organizations o ON o.organization_key = a.organization_key
JOIN roles r ON r.role_key = g.role_key
JOIN grant_sources s ON s.source_key = g.source_key
LEFT JOIN memberships m ON m.user_key = g.user_key AND m.account_key = g.account_key
WHERE g.is_effective = 1;

-- One row per grant, in force or not: every way in which a user comes by access, and so the reason.
-- @access_level What the role lets its holder do in this account: none, read, unknown, write (all but settings) or admin. The level of an organization admin stands in highest_privilege.
-- @privilege_rank 80 admin, 60 power user, 40 unknown, 20 view, 0 none.
CREATE VIEW v_access AS
SELECT o.organization_name, a.account_id, a.account_name, u.identity, u.full_name, u.email_domain, u.domain_class,
    u.user_type, r.role_name, r.access_level, r.privilege_rank, r.is_privileged, s.grant_origin, s.group_name, s.group_guid,
    g.is_enabled, g.is_strongest, g.is_effective, g.has_unresolved_group, u.highest_privilege, m.last_login_here_utc, m.last_login_here_date,
    u.last_login_anywhere_utc, u.last_login_anywhere_date, u.days_since_login, u.login_state, u.is_dormant, a.fetch_status,
    a.account_owner, a.environment, a.audit_scope
FROM access_grants g
JOIN users u ON u.user_key = g.user_key
JOIN accounts a ON a.account_key = g.account_key
JOIN organizations o ON o.organization_key = a.organization_key
JOIN roles r ON r.role_key = g.role_key
JOIN grant_sources s ON s.source_key = g.source_key
LEFT JOIN memberships m ON m.user_key = g.user_key AND m.account_key = g.account_key;

-- One row per user and account with a privileged effective role (ADMIN or POWER_USER), however come by.
CREATE VIEW v_admins AS
SELECT o.organization_name, a.account_id, a.account_name, u.identity, u.full_name, u.user_type, r.role_name,
    r.access_level, s.grant_origin, s.group_name, u.is_org_admin, u.last_login_anywhere_utc, u.days_since_login,
    u.login_state, u.is_dormant, a.fetch_status
FROM access_grants g
JOIN users u ON u.user_key = g.user_key
JOIN accounts a ON a.account_key = g.account_key
JOIN organizations o ON o.organization_key = a.organization_key
JOIN roles r ON r.role_key = g.role_key
JOIN grant_sources s ON s.source_key = g.source_key
WHERE g.is_effective = 1 AND r.is_privileged = 1;

-- One row per grant that an organization role implies, in force or not.
CREATE VIEW v_inherited AS
SELECT o.organization_name, a.account_id, a.account_name, u.identity, u.full_name, r.role_name, s.grant_origin,
    g.is_enabled, g.is_strongest, g.is_effective, a.fetch_status
FROM access_grants g
JOIN users u ON u.user_key = g.user_key
JOIN accounts a ON a.account_key = g.account_key
JOIN organizations o ON o.organization_key = a.organization_key
JOIN roles r ON r.role_key = g.role_key
JOIN grant_sources s ON s.source_key = g.source_key
WHERE s.grant_origin IN ('org_admin', 'org_user');

-- One row per account that members name and no directory and no configuration does.
CREATE VIEW v_unlisted_accounts AS
SELECT o.organization_name, a.account_id, a.account_name, a.cust_guid, a.fetch_detail, a.statements_received
FROM accounts a
JOIN organizations o ON o.organization_key = a.organization_key
WHERE a.fetch_status = 'unlisted';

-- One row per account, read or not: is any missing? The figures of a row add up.
CREATE VIEW v_accounts AS
SELECT o.organization_name, o.expected_from, a.account_id, a.account_name, a.fetch_status, a.fetch_detail, a.api_model,
    a.user_count, a.admin_count, a.statements_received, a.membership_count, a.duplicates_merged, a.conflict_count,
    a.left_out_count, a.account_owner, a.environment, a.audit_scope
FROM accounts a
JOIN organizations o ON o.organization_key = a.organization_key;

-- One row per account that a single user reaches as ADMIN, and who that is.
CREATE VIEW v_single_admin_accounts AS
SELECT o.organization_name, a.account_id, a.account_name, u.identity, u.full_name, s.grant_origin, a.user_count,
    a.fetch_status, a.account_owner, a.environment, a.audit_scope
FROM accounts a
JOIN organizations o ON o.organization_key = a.organization_key
JOIN access_grants g ON g.account_key = a.account_key
JOIN users u ON u.user_key = g.user_key
JOIN roles r ON r.role_key = g.role_key
JOIN grant_sources s ON s.source_key = g.source_key
WHERE a.admin_count = 1 AND g.is_effective = 1 AND r.access_level = 'admin';

-- One row per user and organization with the role of organization admin, in force or not.
CREATE VIEW v_org_admins AS
SELECT o.organization_name, u.identity, u.full_name, u.email_domain, u.domain_class, g.is_enabled, g.record_source,
    u.account_count, u.last_login_anywhere_utc, u.last_login_anywhere_date, u.days_since_login, u.login_state, u.is_dormant
FROM organization_grants g
JOIN users u ON u.user_key = g.user_key
JOIN organizations o ON o.organization_key = g.organization_key
WHERE g.org_role = 'ORG_ADMIN';

-- One row per user, organization and role in that whole organization, in force or not; a role of unknown power implies nothing.
CREATE VIEW v_organization_roles AS
SELECT o.organization_name, u.identity, u.full_name, g.org_role, r.access_level, r.is_privileged, g.is_enabled,
    g.record_source
FROM organization_grants g
JOIN users u ON u.user_key = g.user_key
JOIN organizations o ON o.organization_key = g.organization_key
JOIN roles r ON r.role_name = g.org_role AND r.role_scope = 'organization';

-- One row per user who holds something in force and has not logged in for longer than the setting dormant_after_days.
CREATE VIEW v_dormant AS
SELECT u.identity, u.full_name, u.email_domain, u.domain_class, u.highest_privilege, u.is_org_admin, u.account_count,
    u.admin_account_count, u.last_login_anywhere_utc, u.last_login_anywhere_date, u.days_since_login
FROM users u
WHERE u.is_enabled = 1 AND u.is_dormant = 1;

-- One row per user who holds something in force and of whom every record says that there never was a login.
CREATE VIEW v_never_logged_in AS
SELECT u.identity, u.full_name, u.email_domain, u.domain_class, u.highest_privilege, u.is_org_admin, u.account_count,
    u.admin_account_count
FROM users u
WHERE u.is_enabled = 1 AND u.login_state = 'never';

-- One row per user who holds something in force and of whom no login is known: not the same as never.
CREATE VIEW v_login_unknown AS
SELECT u.identity, u.full_name, u.email_domain, u.domain_class, u.highest_privilege, u.is_org_admin, u.account_count,
    u.admin_account_count
FROM users u
WHERE u.is_enabled = 1 AND u.login_state = 'unknown';

-- One row per grant with a role that is switched off: what comes back when somebody enables the user again.
CREATE VIEW v_disabled_with_grants AS
SELECT o.organization_name, a.account_id, a.account_name, u.identity, u.full_name, u.email_domain, u.domain_class,
    r.role_name, r.access_level, r.is_privileged, s.grant_origin, s.group_name, s.group_guid, g.is_strongest,
    a.fetch_status
FROM access_grants g
JOIN users u ON u.user_key = g.user_key
JOIN accounts a ON a.account_key = g.account_key
JOIN organizations o ON o.organization_key = a.organization_key
JOIN roles r ON r.role_key = g.role_key
JOIN grant_sources s ON s.source_key = g.source_key
WHERE g.is_enabled = 0 AND r.access_level <> 'none';

-- One row per record that contradicts the one that is used, with both.
-- @used_source The list that the record used was taken from.
-- @used_enabled Whether sign-in is on by the record used; NULL is unknown.
-- @used_roles The roles of the record used, as a JSON array.
-- @other_source The list that the other record stands in.
-- @other_enabled Whether sign-in is on by the other record; NULL is unknown.
-- @other_roles The roles of the other record, as a JSON array.
CREATE VIEW v_contradictions AS
SELECT o.organization_name, a.account_id, a.account_name, u.identity, u.full_name, m.record_source AS used_source,
    m.enabled_seen AS used_enabled, m.role_names AS used_roles, c.record_source AS other_source,
    c.enabled_seen AS other_enabled, c.role_names AS other_roles, c.group_names
FROM membership_conflicts c
JOIN memberships m ON m.user_key = c.user_key AND m.account_key = c.account_key
JOIN users u ON u.user_key = c.user_key
JOIN accounts a ON a.account_key = c.account_key
JOIN organizations o ON o.organization_key = a.organization_key;

-- One row per group whose power is not known, and user in it: no call reveals its roles, and the configuration states none, or one that means nothing here.
CREATE VIEW v_unresolved_groups AS
SELECT o.organization_name, a.account_id, a.account_name, n.group_name, n.group_guid, u.identity, u.full_name, u.user_type,
    m.counts_as_enabled, u.is_org_admin
FROM user_groups n
JOIN group_roles c ON c.group_key = n.group_key
JOIN role_nodes p ON p.role_node_key = c.role_node_key
JOIN roles r ON r.role_key = p.role_key
JOIN user_group_members x ON x.group_key = n.group_key
JOIN users u ON u.user_key = x.user_key
JOIN accounts a ON a.account_key = n.account_key
JOIN organizations o ON o.organization_key = a.organization_key
JOIN memberships m ON m.user_key = x.user_key AND m.account_key = n.account_key
WHERE r.access_level = 'unknown';

-- One row per entry of an audit log that was asked for, with the names of account and user.
CREATE VIEW v_audit_events AS
SELECT o.organization_name, a.account_id, a.account_name, e.happened_at_utc, e.happened_date, e.actor_name, u.identity,
    u.full_name, u.highest_privilege, e.event_name, e.user_action, e.event_description, e.stated_account_name
FROM audit_events e
JOIN accounts a ON a.account_key = e.account_key
JOIN organizations o ON o.organization_key = a.organization_key
LEFT JOIN users u ON u.user_key = e.user_key;

-- One row per API key of an account that was asked for them.
CREATE VIEW v_api_keys AS
SELECT o.organization_name, a.account_id, a.account_name, k.masked_key_id, k.key_fingerprint, k.enabled_seen, k.is_enabled,
    k.key_description, a.account_owner, a.environment, a.audit_scope
FROM api_keys k
JOIN accounts a ON a.account_key = k.account_key
JOIN organizations o ON o.organization_key = a.organization_key;

-- One row per account and list beside its members that it was asked for: look here before you count.
CREATE VIEW v_optional_sources AS
SELECT o.organization_name, a.account_id, a.account_name, s.source_name, s.read_status, s.read_detail, s.window_start_utc,
    s.window_end_utc, s.rows_returned
FROM optional_sources s
JOIN accounts a ON a.account_key = s.account_key
JOIN organizations o ON o.organization_key = a.organization_key;

-- One row per problem, with the names of what it is about.
CREATE VIEW v_problems AS
SELECT p.severity, p.problem_code, o.organization_name, a.account_id, a.account_name, p.page, p.row_number, p.message,
    p.hint
FROM problems p
LEFT JOIN organizations o ON o.organization_key = p.organization_key
LEFT JOIN accounts a ON a.account_key = p.account_key;

-- One row per node of the graph; kind and key together tell it from the others.
-- @node_kind The kind of node: organization, account, role, group or user.
-- @node_key The key in the table of that kind: organizations, accounts, role_nodes, user_groups or users.
-- @node_name The organization's name, account_id, role name, group name or identity.
CREATE VIEW v_nodes AS
SELECT k.graph_kind AS node_kind, n.organization_key AS node_key, n.organization_name AS node_name
FROM organizations n JOIN graph_kinds k ON k.graph_kind = 'organization'
UNION ALL
SELECT k.graph_kind, n.account_key, n.account_id
FROM accounts n JOIN graph_kinds k ON k.graph_kind = 'account'
UNION ALL
SELECT k.graph_kind, n.role_node_key, n.role_name
FROM role_nodes n JOIN graph_kinds k ON k.graph_kind = 'role'
UNION ALL
SELECT k.graph_kind, n.group_key, n.group_name
FROM user_groups n JOIN graph_kinds k ON k.graph_kind = 'group'
UNION ALL
SELECT k.graph_kind, n.user_key, n.identity
FROM users n JOIN graph_kinds k ON k.graph_kind = 'user';

-- One row per edge of the graph; edges point the way access flows.
-- @edge_kind What the edge means: contains, defines, implies, confers, member, holds or in.
-- @from_kind The node_kind where the edge starts.
-- @from_key The node_key where the edge starts.
-- @to_kind The node_kind that the edge leads to.
-- @to_key The node_key that the edge leads to.
-- @is_enabled Whether the edge is in force: off for what a disabled user holds.
CREATE VIEW v_edges AS
SELECT e.graph_kind AS edge_kind, f.graph_kind AS from_kind, x.organization_key AS from_key, t.graph_kind AS to_kind,
    x.account_key AS to_key, e.is_in_force AS is_enabled
FROM accounts x
JOIN graph_kinds e ON e.graph_kind = 'contains'
JOIN graph_kinds f ON f.graph_kind = 'organization'
JOIN graph_kinds t ON t.graph_kind = 'account'
UNION ALL
SELECT e.graph_kind, f.graph_kind, x.account_key, t.graph_kind, x.role_node_key, e.is_in_force
FROM role_nodes x
JOIN graph_kinds e ON e.graph_kind = 'defines'
JOIN graph_kinds f ON f.graph_kind = 'account'
JOIN graph_kinds t ON t.graph_kind = 'role'
WHERE x.account_key IS NOT NULL
UNION ALL
SELECT e.graph_kind, f.graph_kind, x.organization_key, t.graph_kind, x.role_node_key, e.is_in_force
FROM role_nodes x
JOIN graph_kinds e ON e.graph_kind = 'defines'
JOIN graph_kinds f ON f.graph_kind = 'organization'
JOIN graph_kinds t ON t.graph_kind = 'role'
WHERE x.account_key IS NULL
UNION ALL
SELECT e.graph_kind, f.graph_kind, x.from_role_node_key, f.graph_kind, x.to_role_node_key, e.is_in_force
FROM role_implications x
JOIN graph_kinds e ON e.graph_kind = 'implies'
JOIN graph_kinds f ON f.graph_kind = 'role'
UNION ALL
SELECT e.graph_kind, f.graph_kind, x.group_key, t.graph_kind, x.role_node_key, e.is_in_force
FROM group_roles x
JOIN graph_kinds e ON e.graph_kind = 'confers'
JOIN graph_kinds f ON f.graph_kind = 'group'
JOIN graph_kinds t ON t.graph_kind = 'role'
UNION ALL
SELECT e.graph_kind, f.graph_kind, x.user_key, t.graph_kind, x.account_key, x.counts_as_enabled
FROM memberships x
JOIN graph_kinds e ON e.graph_kind = 'member'
JOIN graph_kinds f ON f.graph_kind = 'user'
JOIN graph_kinds t ON t.graph_kind = 'account'
UNION ALL
SELECT e.graph_kind, f.graph_kind, x.user_key, t.graph_kind, n.role_node_key, x.is_enabled
FROM access_grants x
JOIN grant_sources s ON s.source_key = x.source_key
JOIN role_nodes n ON n.account_key = x.account_key AND n.role_key = x.role_key
JOIN graph_kinds e ON e.graph_kind = 'holds'
JOIN graph_kinds f ON f.graph_kind = 'user'
JOIN graph_kinds t ON t.graph_kind = 'role'
WHERE s.grant_origin = 'direct'
UNION ALL
SELECT e.graph_kind, f.graph_kind, x.user_key, t.graph_kind, n.role_node_key, x.is_enabled
FROM organization_grants x
JOIN role_nodes n ON n.organization_key = x.organization_key AND n.role_name = x.org_role
JOIN graph_kinds e ON e.graph_kind = 'holds'
JOIN graph_kinds f ON f.graph_kind = 'user'
JOIN graph_kinds t ON t.graph_kind = 'role'
WHERE n.account_key IS NULL
UNION ALL
SELECT e.graph_kind, f.graph_kind, x.user_key, t.graph_kind, x.group_key, m.counts_as_enabled
FROM user_group_members x
JOIN user_groups g ON g.group_key = x.group_key
JOIN memberships m ON m.user_key = x.user_key AND m.account_key = g.account_key
JOIN graph_kinds e ON e.graph_kind = 'in'
JOIN graph_kinds f ON f.graph_kind = 'user'
JOIN graph_kinds t ON t.graph_kind = 'group';
