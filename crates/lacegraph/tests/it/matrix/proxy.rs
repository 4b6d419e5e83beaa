//! A proxy between the command and a host that only the proxy finds.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::row::row;
use super::table::check;
use super::tls::{AUTHORITY, Front};
use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::Place;

/// A host that no resolver knows, so that every way to it leads through the proxy.
const HOST: &str = "tiny.lacegraph.invalid";

/// `reader:proxy-password-not-a-secret` in base64: what a proxy that asks for it is sent.
const PASSWORD: &str = "cmVhZGVyOnByb3h5LXBhc3N3b3JkLW5vdC1hLXNlY3JldA==";

/// How a proxy behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It leads to the host.
    Open,
    /// It leads to the host those who know the password.
    Guarded,
    /// It answers with a web page.
    Blocking,
}

/// A proxy, with `credentials` in its URL, before a TLS front before the mock.
fn proxy(mock: &Mock, place: &Place, manner: Manner, credentials: &str) -> Front {
    let mut front = Front::before(mock, place, HOST);
    let behind = front.url.trim_start_matches("https://").to_owned();
    let runtime = front.runtime.as_ref().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that goes away in the middle is none of the proxy's business.
            tokio::spawn(serve(stream, behind.clone(), manner));
        }
    });
    front.url = format!("https://{HOST}");
    let arguments =
        ["--proxy".to_owned(), format!("http://{credentials}{address}"), "--ca-cert".to_owned(), AUTHORITY.to_owned()];
    front.arguments.extend(arguments);
    front
}

async fn serve(mut stream: TcpStream, behind: String, manner: Manner) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let is_known = manner != Manner::Guarded || head.contains(PASSWORD);
    let refusal = match manner {
        Manner::Blocking => {
            Some("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>Blocked</html>")
        }
        _ if !head.starts_with(&format!("CONNECT {HOST}:443 ")) => {
            Some("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        }
        _ if !is_known => Some(
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
        ),
        _ => None,
    };
    if let Some(refusal) = refusal {
        return stream.write_all(refusal.as_bytes()).await;
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    let mut host = TcpStream::connect(behind).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut host).await.map(|_| ())
}

#[test]
fn proxies() {
    let whole = "token 1, profile 1, org 1, one 1, two 1";
    check(
        11,
        vec![
            row("a proxy that leads to the host", Fixture::small())
                .behind(|mock, place| proxy(mock, place, Manner::Open, ""))
                .ends(0, &["COMPLETE"])
                .calls(whole),
            row("a proxy that asks for a password", Fixture::small())
                .behind(|mock, place| proxy(mock, place, Manner::Guarded, "reader:proxy-password-not-a-secret@"))
                .ends(0, &["COMPLETE"])
                .calls(whole),
            row("a proxy whose password is wrong", Fixture::small())
                .behind(|mock, place| proxy(mock, place, Manner::Guarded, "reader:wrong-not-a-secret@"))
                .ends(
                    5,
                    &[
                        "error: no account could be read",
                        "access/tokens:",
                        "(1 try)",
                        "hint: check the user and the password in --proxy",
                    ],
                )
                .calls(""),
            row("a proxy that blocks the host", Fixture::small())
                .behind(|mock, place| proxy(mock, place, Manner::Blocking, ""))
                .ends(5, &["error: no account could be read", "access/tokens:", "hint:", "proxy"])
                .calls(""),
            row("a proxy that is not there", Fixture::small())
                .with_variable("LW_API_SERVER_URL", "https://tiny.lacegraph.invalid")
                .with(&["--proxy", "http://reader:proxy-password-not-a-secret@127.0.0.1:1"])
                .ends(5, &["error: no account could be read", "access/tokens:", "hint:", "proxy"])
                .calls(""),
            row("a proxy whose address is none", Fixture::small())
                .with_variable("LW_API_SERVER_URL", "https://tiny.lacegraph.invalid")
                .with(&["--proxy", "http://reader:proxy-password-not-a-secret@[nonsense"])
                .ends(
                    2,
                    &[
                        "error: set up the HTTP client: the proxy's URL is not understood",
                        "hint: --proxy takes http://HOST:PORT",
                    ],
                )
                .calls(""),
        ],
    );
}
