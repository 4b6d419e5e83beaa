//! The pictures: as many nodes and lines as the manifest says, and the figures of the database at their head.

use std::io::BufRead as _;
use std::path::Path;

use lacegraph_model::Graph;

use super::{Check, counted, files};
use crate::dot::Drawn;
use crate::error::ExportError;
use crate::manifest::{MANIFEST_FILE, Manifest};
use crate::run::{DATABASE_FILE, WrittenFile};

pub(super) fn check(directory: &Path, graph: &Graph, manifest: &Manifest) -> Check {
    let mut check = Check::new("pictures");
    let mut drawn = Drawn::default();
    let mut count = 0;
    for file in manifest.files.iter().filter(|file| file.path.starts_with("dot/")) {
        count += 1;
        let Some(picture) = check.take(read(directory, file)) else { continue };
        drawn.nodes += picture.drawn.nodes;
        drawn.edges += picture.drawn.edges;
        compare(graph, file, &picture, &mut check);
    }
    check.what = match count {
        0 => "there are none".to_owned(),
        _ => format!(
            "{} with {} nodes and {} lines, and the figures at the head of each",
            counted(count, "picture"),
            drawn.nodes,
            drawn.edges
        ),
    };
    check
}

/// What a picture says.
#[derive(Default)]
struct Picture {
    /// The counts of the comment at its head.
    counts: Vec<(String, u64)>,
    drawn: Drawn,
}

/// Reads one of our pictures: a statement a line, ids quoted and without quotation marks.
fn read(directory: &Path, file: &WrittenFile) -> Result<Picture, ExportError> {
    let path = directory.join(&file.path);
    let failed = |error| ExportError::io("read", &path)(error);
    let lines = std::io::BufReader::new(files::open(&path)?).lines();
    let mut picture = Picture::default();
    for line in lines {
        let line = line.map_err(failed)?;
        if let Some((name, count)) = line.strip_prefix("// ").and_then(|line| line.split_once(": ")) {
            picture.counts.extend(count.parse().ok().map(|count| (name.to_owned(), count)));
        }
        let Some((id, rest)) = line.trim_start().strip_prefix('"').and_then(|line| line.split_once('"')) else {
            continue;
        };
        // Samples of the legend.
        let is_drawn = u64::from(!id.starts_with('l'));
        if rest.starts_with(" -> \"") {
            picture.drawn.edges += is_drawn;
        } else if rest.starts_with(" [") {
            picture.drawn.nodes += is_drawn;
        }
    }
    Ok(picture)
}

fn compare(graph: &Graph, file: &WrittenFile, picture: &Picture, check: &mut Check) {
    let path = &file.path;
    let totals = graph.totals();
    for (what, found, told) in [("nodes", picture.drawn.nodes, file.nodes), ("lines", picture.drawn.edges, file.edges)]
    {
        if told != Some(found) {
            let told = told.map_or("nothing of them".to_owned(), |told| told.to_string());
            check.find(format!("{path}: has {found} {what}, {MANIFEST_FILE} says {told}"));
        }
    }
    let is_full = path.ends_with("/full.dot");
    let expected = [
        ("organizations", totals.organizations as u64),
        ("accounts", graph.snapshot().accounts().len() as u64),
        ("people", totals.persons as u64),
        ("service_users", (totals.users - totals.persons) as u64),
        ("grants", totals.grants as u64),
        ("effective_access", totals.effective_access as u64),
    ];
    for (name, expected) in expected {
        let told = picture.counts.iter().find(|(told, _)| told == name).map(|&(_, count)| count);
        if told != Some(expected) {
            check.find(format!("{path}: does not say {expected} {name}, as {DATABASE_FILE} does"));
        }
    }
    let all = Drawn { nodes: graph.nodes().len() as u64, edges: graph.edge_count() as u64 };
    if is_full && picture.drawn != all {
        let Drawn { nodes, edges } = all;
        check.find(format!("{path}: the graph of {DATABASE_FILE} has {nodes} nodes and {edges} lines"));
    }
}
