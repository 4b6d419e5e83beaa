SELECT 'organization_count' AS figure, organization_count AS claimed,
    (SELECT count(*) FROM organizations) AS counted FROM snapshot
UNION ALL SELECT 'expected_account_count', expected_account_count,
    (SELECT count(*) FROM accounts WHERE fetch_status <> 'unlisted') FROM snapshot
UNION ALL SELECT 'in_scope_account_count', in_scope_account_count,
    (SELECT count(*) FROM accounts WHERE fetch_status NOT IN ('unlisted', 'excluded')) FROM snapshot
UNION ALL SELECT 'complete_account_count', complete_account_count,
    (SELECT count(*) FROM v_accounts WHERE fetch_status = 'complete') FROM snapshot
UNION ALL SELECT 'unread_account_count', unread_account_count,
    (SELECT count(*) FROM accounts WHERE fetch_status IN ('incomplete', 'failed', 'not_attempted')) FROM snapshot
UNION ALL SELECT 'excluded_account_count', excluded_account_count,
    (SELECT count(*) FROM accounts WHERE fetch_status = 'excluded') FROM snapshot
UNION ALL SELECT 'unlisted_account_count', unlisted_account_count,
    (SELECT count(*) FROM v_unlisted_accounts) FROM snapshot
UNION ALL SELECT 'user_count', user_count, (SELECT count(*) FROM users) FROM snapshot
UNION ALL SELECT 'person_count', person_count, (SELECT count(*) FROM users WHERE user_type = 'person') FROM snapshot
UNION ALL SELECT 'membership_count', membership_count, (SELECT count(user_key) FROM memberships) FROM snapshot
UNION ALL SELECT 'grant_count', grant_count, (SELECT count(user_key) FROM access_grants) FROM snapshot
UNION ALL SELECT 'grants in v_access', grant_count, (SELECT count(*) FROM v_access) FROM snapshot
UNION ALL SELECT 'effective_access_count', effective_access_count,
    (SELECT count(*) FROM v_effective_access) FROM snapshot
UNION ALL SELECT 'pairs of user and account', effective_access_count,
    (SELECT count(*) FROM (SELECT DISTINCT identity, account_id FROM v_effective_access) pairs) FROM snapshot
UNION ALL SELECT 'users of all accounts', effective_access_count, (SELECT sum(user_count) FROM v_accounts) FROM snapshot
UNION ALL SELECT 'accounts of all users', effective_access_count, (SELECT sum(account_count) FROM users) FROM snapshot
UNION ALL SELECT 'org_admin_count', org_admin_count,
    (SELECT count(DISTINCT identity) FROM v_org_admins WHERE is_enabled = 1) FROM snapshot
UNION ALL SELECT 'problem_count', problem_count, (SELECT count(*) FROM v_problems) FROM snapshot
UNION ALL SELECT 'error_count', error_count,
    (SELECT count(*) FROM problems WHERE severity = 'error') FROM snapshot
