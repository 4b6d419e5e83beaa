//! HTTPS: a front with a certificate before the mock, which itself speaks plain HTTP.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
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

/// A host of this machine that speaks TLS and hands on to a plain port; it lives as long as its runtime.
pub(crate) struct Front {
    port: u16,
    _runtime: Option<tokio::runtime::Runtime>,
}

impl Front {
    /// A front before the mock, with a certificate for this name; the authority behind it is put into the place.
    pub(crate) fn before(mock: &Mock, place: &Place, name: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let settings = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let settings = settings.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(settings));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
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
        place.give(AUTHORITY, authority.pem());
        Self { port, _runtime: Some(runtime) }
    }

    /// No front: TLS is spoken to the mock itself, which does not know it.
    fn none(mock: &Mock) -> Self {
        let port = mock.base_url().rsplit(':').next().and_then(|port| port.parse().ok()).unwrap();
        Self { port, _runtime: None }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }
}

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
                        "certificate",
                        "hint: check the account or host name, the network, the proxy and the certificates",
                    ],
                )
                .calls(""),
            row("TLS is spoken to a host that speaks plain HTTP", Fixture::small())
                .behind(|mock, _| Front::none(mock))
                .ends(
                    5,
                    &[
                        "error: no account could be read",
                        "access/tokens:",
                        "hint: check the account or host name, the network",
                    ],
                )
                .calls(""),
            row("nobody listens at the host", Fixture::small())
                .with_variable("LW_API_SERVER_URL", "https://127.0.0.1:1")
                .ends(
                    5,
                    &[
                        "error: no account could be read",
                        "access/tokens:",
                        "hint: check the account or host name, the network",
                    ],
                )
                .calls(""),
            row("no host has this name", Fixture::small())
                .with_variable("LW_API_SERVER_URL", "https://lacegraph.invalid")
                .ends(
                    5,
                    &[
                        "error: no account could be read",
                        "access/tokens:",
                        "hint: check the account or host name, the network",
                    ],
                )
                .calls(""),
        ],
    );
}
