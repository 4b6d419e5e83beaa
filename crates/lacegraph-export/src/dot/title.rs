//! The title: what the picture shows, when it was taken, from where, and whether something is missing.

use lacegraph_model::{DataSource, Graph, Severity};

use super::sheet::Attributes;
use super::text::{Text, count};

/// Organizations named in the title.
const NAMED: usize = 8;

/// The attributes of the whole picture, with the title.
///
/// `lines` are what the picture alone can say: what was drawn.
pub(super) fn picture(graph: &Graph, shows: &'static str, lines: &[String]) -> Attributes {
    let title = title(graph, shows, lines);
    Attributes::from([
        ("charset", "UTF-8"),
        ("rankdir", "LR"),
        ("newrank", "true"),
        ("labelloc", "t"),
        ("labeljust", "l"),
        ("fontname", FONT),
        ("fontsize", "11"),
        ("bgcolor", "#FFFFFF"),
        ("pad", "0.3"),
        ("nodesep", "0.05"),
        ("ranksep", "2"),
        ("outputorder", "edgesfirst"),
    ])
    .with("tooltip", shows)
    .with("label", title)
}

/// A sans-serif font that some machine has.
pub(super) const FONT: &str = "Helvetica,Arial,sans-serif";

fn title(graph: &Graph, shows: &'static str, lines: &[String]) -> Text {
    let snapshot = graph.snapshot();
    let source = match snapshot.header().data_source {
        DataSource::Demo => format!("*** {} ***", snapshot.source_line()),
        DataSource::Live | DataSource::Capture => format!("Source: {}", snapshot.source_line()),
    };
    let mut title = Text::from("lacegraph: ").and(shows).left().and(&source).left();
    let names = snapshot.organizations().iter().map(|organization| snapshot.text(organization.name));
    title = title.and(if names.len() == 1 { "Organization: " } else { "Organizations: " });
    for (index, name) in names.clone().take(NAMED).enumerate() {
        title = title.and(if index == 0 { "" } else { ", " }).and_cut(name);
    }
    if names.len() > NAMED {
        title = title.and(&format!(" and {} more", names.len() - NAMED));
    }
    let captured = snapshot.header().captured_at.to_sql();
    title = title.left().and(&format!("Captured {captured} UTC, snapshot {}", snapshot.id())).left();
    title = title.and(&status(graph)).and("; ").and(&snapshot.account_counts().scope_line()).left();
    lines.iter().fold(title, |title, line| title.and(line).left())
}

fn status(graph: &Graph) -> String {
    let snapshot = graph.snapshot();
    let errors = snapshot.problems().iter().filter(|problem| problem.severity == Severity::Error).count();
    if snapshot.is_partial() {
        format!(
            "Status: {}, {}: something is missing",
            snapshot.status().to_uppercase(),
            count(errors, "error", "errors")
        )
    } else {
        format!("Status: {}", snapshot.status())
    }
}

/// How many accounts and organizations: for the comment at the head of the file.
pub(super) fn place_counts(graph: &Graph) -> [(&'static str, usize); 2] {
    [("organizations", graph.snapshot().organizations().len()), ("accounts", graph.snapshot().accounts().len())]
}
