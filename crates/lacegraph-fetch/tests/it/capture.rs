//! Runs that are taken down, made again, and gone on with.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lacegraph_fetch::{
    Capture, CaptureError, CaptureHeader, CaptureWriter, FetchError, FetchOptions, FixedClock, Plan, fetch_with,
    refetch,
};
use lacegraph_model::{Settings, Snapshot, UtcTime};

use crate::script::{Answer, Script, admin_of, broken, clock, ok, plan_of, profile, rows, status, token, user};
use crate::view::{accounts, message, problems};

/// A file in memory.
#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn captured(plan: &Plan, script: &Script, resume: Option<&Capture>) -> (Snapshot, Vec<u8>) {
    let file = File::default();
    let header = CaptureHeader::new(plan, &Settings::default(), lacegraph_fetch::Clock::now(&clock()));
    let writer = CaptureWriter::begin(file.clone(), &header, resume).unwrap();
    let options = FetchOptions { capture: Some(&writer), resume, resume_max_age: Some(Duration::from_secs(14_400)) };
    let snapshot = fetch_with(plan, script, &clock(), &(), options).await.unwrap();
    let end = writer.finish().unwrap();
    let bytes = file.0.lock().unwrap().clone();
    let capture = Capture::read(bytes.clone()).unwrap();
    assert!(capture.is_whole());
    assert_eq!(end.sha256, capture.sha256());
    (snapshot, bytes)
}

async fn made_again(bytes: &[u8]) -> Snapshot {
    refetch(&Capture::read(bytes.to_vec()).unwrap(), "0.0.0", &()).await.unwrap().1
}

