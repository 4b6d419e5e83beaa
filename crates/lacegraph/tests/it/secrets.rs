//! No secret and no token shows anywhere. Every child of every test is looked at; here, the looking itself is tested.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::json;

use crate::mock::Mock;
use crate::place::Place;

/// One of these is part of every secret that the fixtures and tests know.
const MARKS: [&str; 2] = ["not-a-secret", "must-not-be-printed"];

/// Fails where a secret of the tests or a token of the mock is in `bytes`.
pub(crate) fn assert_none_in(bytes: &[u8], what: &str) {
    if let Some(found) = find(bytes) {
        panic!("{what} shows the secret {found}:\n{}", String::from_utf8_lossy(bytes));
    }
}

fn find(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let mark = MARKS.iter().find(|mark| text.contains(**mark)).map(|mark| (*mark).to_owned());
    mark.or_else(|| {
        bytes.windows(33).find(|window| is_token(window)).map(|token| String::from_utf8_lossy(token).into())
    })
}

/// The mock's tokens are an underscore and 32 hexadecimal digits in lower case; guids are in upper case.
fn is_token(bytes: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    bytes.split_first().is_some_and(|(first, rest)| *first == b'_' && rest.iter().all(is_digit))
}

/// What a server answers to one request, with its head.
fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_search_finds_secrets_and_tokens() {
    let mock = Mock::small();
    let key = mock.key("tiny");
    assert!(find(key.secret.as_bytes()).is_some());
    let body = format!(r#"{{"keyId":"{}","expiryTime":60}}"#, key.key_id);
    let request = format!(
        "POST /api/v2/access/tokens HTTP/1.1\r\nHost: mock\r\nConnection: close\r\nContent-Type: application/json\r\n\
         X-LW-UAKS: {}\r\nContent-Length: {}\r\n\r\n{body}",
        key.secret,
        body.len()
    );
    let answer = exchange(mock.base_url().trim_start_matches("http://"), &request);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(find(answer.as_bytes()).unwrap().starts_with('_'), "{answer}");
    assert_eq!(find(b"ACMEPROD_EE936C4ED3412CB2AFF849E3EA8FFA88 of audit@acme.example"), None);
}

/// A server that repeats in its refusals what it was sent: the worst that a proxy can do to us.
///
/// It grants tokens only if it `grants`.
fn repeating_server(grants: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 1 << 16];
            let length = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]).replace("\r\n", " | ");
            let (status, body) = if grants && request.starts_with("POST") {
                let token =
                    json!({"token": "_0123456789abcdef0123456789abcdef", "expiresAt": "2099-01-01T00:00:00.000Z"});
                ("201 Created", token.to_string())
            } else {
                ("403 Forbidden", json!({ "message": format!("this was sent: {request}") }).to_string())
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            // A client that went away misses nothing.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn a_server_that_repeats_what_it_was_sent_makes_nothing_known() {
    for (grants, said) in [(true, "this was sent: GET"), (false, "this was sent: POST")] {
        let url = repeating_server(grants);
        let place = Place::new();
        let variables = [
            ("LW_ACCOUNT", "acme"),
            ("LW_API_KEY", "ACMEPROD_0000000000000000000000000000000A"),
            ("LW_API_SECRET", "_secret-that-must-not-be-printed"),
            ("LW_API_SERVER_URL", &url),
        ];
        for command in [&["export", "--env"][..], &["check", "--env"], &["check", "--env", "--json"]] {
            let run = place.run_with(&variables, command);
            assert_eq!(run.code, 5, "{}", run.text());
            assert!(format!("{}{}", run.out, run.err).contains(said), "{}", run.text());
        }
        assert_eq!(place.names(), [""; 0]);
    }
}
