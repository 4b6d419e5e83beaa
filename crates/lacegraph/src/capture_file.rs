//! `DIR.capture`: beside the directory of a run, and there from its first call on.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use lacegraph_export::manifest::CaptureUse;
use lacegraph_fetch::{Capture, CaptureHeader, CaptureWriter};

use crate::outcome::Failure;

/// Where the capture of the run at `target` is written.
pub(crate) fn path_beside(target: &Path) -> PathBuf {
    // Without the slash at the end that a shell completes.
    with_ending(target.components().as_path(), ".capture")
}

/// Reads a capture.
pub(crate) fn read(path: &Path) -> Result<Capture, Failure> {
    Capture::read(bytes(path)?).map_err(|error| failure(error, path))
}

/// The bytes of what is said to be a capture.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let hint = "name a file that `export --capture` wrote";
    let metadata = fs_err::metadata(path).map_err(|error| Failure::usage_because(error, hint))?;
    if !metadata.is_file() {
        // A pipe would be waited for, perhaps for ever.
        return Err(Failure::usage(format!("{} is no file", path.display()), hint));
    }
    read_if_capture(path).map_err(|error| Failure::usage_because(error, hint))
}

/// The bytes of a file; of one that begins like no capture, the first few: it may be of any size.
fn read_if_capture(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = fs_err::File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(64).read_to_end(&mut bytes)?;
    if Capture::may_begin_with(&bytes) {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// What is wrong with a capture, and which it is.
pub(crate) fn failure(error: lacegraph_fetch::CaptureError, path: &Path) -> Failure {
    let hint = error.hint();
    Failure::usage_because(anyhow::Error::new(error).context(path.display().to_string()), hint)
}

/// The ending of a capture that is not in its place yet, because an earlier one is.
pub(crate) const UNFINISHED: &str = "unfinished";

/// The file that a run is taken down in.
pub(crate) struct CaptureFile {
    /// Where it belongs.
    path: PathBuf,
    /// Where it is meanwhile.
    current: PathBuf,
    writer: CaptureWriter,
}

/// A capture that is written and has still to take its place.
pub(crate) struct Written {
    path: PathBuf,
    current: PathBuf,
}

impl CaptureFile {
    /// Begins the file, readable by its owner alone, with all that is taken over from `earlier`; it is there when this returns.
    ///
    /// One that is there already gives way only where `replace` says so, and not before the run is in its place: until then the new
    /// one is beside it, as `.unfinished`. That of the run that this one goes on from gives way at once, for all of it that is
    /// good has been taken over.
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
        let is_there = fs_err::symlink_metadata(path).is_ok();
        let is_earlier = is_there && earlier.is_some_and(|(_, earlier)| is_same(path, earlier));
        let may_be_replaced = is_earlier || (replace && is_capture(path));
        if is_there && !may_be_replaced {
            let hint =
                "move it away, choose another name with --out DIR, or add --replace to overwrite an earlier capture";
            return Err(Failure::usage(format!("{} exists already", path.display()), hint));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Temporary files are readable by their owner alone, and stay so when they are renamed.
        let temporary = tempfile::Builder::new().prefix(".lacegraph-unfinished-").tempfile_in(parent);
        let (file, temporary) = temporary.map_err(|error| failed(error.kind().into()))?.into_parts();
        let writer = CaptureWriter::begin(file, header, earlier.map(|(capture, _)| capture));
        // Of these, it is the earlier one that can be damaged.
        let about = earlier.map_or(path, |(_, earlier)| earlier);
        let writer = writer.map_err(|error| failure(error, about))?;
        let current =
            if is_there && !is_earlier { with_ending(path, &format!(".{UNFINISHED}")) } else { path.to_owned() };
        if is_there {
            temporary.persist(&current).map_err(|error| failed(error.error))?;
        } else {
            // Whatever appeared there meanwhile, another run's perhaps, is not overwritten.
            temporary.persist_noclobber(&current).map_err(|error| failed(error.error))?;
        }
        Ok(Self { path: path.to_owned(), current, writer })
    }

    pub(crate) fn writer(&self) -> &CaptureWriter {
        &self.writer
    }

    /// Where it is while the run goes on, and after one that comes to nothing.
    pub(crate) fn current(&self) -> &Path {
        &self.current
    }

    /// Ends it; gives what the manifest says of it.
    pub(crate) fn finish(self) -> Result<(CaptureUse, Written), Failure> {
        let Self { path, current, writer } = self;
        let end = writer.finish().map_err(|error| {
            let hint = error.hint();
            Failure::failed(anyhow::Error::new(error).context(current.display().to_string()), hint)
        })?;
        let used = CaptureUse { file: file_name(&path), sha256: end.sha256, is_source: false };
        Ok((used, Written { path, current }))
    }
}

impl Written {
    /// Puts it in its place, once the run is in its own.
    pub(crate) fn settle(self) -> Result<(), Failure> {
        if self.current == self.path {
            return Ok(());
        }
        fs_err::rename(&self.current, &self.path).map_err(|error| {
            let message = format!("the export is written, and its capture is left at {}", self.current.display());
            Failure::failed(anyhow::Error::new(error).context(message), "rename it yourself")
        })
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
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
    /// The first entry tells the plan, which is not long.
    const BEGINNING: u64 = 4 * 1024 * 1024;
    let is_file = fs_err::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let mut beginning = Vec::new();
    let read = || fs_err::File::open(path)?.take(BEGINNING).read_to_end(&mut beginning);
    is_file && { read }().is_ok() && Capture::begins_like_one(&beginning)
}
