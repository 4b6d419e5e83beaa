//! The live transport: HTTPS through reqwest.

use std::error::Error as _;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, ClientBuilder, Proxy, redirect};
use secrecy::SecretString;
use serde_json::json;

use crate::base::{ApiBase, is_loopback};
use crate::error::FetchError;
use crate::plan::{OrganizationPlan, Plan};
use crate::secret::header;
use crate::settings::{HttpSettings, ProxyChoice};
use crate::transport::{
    Authorization, Request, Response, ResponseHeaders, Scope, Transport, TransportError, TransportErrorKind,
    TransportFuture,
};

/// Carries requests over HTTPS, and over plain HTTP to loopback. Follows no redirects, so that a token stays with its host.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    // Needs the system's certificate authorities; `None` where nothing but loopback is asked, which works without.
    remote: Option<Client>,
    // Has no proxy: what goes to this machine leaves it on no detour.
    loopback: Client,
    max_body_bytes: usize,
}

impl HttpTransport {
    /// A transport whose `User-Agent` is `lacegraph/<tool_version>`.
    ///
    /// # Errors
    /// Where the proxy's URL, a certificate or the version is not usable.
    pub fn new(settings: &HttpSettings, tool_version: &str) -> Result<Self, FetchError> {
        Ok(Self { remote: Some(remote(settings, tool_version)?), ..Self::to_loopback(settings, tool_version)? })
    }

    /// A transport for a plan: the same as [`new`](Self::new), but where every host of the plan is on this machine, it
    /// asks for nothing that only other hosts need, the system's certificate authorities for example.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn for_plan(plan: &Plan) -> Result<Self, FetchError> {
        let of = |organization: &OrganizationPlan| {
            let accounts = organization.accounts.iter().filter_map(|account| account.base.as_ref());
            accounts.chain([&organization.base]).all(ApiBase::is_loopback)
        };
        let (settings, tool_version) = (&plan.settings.http, &plan.tool_version);
        if plan.organizations.iter().all(of) {
            Self::to_loopback(settings, tool_version)
        } else {
            Self::new(settings, tool_version)
        }
    }

    /// Whether the proxy and the certificate authorities can be used, whichever host is asked.
    ///
    /// # Errors
    /// [`FetchError::Client`], which tells which cannot, without repeating the URL.
    pub fn check(settings: &HttpSettings) -> Result<(), FetchError> {
        if let ProxyChoice::Url(url) = &settings.proxy {
            proxy(url)?;
        }
        Self::to_loopback(settings, "").map(|_| ())
    }

    fn to_loopback(settings: &HttpSettings, tool_version: &str) -> Result<Self, FetchError> {
        let loopback = builder(settings, tool_version).tls_certs_only(certificates(settings)?).no_proxy();
        Ok(Self { remote: None, loopback: build(loopback)?, max_body_bytes: settings.max_body_bytes })
    }

    async fn exchange(&self, request: &Request) -> Result<Response, TransportError> {
        let client = match &self.remote {
            _ if request.url.host_str().is_some_and(is_loopback) => &self.loopback,
            Some(remote) => remote,
            None => {
                let detail = "this was set up for hosts on this machine alone".to_owned();
                return Err(TransportError { kind: TransportErrorKind::Request, detail });
            }
        };
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        // On GET too (vendor documentation).
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match &request.scope {
            Scope::Primary => {}
            Scope::Organization => {
                headers.insert("Org-Access", HeaderValue::from_static("true"));
            }
            Scope::Account(name) => {
                let name = HeaderValue::from_bytes(name.as_bytes()).map_err(|_| unsendable("the account's name"))?;
                headers.insert("Account-Name", name);
            }
        }
        let call = match &request.authorization {
            Authorization::Key { key_id, secret, lifetime } => {
                headers.insert(HeaderName::from_static("x-lw-uaks"), sensitive("", secret)?);
                let body = json!({"keyId": key_id, "expiryTime": lifetime.as_secs()});
                client.post(request.url.clone()).body(body.to_string())
            }
            Authorization::Bearer(token) => {
                headers.insert(AUTHORIZATION, sensitive("Bearer ", token)?);
                client.get(request.url.clone())
            }
        };
        let answer = call.headers(headers).send().await.map_err(failure)?;
        self.collect(answer).await
    }

    async fn collect(&self, mut answer: reqwest::Response) -> Result<Response, TransportError> {
        let status = answer.status().as_u16();
        let headers = wanted(answer.headers());
        let too_large = || TransportError {
            kind: TransportErrorKind::TooLarge,
            detail: format!("more than {} bytes", self.max_body_bytes),
        };
        let expected = usize::try_from(answer.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if expected > self.max_body_bytes {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(expected);
        while let Some(chunk) = answer.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > self.max_body_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body })
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, request: &'a Request) -> TransportFuture<'a> {
        Box::pin(self.exchange(request))
    }
}

