//! The data dictionary: what the comments of `schema.sql` say, as rows.

use serde::Serialize;

use super::{SCHEMA, Table};

/// A table or view, or a column of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DictionaryRow {
    /// The table or view.
    pub table: String,
    /// Empty for the table itself.
    pub column: String,
    /// The type that drivers read; empty for the table itself.
    pub declared_type: String,
    /// One sentence; for a table, its grain.
    pub description: String,
}

pub(super) const DATA_DICTIONARY: Table = Table {
    name: "data_dictionary",
    columns: &["table_name", "column_name", "declared_type", "description"],
    rows: |_, sink| {
        let mut rows = dictionary();
        rows.sort();
        rows.iter().try_for_each(|row| {
            sink(&[(&row.table).into(), (&row.column).into(), (&row.declared_type).into(), (&row.description).into()])
        })
    },
};

/// Reads the schema: a table's comment stands above it, a column's behind it.
///
/// A column of a view means what the column of the table means that it is taken from, unless a line `-- @column …` above
/// the view says otherwise.
pub(crate) fn dictionary() -> Vec<DictionaryRow> {
    let mut rows: Vec<DictionaryRow> = Vec::new();
    let mut comment = String::new();
    let mut own: Vec<(String, String)> = Vec::new();
    let mut lines = SCHEMA.lines();
    while let Some(line) = lines.next() {
        if let Some((column, text)) = line.strip_prefix("-- @").and_then(|line| line.split_once(' ')) {
            own.push((column.to_owned(), text.to_owned()));
            continue;
        }
        if let Some(text) = line.strip_prefix("-- ") {
            comment = if comment.is_empty() { text.to_owned() } else { format!("{comment} {text}") };
            continue;
        }
        let description = std::mem::take(&mut comment);
        if let Some(table) = between(line, "CREATE TABLE ", " (") {
            rows.push(table_row(table, description));
            let columns = lines.by_ref().take_while(|line| !line.starts_with(')'));
            rows.extend(columns.filter_map(|line| column_row(table, line)));
        } else if let Some(view) = between(line, "CREATE VIEW ", " AS") {
            rows.push(table_row(view, description));
            let body: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
            let mut columns = view_columns(&body.join(" "), &rows);
            for row in &mut columns {
                view.clone_into(&mut row.table);
                if let Some(index) = own.iter().position(|(column, _)| *column == row.column) {
                    row.description = own.swap_remove(index).1;
                }
            }
            rows.extend(columns);
        }
    }
    rows
}

fn table_row(table: &str, description: String) -> DictionaryRow {
    DictionaryRow { table: table.to_owned(), column: String::new(), declared_type: String::new(), description }
}

fn column_row(table: &str, line: &str) -> Option<DictionaryRow> {
    let (declaration, description) = line.split_once(" -- ")?;
    let mut words = declaration.split_whitespace();
    let (column, declared_type) = (words.next()?, words.next()?);
    Some(DictionaryRow {
        table: table.to_owned(),
        column: column.to_owned(),
        declared_type: declared_type.trim_end_matches(',').to_owned(),
        description: description.to_owned(),
    })
}

/// The columns of a view, from its first SELECT: `alias.column`, or `alias.column AS name`.
fn view_columns(body: &str, tables: &[DictionaryRow]) -> Vec<DictionaryRow> {
    let first = body.split(" UNION ALL ").next().unwrap_or_default();
    let Some((list, sources)) = first.trim_start_matches("SELECT ").split_once(" FROM ") else { return Vec::new() };
    let words: Vec<&str> = sources.split_whitespace().collect();
    // `table alias`, at the beginning and behind each JOIN.
    let table_of = |alias: &str| {
        let place = words
            .iter()
            .enumerate()
            .find(|&(index, word)| *word == alias && index > 0 && (index == 1 || words[index - 2] == "JOIN"));
        place.map(|(index, _)| words[index - 1])
    };
    let column = |item: &str| {
        let (source, name) = item.split_once(" AS ").unwrap_or((item, item));
        let (alias, source) = source.trim().split_once('.')?;
        let base = tables.iter().find(|row| Some(&*row.table) == table_of(alias) && row.column == source)?;
        let name = name.trim().rsplit('.').next()?;
        Some(DictionaryRow { column: name.to_owned(), ..base.clone() })
    };
    list.split(',').filter_map(column).collect()
}

fn between<'a>(line: &'a str, start: &str, end: &str) -> Option<&'a str> {
    line.strip_prefix(start)?.strip_suffix(end)
}

#[cfg(test)]
mod tests {
    use super::super::{ACCESS_COLUMNS, TABLES};
    use super::*;

    fn columns_of(table: &str) -> Vec<String> {
        dictionary()
            .into_iter()
            .filter(|row| row.table == table && !row.column.is_empty())
            .map(|row| row.column)
            .collect()
    }

    #[test]
    fn every_table_of_the_schema_is_exported_with_its_columns() {
        for table in TABLES {
            assert_eq!(columns_of(table.name), table.columns, "{}", table.name);
        }
        let created = SCHEMA.lines().filter(|line| line.starts_with("CREATE TABLE ")).count();
        assert_eq!(created, TABLES.len());
    }

    #[test]
    fn the_wide_views_have_the_wide_columns() {
        assert_eq!(columns_of("v_access"), ACCESS_COLUMNS);
        assert_eq!(columns_of("v_effective_access"), ACCESS_COLUMNS);
    }

    #[test]
    fn everything_is_described() {
        let rows = dictionary();
        assert!(rows.iter().all(|row| row.description.ends_with('.')), "{rows:#?}");
        assert!(rows.iter().all(|row| row.column.is_empty() == row.declared_type.is_empty()));
    }
}
