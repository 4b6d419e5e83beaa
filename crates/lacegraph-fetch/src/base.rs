//! Where an organization's API is.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// The base of an API: scheme, host, port and, behind a gateway, a path in front of `/api/v2`.
///
/// Plain `http` is taken for loopback alone.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiBase {
    // Its path ends without a slash unless it is the root; it has no query, fragment, user or password.
    url: Url,
}

/// An account, host or URL that is no API base.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// Nothing was given.
    #[error("read the account or host: it is empty")]
    Empty,
    /// A host beyond the vendor's domain, without a scheme.
    #[error("read the host `{0}`: it does not end in `.lacework.net`")]
    ForeignHost(String),
    /// A name with characters that no account or host has.
    #[error("read the account or host `{0}`: it is neither a name nor a URL")]
    NotAName(String),
    /// Plain `http` to another host than loopback.
    #[error("use `{0}` as the API: plain http would send the key readable by others")]
    Plaintext(String),
    /// Another scheme than `https` and `http`.
    #[error("use the scheme `{0}`: the API speaks https")]
    Scheme(String),
    /// A user name, password, query or fragment in the URL.
    #[error("use the URL of host `{0}`: it carries more than scheme, host, port and path")]
    TooMuch(String),
}

impl BaseError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Plaintext(_) => "write https://; http:// is for localhost, 127.0.0.0/8 and [::1] only",
            Self::ForeignHost(_) => {
                "for `acct.cluster` write `acct.cluster.lacework.net`; for any other host a full URL, https:// included"
            }
            _ => {
                "write the account (`acme`), its host (`acme.lacework.net`) or a full URL (`https://acme.lacework.net`)"
            }
        }
    }
}

/// The domain of the vendor's own hosts (vendor client source).
const VENDOR_DOMAIN: &str = ".lacework.net";

impl ApiBase {
    /// Reads an account (`acme`), a host (`acme.fra.lacework.net`) or a full base URL.
    ///
    /// # Errors
    /// Where it is neither, and where it would send a key over plain `http` to anything but loopback.
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BaseError::Empty);
        }
        if text.contains("://") {
            return Self::from_url(Url::parse(text).map_err(|_| BaseError::NotAName(without_user(text)))?);
        }
        let name = text.trim_end_matches('/');
        let is_name = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        if !name.split('.').all(is_name) {
            return Err(BaseError::NotAName(without_user(text)));
        }
        let host =
            if name.contains('.') { name.to_ascii_lowercase() } else { name.to_ascii_lowercase() + VENDOR_DOMAIN };
        if !host.ends_with(VENDOR_DOMAIN) || host == VENDOR_DOMAIN {
            return Err(BaseError::ForeignHost(host));
        }
        let url = Url::parse(&format!("https://{host}")).map_err(|_| BaseError::NotAName(name.to_owned()))?;
        Self::from_url(url)
    }

    fn from_url(mut url: Url) -> Result<Self, BaseError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        if host.is_empty() {
            return Err(BaseError::Empty);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(BaseError::Plaintext(host)),
            other => return Err(BaseError::Scheme(other.to_owned())),
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(BaseError::TooMuch(host));
        }
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/api/v2").unwrap_or(path).trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self { url })
    }

    /// The host, with its port where that is not the usual one.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Whether it is one of the vendor's own hosts.
    pub fn is_vendor_host(&self) -> bool {
        self.url.host_str().is_some_and(|host| host.ends_with(VENDOR_DOMAIN))
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.url.host_str().is_some_and(is_loopback)
    }

    /// The account that the host is named after: its first label, or the whole of an address.
    pub fn account_name(&self) -> &str {
        let host = self.url.host_str().unwrap_or_default();
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return host;
        }
        host.split('.').next().unwrap_or(host)
    }

    /// The URL of an endpoint, `TeamMembers` or `access/tokens` for example.
    pub(crate) fn endpoint(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/api/v2/{path}", self.url.path().trim_end_matches('/')));
        url
    }

    /// Whether a token of this base may go to `url`: the same scheme, host and port.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        url.origin() == self.url.origin() && url.username().is_empty() && url.password().is_none()
    }
}

impl fmt::Debug for ApiBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiBase({})", self.url)
    }
}

impl fmt::Display for ApiBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

/// Whether `host` is `localhost`, `127.0.0.0/8` or `::1`.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The text without what stands before an `@`: it may be a password.
fn without_user(text: &str) -> String {
    text.rsplit('@').next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_hosts_and_urls() {
        let shown = |text: &str| ApiBase::parse(text).map(|base| base.to_string());
        assert_eq!(shown("acme").unwrap(), "https://acme.lacework.net");
        assert_eq!(shown(" ACME.fra.Lacework.net/ ").unwrap(), "https://acme.fra.lacework.net");
        assert_eq!(shown("https://acme.lacework.net/api/v2/").unwrap(), "https://acme.lacework.net");
        assert_eq!(shown("https://gw.example.com:8443/lw/").unwrap(), "https://gw.example.com:8443/lw");
        assert_eq!(shown("http://127.0.0.9:8080").unwrap(), "http://127.0.0.9:8080");
        assert_eq!(shown("http://[::1]:8080").unwrap(), "http://[::1]:8080");
        assert_eq!(shown("http://localhost").unwrap(), "http://localhost");
    }

    #[test]
    fn what_is_refused() {
        let refused = |text: &str| ApiBase::parse(text).unwrap_err();
        assert_eq!(refused(" "), BaseError::Empty);
        assert_eq!(refused("acme.fra"), BaseError::ForeignHost("acme.fra".to_owned()));
        assert_eq!(
            refused("acme.lacework.net.evil.example"),
            BaseError::ForeignHost("acme.lacework.net.evil.example".to_owned())
        );
        assert_eq!(refused("http://acme.lacework.net"), BaseError::Plaintext("acme.lacework.net".to_owned()));
        assert_eq!(refused("http://localhost.evil.example"), BaseError::Plaintext("localhost.evil.example".to_owned()));
        assert_eq!(refused("ftp://acme.lacework.net"), BaseError::Scheme("ftp".to_owned()));
        let error = refused("https://me:hunter2@acme.lacework.net");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error = refused("me:hunter2@acme.lacework.net");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn names_of_the_host() {
        let base = ApiBase::parse("acme.fra").or_else(|_| ApiBase::parse("acme.fra.lacework.net")).unwrap();
        assert_eq!((base.account_name(), base.is_vendor_host()), ("acme", true));
        let base = ApiBase::parse("http://127.0.0.1:80/").unwrap();
        assert_eq!(
            (base.account_name(), base.host().as_str(), base.is_vendor_host()),
            ("127.0.0.1", "127.0.0.1", false)
        );
        assert_eq!(ApiBase::parse("http://127.0.0.1:81").unwrap().host(), "127.0.0.1:81");
    }

    #[test]
    fn endpoints_and_origins() {
        let base = ApiBase::parse("https://gw.example.com/lw").unwrap();
        assert_eq!(base.endpoint("access/tokens").as_str(), "https://gw.example.com/lw/api/v2/access/tokens");
        let same = |text: &str| base.is_origin_of(&Url::parse(text).unwrap());
        assert!(same("https://gw.example.com:443/elsewhere"));
        assert!(!same("http://gw.example.com/"));
        assert!(!same("https://gw.example.com:444/"));
        assert!(!same("https://gw.example.com.evil.example/"));
        assert!(!same("https://me@gw.example.com/"));
    }
}
