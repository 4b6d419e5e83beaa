"""Two exports in DuckDB, attached side by side: are columns typed, values right, and can the runs be compared?"""

import importlib.metadata
import sys

import duckdb

from common import FIGURES, Export, expect, expect_figures, expect_rows, refuse

# What DuckDB makes of a declared type. It has no name for SQLite's BOOLEAN, and gives the stored 0 and 1.
TYPES = {"INTEGER": "BIGINT", "TEXT": "VARCHAR", "BOOLEAN": "BIGINT", "DATETIME": "TIMESTAMP", "DATE": "DATE"}
EXTENSION = "duckdb-extension-sqlite-scanner"

files = [file.locate() for file in importlib.metadata.files(EXTENSION) if file.suffix == ".duckdb_extension"]
refuse(f"{EXTENSION} brings {len(files)} extensions, not one", unless=len(files) == 1)
expect("the version of the extension", importlib.metadata.version(EXTENSION), duckdb.__version__)

exports = {"one": Export(sys.argv[1]), "two": Export(sys.argv[2])}
# Nothing is to be fetched: the extension is the one that was installed.
config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
duck = duckdb.connect(config=config)
duck.execute(f"LOAD '{files[0]}'")
for alias, export in exports.items():
    duck.execute(f"ATTACH '{export.path}' AS {alias} (TYPE sqlite, READ_ONLY)")

export = exports["one"]
count = typed = 0
for name, columns in export.columns.items():
    found = {column: kind for column, kind, *_ in duck.execute(f"DESCRIBE one.{name}").fetchall()}
    expect(f"the types of {name}", found, {column: TYPES[declared] for column, declared in columns.items()})
    # A cast is all that a BOOLEAN needs.
    booleans = [f"{column}::BOOLEAN AS {column}" for column, declared in columns.items() if declared == "BOOLEAN"]
    replaced = f"REPLACE ({', '.join(booleans)})" if booleans else ""
    rows = duck.execute(f"SELECT * {replaced} FROM one.{name}").fetchall()
    count += expect_rows(name, rows, export.rows(name))
    typed += len(columns)

duck.execute("USE one")
expect_figures("DuckDB", export, duck.execute(FIGURES).fetchall())

# What is in the one run and not in the other: nothing, and then the account that is left out of the second.
gone = """
    SELECT count(*) FROM (
        SELECT identity, account_id, role_name FROM one.v_effective_access
        EXCEPT
        SELECT identity, account_id, role_name FROM two.v_effective_access WHERE account_id <> ?
    )
"""
account = "acme/acme-prod"
there = export.one(f"SELECT count(*) FROM v_effective_access WHERE account_id = '{account}'")
refuse(f"nobody reaches {account}", unless=there > 0)
expect("grants that are gone between equal runs", duck.execute(gone, [""]).fetchone()[0], 0)
expect(f"grants that are gone without {account}", duck.execute(gone, [account]).fetchone()[0], there)

print(
    f"DuckDB {duckdb.__version__}: {len(export.columns)} tables and views, {typed} columns typed, {count} rows, "
    f"two runs compared"
)
