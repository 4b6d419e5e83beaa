//! Which account a row means, and how far each was read.

use lacegraph_model::{ApiModel, FetchStatus, Snapshot};

use crate::rows::{Run, access, graph_of, identities, person};

/// Every account as `account_id NAME status received merged`.
fn accounts(snapshot: &Snapshot) -> Vec<String> {
    let line = |account: &lacegraph_model::Account| {
        format!(
            "{} {} {} {} {}",
            snapshot.text(account.account_id),
            snapshot.text(account.name),
            account.fetch_status.as_str(),
            account.statements_received,
            account.duplicates_merged,
        )
    };
    snapshot.accounts().iter().map(line).collect()
}

#[test]
fn a_name_means_the_same_account_in_any_case_and_is_shown_as_first_written() {
    let mut run = Run::new();
    run.account("Acme-Prod");
    run.org_list(person("ann@example.com").at("ACME-PROD"));
    run.org_list(person("bob@example.com").at(" acme-prod "));
    run.account("Ünïcode");
    run.org_list(person("bob@example.com").at("ÜNÏCODE"));
    assert_eq!(
        accounts(&run.snapshot()),
        ["acme/acme-prod Acme-Prod complete 2 0", "acme/ünïcode Ünïcode complete 1 0"]
    );
}

#[test]
fn one_name_in_two_organizations_is_two_accounts() {
    let mut run = Run::new();
    run.own_list("PROD", person("ann@example.com").here());
    run.turn_to("beta");
    run.own_list("PROD", person("ann@example.com").here());
    assert_eq!(accounts(&run.snapshot()), ["acme/prod PROD complete 1 0", "beta/prod PROD complete 1 0"]);
}

#[test]
fn a_key_means_its_account_whether_it_is_learnt_before_or_after_the_rows() {
    for is_learnt_first in [true, false] {
        let mut run = Run::new();
        let prod = run.account("PROD");
        if is_learnt_first {
            run.builder.learn_cust_guid(run.organization, "K1", prod);
        }
        run.org_list(person("ann@example.com").at_guid("K1").as_(&["ADMIN"]));
        run.own_list("PROD", person("ann@example.com").here().as_(&["ADMIN"]));
        if !is_learnt_first {
            run.builder.learn_cust_guid(run.organization, "K1", prod);
        }
        run.org_list(person("bob@example.com").at_guid("K1").as_(&["USER"]));
        let named = run.builder.accounts_named_by_organization_list(run.organization);
        assert_eq!(named.into_iter().collect::<Vec<_>>(), [prod]);
        let snapshot = run.snapshot();
        assert_eq!(accounts(&snapshot), ["acme/prod PROD complete 3 1"]);
        assert_eq!(snapshot.text_opt(snapshot.accounts()[0].cust_guid), Some("K1"));
        assert_eq!(
            access(&graph_of(snapshot)),
            [
                "ann@example.com acme/prod ADMIN direct strongest effective",
                "bob@example.com acme/prod USER direct strongest effective",
            ]
        );
    }
}

#[test]
fn a_key_of_one_organization_says_nothing_in_another() {
    let mut run = Run::new();
    let prod = run.account("PROD");
    run.builder.learn_cust_guid(run.organization, "K1", prod);
    run.turn_to("beta");
    run.org_list(person("ann@example.com").at_guid("K1"));
    assert_eq!(accounts(&run.snapshot()), ["acme/prod PROD complete 0 0", "beta/k1 K1 unlisted 1 0"]);
}

#[test]
fn a_key_that_is_never_learnt_is_an_unlisted_account_named_by_it() {
    let mut run = Run::new();
    run.org_list(person("ann@example.com").at_guid("K1-Upper").as_(&["USER"]));
    let snapshot = run.snapshot();
    assert_eq!(accounts(&snapshot), ["acme/k1-upper K1-Upper unlisted 1 0"]);
    let account = &snapshot.accounts()[0];
    assert_eq!(snapshot.text_opt(account.cust_guid), Some("K1-Upper"));
    assert_eq!(
        snapshot.text_opt(account.fetch_detail),
        Some("known only by the key of the account that member rows carry")
    );
}

