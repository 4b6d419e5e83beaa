//! `tables`: the data dictionary, in the form that is asked for.

use std::fmt::Write as _;

use lacegraph_export::{DictionaryRow, dictionary};
use serde_json::{Map, Value as Json, json};

use super::{print, print_json};
use crate::cli::TablesFormat;
use crate::outcome::{Code, Failure};

/// Prints what the tables mean: all of them, or one.
pub(super) fn run(name: Option<&str>, format: TablesFormat) -> Result<Code, Failure> {
    let mut rows = dictionary();
    if let Some(name) = name {
        let names: Vec<String> = rows.iter().filter(|row| row.column.is_empty()).map(|row| row.table.clone()).collect();
        rows.retain(|row| row.table.eq_ignore_ascii_case(name.trim()));
        if rows.is_empty() {
            let hint = format!("there are {}", names.join(", "));
            return Err(Failure::usage(format!("there is no table or view `{name}`"), hint));
        }
    }
    let tables = by_table(&rows);
    match format {
        TablesFormat::Text => print(&text(&tables))?,
        TablesFormat::Markdown => print(&markdown(&tables))?,
        TablesFormat::Json => print_json(&rows)?,
        TablesFormat::Datasette => print_json(&datasette(&tables))?,
    }
    Ok(Code::Complete)
}

/// A table or view, and its columns.
struct Described<'a> {
    table: &'a DictionaryRow,
    columns: &'a [DictionaryRow],
}

impl Described<'_> {
    fn is_view(&self) -> bool {
        self.table.table.starts_with("v_")
    }
}

fn by_table(rows: &[DictionaryRow]) -> Vec<Described<'_>> {
    let tables = rows.chunk_by(|a, b| a.table == b.table);
    tables.filter_map(|rows| rows.split_first()).map(|(table, columns)| Described { table, columns }).collect()
}

fn text(tables: &[Described<'_>]) -> String {
    let mut text = String::new();
    for Described { table, columns } in tables {
        // A String takes whatever is written to it.
        let _ = writeln!(text, "{}\n  {}", table.table, table.description);
        let width = columns.iter().map(|row| row.column.len()).max().unwrap_or_default();
        for DictionaryRow { column, declared_type, description, .. } in *columns {
            let _ = writeln!(text, "  {column:<width$}  {declared_type:<8}  {description}");
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// `docs/tables.md`.
fn markdown(tables: &[Described<'_>]) -> String {
    let mut text = "# Tables and views\n\n\
        <!-- Made by `make docs` from schema.sql, which holds the same as comments; do not edit. -->\n\n\
        Start at [`v_effective_access`](#v_effective_access). Times are UTC. A `*_key` is good inside one file only. Which rows to \
        count, and how to connect a tool, is in [`bi.md`](bi.md).\n"
        .to_owned();
    for (title, is_view) in [("Views", true), ("Tables", false)] {
        let _ = writeln!(text, "\n## {title}");
        for Described { table, columns } in tables.iter().filter(|table| table.is_view() == is_view) {
            let _ = writeln!(
                text,
                "\n### {}\n\n{}\n\n| column | type | meaning |\n|---|---|---|",
                table.table, table.description
            );
            for DictionaryRow { column, declared_type, description, .. } in *columns {
                let _ = writeln!(text, "| `{column}` | {declared_type} | {} |", description.replace('|', "\\|"));
            }
        }
    }
    text
}

/// The form of <https://docs.datasette.io/en/stable/metadata.html>.
fn datasette(tables: &[Described<'_>]) -> Json {
    let described = |Described { table, columns }: &Described<'_>| {
        let columns: Map<String, Json> =
            columns.iter().map(|row| (row.column.clone(), Json::from(row.description.clone()))).collect();
        (table.table.clone(), json!({"description": table.description, "columns": columns}))
    };
    let tables: Map<String, Json> = tables.iter().map(described).collect();
    json!({
        "title": "lacegraph: who can reach which account, in what role, and why",
        "description": "Start at the view v_effective_access: one row for each user and account that the user can reach now.",
        "databases": {"lacegraph": {"tables": tables}},
    })
}
