"""An export in Python alone: is the database sound, and do database, CSV and manifest say the same?"""

import csv
import hashlib
import json
import shutil
import sqlite3
import sys
import tempfile

from common import FIGURES, Export, csv_cell, expect, expect_figures, expect_rows

export = Export(sys.argv[1])

with tempfile.TemporaryDirectory() as folder:
    # Of a copy that may be written: SQLite leaves CHECKs out where a file is open for reading only.
    copy = sqlite3.connect(shutil.copy(export.folder / "lacegraph.db", folder))
    expect("integrity_check", copy.execute("PRAGMA integrity_check").fetchone()[0], "ok")
    copy.close()
expect("foreign_key_check", export.database.execute("PRAGMA foreign_key_check").fetchall(), [])
expect_figures("SQLite", export, export.database.execute(FIGURES))
strongest = "SELECT count(*) FROM (SELECT DISTINCT user_key, account_key FROM access_grants)"
expect("strongest grants", export.one("SELECT sum(is_strongest) FROM access_grants"), export.one(strongest))

explained = "SELECT table_name, column_name, declared_type FROM data_dictionary WHERE column_name <> ''"
declared = [(name, column, kind) for name, columns in export.columns.items() for column, kind in columns.items()]
expect_rows("the columns of data_dictionary", export.database.execute(explained), declared)

files = {path.stem: path for path in (export.folder / "csv").glob("*.csv")}
expect("tables without a CSV file", set(export.tables) - files.keys(), set())
for name, path in files.items():
    source = name if name in export.tables else f"v_{name}"
    with path.open(newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file, strict=True)
    expect(f"the columns of {path.name}", header, list(export.columns[source]))
    expect_rows(path.name, lines, [tuple(csv_cell(value) for value in row) for row in export.rows(source)])

manifest = json.loads((export.folder / "manifest.json").read_text(encoding="utf-8"))
expect("the snapshot id of the manifest", manifest["snapshot_id"], export.one("SELECT snapshot_id FROM snapshot"))
for file in manifest["files"]:
    content = (export.folder / file["path"]).read_bytes()
    expect(f"the size of {file['path']}", len(content), file["bytes"])
    expect(f"the hash of {file['path']}", hashlib.sha256(content).hexdigest(), file["sha256"])
# These two cannot stand in the manifest: it is one of them, and the other has its hash.
listed = {file["path"] for file in manifest["files"]} | {"manifest.json", "SHA256SUMS"}
found = {path.relative_to(export.folder).as_posix() for path in export.folder.rglob("*") if path.is_file()}
expect("the files of the export", found, listed)

print(
    f"SQLite {sqlite3.sqlite_version} in Python: {len(export.tables)} tables, {len(export.views)} views, "
    f"{len(files)} CSV files and {len(manifest['files'])} hashes agree"
)
