use lacegraph_mock::{ServerOptions, configuration_toml, environment_lines, secret_lines};

use crate::client::start;

#[tokio::test]
async fn a_shell_and_a_configuration_find_the_server() {
    let server = start(ServerOptions::default()).await;
    let neutral = |text: String| text.replace(server.base_url(), "http://127.0.0.1:PORT");
    insta::assert_snapshot!(neutral(environment_lines(&server)), @r"
    export LW_ACCOUNT=acme
    export LW_API_KEY=ACME_AUDIT_KEY
    export LW_API_SECRET=_acme_secret
    export LW_API_SERVER_URL=http://127.0.0.1:PORT
    export LACEGRAPH_MOCK_SECRET_ACME=_acme_secret
    export LACEGRAPH_MOCK_SECRET_GLOBEX='it'\''s a secret'
    ");
    assert!(environment_lines(&server).ends_with(&secret_lines(&server)));
    insta::assert_snapshot!(neutral(configuration_toml(&server)), @r#"
    [[organization]]
    name = "acme"
    account = "http://127.0.0.1:PORT"
    key_id = "ACME_AUDIT_KEY"
    secret_env = "LACEGRAPH_MOCK_SECRET_ACME"

    [[organization]]
    name = "globex"
    account = "http://127.0.0.1:PORT"
    key_id = "GLOBEX_KEY"
    secret_env = "LACEGRAPH_MOCK_SECRET_GLOBEX"
    "#);
}
