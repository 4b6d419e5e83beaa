//! A draft that nobody should have filled in that way is caught by `verify`.

use lacegraph_model::{
    Account, AccountId, Draft, ExpectedFrom, FetchStatus, Graph, Login, Membership, MembershipConflict, Organization,
    OrganizationGrant, OrganizationId, RecordSource, Settings, User, UserId, UserType,
};

use crate::rows::header;

/// Two organizations, two accounts, two users with a membership each: everything in order.
fn draft() -> Draft {
    let mut draft = Draft::new(header());
    let mut text = |text: &str| draft.interner.intern(text);
    let host = text("host");
    let organizations = ["acme", "beta"].map(|name| Organization {
        name: text(name),
        host,
        expected_from: ExpectedFrom::Configuration,
    });
    let accounts = ["dev", "prod"].map(|name| Account {
        organization: OrganizationId::from_index(0),
        name: text(name),
        account_id: text(&format!("acme/{name}")),
        cust_guid: None,
        fetch_status: FetchStatus::Complete,
        fetch_detail: None,
        api_model: None,
        rows_returned: 1,
        statements_received: 1,
        duplicates_merged: 0,
        owner: None,
        environment: None,
        audit_scope: None,
    });
    let users = ["ann@example.com", "bob@example.com"]
        .map(|identity| User { identity: text(identity), user_type: UserType::Person });
    let admin = text("ADMIN");
    let roles = draft.name_lists.intern(&[admin]);
    draft.organizations = organizations.into();
    draft.accounts = accounts.into();
    draft.users = users.into();
    draft.memberships = [0, 1]
        .map(|index| Membership {
            user: UserId::from_index(index),
            account: AccountId::from_index(index),
            source: RecordSource::AccountList,
            enabled: None,
            jit_created: None,
            roles,
            user_guid: None,
            full_name: None,
            company: None,
            created: None,
            updated: None,
            updated_by: None,
            last_login: Login::UNKNOWN,
            last_session: Login::UNKNOWN,
        })
        .into();
    draft
}

/// What `verify` says after a change to the draft.
fn verify(change: fn(&mut Draft)) -> Result<(), String> {
    let mut draft = draft();
    change(&mut draft);
    Graph::new(draft.seal(), Settings::default()).verify().map_err(|error| error.to_string())
}

#[test]
fn records_out_of_order_or_twice_are_said() {
    let said =
        |what: &str| Err(format!("the graph contradicts itself: {what} are not sorted and unique; please report this"));
    assert_eq!(verify(|_| ()), Ok(()));
    assert_eq!(verify(|draft| draft.organizations.reverse()), said("organizations"));
    assert_eq!(verify(|draft| draft.organizations[1] = draft.organizations[0].clone()), said("organizations"));
    assert_eq!(verify(|draft| draft.accounts.reverse()), said("accounts"));
    assert_eq!(verify(|draft| draft.accounts[1].account_id = draft.accounts[0].account_id), said("accounts"));
    assert_eq!(verify(|draft| draft.users[1] = draft.users[0].clone()), said("users"));
    assert_eq!(verify(|draft| draft.memberships[1] = draft.memberships[0].clone()), said("memberships"));
    let grants = |draft: &mut Draft| {
        let grant = OrganizationGrant {
            user: UserId::from_index(0),
            organization: OrganizationId::from_index(0),
            role: draft.interner.intern("ORG_ADMIN"),
            is_enabled: true,
            source: RecordSource::AccountList,
            stated_by: None,
        };
        draft.organization_grants = vec![grant; 2];
    };
    assert_eq!(verify(grants), said("organization grants"));
}

#[test]
fn counts_and_conflicts_that_cannot_be_are_said() {
    let said = verify(|draft| draft.accounts[1].duplicates_merged = 2).unwrap_err();
    assert!(said.contains("records were received about acme/prod, "), "{said}");
    let without_membership = |draft: &mut Draft| {
        let record = Membership { account: AccountId::from_index(1), ..draft.memberships[0].clone() };
        let groups = draft.name_lists.intern(&[]);
        draft.membership_conflicts.push(MembershipConflict { record, groups });
    };
    let said = verify(without_membership).unwrap_err();
    assert!(said.contains("a conflict without membership"), "{said}");
}
