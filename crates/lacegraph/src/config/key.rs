//! The key of an organization or of an account, as `lacegraph.toml` describes it.

use std::path::{Path, PathBuf};

use super::credentials::{self, Found};
use super::organization::Reader;
use super::{key_file, secret, secret_command};
use crate::outcome::Failure;

/// What to write where there is no key.
pub(super) const A_KEY: &str = "profile, key_file, or key_id with secret_env, secret_file or secret_command";

/// The fields of a key, wherever they stand.
pub(super) struct Key<'a> {
    pub(super) profile: Option<&'a str>,
    pub(super) key_file: Option<&'a Path>,
    pub(super) key_id: Option<&'a str>,
    pub(super) secret_env: Option<&'a str>,
    pub(super) secret_file: Option<&'a Path>,
    pub(super) secret_command: Option<&'a [String]>,
}

impl Reader<'_> {
    /// The key that the fields describe; none where there is none of them.
    pub(super) fn key(&mut self, key: &Key<'_>, at: usize, place: &str) -> Result<Option<Found>, Failure> {
        let has_secret = key.secret_env.is_some() || key.secret_file.is_some() || key.secret_command.is_some();
        let found = match (key.profile, key.key_file, key.key_id) {
            (None, None, None) if !has_secret => return Ok(None),
            (Some(profile), None, None) if !has_secret => credentials::from_profile(profile, self.system)?,
            (None, Some(file), None) if !has_secret => key_file::from_key_file(&self.beside(file))?,
            (None, None, Some(key_id)) if key_id.trim().is_empty() => {
                return Err(self.failure(
                    at,
                    &format!("{place} has an empty key_id"),
                    "write the key's id, or leave it out",
                ));
            }
            (None, None, Some(key_id)) if has_secret => self.key_with_secret(key_id.trim(), key, at, place)?,
            (None, None, Some(_)) => {
                let hint = "add secret_env = \"NAME_OF_A_VARIABLE\", secret_file or secret_command";
                return Err(self.failure(at, &format!("{place} has key_id and no secret"), hint));
            }
            (None, None, None) => {
                let given = [
                    ("secret_env", key.secret_env.is_some()),
                    ("secret_file", key.secret_file.is_some()),
                    ("secret_command", key.secret_command.is_some()),
                ];
                let given = given.iter().find(|(_, is_given)| *is_given).map_or("a secret", |(name, _)| name);
                return Err(self.failure(at, &format!("{place} has {given} and no key_id"), "add key_id = \"…\""));
            }
            _ => {
                let message = format!("{place} has more than one key");
                return Err(self.failure(at, &message, &format!("keep one of {A_KEY}")));
            }
        };
        for note in &found.notes {
            if !self.notes.contains(note) {
                self.notes.push(note.clone());
            }
        }
        Ok(Some(found))
    }

    fn key_with_secret(&self, key_id: &str, key: &Key<'_>, at: usize, place: &str) -> Result<Found, Failure> {
        match (key.secret_env, key.secret_file, key.secret_command) {
            (Some(variable), None, None) => secret::from_variable(key_id, variable, self.system),
            (None, Some(file), None) => secret::from_file(key_id, file, &self.beside(file)),
            (None, None, Some([program, arguments @ ..])) if !program.is_empty() => {
                let program = secret_command::program(program, |path| self.beside(path));
                secret_command::from_command(key_id, &program, arguments, secret_command::TIME_LIMIT)
            }
            (None, None, Some(_)) => {
                let hint =
                    "write the program and its arguments as a list: secret_command = [\"op\", \"read\", \"op://…\"]";
                Err(self.failure(at, &format!("the secret_command of {place} names no program"), hint))
            }
            _ => {
                let message = format!("{place} has more than one secret");
                Err(self.failure(at, &message, "keep one of secret_env, secret_file and secret_command"))
            }
        }
    }

    pub(super) fn beside(&self, path: &Path) -> PathBuf {
        secret::beside(self.path, path, self.system)
    }
}
