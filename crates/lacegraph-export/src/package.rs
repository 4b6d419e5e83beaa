//! `csv/datapackage.json`: the CSV files with their types, keys, rows and hashes, as a Data Package.
//!
//! Source of the form: <https://datapackage.org/standard/data-package/> and <https://datapackage.org/standard/table-schema/>.

use std::path::Path;

use lacegraph_model::Graph;
use rusqlite::Connection;
use serde_json::{Value as Json, json};

use crate::csv::CsvFile;
use crate::error::ExportError;
use crate::run::WrittenFile;
use crate::tables::{SCHEMA, dictionary};

/// The name of the file, beside the CSV files.
pub(crate) const FILE: &str = "datapackage.json";

/// The package of the CSV files among `files`, as text.
///
/// # Errors
///
/// [`ExportError::Sqlite`] where the schema cannot be asked for its keys, which would be a fault of the program.
pub(crate) fn text(graph: &Graph, files: &[WrittenFile]) -> Result<String, ExportError> {
    let failed = || ExportError::sqlite("read", Path::new("schema.sql"));
    let schema = Connection::open_in_memory().map_err(failed())?;
    schema.execute_batch(SCHEMA).map_err(failed())?;
    let dictionary = dictionary();
    let mut resources = Vec::new();
    for file in files {
        let Some((name, source)) = source(&file.path) else { continue };
        let columns: Vec<_> = dictionary.iter().filter(|row| row.table == source).collect();
        let description = columns.iter().find(|row| row.column.is_empty()).map(|row| row.description.as_str());
        let required = column_names(&schema, NOT_NULL, &source).map_err(failed())?;
        let fields: Vec<Json> = columns
            .iter()
            .filter(|row| !row.column.is_empty())
            .map(|row| {
                let field_type = field_type(&row.declared_type);
                let mut field = json!({"name": row.column, "type": field_type, "description": row.description});
                // An empty cell is no value; of a text it may be the empty text.
                if field_type != "string" && required.contains(&row.column) {
                    field["constraints"] = json!({"required": true});
                }
                field
            })
            .collect();
        let mut table_schema = json!({"fields": fields});
        let primary_key = match &*source {
            "v_effective_access" => vec!["identity".to_owned(), "account_id".to_owned()],
            _ => column_names(&schema, PRIMARY_KEY, &source).map_err(failed())?,
        };
        if !primary_key.is_empty() {
            table_schema["primaryKey"] = json!(primary_key);
        }
        let foreign_keys = foreign_keys(&schema, &source).map_err(failed())?;
        if !foreign_keys.is_empty() {
            table_schema["foreignKeys"] = json!(foreign_keys);
        }
        resources.push(json!({
            "name": name,
            "path": format!("{name}.csv"),
            "description": description,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"lineTerminator": "\r\n"},
            "rowCount": file.rows,
            "bytes": file.bytes,
            "hash": format!("sha256:{}", file.sha256),
            "schema": table_schema,
        }));
    }
    let snapshot = graph.snapshot();
    let package = json!({
        "name": "lacegraph",
        "id": snapshot.id(),
        "title": "Who can reach which account, in what role, and why",
        "description": format!("{}; source: {}", crate::evidence::status_line(graph), snapshot.source_line()),
        "created": snapshot.header().captured_at.to_rfc3339(),
        "resources": resources,
    });
    let text = serde_json::to_string_pretty(&package).map_err(std::io::Error::from);
    Ok(text.map_err(ExportError::io("write", Path::new(FILE)))? + "\n")
}

/// The name of a resource, and the table or view whose rows it has.
fn source(path: &str) -> Option<(String, String)> {
    let file = path.strip_prefix("csv/")?;
    Some((file.strip_suffix(".csv")?.to_owned(), CsvFile::source(file)?))
}

fn field_type(declared_type: &str) -> &'static str {
    match declared_type {
        "INTEGER" => "integer",
        "BOOLEAN" => "boolean",
        "DATETIME" => "datetime",
        "DATE" => "date",
        _ => "string",
    }
}

const NOT_NULL: &str = "SELECT name FROM pragma_table_info(?) WHERE \"notnull\" = 1 OR pk > 0 ORDER BY cid";
const PRIMARY_KEY: &str = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk";

fn column_names(schema: &Connection, sql: &str, table: &str) -> rusqlite::Result<Vec<String>> {
    schema.prepare(sql)?.query_map([table], |row| row.get(0))?.collect()
}

fn foreign_keys(schema: &Connection, table: &str) -> rusqlite::Result<Vec<Json>> {
    let sql = "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY \"from\"";
    let mut statement = schema.prepare(sql)?;
    let rows = statement.query_map([table], |row| {
        let (from, table, to): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(json!({"fields": [from], "reference": {"resource": table, "fields": [to]}}))
    })?;
    rows.collect()
}