/// Three accounts: one whose second page breaks, one of the newer model behind a call that fails once, one that repeats
/// the token in its refusal.
fn troubled(ask: &crate::script::Ask) -> Answer {
    match ask.what.as_str() {
        "token" => token("t0ken"),
        "profile" => profile(&["A", "B", "C"]),
        "org" => status(403, r#"{"message":"not for t0ken"}"#),
        "members A" if ask.query.is_empty() => ok(&format!(r#"{{"nextPage":"two","data":[{}]}}"#, user("a@x.io"))),
        "members A" => status(500, "<html>boom</html>"),
        "users B" if ask.before == 0 => broken(),
        "users B" => rows(
            r#"{"type":"StandardUser","email":"me@x.io","userGuid":"B_9","orgAccess":"ORG_ADMIN"},{"type":"ServiceUser","name":"ci","userGuid":"B_8"}"#,
        ),
        "members C" | "users C" => status(403, r#"{"message":"t0ken may not"}"#),
        _ => status(404, ""),
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_made_again_gives_the_same_snapshot() {
    let (snapshot, bytes) = captured(&plan_of(&["A"]), &Script::new(troubled), None).await;
    assert_eq!(accounts(&snapshot), ["A incomplete team_members 1", "B complete team_users 2", "C failed - 0"]);
    let again = made_again(&bytes).await;
    assert_eq!(again, snapshot);
    assert_eq!(again.id(), snapshot.id());
    let text = String::from_utf8_lossy(&zstd::decode_all(bytes.as_slice()).unwrap()).into_owned();
    for secret in ["t0ken", "s3cr3t", "KEY_1"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("[REDACTED] may not") && text.contains("a@x.io"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn keys_that_get_no_token_are_recorded_too() {
    for refusal in [status(401, r#"{"message":"no such key s3cr3t"}"#), broken(), ok("<html>login</html>"), ok("{}")] {
        let answer = refusal.clone();
        let script = Script::new(move |_| answer.clone());
        let (snapshot, bytes) = captured(&plan_of(&["A"]), &script, None).await;
        assert_eq!(made_again(&bytes).await, snapshot, "{refusal:?}");
        assert!(!String::from_utf8_lossy(&zstd::decode_all(bytes.as_slice()).unwrap()).contains("s3cr3t"));
    }
    // The tries of a request that brought no token count too.
    let script = Script::new(|ask| if ask.before == 0 { status(503, "") } else { status(201, "{}") });
    let (snapshot, bytes) = captured(&plan_of(&["A"]), &script, None).await;
    assert_eq!(crate::view::calls(&snapshot), ["access/tokens - 1 201 2 0 -"]);
    assert_eq!(made_again(&bytes).await, snapshot);
}

#[tokio::test(start_paused = true)]
async fn a_capture_that_is_cut_off_gives_what_is_in_it_and_says_what_is_not() {
    let whole = |ask: &crate::script::Ask| match ask.what.as_str() {
        "token" => token("t1"),
        "profile" => profile(&["A", "B"]),
        // A whole list of the organization, which the accounts' own lists are compared with.
        "org" => rows(&format!("{},{}", admin_of("me@x.io", &["A", "B"]), admin_of("b@x.io", &["B"]))),
        "members A" => rows(&admin_of("me@x.io", &["A"])),
        "members B" => rows(&format!("{},{}", admin_of("me@x.io", &["B"]), admin_of("b@x.io", &["B"]))),
        _ => status(404, ""),
    };
    let (snapshot, bytes) = captured(&plan_of(&[]), &Script::new(whole), None).await;
    assert!(!snapshot.is_partial(), "{:?}", problems(&snapshot));
    let mut last = 0;
    for length in 0..bytes.len() {
        let Ok(capture) = Capture::read(bytes[..length].to_vec()) else {
            assert_eq!(last, 0, "refused at {length} of {}", bytes.len());
            continue;
        };
        assert!(!capture.is_whole() && capture.calls() >= last);
        if capture.calls() > last {
            last = capture.calls();
            let (_, partial) = refetch(&capture, "0.0.0", &()).await.unwrap();
            assert_eq!(partial.is_partial(), capture.calls() < 5, "{length}: {:?}", problems(&partial));
        }
    }
    // Token, profile, organization's list, two accounts.
    assert_eq!(last, 5);
}

#[tokio::test(start_paused = true)]
async fn a_capture_that_was_changed_is_refused() {
    let (_, bytes) = captured(&plan_of(&["A"]), &Script::new(troubled), None).await;
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let error = Capture::read(changed).unwrap_err();
        assert!(matches!(error, CaptureError::Damaged { .. } | CaptureError::NotACapture), "{at}: {error}");
    }
    let mut longer = bytes.clone();
    longer.extend_from_slice(&bytes);
    assert!(matches!(Capture::read(longer), Err(CaptureError::Damaged { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_from_a_capture() {
    let (first, bytes) = captured(&plan_of(&["A"]), &Script::new(troubled), None).await;
    assert!(first.is_partial());
    let capture = Capture::read(bytes).unwrap();
    let script = Script::new(|ask| match ask.what.as_str() {
        "token" => token("t2"),
        "members A" if ask.query.is_empty() => ok(&format!(r#"{{"nextPage":"two","data":[{}]}}"#, user("a@x.io"))),
        "members A" => rows(&user("z@x.io")),
        "members C" => rows(&user("c@x.io")),
        _ => status(404, ""),
    });
    let (second, bytes) = captured(&plan_of(&["A"]), &script, Some(&capture)).await;
    assert_eq!(
        accounts(&second),
        ["A complete team_members 2", "B complete team_users 2", "C complete team_members 1"]
    );
    // Neither the directory nor what account B answered is asked again; a list that broke is, from its first page.
    assert_eq!(script.asked(), ["token", "org", "members A", "members A?nextPage=two", "members C"]);
    // The directory, and of account B what refused and what answered.
    assert!(message(&second, "resumed_run").starts_with("3 answers were taken over"), "{:?}", problems(&second));
    assert_eq!(made_again(&bytes).await, second);
}

#[tokio::test(start_paused = true)]
async fn a_capture_of_another_plan_or_too_old_is_not_gone_on_from() {
    let (_, bytes) = captured(&plan_of(&["A"]), &Script::new(troubled), None).await;
    let capture = Capture::read(bytes).unwrap();
    let resume = |plan: Plan, at: i64| {
        let capture = &capture;
        async move {
            let options = FetchOptions {
                resume: Some(capture),
                resume_max_age: Some(Duration::from_secs(14_400)),
                ..FetchOptions::default()
            };
            let clock = FixedClock(UtcTime::from_seconds(at).unwrap());
            match fetch_with(&plan, &Script::new(troubled), &clock, &(), options).await {
                Err(FetchError::Capture(error)) => Some(error.to_string()),
                Err(error) => panic!("{error}"),
                Ok(_) => None,
            }
        }
    };
    let now = lacegraph_fetch::Clock::now(&clock()).as_seconds();
    assert_eq!(resume(plan_of(&["A"]), now + 14_400).await, None);
    let old = resume(plan_of(&["A"]), now + 14_460).await.unwrap();
    assert_eq!(old, "go on from the capture: it was begun 241 minutes ago, and the limit is 240");
    let other = resume(plan_of(&["A", "B"]), now).await.unwrap();
    assert!(other.ends_with("it was made with another key of organization acme or one of its accounts"), "{other}");
}
