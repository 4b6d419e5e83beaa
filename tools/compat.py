"""Looks at an export with Python alone: is the database sound, and do database, CSV and manifest agree?"""

import csv
import hashlib
import json
import pathlib
import sqlite3
import sys

run = pathlib.Path(sys.argv[1])
database = sqlite3.connect(f"file:{run / 'lacegraph.db'}?mode=ro", uri=True)


def one(sql):
    return database.execute(sql).fetchone()[0]


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")


expect("integrity_check", one("PRAGMA integrity_check"), "ok")
expect("foreign_key_check", database.execute("PRAGMA foreign_key_check").fetchall(), [])
pairs = "SELECT count(*) FROM (SELECT DISTINCT identity, account_id FROM v_effective_access)"
expect("v_effective_access, one row a user and account", one("SELECT count(*) FROM v_effective_access"), one(pairs))
expect("strongest, one a user and account", one("SELECT sum(is_strongest) FROM access_grants"),
       one("SELECT count(*) FROM (SELECT DISTINCT user_key, account_key FROM access_grants)"))

for row in database.execute("SELECT * FROM snapshot"):
    counts = dict(zip([column[0] for column in database.execute("SELECT * FROM snapshot").description], row))
    for column, sql in {
        "user_count": "SELECT count(*) FROM users",
        "membership_count": "SELECT count(*) FROM memberships",
        "grant_count": "SELECT count(*) FROM v_access",
        "effective_access_count": "SELECT count(*) FROM v_effective_access",
        "problem_count": "SELECT count(*) FROM problems",
    }.items():
        expect(f"snapshot.{column}", counts[column], one(sql))

tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
for name, source in [(table, table) for table in tables] + [("access", "v_access"), ("effective_access", "v_effective_access")]:
    with open(run / "csv" / f"{name}.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    cursor = database.execute(f"SELECT * FROM {source} LIMIT 0")
    expect(f"the columns of {name}.csv", rows[0], [column[0] for column in cursor.description])
    expect(f"the rows of {name}.csv", len(rows) - 1, one(f"SELECT count(*) FROM {source}"))

manifest = json.loads((run / "manifest.json").read_text())
expect("the snapshot id of the manifest", manifest["snapshot_id"], one("SELECT snapshot_id FROM snapshot"))
for file in manifest["files"]:
    content = (run / file["path"]).read_bytes()
    expect(f"the size of {file['path']}", len(content), file["bytes"])
    expect(f"the hash of {file['path']}", hashlib.sha256(content).hexdigest(), file["sha256"])
listed = {file["path"] for file in manifest["files"]} | {"manifest.json"}
found = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file() and path.suffix != ".svg"}
expect("the files of the run", found, listed)
