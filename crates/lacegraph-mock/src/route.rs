use axum::http::Method;

use crate::fault::Fault;
use crate::resource::Resource;

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/api/v2/access/tokens`.
    Tokens,
    /// `/api/v2/<Type>`, or one further page of it: `/api/v2/<Type>/<opaque>`.
    Read { resource: Resource, page: Option<String> },
}

impl Route {
    pub(crate) fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/api/v2/")?;
        if rest == Fault::TOKENS {
            return Some(Self::Tokens);
        }
        let (name, page) = match rest.split_once('/') {
            Some((name, page)) if !page.is_empty() && !page.contains('/') => (name, Some(page.to_owned())),
            Some(_) => return None,
            None => (rest, None),
        };
        let resource = Resource::named(name)?;
        Some(Self::Read { resource, page })
    }

    /// The one method that is served: the mock is never changed by a call.
    pub(crate) fn method(&self) -> Method {
        match self {
            Self::Tokens => Method::POST,
            Self::Read { .. } => Method::GET,
        }
    }

    /// What the rate limit counts by: verb and resource, ids ignored (vendor documentation).
    pub(crate) fn functionality(&self, method: &Method) -> String {
        match self {
            Self::Tokens => format!("{method} {}", Fault::TOKENS),
            Self::Read { resource, .. } => format!("{method} {}", resource.name()),
        }
    }
}

/// The value of a query parameter, percent-decoded.
pub(crate) fn query_value(query: Option<&str>, name: &str) -> Option<String> {
    query?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| percent_decoded(value))
}

fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|digits| *byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let value = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = if value.is_some() { &after[2..] } else { after };
        decoded.push(value.unwrap_or(if *byte == b'+' { b' ' } else { *byte }));
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Resource, Route, query_value};

    #[test]
    fn paths_are_told_apart() {
        assert_eq!(Route::of("/api/v2/access/tokens"), Some(Route::Tokens));
        let resource = Resource::TeamMembers;
        assert_eq!(Route::of("/api/v2/TeamMembers"), Some(Route::Read { resource, page: None }));
        let page = Some("abc".to_owned());
        assert_eq!(Route::of("/api/v2/TeamMembers/abc"), Some(Route::Read { resource, page }));
        for path in
            ["/", "/api/v1/TeamMembers", "/api/v2/teammembers", "/api/v2/TeamMembers/", "/api/v2/TeamMembers/a/b"]
        {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }

    #[test]
    fn query_values_are_decoded() {
        let query = Some("a=1&startTime=2026-08-01T00%3A00%3A00Z&bad=%zz%+4%4");
        assert_eq!(query_value(query, "startTime").as_deref(), Some("2026-08-01T00:00:00Z"));
        assert_eq!(query_value(query, "bad").as_deref(), Some("%zz% 4%4"));
        assert_eq!(query_value(query, "c"), None);
    }
}
