//! When somebody was last seen.

use lacegraph_model::{Graph, Login, Settings};

use crate::rows::{Row, Run, graph_of, login_ago, person, service};

const DAY: i64 = 86_400;

fn ann() -> Row {
    person("ann@example.com")
}

/// Login state and days since login of a person whose records these are, one an account.
fn state_with(settings: Settings, records: &[Row]) -> (&'static str, Option<i64>) {
    let mut run = Run::new();
    for (index, row) in records.iter().enumerate() {
        run.own_list(&format!("A{index}"), row.clone());
    }
    let graph = Graph::new(run.snapshot(), settings);
    let user = graph.snapshot().user_ids().next().unwrap();
    let person = graph.person(user, &graph.grants_of(user));
    assert_eq!(person.is_dormant(), person.login_state.as_str() == "dormant");
    assert_eq!(person.days_since_login.is_some(), person.last_login_anywhere.is_some());
    (person.login_state.as_str(), person.days_since_login)
}

fn state(records: &[Row]) -> (&'static str, Option<i64>) {
    state_with(Settings::default(), records)
}

#[test]
fn dormant_is_more_than_ninety_whole_days() {
    let since = |seconds| state(&[ann().here().logged_in(login_ago(seconds))]);
    assert_eq!(since(1), ("active", Some(0)));
    assert_eq!(since(DAY - 1), ("active", Some(0)));
    assert_eq!(since(DAY), ("active", Some(1)));
    assert_eq!(since(90 * DAY), ("active", Some(90)));
    assert_eq!(since(91 * DAY - 1), ("active", Some(90)));
    assert_eq!(since(91 * DAY), ("dormant", Some(91)));
}

#[test]
fn the_threshold_is_a_setting() {
    let settings = || Settings { dormant_after_days: 30, ..Settings::default() };
    assert_eq!(state_with(settings(), &[ann().here().logged_in(login_ago(30 * DAY))]).0, "active");
    assert_eq!(state_with(settings(), &[ann().here().logged_in(login_ago(31 * DAY))]).0, "dormant");
}

#[test]
fn a_login_after_the_capture_is_no_days_ago() {
    assert_eq!(state(&[ann().here().logged_in(login_ago(-2 * DAY))]), ("active", Some(0)));
}

#[test]
fn never_only_if_every_membership_says_never() {
    let never = || ann().here().logged_in(Login::NEVER);
    let unknown = || ann().here();
    assert_eq!(state(&[never()]), ("never", None));
    assert_eq!(state(&[never(), never()]), ("never", None));
    assert_eq!(state(&[never(), unknown()]), ("unknown", None));
    assert_eq!(state(&[unknown()]), ("unknown", None));
    assert_eq!(state(&[never(), ann().here().logged_in(login_ago(DAY))]), ("active", Some(1)));
    assert_eq!(state(&[unknown(), ann().here().logged_in(login_ago(200 * DAY))]), ("dormant", Some(200)));
}

#[test]
fn the_latest_sign_of_life_counts_be_it_login_or_session_wherever_it_was() {
    let both = |login, session| ann().here().logged_in(login_ago(login)).in_session(login_ago(session));
    assert_eq!(state(&[both(7 * DAY, 3 * DAY)]).1, Some(3));
    assert_eq!(state(&[both(3 * DAY, 7 * DAY)]).1, Some(3));
    assert_eq!(state(&[both(9 * DAY, 9 * DAY), both(8 * DAY, 5 * DAY), both(6 * DAY, 9 * DAY)]).1, Some(5));
    // A session without a login record is a sign of life; no session and no login record is none.
    assert_eq!(state(&[ann().here().in_session(login_ago(DAY))]), ("active", Some(1)));
    assert_eq!(state(&[ann().here().logged_in(Login::NEVER).in_session(login_ago(DAY))]), ("active", Some(1)));
    assert_eq!(state(&[ann().here().in_session(Login::NEVER)]), ("never", None));
}

#[test]
fn a_service_user_has_no_login_state() {
    assert_eq!(state(&[service("ci").here()]).0, "not_applicable");
    assert_eq!(state(&[service("ci").here().logged_in(login_ago(200 * DAY))]), ("not_applicable", Some(200)));
}

#[test]
fn somebody_without_membership_has_no_place_to_log_in() {
    let mut run = Run::new();
    run.account("A");
    run.org_list(ann().org_role("ORG_ADMIN"));
    let graph = graph_of(run.snapshot());
    let user = graph.snapshot().find_user("ann@example.com").unwrap();
    let person = graph.person(user, &graph.grants_of(user));
    assert_eq!((person.login_state.as_str(), person.days_since_login), ("no_membership", None));
}
