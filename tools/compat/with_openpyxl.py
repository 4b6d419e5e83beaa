"""The workbook of an export in openpyxl: has each sheet the rows of its view, every cell typed, and no formula?"""

import datetime
import sys

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils.escape import unescape

from common import Export, expect, expect_rows, refuse

SHEETS = {
    "Effective access": "v_effective_access",
    "Every grant": "v_access",
    "Accounts": "v_accounts",
    "Problems": "v_problems",
}


def value(cell: Cell, declared: str) -> object:
    """The value of a cell as the declared type. A workbook knows a date from a time by the format alone."""
    match cell.value:
        case datetime.datetime() as moment if declared == "DATE":
            refuse(f"{cell.coordinate} is a date with a time", unless=moment.time() == datetime.time())
            refuse(f"{cell.coordinate} shows a time", unless="h" not in cell.number_format.lower())
            return moment.date()
        case datetime.datetime() as moment:
            refuse(f"{cell.coordinate} shows no time", unless="h" in cell.number_format.lower())
            return moment
        case str() as text:
            # Control characters are written as _x000D_ and the like; openpyxl leaves them so.
            return unescape(text)
        case other:
            return other


export = Export(sys.argv[1])
workbook = openpyxl.load_workbook(export.folder / "access.xlsx")
expect("the sheets", workbook.sheetnames, ["About", *SHEETS])
formulas = [
    f"{sheet.title}!{cell.coordinate}" for sheet in workbook for row in sheet for cell in row if cell.data_type == "f"
]
expect("formulas", formulas, [])

about = "\n".join(str(cell.value) for row in workbook["About"] for cell in row)
for column in ("snapshot_id", "captured_at_utc", "snapshot_status"):
    told = str(export.one(f"SELECT {column} FROM snapshot"))
    refuse(f"About does not tell {column} {told}", unless=told.lower() in about.lower())

count = 0
for title, view in SHEETS.items():
    sheet = workbook[title]
    columns = export.columns[view]
    header, *body = sheet.iter_rows()
    expect(f"the first row of {title}", [cell.value for cell in header], list(columns))
    # Cells above and to the left of this one stay where they are.
    expect(f"the row that is frozen in {title}", sheet[sheet.freeze_panes or "A1"].row, 2)
    expect(f"the filter of {title}", sheet.auto_filter.ref, sheet.dimensions)
    rows = [tuple(map(value, row, columns.values())) for row in body]
    # A workbook has no empty text beside an empty cell.
    wanted = [tuple(None if cell == "" else cell for cell in row) for row in export.rows(view)]
    count += expect_rows(title, rows, wanted)

print(f"openpyxl {openpyxl.__version__}: {len(workbook.sheetnames)} sheets, {count} rows as in the views, no formula")
