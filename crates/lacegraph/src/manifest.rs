//! `manifest.json`: what a run consists of. The only file that tells when it was written.

use std::path::Path;

use lacegraph_export::WrittenFile;
use lacegraph_model::{Graph, UtcTime};
use serde::{Deserialize, Serialize};

use crate::outcome::Failure;

/// The name of the file in a run.
const FILE: &str = "manifest.json";
const TOOL: &str = "lacegraph";

#[derive(Debug, Serialize)]
struct Manifest<'a> {
    tool: &'static str,
    tool_version: &'a str,
    manifest_version: u32,
    snapshot_id: &'a str,
    status: &'a str,
    data_source: &'a str,
    source_hosts: Vec<&'a str>,
    captured_at_utc: String,
    completed_at_utc: String,
    written_at_utc: String,
    files: &'a [WrittenFile],
}

/// Writes the manifest of a run whose other files are `files`.
pub(crate) fn write(graph: &Graph, files: &[WrittenFile], now: UtcTime, directory: &Path) -> Result<(), Failure> {
    let snapshot = graph.snapshot();
    let header = snapshot.header();
    let manifest = Manifest {
        tool: TOOL,
        tool_version: &header.tool_version,
        manifest_version: 1,
        snapshot_id: snapshot.id(),
        status: snapshot.status(),
        data_source: header.data_source.as_str(),
        source_hosts: snapshot.hosts(),
        captured_at_utc: header.captured_at.to_rfc3339(),
        completed_at_utc: header.completed_at.to_rfc3339(),
        written_at_utc: now.to_rfc3339(),
        files,
    };
    let written = serde_json::to_string_pretty(&manifest)
        .map_err(std::io::Error::from)
        .and_then(|text| fs_err::write(directory.join(FILE), text + "\n"));
    written.map_err(|error| Failure::failed(error, "free space on that disk, or choose another place with --out"))
}

/// Whether a directory holds a manifest of ours.
pub(crate) fn is_in(directory: &Path) -> bool {
    #[derive(Deserialize)]
    struct Tool {
        tool: String,
    }
    let text = fs_err::read_to_string(directory.join(FILE));
    text.is_ok_and(|text| serde_json::from_str::<Tool>(&text).is_ok_and(|manifest| manifest.tool == TOOL))
}
