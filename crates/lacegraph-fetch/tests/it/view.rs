//! A snapshot as lines of text, to compare in tests.

use lacegraph_model::{Login, Snapshot, UtcTime};

fn or_dash(text: Option<&str>) -> &str {
    text.unwrap_or("-")
}

fn login(login: Login) -> String {
    login.time().map_or_else(|| login.kind().to_owned(), UtcTime::to_sql)
}

/// `identity @ ACCOUNT [roles] enabled`, one a membership; groups as `{group}`.
pub(crate) fn memberships(snapshot: &Snapshot) -> Vec<String> {
    let line = |m: &lacegraph_model::Membership| {
        let mut roles: Vec<String> = snapshot.names(m.roles).map(str::to_owned).collect();
        for member in snapshot.user_group_members().iter().filter(|member| member.user == m.user) {
            let group = snapshot.group(member.group);
            if group.account == m.account {
                roles.push(format!("{{{}}}", snapshot.text(group.name)));
            }
        }
        let enabled = match m.enabled {
            Some(true) => "on",
            Some(false) => "off",
            None => "?",
        };
        format!("{} @ {} [{}] {enabled}", snapshot.identity(m.user), snapshot.account_name(m.account), roles.join(" "))
    };
    snapshot.memberships().iter().map(line).collect()
}

/// All that is said of the only membership beside roles and state.
pub(crate) fn details(snapshot: &Snapshot) -> String {
    let [m] = snapshot.memberships() else { panic!("not one membership: {:?}", memberships(snapshot)) };
    let time = |time: Option<UtcTime>| time.map_or("-".to_owned(), UtcTime::to_sql);
    let text = |sym| or_dash(snapshot.text_opt(sym));
    format!(
        "guid {} name {} company {} created {} updated {} by {} login {} session {} jit {:?}",
        text(m.user_guid),
        text(m.full_name),
        text(m.company),
        time(m.created),
        time(m.updated),
        text(m.updated_by),
        login(m.last_login),
        login(m.last_session),
        m.jit_created,
    )
}

/// `identity ROLE`, one an organization grant.
pub(crate) fn grants(snapshot: &Snapshot) -> Vec<String> {
    let grants = snapshot.organization_grants().iter();
    grants.map(|g| format!("{} {}", snapshot.identity(g.user), snapshot.text(g.role))).collect()
}

/// `NAME status model rows`, one an account.
pub(crate) fn accounts(snapshot: &Snapshot) -> Vec<String> {
    let line = |account: &lacegraph_model::Account| {
        let model = account.api_model.map_or("-", lacegraph_model::ApiModel::as_str);
        let name = snapshot.text(account.name);
        format!("{name} {} {model} {}", account.fetch_status.as_str(), account.rows_returned)
    };
    snapshot.accounts().iter().map(line).collect()
}

/// Why an account has its status.
pub(crate) fn detail<'a>(snapshot: &'a Snapshot, name: &str) -> &'a str {
    let is_it = |account: &&lacegraph_model::Account| snapshot.text(account.name) == name;
    or_dash(snapshot.accounts().iter().find(is_it).and_then(|account| snapshot.text_opt(account.fetch_detail)))
}

/// `severity code account page row`, one a problem.
pub(crate) fn problems(snapshot: &Snapshot) -> Vec<String> {
    let line = |problem: &lacegraph_model::Problem| {
        let account = problem.account.map_or("-", |id| snapshot.account_name(id));
        let number = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
        let (page, row) = (number(problem.page.map(u64::from)), number(problem.row_number));
        assert!(problem.hint.is_some(), "a problem without a hint");
        format!("{} {} {account} {page} {row}", problem.severity.as_str(), snapshot.text(problem.code))
    };
    snapshot.problems().iter().map(line).collect()
}

/// The message of the only problem of this code.
pub(crate) fn message<'a>(snapshot: &'a Snapshot, code: &str) -> &'a str {
    let mut found = snapshot.problems().iter().filter(|problem| snapshot.text(problem.code) == code);
    let message = found.next().map(|problem| snapshot.text(problem.message));
    assert!(found.next().is_none(), "several problems {code}");
    message.unwrap_or_else(|| panic!("no problem {code} in {:?}", problems(snapshot)))
}

/// `endpoint account page status attempts rows hash?`, one a call.
pub(crate) fn calls(snapshot: &Snapshot) -> Vec<String> {
    let line = |call: &lacegraph_model::SourceCall| {
        let account = call.account.map_or("-", |id| snapshot.account_name(id));
        let status = call.status.map_or("-".to_owned(), |status| status.to_string());
        let hash = if call.body_sha256.is_some() { "hash" } else { "-" };
        let endpoint = snapshot.text(call.endpoint);
        format!("{endpoint} {account} {} {status} {} {} {hash}", call.page, call.attempts, call.rows)
    };
    snapshot.source_calls().iter().map(line).collect()
}
