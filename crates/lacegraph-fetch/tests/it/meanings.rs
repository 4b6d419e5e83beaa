//! What a plan says of custom groups.

use lacegraph_fetch::GroupMeaning;
use lacegraph_model::{Graph, Problem, Settings};

use crate::script::{Script, plan_of, rows, run, status, token};

fn meaning(organization: &str, account: &str, group: &str) -> GroupMeaning {
    let text = str::to_owned;
    let (organization, account, group) = (text(organization), text(account), text(group));
    GroupMeaning { organization, account, group, role: text("READ_ONLY"), evidence: text("console, 2026-08-30") }
}

#[tokio::test]
async fn the_plan_says_what_a_custom_group_confers() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "users A" => {
            let group = r#"{"userGroupGuid":"A_C1","userGroupName":"Auditors"}"#;
            let row = |email| format!(r#"{{"type":"StandardUser","email":"{email}","userGroups":[{group}]}}"#);
            rows(&format!("{},{}", row("ann@x.io"), row("bob@x.io")))
        }
        _ => status(404, ""),
    });
    let mut plan = plan_of(&["A"]);
    plan.groups = vec![meaning("ACME", "a", "auditors"), meaning("acme", "B", "Cooks"), meaning("globex", "A", "x")];
    let snapshot = run(&plan, &script).await.unwrap();
    let [group] = snapshot.user_groups() else { panic!("{:?}", snapshot.user_groups()) };
    assert_eq!(snapshot.text_opt(group.confers), Some("READ_ONLY"));
    assert_eq!(snapshot.text_opt(group.confers_evidence), Some("console, 2026-08-30"));
    let is_unused = |problem: &&Problem| snapshot.text(problem.code) == "group_meaning_unused";
    let unused = snapshot.problems().iter().filter(is_unused).map(|problem| snapshot.text(problem.message));
    assert_eq!(
        unused.collect::<Vec<_>>(),
        [
            "the configuration says that the group “x” of globex/A confers READ_ONLY, which is not used: no organization of \
             that name is read",
            "the configuration says that the group “Cooks” of B confers READ_ONLY, which is not used: no account of that name \
             is known",
        ]
    );
    assert!(!snapshot.is_partial());
    let graph = Graph::new(snapshot, Settings::default());
    graph.verify().unwrap();
    let grant = graph.grants().next().unwrap();
    assert_eq!((graph.role(grant.role).level.privilege_rank(), grant.has_unresolved_group), (20, false));
}
