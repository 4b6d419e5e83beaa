"""An export through SQLite ODBC: do tables and views show their types and keys, and do values come typed?"""

import sys

import pyodbc

from common import FIGURES, Export, expect, expect_figures, expect_rows

# What SQLColumns says of a declared type. Every TEXT is a long one, for there is no length to tell.
TYPES = {
    "INTEGER": pyodbc.SQL_INTEGER,
    "TEXT": pyodbc.SQL_LONGVARCHAR,
    "BOOLEAN": pyodbc.SQL_BIT,
    "DATETIME": pyodbc.SQL_TYPE_TIMESTAMP,
    "DATE": pyodbc.SQL_TYPE_DATE,
}

export = Export(sys.argv[1])
try:
    # Without a URI the driver opens for writing.
    connection = pyodbc.connect(f"Driver=SQLite3;Database=file:{export.path.resolve()}?mode=ro;NoCreat=1")
except pyodbc.Error as error:
    sys.exit(f"SQLite ODBC does not connect; install unixodbc and libsqliteodbc and run again: {error}")
cursor = connection.cursor()

kinds = {row.table_name: row.table_type for row in cursor.tables() if not row.table_name.startswith("sqlite_")}
expect("tables and views", kinds, dict.fromkeys(export.tables, "TABLE") | dict.fromkeys(export.views, "VIEW"))

count = 0
for name, columns in export.columns.items():
    found = {row.column_name: (row.type_name, row.data_type) for row in cursor.columns(table=name)}
    wanted = {column: (declared, TYPES[declared]) for column, declared in columns.items()}
    expect(f"the types of {name}", found, wanted)
    if name in export.tables:
        key = sorted((row.key_seq, row.column_name) for row in cursor.primaryKeys(table=name))
        expect(f"the primary key of {name}", [column for _, column in key], export.primary_key(name))
        rows = cursor.foreignKeys(foreignTable=name)
        foreign = {(row.fkcolumn_name, row.pktable_name, row.pkcolumn_name) for row in rows}
        expect(f"the foreign keys of {name}", foreign, export.foreign_keys(name))
    count += expect_rows(name, cursor.execute(f"SELECT * FROM {name}").fetchall(), export.rows(name))
expect_figures("SQLite ODBC", export, cursor.execute(FIGURES).fetchall())

try:
    cursor.execute("DELETE FROM settings")
    sys.exit("SQLite ODBC may write to a database that it opened read-only")
except pyodbc.Error:
    pass

driver = connection.getinfo(pyodbc.SQL_DRIVER_VER)
print(f"SQLite ODBC {driver}, pyodbc {pyodbc.version}: {len(kinds)} tables and views, keys, {count} rows typed")
