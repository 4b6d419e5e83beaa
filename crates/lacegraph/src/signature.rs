//! Signatures of manifests, in the form of `ssh-keygen -Y`: made at export time, checked by `verify`.
//!
//! What `ssh-keygen -Y sign -n lacegraph -f KEY manifest.json` writes is the same, so a key with a passphrase, in an agent or on a
//! token can sign afterwards. Source of the form: OpenSSH's PROTOCOL.sshsig.

use std::path::{Path, PathBuf};

use lacegraph_export::manifest::{MANIFEST_FILE, SIGNATURE_FILE};
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use crate::outcome::Failure;

/// What a signature says that it is about; another one is not taken for ours.
const NAMESPACE: &str = "lacegraph";

/// A key that can sign.
pub(crate) struct Signer {
    key: PrivateKey,
    path: PathBuf,
}

impl Signer {
    /// Reads a private key. Done before the first call to the API: nobody wants to hear of it after ten minutes.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let later = format!("or sign afterwards: ssh-keygen -Y sign -n {NAMESPACE} -f KEY DIR/{MANIFEST_FILE}");
        let text = fs_err::read_to_string(path).map_err(|error| {
            Failure::usage_because(error, format!("name the private key of an SSH key pair with --sign, {later}"))
        })?;
        let refuse = |why: &str, hint: &str| {
            Err(Failure::usage(format!("{} {why}", path.display()), format!("{hint}, {later}")))
        };
        let Ok(key) = PrivateKey::from_openssh(&text) else {
            return refuse("is not a private SSH key", "make one with ssh-keygen -t ed25519");
        };
        if key.is_encrypted() {
            return refuse("has a passphrase", "name a key without one");
        }
        if key.algorithm() != Algorithm::Ed25519 {
            return refuse("is no Ed25519 key", "make one with ssh-keygen -t ed25519");
        }
        Ok(Self { key, path: path.to_owned() })
    }

    /// Signs the manifest in `directory`.
    pub(crate) fn sign(&self, directory: &Path) -> Result<(), Failure> {
        let failed = |error: ssh_key::Error| {
            let message = format!("failed to sign with {}", self.path.display());
            Failure::failed(anyhow::Error::new(error).context(message), "check the key with ssh-keygen -y -f KEY")
        };
        let manifest = fs_err::read(directory.join(MANIFEST_FILE))?;
        let signature = self.key.sign(NAMESPACE, HashAlg::Sha512, &manifest).map_err(failed)?;
        let text = signature.to_pem(LineEnding::LF).map_err(failed)?;
        let written = fs_err::write(directory.join(SIGNATURE_FILE), text);
        written.map_err(|error| Failure::failed(error, "free space on that disk, or choose another place with --out"))
    }
}

/// Reads the public part of a key.
pub(crate) fn read_public(key: &Path) -> Result<PublicKey, Failure> {
    let hint = "name the public part of the key, as ssh-keygen writes it to KEY.pub";
    let text = fs_err::read_to_string(key).map_err(|error| Failure::usage_because(error, hint))?;
    let key = PublicKey::from_openssh(text.trim())
        .map_err(|_| Failure::usage(format!("{} is not a public SSH key", key.display()), hint))?;
    if key.algorithm() != Algorithm::Ed25519 {
        let hint = format!("check other keys with ssh-keygen -Y verify -n {NAMESPACE}");
        return Err(Failure::usage("only Ed25519 keys are checked here", hint));
    }
    Ok(key)
}

/// Whether the manifest in `directory` is signed with that key: the key's fingerprint, or why it is not.
pub(crate) fn check(directory: &Path, key: &PublicKey) -> Result<Result<String, String>, Failure> {
    let path = directory.join(SIGNATURE_FILE);
    // Nothing but a file: a pipe would keep its reader waiting for ever.
    let is_file = fs_err::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
    let signature = if is_file { fs_err::read_to_string(&path).ok() } else { None };
    let Some(signature) = signature else {
        return Ok(Err(format!("there is no {SIGNATURE_FILE} in the run, or it cannot be read")));
    };
    let manifest = fs_err::read(directory.join(MANIFEST_FILE))?;
    let Ok(signature) = SshSig::from_pem(&signature) else {
        return Ok(Err(format!("{SIGNATURE_FILE} is not an SSH signature")));
    };
    if key.verify(NAMESPACE, &manifest, &signature).is_err() {
        let why = format!("{SIGNATURE_FILE} is not the signature of this {MANIFEST_FILE} by that key");
        return Ok(Err(why));
    }
    Ok(Ok(key.fingerprint(HashAlg::Sha256).to_string()))
}
