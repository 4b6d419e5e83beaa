"""Runs every query of docs/bi.md on a demo's database and compares the answers with those that the document tells.

    python3 tools/compat/bi_doc.py docs/bi.md DIRECTORY_OF_A_DEMO

A block that begins with ```sql holds one SELECT. The next line that is not empty tells its answer, in one of these forms:

    On the demo: 109                one row; columns are separated by " | ", NULL is written as NULL
    On the demo: no rows            nothing
    On the demo:                    and a table of Markdown: the names of the columns, dashes, every row in its order

A block that begins with ```sql two-runs sees the demo twice, attached as `old` and `new`. One that answers `no rows` must
also find something where the runs differ: it is run again with a copy as `new` in which one user lost an account and one
has another role there, and with the two swapped.

Python alone is needed. The demo is opened for reading only; copies are made in a temporary directory.
"""

import contextlib
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile

ANSWER = "On the demo:"


class Wrong(Exception):
    pass


def blocks(lines):
    """Line number, words behind ```sql, query and answer of each block; an answer is a list of rows, with or without names."""
    found, at = [], 0
    while at < len(lines):
        line = lines[at]
        fence = re.match(r"(\s*)(`{3,})\s*(.*)$", line)
        if not fence:
            if line.lstrip().startswith(ANSWER):
                raise Wrong(f"line {at + 1}: an answer without a block of SQL right before it")
            at += 1
            continue
        indent, ticks, words = fence.group(1), fence.group(2), fence.group(3).split()
        start, body = at + 1, []
        at += 1
        while at < len(lines) and lines[at].strip() != ticks:
            body.append(lines[at])
            at += 1
        if at == len(lines):
            raise Wrong(f"line {start}: the block does not end")
        at += 1
        if not words or words[0].lower() != "sql":
            continue
        if indent or words not in (["sql"], ["sql", "two-runs"]):
            raise Wrong(f"line {start}: a block of SQL begins with ```sql or ```sql two-runs at the margin, not {line!r}")
        while at < len(lines) and not lines[at].strip():
            at += 1
        if at == len(lines) or not lines[at].startswith(ANSWER):
            raise Wrong(f"line {start}: no line `{ANSWER}` after the block")
        text = lines[at].removeprefix(ANSWER).strip()
        at += 1
        names = None
        if text == "no rows":
            rows = []
        elif text:
            rows = [cells(text)]
        else:
            while at < len(lines) and not lines[at].strip():
                at += 1
            table = []
            while at < len(lines) and lines[at].startswith("|"):
                table.append(cells(lines[at].strip().removeprefix("|").removesuffix("|")))
                at += 1
            if len(table) < 3 or not all(re.fullmatch(r":?-+:?", cell) for cell in table[1]):
                raise Wrong(f"line {start}: `{ANSWER}` tells neither an answer nor a table with a row")
            names, rows = table[0], table[2:]
        found.append((start, words[1:], "\n".join(body).strip(), names, rows))
    return found


def cells(text):
    return [cell.strip() for cell in text.split("|")]


def answer(database, query):
    if not re.match(r"(--[^\n]*\n\s*)*(SELECT|WITH)\b", query, re.IGNORECASE):
        raise Wrong("it does not begin with SELECT or WITH")
    try:
        cursor = database.execute(query)  # refuses a second statement
        names = [column[0] for column in cursor.description]
        return names, [["NULL" if value is None else str(value).strip() for value in row] for row in cursor]
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise Wrong(f"SQLite refuses it: {error}") from error


def read_only(path):
    return f"{path.resolve().as_uri()}?mode=ro"


@contextlib.contextmanager
def attached(old, new):
    with contextlib.closing(sqlite3.connect("file::memory:", uri=True)) as database:
        database.execute("ATTACH ? AS old", (read_only(old),))
        database.execute("ATTACH ? AS new", (read_only(new),))
        yield database


def change(path):
    """Takes one user's access to one account away, and gives another user another role in an account."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        sql = """SELECT g.user_key, g.account_key, g.role_key, g.source_key FROM access_grants g JOIN users u USING (user_key)
            JOIN grant_sources s USING (source_key) WHERE g.is_effective = 1 AND s.grant_origin = 'direct'
            ORDER BY u.identity, g.account_key"""
        lost, moved = database.execute(sql).fetchall()[:2]
        here = "user_key = ? AND account_key = ? AND role_key = ? AND source_key = ?"
        database.execute("UPDATE access_grants SET is_enabled = 0, is_effective = 0 WHERE user_key = ? AND account_key = ?", lost[:2])
        other = "SELECT role_key FROM roles WHERE role_scope = 'account' AND role_key <> ? ORDER BY role_key LIMIT 1"
        database.execute("DELETE FROM access_grants WHERE user_key = ? AND account_key = ? AND is_effective = 0", moved[:2])
        database.execute(f"UPDATE access_grants SET role_key = ({other}) WHERE {here}", (moved[2], *moved))


def check(database, query, names, rows):
    found_names, found = answer(database, query)
    if names is not None and found_names != names:
        raise Wrong(f"the columns are {found_names}, the document says {names}")
    if found != rows:
        raise Wrong(f"the answer is {found}, the document says {rows}")


def main(document, run):
    lines = pathlib.Path(document).read_text(encoding="utf-8").splitlines()
    demo = pathlib.Path(run) / "lacegraph.db"
    if not demo.is_file():
        sys.exit(f"{demo}: there is no such file")
    try:
        all_blocks = blocks(lines)
    except Wrong as error:
        sys.exit(f"{document}: {error}")
    if not all_blocks:
        sys.exit(f"{document}: no block of SQL")
    failures, pairs = [], 0
    with contextlib.ExitStack() as stack:
        single = stack.enter_context(contextlib.closing(sqlite3.connect(read_only(demo), uri=True)))
        if single.execute("SELECT data_source FROM snapshot").fetchall() != [("demo",)]:
            sys.exit(f"{demo}: not the database of a demo")
        work = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        changed = work / "changed.db"
        shutil.copyfile(demo, changed)
        changed.chmod(0o600)
        change(changed)
        same = stack.enter_context(attached(demo, demo))
        forth = stack.enter_context(attached(demo, changed))
        back = stack.enter_context(attached(changed, demo))
        for line, words, query, names, rows in all_blocks:
            try:
                check(same if words else single, query, names, rows)
                if words:
                    pairs += 1
                    if not rows and not (answer(forth, query)[1] and answer(back, query)[1]):
                        raise Wrong("it finds nothing between two runs that differ")
            except Wrong as error:
                failures.append(f"{document}, line {line}: {error}")
    if failures:
        sys.exit("\n".join(failures))
    print(f"{document}: {len(all_blocks)} queries give the answers that it tells, {pairs} of them over two runs")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
