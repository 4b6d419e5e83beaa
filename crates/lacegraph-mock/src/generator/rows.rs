//! Writes the rows by hand: a large organization has hundreds of megabytes of them, and no text in them needs escaping.

use std::fmt;
use std::io::Write as _;

use jiff::Timestamp;

use super::Generated;
use super::people::{Login, Membership, Person, Role};

/// Writes formatted text to a row; writing into a vector does not fail.
macro_rules! put {
    ($out:expr, $($text:tt)*) => {
        let _ = write!($out, $($text)*);
    };
}

/// One row for a person and an account, with `props`.
pub(super) fn write_flat(generated: &Generated, index: usize, accounts: &[u32], out: &mut Vec<u8>) {
    let person = generated.person(index);
    for account in accounts.iter().map(|account| *account as usize) {
        let membership = generated.membership(index, &person, account);
        let place = &generated.accounts[account];
        put!(
            out,
            r#"{{"userName":"{email}","userGuid":"{prefix}_{digits}","custGuid":"{cust_guid}","userEnabled":{enabled},"#,
            email = person.email,
            prefix = place.guid_prefix,
            digits = membership.guid_digits,
            cust_guid = place.guid,
            enabled = u8::from(person.enabled),
        );
        put!(
            out,
            r#""props":{{"firstName":"{first}","lastName":"{last}","company":"Corp Example","accountAdmin":{admin},"orgAdmin":{org_admin},"orgUser":{org_user},"jitCreated":{jit},"createdTime":"{created}","updatedTime":"{updated}","updatedBy":"{email}","lastLoginTime":{login},"lastSessionCreatedTime":{login}}}}}"#,
            first = person.first_name,
            last = person.last_name,
            admin = membership.role == Role::Admin,
            org_admin = person.org_admin,
            org_user = person.org_user,
            jit = membership.jit_created,
            created = Iso(person.created),
            updated = Iso(membership.updated),
            email = person.email,
            login = membership.login,
        );
    }
}

/// One row for a person, with their accounts; half of the people have roles as names, half as `admin`.
pub(super) fn write_nested(generated: &Generated, index: usize, accounts: &[u32], out: &mut Vec<u8>) {
    let person = generated.person(index);
    write_opening(&person, out);
    put!(out, r#""accounts":["#);
    for (position, account) in accounts.iter().map(|account| *account as usize).enumerate() {
        let membership = generated.membership(index, &person, account);
        let place = &generated.accounts[account];
        let comma = if position > 0 { "," } else { "" };
        put!(out, r#"{comma}{{"accountName":"{}","#, place.name);
        match (index % 2, membership.role) {
            (0, Role::Admin) => out.extend_from_slice(br#""userRoles":["ADMIN"],"#),
            (0, _) => out.extend_from_slice(br#""userRoles":["USER"],"#),
            (_, role) => {
                put!(out, r#""admin":{},"#, role == Role::Admin);
            }
        }
        put!(
            out,
            r#""custGuid":"{}","userGuid":"{}_{}","userEnabled":{}}}"#,
            place.guid,
            place.guid_prefix,
            membership.guid_digits,
            u8::from(person.enabled),
        );
    }
    put!(out, "]}}");
}

/// One row for a person, with the names of the accounts where they are admin, and where user.
pub(super) fn write_role_lists(generated: &Generated, index: usize, accounts: &[u32], out: &mut Vec<u8>) {
    let person = generated.person(index);
    let (admin, user): (Vec<usize>, Vec<usize>) = accounts
        .iter()
        .map(|account| *account as usize)
        .partition(|account| generated.membership(index, &person, *account).role == Role::Admin);
    write_opening(&person, out);
    put!(out, r#""userEnabled":{},"#, u8::from(person.enabled));
    for (key, names, end) in [("adminRoleAccounts", admin, ","), ("userRoleAccounts", user, "}")] {
        put!(out, r#""{key}":["#);
        for (position, account) in names.into_iter().enumerate() {
            let comma = if position > 0 { "," } else { "" };
            put!(out, r#"{comma}"{}""#, generated.accounts[account].name);
        }
        put!(out, "]{end}");
    }
}

/// What the two shapes of one row a person have in common.
fn write_opening(person: &Person, out: &mut Vec<u8>) {
    put!(out, r#"{{"userName":"{}","orgAdmin":{},"orgUser":{},"#, person.email, person.org_admin, person.org_user,);
}

/// One row of the newer model, where roles come through groups.
pub(super) fn write_team_user(generated: &Generated, index: usize, accounts: &[u32], out: &mut Vec<u8>) {
    let person = generated.person(index);
    for account in accounts.iter().map(|account| *account as usize) {
        let membership = generated.membership(index, &person, account);
        let place = &generated.accounts[account];
        put!(
            out,
            r#"{{"type":"StandardUser","name":"{} {}","email":"{}","company":"Corp Example","userGuid":"{}_{}","userEnabled":{},"orgAccess":"{}","lastLoginTime":{},"userGroups":["#,
            person.first_name,
            person.last_name,
            person.email,
            place.guid_prefix,
            membership.guid_digits,
            u8::from(person.enabled),
            org_access(&person),
            membership.login,
        );
        write_group(&membership, &place.guid_prefix, out);
        put!(out, "]}}");
    }
}

fn write_group(membership: &Membership, prefix: &str, out: &mut Vec<u8>) {
    let (guid, name) = match membership.role {
        Role::Admin => ("LACEWORK_USER_GROUP_ADMIN", "Admin"),
        Role::PowerUser => ("LACEWORK_USER_GROUP_POWER_USER", "Power user"),
        Role::ReadOnly => ("LACEWORK_USER_GROUP_READ_ONLY_USER", "Read-only user"),
        Role::Custom => {
            put!(out, r#"{{"userGroupGuid":"{prefix}_CLOUD_RESPONSE","userGroupName":"Cloud response"}}"#);
            return;
        }
    };
    put!(out, r#"{{"userGroupGuid":"{guid}","userGroupName":"{name}"}}"#);
}

/// `ORG_ADMIN` was seen (field), `ORG_USER` is inferred.
fn org_access(person: &Person) -> &'static str {
    if person.org_admin {
        "ORG_ADMIN"
    } else if person.org_user {
        "ORG_USER"
    } else {
        "NO_ORG_ACCESS"
    }
}

/// Seconds as ISO-8601 text.
struct Iso(i64);

impl fmt::Display for Iso {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Timestamp::from_second(self.0).unwrap_or(Timestamp::UNIX_EPOCH).fmt(formatter)
    }
}

impl fmt::Display for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => formatter.write_str("null"),
            Self::Never => formatter.write_str("0"),
            Self::At(milliseconds) => milliseconds.fmt(formatter),
        }
    }
}
