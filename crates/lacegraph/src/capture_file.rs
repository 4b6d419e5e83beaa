//! `DIR.capture`: beside the directory of a run, and there from its first call on.

use std::path::{Path, PathBuf};

use lacegraph_export::manifest::CaptureUse;
use lacegraph_fetch::{Capture, CaptureHeader, CaptureWriter};

use crate::outcome::Failure;

/// Where the capture of the run at `target` is written.
pub(crate) fn path_beside(target: &Path) -> PathBuf {
    // Without the slash at the end that a shell completes.
    let mut name = target.components().as_path().as_os_str().to_owned();
    name.push(".capture");
    name.into()
}

/// Reads a capture.
pub(crate) fn read(path: &Path) -> Result<Capture, Failure> {
    let hint = "name a file that `export --capture` wrote";
    let metadata = fs_err::metadata(path).map_err(|error| Failure::usage_because(error, hint))?;
    if !metadata.is_file() {
        // A pipe would be waited for, perhaps for ever.
        return Err(Failure::usage(format!("{} is no file", path.display()), hint));
    }
    let bytes = fs_err::read(path).map_err(|error| Failure::usage_because(error, hint))?;
    Capture::read(bytes).map_err(|error| failure(error, path))
}

/// What is wrong with a capture, and which it is.
pub(crate) fn failure(error: lacegraph_fetch::CaptureError, path: &Path) -> Failure {
    let hint = error.hint();
    Failure::usage_because(anyhow::Error::new(error).context(path.display().to_string()), hint)
}

/// The file that a run is taken down in.
pub(crate) struct CaptureFile {
    path: PathBuf,
    writer: CaptureWriter,
}

impl CaptureFile {
    /// Begins the file, readable by its owner alone. It is in its place when this returns, with all that is taken over from
    /// `earlier`; one that is there is overwritten only where `replace` says so, or where it is that earlier one.
    pub(crate) fn begin(
        path: &Path,
        header: &CaptureHeader,
        earlier: Option<(&Capture, &Path)>,
        replace: bool,
    ) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            let message = format!("failed to create {}", path.display());
            Failure::failed(anyhow::Error::new(error).context(message), "check that you may write there")
        };
        if fs_err::symlink_metadata(path).is_ok() {
            let is_earlier = earlier.is_some_and(|(_, earlier)| is_same(path, earlier));
            let may_be_replaced = is_earlier || (replace && is_capture(path));
            if !may_be_replaced {
                let hint = "move it away, choose another name with --out DIR, or add --replace to overwrite an earlier capture";
                return Err(Failure::usage(format!("{} exists already", path.display()), hint));
            }
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Temporary files are readable by their owner alone, and stay so when they are renamed.
        let temporary = tempfile::Builder::new().prefix(".lacegraph-unfinished-").tempfile_in(parent);
        let (file, temporary) = temporary.map_err(|error| failed(error.kind().into()))?.into_parts();
        let writer = CaptureWriter::begin(file, header, earlier.map(|(capture, _)| capture));
        let writer = writer.map_err(|error| failure(error, path))?;
        temporary.persist(path).map_err(|error| failed(error.error))?;
        Ok(Self { path: path.to_owned(), writer })
    }

    pub(crate) fn writer(&self) -> &CaptureWriter {
        &self.writer
    }

    /// Ends it; gives what the manifest says of it.
    pub(crate) fn finish(self) -> Result<CaptureUse, Failure> {
        let end = self.writer.finish().map_err(|error| {
            let hint = error.hint();
            Failure::failed(anyhow::Error::new(error).context(self.path.display().to_string()), hint)
        })?;
        Ok(CaptureUse { file: file_name(&self.path), sha256: end.sha256, is_source: false })
    }
}

/// The name of a file without its place, which is nobody's business.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((fs_err::canonicalize(a), fs_err::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

/// Whether a file begins like a capture. A link is none: what it leads to may be anything.
fn is_capture(path: &Path) -> bool {
    let is_file = fs_err::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    is_file && fs_err::read(path).is_ok_and(|bytes| Capture::begins_like_one(&bytes))
}
