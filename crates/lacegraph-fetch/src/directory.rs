//! `UserProfile`: whose key it is, and which accounts to expect.

use crate::error::CallError;
use crate::list::{CallRecord, examine};
use crate::place::Place;
use crate::session::{Answer, Call, Session};
use crate::transport::{Endpoint, Scope};
use crate::wire::Profile;

/// What came of asking for the directory.
pub(crate) struct Directory {
    pub(crate) profile: Result<Profile, CallError>,
    pub(crate) call: Option<CallRecord>,
}

/// Asks whose key it is, and which accounts there are. Never fatal: callers who are no organization admins may be
/// answered 500 (vendor client source).
pub(crate) async fn read_directory(session: &Session<'_>) -> Directory {
    read_profile(session, Endpoint::UserProfile).await
}

/// Asks whether the key's account is an organization's; `None` where the API does not say. Its answer has the form of a
/// directory with that one field (vendor documentation).
pub(crate) async fn read_organization_info(session: &Session<'_>) -> (Option<bool>, Option<CallRecord>) {
    let Directory { profile, call } = read_profile(session, Endpoint::OrganizationInfo).await;
    (profile.ok().and_then(|profile| profile.org_account), call)
}

async fn read_profile(session: &Session<'_>, endpoint: Endpoint) -> Directory {
    let place = Place { organization: session.organization().to_owned(), account: None, endpoint, page: 1 };
    let url = session.base.endpoint(endpoint.path());
    let call = Call { place, scope: Scope::Primary, url };
    let record = |status, attempts, rows, body_sha256| {
        Some(CallRecord { endpoint, page: 1, status, attempts, rows, body_sha256 })
    };
    let Answer { response, attempts } = match session.call(&call).await {
        Ok(answer) => answer,
        Err(error) => {
            let call = record(error.status(), error.attempts(), 0, None).filter(|_| !error.is_about_key());
            return Directory { profile: Err(error), call };
        }
    };
    let status = response.status;
    if status == 204 {
        let call = record(Some(status), attempts, 0, None);
        return Directory { profile: Ok(Profile::default()), call };
    }
    let content_type = response.headers.content_type.clone();
    let (sha256, body) = examine(response).await;
    let rows = body.as_ref().map_or(0, |body| body.envelope.rows);
    let profile = match body {
        Ok(body) => Ok(Profile::read(&body.text)),
        Err(fault) => Err(CallError::Body { place: Box::new(call.place), status, content_type, fault }),
    };
    Directory { profile, call: record(Some(status), attempts, rows, Some(sha256)) }
}
