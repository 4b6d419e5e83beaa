//! What a run tells while it goes on.

use std::sync::Mutex;

use lacegraph_fetch::{Event, Observer, fetch};

use crate::script::{Script, broken, clock, plan_of, rows, status, token, user};

#[derive(Default)]
struct Diary(Mutex<Vec<String>>);

impl Observer for Diary {
    fn notice(&self, event: &Event<'_>) {
        let line = match event {
            Event::OrganizationStarted { organization } => format!("started {organization}"),
            Event::DirectoryKnown { accounts, from_directory, .. } => format!("{accounts} accounts {from_directory}"),
            Event::AskingAccounts { accounts, .. } => format!("asking {accounts}"),
            Event::PageRead { account, page, rows, total, .. } => format!("page {account:?} {page} {rows} {total:?}"),
            Event::Waiting { account, endpoint, attempts, status, .. } => {
                format!("waiting {account:?} {endpoint} {attempts} {status:?}")
            }
            Event::AccountFinished { account, status, .. } => format!("finished {account} {}", status.as_str()),
            Event::OrganizationFinished { organization } => format!("finished {organization}"),
            _ => "?".to_owned(),
        };
        self.0.lock().unwrap().push(line);
    }
}

#[tokio::test]
async fn a_run_tells_what_it_does() {
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t1"),
        "members A" if ask.before == 0 => broken(),
        "members A" => rows(&user("a@x.io")),
        _ => status(404, ""),
    });
    let diary = Diary::default();
    fetch(&plan_of(&["A", "B"]), &script, &clock(), &diary).await.unwrap();
    assert_eq!(
        diary.0.into_inner().unwrap(),
        [
            "started acme",
            "2 accounts false",
            "asking 2",
            "waiting Some(\"A\") TeamMembers 1 None",
            "page Some(\"A\") 1 1 None",
            "finished A complete",
            "finished B failed",
            "finished acme",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_can_be_a_task_of_its_own() {
    let run = async {
        let script = Script::new(|ask| if ask.what == "token" { token("t1") } else { status(404, "") });
        let checks = lacegraph_fetch::check(&plan_of(&["A"]), &script, &clock(), &()).await;
        assert_eq!(checks.len(), 1);
        fetch(&plan_of(&["A"]), &script, &clock(), &()).await
    };
    let snapshot = tokio::spawn(run).await.unwrap().unwrap();
    assert_eq!(crate::view::accounts(&snapshot), ["A failed - 0"]);
}