#[test]
fn a_key_that_is_written_like_a_name_never_makes_two_accounts_of_one_id() {
    let mut run = Run::new();
    run.account("Prod");
    run.org_list(person("ann@example.com").at_guid("PROD"));
    run.org_list(person("ann@example.com").at_guid("K1"));
    run.org_list(person("bob@example.com").at_guid("k1"));
    let graph = run.graph();
    assert_eq!(accounts(graph.snapshot()), ["acme/k1 K1 unlisted 2 0", "acme/prod Prod complete 1 0"]);
}

#[test]
fn a_name_that_nobody_listed_is_an_unlisted_account() {
    let mut run = Run::new();
    run.account("PROD");
    run.org_list(person("ann@example.com").at("Ghost").as_(&["ADMIN"]));
    let snapshot = run.snapshot();
    assert_eq!(accounts(&snapshot), ["acme/ghost Ghost unlisted 1 0", "acme/prod PROD complete 0 0"]);
    let counts = snapshot.account_counts();
    assert_eq!((counts.unlisted, counts.expected(), counts.in_scope(), counts.complete), (1, 1, 1, 1));
    assert_eq!(access(&graph_of(snapshot)), ["ann@example.com acme/ghost ADMIN direct strongest effective"]);
}

#[test]
fn records_about_an_excluded_account_are_counted_and_not_kept() {
    let mut run = Run::new();
    let sandbox = run.account("SANDBOX");
    run.builder.set_status(sandbox, FetchStatus::Excluded, Some("matches exclude pattern SANDBOX*"));
    run.org_list(person("ann@example.com").at("PROD").as_(&["USER"]).at("SANDBOX").as_(&["ADMIN"]));
    run.org_list(person("Only-There@Example.com").at("SANDBOX").as_(&["ADMIN"]).in_group("C1", "Custom"));
    run.org_list(person("only-there@example.com").at("SANDBOX").as_(&["USER"]));
    let snapshot = run.snapshot();
    assert_eq!(accounts(&snapshot), ["acme/prod PROD unlisted 1 0", "acme/sandbox SANDBOX excluded 3 0"]);
    assert_eq!(
        snapshot.text_opt(snapshot.accounts()[1].fetch_detail),
        Some("matches exclude pattern SANDBOX*; records of the organization's list left out: 3")
    );
    assert_eq!(identities(&snapshot), ["ann@example.com"]);
    assert_eq!((snapshot.memberships().len(), snapshot.membership_conflicts().len()), (1, 0));
    assert_eq!((snapshot.user_identifiers().len(), snapshot.user_groups().len()), (0, 0));
    assert!(!snapshot.is_partial());
    assert_eq!(snapshot.account_counts().scope_line(), "0 of 1 accounts in scope, 0 read whole");
    assert_eq!(access(&graph_of(snapshot)), ["ann@example.com acme/prod USER direct strongest effective"]);
}

#[test]
fn an_excluded_account_that_nobody_names_keeps_its_reason() {
    let mut run = Run::new();
    let sandbox = run.account("SANDBOX");
    run.builder.set_status(sandbox, FetchStatus::Excluded, Some("matches exclude pattern SANDBOX*"));
    let snapshot = run.snapshot();
    assert_eq!(snapshot.text_opt(snapshot.accounts()[0].fetch_detail), Some("matches exclude pattern SANDBOX*"));
}

#[test]
fn an_organization_role_of_somebody_in_an_excluded_account_is_kept() {
    let mut run = Run::new();
    run.account_is("SANDBOX", FetchStatus::Excluded);
    run.org_list(person("boss@example.com").at("SANDBOX").as_(&["ADMIN"]).org_role("ORG_ADMIN"));
    let graph = run.graph();
    assert_eq!(access(&graph), ["boss@example.com acme/sandbox ADMIN org_admin strongest effective"]);
}

