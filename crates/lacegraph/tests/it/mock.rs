//! The mock API, served from within the test.

use lacegraph_mock::{Call, MockKey, MockServer, ServerOptions, World, configuration_toml, secret_lines};
use tokio::runtime::Runtime;

use crate::fixture;

/// A running mock, and the runtime that it runs in.
pub(crate) struct Mock {
    runtime: Runtime,
    server: Option<MockServer>,
}

impl Mock {
    pub(crate) fn demo() -> Self {
        Self::serve(World::embedded_demo().unwrap())
    }

    pub(crate) fn small() -> Self {
        Self::serve(World::from_fixture_dir(fixture::directory("small")).unwrap())
    }

    pub(crate) fn serve(world: World) -> Self {
        Self::serve_with(world, ServerOptions::default())
    }

    pub(crate) fn serve_with(world: World, options: ServerOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start(world, options)).unwrap();
        Self { runtime, server: Some(server) }
    }

    fn server(&self) -> &MockServer {
        self.server.as_ref().unwrap()
    }

    pub(crate) fn base_url(&self) -> &str {
        self.server().base_url()
    }

    /// The first key of an organization.
    pub(crate) fn key(&self, organization: &str) -> MockKey {
        self.server().keys().iter().find(|key| key.organization == organization).unwrap().clone()
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.server().calls()
    }

    /// Every token that it handed out.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.server().tokens()
    }

    pub(crate) fn keys(&self) -> &[MockKey] {
        self.server().keys()
    }

    /// The `LW_*` variables for an organization.
    pub(crate) fn variables(&self, organization: &str) -> [(String, String); 4] {
        let key = self.key(organization);
        [
            ("LW_ACCOUNT", key.host_account),
            ("LW_API_KEY", key.key_id),
            ("LW_API_SECRET", key.secret),
            ("LW_API_SERVER_URL", self.base_url().to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }

    /// A `lacegraph.toml` for every organization, each with these further lines.
    pub(crate) fn configuration(&self, lines: &str) -> String {
        let header = "[[organization]]\n";
        configuration_toml(self.server()).replace(header, &format!("{header}{lines}\n"))
    }

    /// The variables with the secrets that the configuration names.
    pub(crate) fn secrets(&self) -> Vec<(String, String)> {
        let lines = secret_lines(self.server());
        let variable = |line: &str| {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        lines.lines().map(variable).collect()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            // Its sockets close with the runtime, which does not wait.
            let _inside = self.runtime.enter();
            drop(server);
        }
    }
}
