"""What the checks share: what an export says of itself, and how what a program reads is held against it."""

import collections
import datetime
import pathlib
import sqlite3
import sys
from collections.abc import Iterable, Iterator

HERE = pathlib.Path(__file__).parent
DATABASE = "lacegraph.db"
# Every count of the snapshot beside what it counts. It counts a column where the table is WITHOUT ROWID: DuckDB cannot
# count the rows of such a table by an asterisk.
FIGURES = (HERE / "figures.sql").read_text(encoding="utf-8")

# What a value of each declared type is in Python.
PYTHON_TYPES = {
    "INTEGER": int,
    "TEXT": str,
    "BOOLEAN": bool,
    "DATETIME": datetime.datetime,
    "DATE": datetime.date,
}


def expect(what: str, found: object, wanted: object) -> None:
    """Ends the program with a message unless both are the same."""
    if found == wanted:
        return
    if isinstance(found, dict) and isinstance(wanted, dict):
        # What both have is of no interest.
        same = [key for key in found if key in wanted and found[key] == wanted[key]]
        found = {key: value for key, value in found.items() if key not in same}
        wanted = {key: value for key, value in wanted.items() if key not in same}
    elif isinstance(found, set) and isinstance(wanted, set):
        found, wanted = found - wanted, wanted - found
    sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")


def refuse(what: str, unless: bool) -> None:
    """Ends the program with a message unless the condition holds."""
    if not unless:
        sys.exit(what)


class Export:
    """An export, as Python alone reads it: the yardstick for the other programs."""

    def __init__(self, folder: str) -> None:
        self.folder = pathlib.Path(folder)
        self.path = self.folder / DATABASE
        self.database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        names = "SELECT name FROM sqlite_schema WHERE type = ? AND name NOT LIKE 'sqlite_%' ORDER BY name"
        self.tables: list[str] = [name for (name,) in self.database.execute(names, ("table",))]
        self.views: list[str] = [name for (name,) in self.database.execute(names, ("view",))]
        # The declared type of every column, in the order of the columns.
        self.columns: dict[str, dict[str, str]] = {
            name: {column: declared for _, column, declared, *_ in self._pragma("table_info", name)}
            for name in self.tables + self.views
        }
        for name, columns in self.columns.items():
            expect(f"types in {name} that are not among the five", set(columns.values()) - PYTHON_TYPES.keys(), set())

    def one(self, sql: str) -> object:
        """The first value that the query gives."""
        return self.database.execute(sql).fetchone()[0]

    def rows(self, name: str) -> list[tuple]:
        """All rows of a table or view, each value as its declared type."""
        columns = self.columns[name].items()
        return [
            tuple(
                typed(value, declared, f"{name}.{column}")
                for value, (column, declared) in zip(row, columns, strict=True)
            )
            for row in self.database.execute(f"SELECT * FROM {name}")
        ]

    def primary_key(self, table: str) -> list[str]:
        """The columns of the primary key, in its order."""
        keyed = sorted((place, column) for _, column, _, _, _, place in self._pragma("table_info", table) if place)
        return [column for _, column in keyed]

    def foreign_keys(self, table: str) -> set[tuple[str, str, str]]:
        """The foreign keys: column, table and column referred to. All are of one column."""
        return {(column, other, key) for _, _, other, column, key, *_ in self._pragma("foreign_key_list", table)}

    def snapshot_figures(self) -> set[str]:
        """The columns of the snapshot that are counts."""
        return {column for column in self.columns["snapshot"] if column.endswith("_count")}

    def _pragma(self, pragma: str, name: str) -> Iterator[tuple]:
        return self.database.execute(f"PRAGMA {pragma}({name})")


def typed(value: object, declared: str, where: str) -> object:
    """A stored value as the type that its column declares. Nothing but the exact form will do."""
    if value is None:
        return None
    stored = str if declared in ("DATETIME", "DATE") else int if declared == "BOOLEAN" else PYTHON_TYPES[declared]
    expect(f"the stored type of {value!r} in {where}", type(value), stored)
    match declared:
        case "BOOLEAN":
            refuse(f"{value} in {where} is neither 0 nor 1", unless=value in (0, 1))
            return value == 1
        case "DATETIME" | "DATE":
            try:
                parsed = PYTHON_TYPES[declared].fromisoformat(value)
            except ValueError:
                parsed = None
            # Python reads more forms than the one that is promised, and writes that one.
            refuse(f"{value!r} in {where} is no {declared}", unless=str(parsed) == value)
            return parsed
        case _:
            return value


def csv_cell(value: object) -> str:
    """What stands in a CSV file for a value; NULL and the empty text look the same."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime.datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case str():
            return neutralised(value)
        case _:
            return str(value)


def neutralised(text: str) -> str:
    """The text with an apostrophe before it, if a spreadsheet would take it for a formula."""
    is_formula = text.startswith(("\t", "\r", "\n", "\0")) or text.lstrip().startswith(tuple("=+-@＝＋－＠"))
    return f"'{text}" if is_formula else text


def expect_rows(what: str, found: Iterable[Iterable], wanted: Iterable[tuple]) -> int:
    """Holds rows against each other in any order, values and their types. Gives their number."""
    left = collections.Counter(_with_types(row) for row in found)
    right = collections.Counter(_with_types(row) for row in wanted)
    for kind, rows in (("not expected", left - right), ("missing", right - left)):
        for row in rows:
            sys.exit(f"{what}: {rows.total()} rows are {kind}, the first is {[value for _, value in row]!r}")
    return left.total()


def expect_figures(tool: str, export: Export, rows: Iterable[Iterable]) -> None:
    """Checks what a program answers to figures.sql: every count of the snapshot is there, and is right."""
    told = {}
    for figure, claimed, counted in rows:
        expect(f"{figure}, claimed and counted by {tool}", int(claimed), int(counted))
        told[figure] = int(claimed)
    expect("the counts in figures.sql", export.snapshot_figures() - told.keys(), set())
    for figure in export.snapshot_figures():
        expect(f"{figure} by {tool}", told[figure], export.one(f"SELECT {figure} FROM snapshot"))


def _with_types(row: Iterable) -> tuple:
    # True equals 1 in Python, and must not here.
    return tuple((type(value).__name__, value) for value in row)