#[test]
fn what_is_said_of_an_account_is_kept() {
    let mut run = Run::new();
    let prod = run.account("PROD");
    run.builder.set_status(prod, FetchStatus::Incomplete, Some("page 3 failed"));
    run.builder.set_api_model(prod, ApiModel::TeamUsers);
    run.builder.add_rows_returned(prod, 100);
    run.builder.add_rows_returned(prod, 17);
    run.builder.set_facts(prod, Some("platform team"), Some("production"), Some("pci, sox"));
    let snapshot = run.snapshot();
    let account = &snapshot.accounts()[0];
    assert_eq!((account.fetch_status, account.api_model), (FetchStatus::Incomplete, Some(ApiModel::TeamUsers)));
    assert_eq!(account.rows_returned, 117);
    let texts = [account.fetch_detail, account.owner, account.environment, account.audit_scope];
    let texts = texts.map(|text| snapshot.text_opt(text).unwrap());
    assert_eq!(texts, ["page 3 failed", "platform team", "production", "pci, sox"]);
}

#[test]
fn accounts_are_counted_by_state_and_only_expected_ones_are_in_scope() {
    use FetchStatus::{Complete, Excluded, Failed, Incomplete, NotAttempted, Unlisted};
    let mut run = Run::new();
    for (index, status) in
        [Complete, Complete, Complete, Incomplete, Incomplete, Failed, NotAttempted, Excluded, Unlisted]
            .into_iter()
            .enumerate()
    {
        run.account_is(&format!("A{index}"), status);
    }
    let counts = run.snapshot().account_counts();
    assert_eq!((counts.complete, counts.incomplete, counts.failed), (3, 2, 1));
    assert_eq!((counts.not_attempted, counts.excluded, counts.unlisted), (1, 1, 1));
    assert_eq!(counts.scope_line(), "7 of 8 accounts in scope, 3 read whole");
}

#[test]
fn views_of_accounts_are_sorted_by_name_and_tell_their_state() {
    let mut run = Run::new();
    run.account("beta");
    run.account_is("ALPHA", FetchStatus::Failed);
    run.org_list(person("ann@example.com").at_guid("K1"));
    let views = run.builder.accounts(run.organization);
    let views: Vec<_> = views.iter().map(|view| (&*view.name, view.status)).collect();
    assert_eq!(views, [("ALPHA", FetchStatus::Failed), ("beta", FetchStatus::Complete), ("K1", FetchStatus::Unlisted)]);
    assert_eq!(run.builder.find_account(run.organization, " Alpha "), Some(run.account("ALPHA")));
    assert_eq!(run.builder.find_account(run.organization, "K1"), None);
}

#[test]
fn a_stand_in_gives_way_to_the_account_it_stood_for() {
    let mut run = Run::new();
    let stand_in = run.account("127.0.0.1");
    run.own_list("127.0.0.1", person("ann@example.com").here().as_(&["ADMIN"]));
    run.builder.learn_cust_guid(run.organization, "K1", stand_in);
    run.builder.add_rows_returned(stand_in, 1);
    let prod = run.builder.account(run.organization, "PROD");
    run.org_list(person("bob@example.com").at("PROD").as_(&["USER"]));
    run.builder.take_for(stand_in, prod);
    run.builder.take_for(stand_in, prod);
    run.builder.add_rows_returned(stand_in, 2);
    run.builder.set_status(stand_in, FetchStatus::Incomplete, Some("page 2"));
    run.org_list(person("cid@example.com").at_guid("K1").as_(&["USER"]));
    assert_eq!(run.builder.find_account(run.organization, "127.0.0.1"), None);
    let snapshot = run.snapshot();
    assert_eq!(accounts(&snapshot), ["acme/prod PROD incomplete 3 0"]);
    let account = &snapshot.accounts()[0];
    assert_eq!((account.rows_returned, snapshot.text_opt(account.cust_guid)), (3, Some("K1")));
    assert_eq!(
        access(&graph_of(snapshot)),
        [
            "ann@example.com acme/prod ADMIN direct strongest effective",
            "bob@example.com acme/prod USER direct strongest effective",
            "cid@example.com acme/prod USER direct strongest effective",
        ]
    );
}
