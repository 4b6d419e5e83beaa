//! The directory of a run: it appears whole or not at all.

use std::path::{Path, PathBuf};

use lacegraph_export::manifest;
use tempfile::TempDir;

use crate::outcome::Failure;

/// The name of the directory in which a review keeps its decisions: never replaced.
const REVIEW: &str = "review";

/// A directory in the making, beside the place where it will appear. Dropped before
/// [`commit`](Self::commit), it goes away with all that is in it.
#[derive(Debug)]
pub(crate) struct Staging {
    directory: Option<TempDir>,
    target: PathBuf,
    replace: bool,
}

impl Staging {
    /// Looks whether `target` may be written.
    pub(crate) fn check(target: &Path, replace: bool) -> Result<(), Failure> {
        check(target, replace)
    }

    /// Looks whether `target` may be written, and makes the directory in which it is prepared.
    pub(crate) fn new(target: &Path, replace: bool) -> Result<Self, Failure> {
        check(target, replace)?;
        let parent = parent(target);
        if !parent.is_dir() {
            let why = if parent.exists() { "is not a directory" } else { "does not exist" };
            let message = format!("{} cannot be written: {} {why}", target.display(), parent.display());
            return Err(Failure::usage(message, "make that directory, or choose another place with --out DIR"));
        }
        // Not `.`, which would show up in the middle of paths.
        let place = if parent == Path::new(".") { Path::new("") } else { parent };
        let made = closed(".lacegraph-unfinished-").tempdir_in(place).map_err(|error| {
            // The error would tell a path that nobody knows and that does not exist.
            let error = std::io::Error::from(error.kind());
            let message = format!("failed to create a directory in {}", parent.display());
            Failure::failed(anyhow::Error::new(error).context(message), "check that you may write there")
        })?;
        Ok(Self { directory: Some(made), target: target.to_owned(), replace })
    }

    /// Where to write until then.
    pub(crate) fn path(&self) -> &Path {
        self.directory.as_ref().map_or(Path::new(""), TempDir::path)
    }

    /// Closes the files to others and puts the directory in its place.
    pub(crate) fn commit(mut self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            let message = format!("failed to put the export in place at {}", self.target.display());
            Failure::failed(anyhow::Error::new(error).context(message), "check that you may write there")
        };
        close_to_others(self.path()).map_err(failed)?;
        // A second look: something may have appeared meanwhile.
        check(&self.target, self.replace)?;
        if !self.target.exists() {
            fs_err::rename(self.path(), &self.target).map_err(failed)?;
        } else {
            let old = closed(".lacegraph-replaced-").tempdir_in(parent(&self.target));
            let old = old.map_err(failed)?;
            let aside = old.path().join("old");
            fs_err::rename(&self.target, &aside).map_err(failed)?;
            if let Err(error) = fs_err::rename(self.path(), &self.target) {
                // Back as it was; if even that fails, the old export must not go away with its temporary parent.
                if fs_err::rename(&aside, &self.target).is_err() {
                    let _ = old.keep();
                }
                return Err(failed(error));
            }
        }
        if let Some(directory) = self.directory.take() {
            // It has moved: there is nothing left to remove under the old name.
            let _ = directory.keep();
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // A writer may still be at work after an interruption. Under another name it can create nothing more in there.
        if let Some(directory) = self.directory.take() {
            let path = directory.keep();
            let doomed = path.with_extension("gone");
            let doomed = if fs_err::rename(&path, &doomed).is_ok() { doomed } else { path };
            let _ = fs_err::remove_dir_all(doomed);
        }
    }
}

/// Directories that are closed to others from the first moment on: people's data is in them before they are in their place.
fn closed(prefix: &'static str) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    builder
}

