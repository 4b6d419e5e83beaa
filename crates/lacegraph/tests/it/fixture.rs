//! Fixtures: those of the project, and the small one with something changed.

use std::path::PathBuf;

use lacegraph_mock::World;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::files;

/// A directory of the project's fixtures.
pub(crate) fn directory(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "fixtures", name].iter().collect()
}

/// The text of a broken file.
pub(crate) fn invalid(name: &str) -> String {
    fs_err::read_to_string(directory("invalid").join(name)).unwrap()
}

/// A copy of `fixtures/small`, to be changed.
pub(crate) struct Fixture {
    root: TempDir,
}

impl Fixture {
    pub(crate) fn small() -> Self {
        let (root, from) = (tempfile::tempdir().unwrap(), directory("small"));
        for file in files(&from) {
            let copy = root.path().join(file.strip_prefix(&from).unwrap());
            fs_err::create_dir_all(copy.parent().unwrap()).unwrap();
            fs_err::copy(&file, copy).unwrap();
        }
        Self { root }
    }

    /// Changes a field of `tiny/organization.json`.
    pub(crate) fn set(self, field: &str, value: Value) -> Self {
        let path = self.root.path().join("tiny/organization.json");
        let mut organization: Value = serde_json::from_str(&fs_err::read_to_string(&path).unwrap()).unwrap();
        organization[field] = value;
        fs_err::write(path, organization.to_string()).unwrap();
        self
    }

    /// Makes the key one of that account alone.
    pub(crate) fn with_key_of(self, account: &str) -> Self {
        self.set(
            "keys",
            json!([{"key_id": "TINYONE_SMALL0AUDIT0KEY0000000000000001", "secret": "_tiny-demo-not-a-secret",
            "owner": "ann@tiny.example", "scope": "account", "account": account}]),
        )
    }

    pub(crate) fn write(self, path: &str, text: &str) -> Self {
        let path = self.root.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
        self
    }

    pub(crate) fn without(self, path: &str) -> Self {
        fs_err::remove_file(self.root.path().join(path)).unwrap();
        self
    }

    pub(crate) fn world(&self) -> World {
        World::from_fixture_dir(self.root.path()).unwrap()
    }
}
