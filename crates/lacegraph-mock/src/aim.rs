use crate::fault::{Fault, FaultEntry};
use crate::resource::{Resource, Scope};

/// Which calls a fault strikes.
#[derive(Debug, Clone)]
pub(crate) struct Aim {
    account: Option<String>,
    org: bool,
    endpoint: Option<String>,
    page: Option<usize>,
    key_id: Option<String>,
}

/// A call, as far as a fault may look at it.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) key_id: &'a str,
    /// `None` is a token exchange.
    pub(crate) read: Option<(Resource, &'a Scope, usize)>,
}

impl Aim {
    pub(crate) fn of(entry: &FaultEntry) -> Result<Self, String> {
        if let Some(endpoint) = &entry.endpoint
            && endpoint != Fault::TOKENS
            && Resource::named(endpoint).is_none()
        {
            return Err(format!("a fault names the endpoint {endpoint}, which is not served"));
        }
        Ok(Self {
            account: entry.account.clone(),
            org: entry.org,
            endpoint: entry.endpoint.clone(),
            page: entry.page,
            key_id: entry.key_id.clone(),
        })
    }

    /// The account it names; an account that always fails exists all the same.
    pub(crate) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The key it names.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    pub(crate) fn matches(&self, target: &Target<'_>) -> bool {
        self.key_id.as_ref().is_none_or(|key_id| key_id == target.key_id)
            && match target.read {
                None => self.endpoint.as_deref() == Some(Fault::TOKENS),
                Some((resource, scope, page)) => self.matches_read(resource, scope, page),
            }
    }

    fn matches_read(&self, resource: Resource, scope: &Scope, page: usize) -> bool {
        let endpoint = match &self.endpoint {
            Some(endpoint) => endpoint == resource.name(),
            None => resource.is_list(),
        };
        let place = match (&self.account, self.org) {
            (None, false) => true,
            (Some(account), false) => *scope == Scope::account(account),
            (None, true) => *scope == Scope::Organization,
            (Some(account), true) => *scope == Scope::Organization || *scope == Scope::account(account),
        };
        endpoint && place && self.page.is_none_or(|wanted| wanted == page)
    }
}
