//! Rows in every spelling that was seen or is feared. Where they say the same, the access is the same.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::row::{Access, Row, row};
use super::table::check;
use crate::fixture::{Fixture, directory};
use crate::mock::Mock;
use crate::place::Place;

const LISTS: [&str; 3] = ["org", "accounts/TINY-ONE", "accounts/TINY-TWO"];
const EACH_ONCE: &str = "token 1, profile 1, org 1, one 1, two 1";

/// The small fixture with the rows of each list changed.
fn respelled(change: impl Fn(usize, Value) -> Vec<Value>) -> Fixture {
    LISTS.iter().fold(Fixture::small(), |fixture, list| {
        let path = format!("tiny/{list}/TeamMembers.json");
        let body: Value =
            serde_json::from_str(&fs_err::read_to_string(directory("small").join(&path)).unwrap()).unwrap();
        let rows = body["data"].as_array().unwrap().iter().cloned().enumerate();
        let rows: Vec<Value> = rows.flat_map(|(number, row)| change(number, row)).collect();
        fixture.write(&path, &json!({"data": rows, "extra": {"of": ["the", "answer"]}}).to_string())
    })
}

/// Rows that say what the fixture's say: all is as it is there.
fn same(name: &'static str, fixture: Fixture) -> Row {
    row(name, fixture).ends(0, &["COMPLETE"]).calls(EACH_ONCE)
}

/// A flag in another spelling, each in turn.
fn spelled(turn: usize, flag: &Value) -> Value {
    let is_on = *flag == json!(true) || *flag == json!(1);
    let spellings = if is_on {
        [json!(true), json!(1), json!("1"), json!("true"), json!(1.0), json!("True")]
    } else {
        [json!(false), json!(0), json!("0"), json!("false"), json!(0.0), json!("FALSE")]
    };
    spellings[turn % spellings.len()].clone()
}

fn booleans() -> Fixture {
    respelled(|number, mut row| {
        for (turn, field) in ["orgAdmin", "orgUser"].iter().enumerate() {
            row[field] = spelled(number + turn, &row[field]);
        }
        for (turn, account) in row["accounts"].as_array_mut().unwrap().iter_mut().enumerate() {
            account["userEnabled"] = spelled(number + turn + 2, &account["userEnabled"]);
            let is_admin = account["userRoles"][0] == "ADMIN";
            account["admin"] = spelled(number + turn + 3, &json!(is_admin));
            account.as_object_mut().unwrap().remove("userRoles");
        }
        vec![row]
    })
}

/// Each row in another shape: nested, flat (a row an account), role lists.
fn mixed() -> Fixture {
    respelled(|number, row| {
        let accounts = row["accounts"].as_array().unwrap();
        let name = &row["userName"];
        match number % 3 {
            0 => vec![row],
            1 => {
                let of = |role: &str| -> Vec<&Value> {
                    accounts
                        .iter()
                        .filter(|account| account["userRoles"][0] == role)
                        .map(|account| &account["accountName"])
                        .collect()
                };
                vec![json!({"username": name, "orgAdmin": row["orgAdmin"], "orgUser": row["orgUser"],
                    "adminRoleAccounts": of("ADMIN"), "userRoleAccounts": of("USER")})]
            }
            _ => {
                let flat = |account: &Value| {
                    json!({"email": name, "custGuid": account["custGuid"], "userGuid": account["userGuid"],
                        "userEnabled": account["userEnabled"],
                        "props": {"accountAdmin": account["userRoles"][0] == "ADMIN",
                            "orgAdmin": row["orgAdmin"], "orgUser": row["orgUser"]}})
                };
                accounts.iter().map(flat).collect()
            }
        }
    })
}

fn with_times() -> Fixture {
    let times = [
        ("iso", json!("2026-08-30T12:00:00Z")),
        ("fraction", json!("2026-08-30T12:00:00.123456Z")),
        ("offset", json!("2026-08-30T14:00:00+02:00")),
        ("integer", json!(1_788_091_200_000_u64)),
        ("float", json!(1_788_091_200_000.5)),
        ("text", json!("1788091200000")),
        ("zero", json!(0)),
        ("zero-text", json!("0")),
        ("null", Value::Null),
        ("empty", json!("")),
    ];
    let person = |name: &str| json!({"userName": format!("{name}@tiny.example"), "userEnabled": 1, "props": {"accountAdmin": false}});
    let mut rows: Vec<Value> = times
        .iter()
        .map(|(name, time)| {
            let mut row = person(name);
            row["props"]["lastLoginTime"] = time.clone();
            row
        })
        .collect();
    rows.push(person("missing"));
    rows.push(json!({"userName": "ann@tiny.example", "orgAdmin": true, "userEnabled": 1}));
    Fixture::small()
        .without("tiny/org/TeamMembers.json")
        .write("tiny/accounts/TINY-ONE/TeamMembers.json", &json!({ "data": rows }).to_string())
}

