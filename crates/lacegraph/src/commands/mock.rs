//! `mock`: the mock of the API, until it is stopped.

use std::time::Duration;

use lacegraph_mock::{
    AccessModel, GeneratorOptions, MockServer, RowShape, ServerOptions, World, configuration_toml, environment_lines,
    secret_lines,
};

use super::print;
use crate::cli::{MockArguments, Model, Shape};
use crate::outcome::{Code, Failure};

/// Serves, and prints how to reach it.
pub(super) async fn run(arguments: &MockArguments) -> Result<Code, Failure> {
    let world = match (&arguments.fixture, arguments.users) {
        (Some(directory), _) => World::from_fixture_dir(directory)?,
        (None, Some(users)) => World::generated(&generator_options(arguments, users)),
        (None, None) => World::embedded_demo()?,
    };
    let world = match arguments.page_size {
        Some(size) => world.with_page_size(Some(size as usize)),
        None => world,
    };
    let latency = Duration::from_millis(arguments.latency_ms);
    let options = ServerOptions { port: arguments.port, latency, ..ServerOptions::default() };
    let server = MockServer::start(world, options).await?;
    print(&format!(
        "{}\n\n# one organization, by variables; then: lacegraph export --env\n{}\n\
         # every organization: save as lacegraph.toml, set these variables, then: lacegraph export --config lacegraph.toml\n{}\n{}\n\
         # serving until Ctrl-C\n",
        server.base_url(),
        environment_lines(&server).lines().filter(|line| line.contains("LW_")).collect::<Vec<_>>().join("\n"),
        secret_lines(&server),
        configuration_toml(&server),
    ))?;
    // Ends by interruption only.
    std::future::pending().await
}

fn generator_options(arguments: &MockArguments, users: usize) -> GeneratorOptions {
    GeneratorOptions {
        users,
        accounts: arguments.accounts,
        memberships: arguments.memberships,
        seed: arguments.seed,
        shape: match arguments.shape {
            Shape::Nested => RowShape::Nested,
            Shape::Flat => RowShape::Flat,
            Shape::RoleLists => RowShape::RoleLists,
        },
        model: match arguments.model {
            Model::TeamMembers => AccessModel::TeamMembers,
            Model::TeamUsers => AccessModel::TeamUsers,
        },
        org_admin_permille: arguments.org_admin_permille,
        org_user_permille: arguments.org_user_permille,
        org_list: !arguments.no_org_list,
        ..GeneratorOptions::default()
    }
}
