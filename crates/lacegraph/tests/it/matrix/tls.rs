//! HTTPS: a front with a certificate before the mock, which itself speaks plain HTTP.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use super::row::row;
use super::table::check;
use crate::fixture::Fixture;
use crate::mock::Mock;
use crate::place::Place;

/// The file that holds the authority of a front, where the command runs.
pub(crate) const AUTHORITY: &str = "authority.pem";

/// What is asked in place of the mock.
pub(crate) struct Front {
    pub(crate) url: String,
    /// Arguments that the command needs to find it.
    pub(crate) arguments: Vec<String>,
    /// What it runs in; it ends with it.
    pub(crate) runtime: Option<Runtime>,
}

impl Front {
    /// A front that speaks TLS, with a certificate for this name, and hands on to the mock. The authority behind the
    /// certificate is put into the place.
    pub(crate) fn before(mock: &Mock, place: &Place, name: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let acceptor = acceptor(place, name);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let behind = mock.base_url().trim_start_matches("http://").to_owned();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    // A client that refuses the certificate goes away, which is what the tests are about.
                    if let (Ok(mut inside), Ok(mut outside)) =
                        (acceptor.accept(stream).await, TcpStream::connect(behind).await)
                    {
                        let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
                    }
                });
            }
        });
        Self { url, arguments: Vec::new(), runtime: Some(runtime) }
    }

    /// No front: TLS is spoken to the mock itself, which does not know it.
    fn none(mock: &Mock) -> Self {
        Self { url: mock.base_url().replace("http:", "https:"), arguments: Vec::new(), runtime: None }
    }
}

/// Takes TLS connections with a fresh certificate.
fn acceptor(place: &Place, name: &str) -> TlsAcceptor {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    place.give(AUTHORITY, authority.pem());
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let settings = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let settings = settings.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    TlsAcceptor::from(Arc::new(settings))
}

const NOT_TRUSTED: [&str; 4] = [
    "error: no account could be read",
    "access/tokens:",
    "certificate",
    "hint: if a proxy or the company signs certificates",
];
const NO_CONNECTION: [&str; 3] =
    ["error: no account could be read", "access/tokens:", "hint: check the account or host name, the network"];

#[test]
fn certificates() {
    check(
        9,
        vec![
            row("a certificate of an unknown authority", Fixture::small())
                .behind(|mock, place| Front::before(mock, place, "127.0.0.1"))
                .ends(
                    5,
                    &[
                        "error: no account could be read",
                        "access/tokens:",
                        "invalid peer certificate: UnknownIssuer (1 try)",
                        "hint: if a proxy or the company signs certificates, name its authority with --ca-cert FILE",
                    ],
                )
                .calls(""),
            row("a certificate of an authority that is trusted", Fixture::small())
                .behind(|mock, place| Front::before(mock, place, "127.0.0.1"))
                .with(&["--ca-cert", AUTHORITY])
                .ends(0, &["COMPLETE"])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            row("a certificate for another name", Fixture::small())
                .behind(|mock, place| Front::before(mock, place, "elsewhere.example"))
                .with(&["--ca-cert", AUTHORITY])
                .ends(5, &NOT_TRUSTED)
                .calls(""),
            row("a certificate of another authority than the trusted one", Fixture::small())
                .behind(|mock, place| {
                    let front = Front::before(mock, place, "127.0.0.1");
                    // A second authority of the same name takes the file.
                    acceptor(place, "127.0.0.1");
                    front
                })
                .with(&["--ca-cert", AUTHORITY])
                .ends(5, &NOT_TRUSTED)
                .calls(""),
            row("a file of authorities that is not there", Fixture::small())
                .with(&["--ca-cert", "nowhere.pem"])
                .ends(2, &["error:", "nowhere.pem", "hint:"])
                .calls(""),
            row("a file of authorities that holds none", Fixture::small())
                .behind(|_, place| {
                    place.give(AUTHORITY, "no certificate");
                    Front { url: "https://127.0.0.1:1".to_owned(), arguments: Vec::new(), runtime: None }
                })
                .with(&["--ca-cert", AUTHORITY])
                .ends(2, &["error:", AUTHORITY, "hint:"])
                .calls(""),
            row("TLS is spoken to a host that speaks plain HTTP", Fixture::small())
                .behind(|mock, _| Front::none(mock))
                .ends(5, &NO_CONNECTION)
                .calls(""),
            row("nobody listens at the host", Fixture::small())
                .with_variable("LW_API_SERVER_URL", "https://127.0.0.1:1")
                .ends(5, &NO_CONNECTION)
                .calls(""),
            row("no host has this name", Fixture::small())
                .with_variable("LW_API_SERVER_URL", "https://lacegraph.invalid")
                .ends(5, &NO_CONNECTION)
                .calls(""),
        ],
    );
}