/// Refuses what must not be replaced.
fn check(target: &Path, replace: bool) -> Result<(), Failure> {
    let shown = target.display();
    let refuse = |why: &str, hint: &str| Err(Failure::usage(format!("{shown} {why}"), hint));
    if target.file_name().is_none() {
        return refuse("is no name for a directory", "name one with --out DIR");
    }
    let Ok(metadata) = fs_err::symlink_metadata(target) else { return Ok(()) };
    if !metadata.is_dir() {
        return refuse("exists and is not a directory", "choose another name with --out DIR");
    }
    if !replace {
        return refuse(
            "exists already",
            "choose another name with --out DIR, or add --replace to overwrite an earlier export",
        );
    }
    if target.join(REVIEW).exists() {
        return refuse("holds a review", "a review's decisions are never replaced; choose another name with --out DIR");
    }
    let is_empty = fs_err::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty || is_export(target) {
        return Ok(());
    }
    refuse("is not an export of lacegraph", "--replace overwrites only an empty directory or an earlier export")
}

/// Whether a directory holds a manifest of ours.
fn is_export(directory: &Path) -> bool {
    fs_err::read(directory.join(manifest::MANIFEST_FILE)).is_ok_and(|manifest| manifest::is_ours(&manifest))
}

fn parent(target: &Path) -> &Path {
    target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Directories 0700, files 0600: the export tells who is worth attacking.
#[cfg(unix)]
fn close_to_others(directory: &Path) -> std::io::Result<()> {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    fs_err::set_permissions(directory, Permissions::from_mode(0o700))?;
    for entry in fs_err::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            close_to_others(&path)?;
        } else {
            fs_err::set_permissions(&path, Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_directory: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> TempDir {
        tempfile::tempdir().unwrap()
    }

    fn commit(target: &Path, replace: bool) -> Result<(), Failure> {
        let staging = Staging::new(target, replace)?;
        fs_err::write(staging.path().join("manifest.json"), r#"{"tool":"lacegraph"}"#).unwrap();
        staging.commit()
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs_err::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn it_appears_whole_and_leaves_nothing_beside() {
        let place = directory();
        commit(&place.path().join("out"), false).unwrap();
        assert_eq!(names(place.path()), ["out"]);
        assert_eq!(names(&place.path().join("out")), ["manifest.json"]);
    }

    #[test]
    fn dropped_it_is_gone() {
        let place = directory();
        let staging = Staging::new(&place.path().join("out"), false).unwrap();
        fs_err::write(staging.path().join("half"), "x").unwrap();
        drop(staging);
        assert_eq!(names(place.path()), [""; 0]);
    }

    #[test]
    fn only_an_export_or_nothing_is_replaced() {
        let place = directory();
        let target = place.path().join("out");
        fs_err::create_dir(&target).unwrap();
        assert!(commit(&target, false).unwrap_err().error.to_string().ends_with("exists already"));
        commit(&target, true).unwrap();
        commit(&target, true).unwrap();
        fs_err::write(target.join("manifest.json"), r#"{"tool":"another"}"#).unwrap();
        let error = commit(&target, true).unwrap_err().error.to_string();
        assert!(error.ends_with("is not an export of lacegraph"), "{error}");
        fs_err::write(target.join("manifest.json"), r#"{"tool":"lacegraph"}"#).unwrap();
        fs_err::create_dir(target.join("review")).unwrap();
        assert!(commit(&target, true).unwrap_err().error.to_string().ends_with("holds a review"));
        assert_eq!(names(place.path()), ["out"]);
    }

    #[cfg(unix)]
    #[test]
    fn others_can_read_nothing() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = directory();
        let target = place.path().join("out");
        let staging = Staging::new(&target, false).unwrap();
        let while_written = fs_err::metadata(staging.path()).unwrap().permissions().mode() & 0o777;
        assert_eq!(while_written, 0o700);
        fs_err::create_dir(staging.path().join("csv")).unwrap();
        fs_err::write(staging.path().join("csv/a.csv"), "x").unwrap();
        staging.commit().unwrap();
        let mode = |path: &str| fs_err::metadata(target.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("csv"), mode("csv/a.csv")), (0o700, 0o700, 0o600));
    }
}