fn times_are_read(_: &Mock, place: &Place) -> Option<String> {
    let database = Connection::open(place.path("out/lacegraph.db")).unwrap();
    let sql = "SELECT identity || ' ' || coalesce(last_login_utc, last_login_seen) FROM memberships
        JOIN users USING (user_key) JOIN accounts USING (account_key) WHERE account_id = 'tiny/tiny-one' AND identity NOT LIKE 'ann@%' ORDER BY 1";
    let mut statement = database.prepare(sql).unwrap();
    let lines = statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    let lines: Vec<String> =
        lines.map(|line| line.replace("@tiny.example", "").replace("2026-08-30 12:00:00", "NOON")).collect();
    let expected = [
        "empty unknown",
        "float NOON",
        "fraction NOON",
        "integer NOON",
        "iso NOON",
        "missing unknown",
        "null unknown",
        "offset NOON",
        "text NOON",
        "zero-text never",
        "zero never",
    ];
    (lines != expected).then(|| format!("the times are {lines:?}"))
}

/// TINY-TWO in the newer access model: bob, cleo and eve as in the fixture but for this of cleo.
fn newer(cleo: Value) -> Fixture {
    let user = |name: &str, enabled: u8, org: &str, group: &str| {
        json!({"type": "StandardUser", "email": format!("{name}@tiny.example"), "userEnabled": enabled,
            "orgAccess": org, "userGroups": [{"userGroupGuid": format!("LACEWORK_USER_GROUP_{group}"), "userGroupName": group}]})
    };
    let mut changed = user("cleo", 1, "NO_ORG_ACCESS", "READ_ONLY_USER");
    for (field, value) in cleo.as_object().unwrap() {
        changed[field] = value.clone();
    }
    let rows = [user("bob", 1, "ORG_USER", "ADMIN"), changed, user("eve", 0, "NO_ORG_ACCESS", "READ_ONLY_USER")];
    Fixture::small()
        .without("tiny/org/TeamMembers.json")
        .without("tiny/accounts/TINY-TWO/TeamMembers.json")
        .write("tiny/accounts/TINY-TWO/TeamUsers.json", &json!({ "data": rows }).to_string())
}

/// Cleo's rows with this in the account TINY-TWO.
fn cleo_in_two(field: &str, value: &Value) -> Fixture {
    respelled(|_, mut row| {
        if row["userName"] == "cleo@tiny.example" {
            for account in row["accounts"].as_array_mut().unwrap() {
                if account["accountName"] == "TINY-TWO" {
                    account[field] = value.clone();
                }
            }
        }
        vec![row]
    })
}

#[test]
fn shapes() {
    let unknown_fields = respelled(|_, mut row| {
        row["zodiac"] = json!({"sign": ["aries", null, 1.5]});
        row["accounts"][0]["colour"] = json!([{"deep": {"er": true}}]);
        vec![row]
    });
    let without_guids = respelled(|_, mut row| {
        for account in row["accounts"].as_array_mut().unwrap() {
            account.as_object_mut().unwrap().retain(|field, _| !field.ends_with("Guid"));
        }
        vec![row]
    });
    let group =
        json!([{"userGroupGuid": "TINYTWO_2DE25C2A2C1EF528C33695E2E18FFB58", "userGroupName": "Cloud Auditors"}]);
    let newer_calls = "token 1, profile 1, org 2, one 1, two 2, two/TeamUsers 1";
    check(
        8,
        vec![
            same("unknown fields", unknown_fields),
            same("every spelling of booleans", booleans()),
            row("every spelling of times", with_times())
                .ends(0, &["COMPLETE"])
                .also(times_are_read)
                .access(Access::Other)
                .calls("token 1, profile 1, org 2, one 1, two 1"),
            same("row shapes mixed", mixed()),
            same("rows without custGuid and userGuid", without_guids),
            same("every row twice", respelled(|_, row| vec![row.clone(), row])),
            row("a flat row of the organization's list without custGuid", nowhere())
                .check_ends(0)
                .ends(3, &["custGuid"])
                .calls(EACH_ONCE),
            row("an unknown role", cleo_in_two("userRoles", &json!(["USER", "AUDITOR"])))
                .ends(0, &["COMPLETE", "1 with a group or role of unknown power"])
                .access(Access::Other)
                .calls(EACH_ONCE),
            row("a custom group", newer(json!({ "userGroups": group })))
                .ends(0, &["COMPLETE", "1 with a group or role of unknown power"])
                .access(Access::Other)
                .calls(newer_calls),
            row("an unknown orgAccess", newer(json!({"orgAccess": "ORG_AUDITOR"})))
                .ends(0, &["ORG_AUDITOR"])
                .access(Access::Other)
                .calls(newer_calls),
            row("rows that contradict each other", contradicting())
                .ends(0, &["warning"])
                .access(Access::Other)
                .calls(EACH_ONCE),
        ],
    );
}

/// Cleo stands in the organization's list without an account.
fn nowhere() -> Fixture {
    let rows = json!([{"userName": "cleo@tiny.example", "userEnabled": 1, "props": {"accountAdmin": true}}]);
    Fixture::small().write("tiny/org/TeamMembers.json", &json!({ "data": rows }).to_string())
}

/// Cleo is ADMIN and USER of TINY-TWO in two rows of one list.
fn contradicting() -> Fixture {
    respelled(|_, row| {
        let mut other = row.clone();
        let is_cleo = row["userName"] == "cleo@tiny.example";
        for account in other["accounts"].as_array_mut().unwrap() {
            account["userEnabled"] = json!(0);
        }
        if is_cleo { vec![row, other] } else { vec![row] }
    })
}
