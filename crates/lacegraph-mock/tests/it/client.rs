use std::fs;
use std::path::{Path, PathBuf};

use lacegraph_mock::{MockServer, PagingForm, ServerOptions, World};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The fixture that these tests serve.
pub(crate) fn small_world() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/small")
}

/// A copy of it in which one file is written over.
pub(crate) fn altered_world(file: &str, text: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy(&small_world(), directory.path());
    let path = directory.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    directory
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

pub(crate) async fn start(options: ServerOptions) -> MockServer {
    let world = World::from_fixture_dir(small_world()).unwrap();
    MockServer::start(world, options).await.unwrap()
}

/// A server whose second organization has these faults: two keys of one user, one account, three members.
pub(crate) async fn start_with_faults(faults: &Value, options: ServerOptions, paging: PagingForm) -> MockServer {
    let organization = json!({
        "name": "globex", "host_account": "globex", "primary": "GLOBEX-MAIN", "faults": faults,
        "keys": [{"key_id": "GLOBEX_KEY", "secret": "s", "owner": "audit@globex.example"},
                 {"key_id": "GLOBEX_OTHER", "secret": "s", "owner": "Audit@globex.example"}],
    });
    let directory = altered_world("globex/organization.json", &organization.to_string());
    let members = r#"{"data": [{"userName": "a"}, {"userName": "b"}, {"userName": "c"}]}"#;
    fs::write(directory.path().join("globex/accounts/GLOBEX-MAIN/TeamMembers.json"), members).unwrap();
    let world = World::from_fixture_dir(directory.path()).unwrap().with_paging(paging);
    MockServer::start(world, options).await.unwrap()
}

/// The same with nothing out of the ordinary.
pub(crate) async fn start_faulty(faults: &Value) -> MockServer {
    start_with_faults(faults, ServerOptions::default(), PagingForm::Url).await
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Reply {
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A client with a token of one key.
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: String,
}

/// A token exchange that can be changed before it is sent.
pub(crate) fn exchange(server: &MockServer, secret: &str, body: &Value) -> RequestBuilder {
    http().post(format!("{}/api/v2/access/tokens", server.base_url())).header("X-LW-UAKS", secret).json(body)
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Client {
    pub(crate) async fn of(server: &MockServer, key_id: &str) -> Self {
        let key = server.keys().iter().find(|key| key.key_id == key_id).unwrap();
        let body = json!({"keyId": key_id, "expiryTime": 3600});
        let reply = Reply::to(exchange(server, &key.secret, &body)).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        Self {
            http: http(),
            base: server.base_url().to_owned(),
            token: reply.json()["token"].as_str().unwrap().to_owned(),
        }
    }

    /// A call with all headers but those that choose whose data it is about.
    pub(crate) fn call(&self, method: Method, url: &str) -> RequestBuilder {
        let url = if url.starts_with("http") { url.to_owned() } else { format!("{}/api/v2/{url}", self.base) };
        self.http.request(method, url).bearer_auth(&self.token).header("Content-Type", "application/json")
    }

    pub(crate) async fn get(&self, url: &str) -> Reply {
        Reply::to(self.call(Method::GET, url)).await
    }

    pub(crate) async fn get_account(&self, account: &str, url: &str) -> Reply {
        Reply::to(self.call(Method::GET, url).header("Account-Name", account)).await
    }

    pub(crate) async fn get_org(&self, url: &str) -> Reply {
        Reply::to(self.call(Method::GET, url).header("Org-Access", "true")).await
    }
}
