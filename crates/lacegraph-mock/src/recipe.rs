use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::key::MockKey;
use crate::server::MockServer;

/// Lines to paste into a shell: the vendor CLI's variables for the first key, and the secrets of the configuration.
///
/// `LW_API_SERVER_URL` is what sends a client here (vendor client source).
#[must_use]
pub fn environment_lines(server: &MockServer) -> String {
    let mut lines = String::new();
    if let Some(key) = server.keys().first() {
        for (name, value) in [
            ("LW_ACCOUNT", key.host_account.as_str()),
            ("LW_API_KEY", &key.key_id),
            ("LW_API_SECRET", &key.secret),
            ("LW_API_SERVER_URL", server.base_url()),
        ] {
            export(&mut lines, name, value);
        }
    }
    lines + &secret_lines(server)
}

/// Lines to paste into a shell: only the secrets that [`configuration_toml`] refers to.
#[must_use]
pub fn secret_lines(server: &MockServer) -> String {
    let mut lines = String::new();
    for (key, variable) in organization_keys(server) {
        export(&mut lines, &variable, &key.secret);
    }
    lines
}

/// A `lacegraph.toml` that names every organization, each with its first key.
#[must_use]
pub fn configuration_toml(server: &MockServer) -> String {
    let tables: Vec<String> = organization_keys(server)
        .into_iter()
        .map(|(key, variable)| {
            format!(
                "[[organization]]\nname = {}\naccount = {}\nkey_id = {}\nsecret_env = {}\n",
                toml_text(&key.organization),
                toml_text(server.base_url()),
                toml_text(&key.key_id),
                toml_text(&variable),
            )
        })
        .collect();
    tables.join("\n")
}

/// The first key of each organization, and the variable that holds its secret.
fn organization_keys(server: &MockServer) -> Vec<(&MockKey, String)> {
    let mut organizations = BTreeSet::new();
    let mut variables = BTreeSet::new();
    let mut found = Vec::new();
    for key in server.keys() {
        if !organizations.insert(key.organization.as_str()) {
            continue;
        }
        let name: String = key
            .organization
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
            .collect();
        let mut variable = format!("LACEGRAPH_MOCK_SECRET_{name}");
        while !variables.insert(variable.clone()) {
            variable.push('_');
        }
        found.push((key, variable));
    }
    found
}

fn export(lines: &mut String, name: &str, value: &str) {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:@%+=,".contains(letter);
    let value = if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    };
    // Writing into a string does not fail.
    let _ = writeln!(lines, "export {name}={value}");
}

/// A basic string of TOML; it escapes as JSON does.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
