//! The files: each as the manifest says, and no others.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path};

use super::{Check, counted};
use crate::error::ExportError;
use crate::manifest::{MANIFEST_FILE, Manifest, SIGNATURE_FILE, SUMS_FILE};
use crate::run::weigh;

/// Directories that are made of a run later, and have a manifest of their own.
const LATER: [&str; 2] = ["review", "rendered"];

pub(super) fn check(directory: &Path, manifest: &Manifest, manifest_sha256: &str) -> (Check, Vec<String>) {
    let mut check = Check::new("files");
    let mut known: BTreeSet<String> = BTreeSet::new();
    for file in &manifest.files {
        let path = &file.path;
        if !known.insert(path.clone()) {
            check.find(format!("{path}: {MANIFEST_FILE} names it twice"));
            continue;
        }
        match std::fs::symlink_metadata(directory.join(path)) {
            // As long as it is, whatever it is, nobody has to read it.
            Ok(found) if found.is_file() && found.len() != file.bytes => {
                check.find(format!("{path}: has {} bytes, {MANIFEST_FILE} says {}", found.len(), file.bytes));
                continue;
            }
            Ok(found) if found.is_file() => {}
            Ok(_) => {
                check.find(format!("{path}: is not a file"));
                continue;
            }
            Err(_) => {
                check.find(format!("{path}: is missing"));
                continue;
            }
        }
        let Some(found) = check.take(weigh(directory, path)) else { continue };
        if found.sha256 != file.sha256 {
            check.find(format!(
                "{path}: was changed; its SHA-256 is {}, {MANIFEST_FILE} says {}",
                found.sha256, file.sha256
            ));
        }
    }
    check_sums(directory, manifest, manifest_sha256, &mut check);
    check_manifest(directory, manifest, &mut check);
    known.extend([MANIFEST_FILE, SUMS_FILE, SIGNATURE_FILE].map(str::to_owned));
    let mut later = Vec::new();
    let listed = list(directory, "", &mut |path, is_directory| {
        if is_directory && LATER.contains(&path) {
            later.push(path.to_owned());
            return false;
        }
        if !is_directory && !known.contains(path) {
            check.find(format!("{path}: is not part of the export"));
        }
        true
    });
    check.take(listed);
    check.what = format!("size and SHA-256 of {}, and that there are no others", counted(manifest.files.len(), "file"));
    (check, later)
}

/// The manifest says what is understood of it and nothing else, in the form in which it is written.
fn check_manifest(directory: &Path, manifest: &Manifest, check: &mut Check) {
    let Some(found) = check.take(read(&directory.join(MANIFEST_FILE))) else { return };
    if manifest.to_text().is_ok_and(|expected| expected.as_bytes() != found) {
        check.find(format!("{MANIFEST_FILE}: holds something else than lacegraph writes, or in another form"));
    }
    if !manifest.files.iter().any(|file| file.path == crate::evidence::FILE) {
        check.find(format!("{MANIFEST_FILE}: does not list {}, which every run has", crate::evidence::FILE));
    }
}

/// The list of hashes says nothing that the manifest does not say: it must be the one that follows from it.
fn check_sums(directory: &Path, manifest: &Manifest, manifest_sha256: &str, check: &mut Check) {
    let path = directory.join(SUMS_FILE);
    let Some(found) = check.take(read(&path)) else { return };
    let expected = manifest.sums(manifest_sha256);
    if found == expected.as_bytes() {
        return;
    }
    let own = format!("{manifest_sha256}  {MANIFEST_FILE}");
    let is_of_manifest = String::from_utf8_lossy(&found).lines().any(|line| line == own);
    if is_of_manifest {
        check.find(format!("{SUMS_FILE}: was changed; it is not what follows from {MANIFEST_FILE}"));
    } else {
        check.find(format!(
            "{MANIFEST_FILE}: was changed, or {SUMS_FILE} was: the hash there is not that of {MANIFEST_FILE}"
        ));
    }
}

/// Opens a file of a run. Nothing else is opened: a pipe, for one, would never end.
pub(super) fn open(path: &Path) -> Result<File, ExportError> {
    let opened = std::fs::symlink_metadata(path).and_then(|metadata| {
        if metadata.is_file() { File::open(path) } else { Err(std::io::Error::other("it is not a file")) }
    });
    opened.map_err(ExportError::io("read", path))
}

/// The whole content of a file of a run.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ExportError> {
    let mut content = Vec::new();
    open(path)?.read_to_end(&mut content).map_err(ExportError::io("read", path))?;
    Ok(content)
}

/// Whether a path of a manifest stays inside the run, whoever wrote it.
pub(super) fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && !path.contains('\\') && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Visits everything in a directory, by path inside the run; `visit` says whether to go into a directory.
fn list(root: &Path, inside: &str, visit: &mut dyn FnMut(&str, bool) -> bool) -> Result<(), ExportError> {
    let directory = root.join(inside);
    let failed = |error| ExportError::io("read", &directory)(error);
    for entry in std::fs::read_dir(&directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        // Of the entry itself: a link to a directory is no directory of the run.
        let is_directory = entry.file_type().map_err(failed)?.is_dir();
        if visit(&path, is_directory) && is_directory {
            list(root, &path, visit)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_cannot_name_files_elsewhere() {
        for path in ["../secret", "/etc/passwd", "csv/../../x", "", "./x", "C:\\x"] {
            assert!(!is_inside(path), "{path}");
        }
        assert!(is_inside("csv/access.csv"));
    }
}
