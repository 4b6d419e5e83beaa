use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::call::Call;
use crate::connection::{Breaker, Listener};
use crate::error::MockError;
use crate::key::MockKey;
use crate::listing::PagePlan;
use crate::options::{DeadTokenStatus, ServerOptions};
use crate::rate_limit::Limiter;
use crate::service::{Service, serve};
use crate::tenant::Tenant;
use crate::tokens::Tokens;
use crate::world::World;

/// A running mock of the vendor's API, on 127.0.0.1 alone.
///
/// Dropping it stops it, without waiting for connections to close.
pub struct MockServer {
    base_url: String,
    keys: Vec<MockKey>,
    service: Arc<Service>,
    /// Dropping it tells the server to stop.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl MockServer {
    /// Listens, prepares the answers and begins to serve them.
    ///
    /// Returns when every list that a client will ask for first is written, so that the time of an answer is not the
    /// time of making it up. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// The port cannot be listened on.
    pub async fn start(world: World, options: ServerOptions) -> Result<Self, MockError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let failed = |source| MockError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let base_url = format!("http://127.0.0.1:{port}");
        let plan = PagePlan { base_url: base_url.clone(), page_size: world.page_size, form: world.paging };
        let keys = world.organizations.iter().flat_map(|organization| organization.keys.clone()).collect();
        let organizations = world.organizations;
        let page_plan = plan.clone();
        let tenants = tokio::task::spawn_blocking(move || {
            let open = |organization| Tenant::open(organization, &page_plan);
            organizations.into_iter().map(open).collect()
        })
        .await
        .map_err(|source| MockError::Prepare { source })?;
        let service = Arc::new(Service {
            tenants,
            plan,
            tokens: Tokens::new(port.to_string(), options.token_lifetime, options.token_uses, options.started_at),
            token_form: options.token_form,
            dead_token_status: match options.dead_token_status {
                DeadTokenStatus::Unauthorized => StatusCode::UNAUTHORIZED,
                DeadTokenStatus::Forbidden => StatusCode::FORBIDDEN,
            },
            limiter: Limiter::new(options.rate_limit, options.limited_by),
            started: Instant::now(),
            latency: options.latency,
            calls: Mutex::default(),
        });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&service));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async move {
                // A dropped sender says the same as a sent signal.
                let _ = stopped.await;
            };
            let router = router.into_make_service_with_connect_info::<Breaker>();
            // Errors of single connections end those connections; there is no other.
            let _ = axum::serve(Listener(listener), router).with_graceful_shutdown(stopped).await;
        });
        Ok(Self { base_url, keys, service, stop, task })
    }

    /// Where it answers: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The keys it accepts, organization by organization.
    #[must_use]
    pub fn keys(&self) -> &[MockKey] {
        &self.keys
    }

    /// Every call so far, in the order in which the answers were decided; an answer that is held back is among them.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.service.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every token handed out so far, for tests that search what a client wrote. A token opens nothing but this server.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.service.tokens.all()
    }

    /// Makes every token handed out so far invalid, whatever its `expiresAt` says.
    pub fn revoke_tokens(&self) {
        self.service.tokens.revoke_all();
    }

    /// Stops it: open calls are answered, idle connections closed.
    pub async fn shutdown(self) {
        let Self { stop, mut task, .. } = self;
        drop(stop);
        // A client that never finishes its request must not keep us.
        if tokio::time::timeout(Duration::from_secs(5), &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl fmt::Debug for MockServer {
    /// Neither secrets nor tokens show.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MockServer")
            .field("base_url", &self.base_url)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