/// The client for other hosts.
fn remote(settings: &HttpSettings, tool_version: &str) -> Result<Client, FetchError> {
    let remote = builder(settings, tool_version).tls_certs_merge(certificates(settings)?).https_only(true);
    build(match &settings.proxy {
        ProxyChoice::System => remote,
        ProxyChoice::Direct => remote.no_proxy(),
        ProxyChoice::Url(url) => remote.proxy(proxy(url)?),
    })
}

fn proxy(url: &str) -> Result<Proxy, FetchError> {
    // The URL may hold a password: the error must not repeat it.
    Proxy::all(url).map_err(|_| FetchError::Client("the proxy's URL is not understood".to_owned()))
}

fn build(builder: ClientBuilder) -> Result<Client, FetchError> {
    builder.build().map_err(|error| FetchError::Client(chain(error)))
}

fn builder(settings: &HttpSettings, tool_version: &str) -> ClientBuilder {
    Client::builder()
        .user_agent(format!("lacegraph/{tool_version}"))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .timeout(settings.request_timeout)
}

fn certificates(settings: &HttpSettings) -> Result<Vec<Certificate>, FetchError> {
    let mut certificates = Vec::new();
    for pem in &settings.root_certificates {
        let bundle = Certificate::from_pem_bundle(pem).map_err(|error| FetchError::Client(chain(error)))?;
        if bundle.is_empty() {
            return Err(FetchError::Client("a file of certificate authorities holds no certificate".to_owned()));
        }
        certificates.extend(bundle);
    }
    Ok(certificates)
}

fn sensitive(prefix: &str, secret: &SecretString) -> Result<HeaderValue, TransportError> {
    header(prefix, secret).ok_or_else(|| unsendable("the secret or the token"))
}

fn unsendable(what: &str) -> TransportError {
    TransportError {
        kind: TransportErrorKind::Request,
        detail: format!("{what} holds characters that no header may have"),
    }
}

fn wanted(headers: &HeaderMap) -> ResponseHeaders {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    ResponseHeaders {
        content_type: text(CONTENT_TYPE),
        date: text(DATE),
        retry_after: text(RETRY_AFTER),
        rate_limit_limit: text(HeaderName::from_static("ratelimit-limit")),
        rate_limit_remaining: text(HeaderName::from_static("ratelimit-remaining")),
        rate_limit_reset: text(HeaderName::from_static("ratelimit-reset")),
    }
}

fn failure(error: reqwest::Error) -> TransportError {
    let (is_timeout, is_connect, is_builder) = (error.is_timeout(), error.is_connect(), error.is_builder());
    let detail = chain(error);
    let says = |words: &str| detail.contains(words);
    let kind = if is_timeout {
        TransportErrorKind::Timeout
    } else if is_connect {
        // The layers below tell these apart in words alone.
        match () {
            () if says("certificate") => TransportErrorKind::Certificate,
            () if says("proxy authorization required") => TransportErrorKind::ProxyLogin,
            () if says("tunnel error") => TransportErrorKind::Proxy,
            () => TransportErrorKind::Connect,
        }
    } else if is_builder {
        TransportErrorKind::Request
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError { kind, detail }
}

/// The error and its causes in one line, without the URL, whose page part is opaque.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_proxy_is_an_error_without_its_password() {
        let settings =
            HttpSettings { proxy: ProxyChoice::Url("http://me:hunter2@[bad".to_owned()), ..HttpSettings::default() };
        let error = HttpTransport::new(&settings, "0").unwrap_err();
        assert!(!format!("{error} {error:?} {settings:?}").contains("hunter2"), "{error}");
    }
}
