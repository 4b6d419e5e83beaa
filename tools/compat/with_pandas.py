"""An export in pandas: do the database and the CSV file give the same frame, with the same types?"""

import sys

import pandas

from common import FIGURES, Export, expect, expect_figures, neutralised

# What pandas makes of a column once its NULLs have a type of their own.
DTYPES = {"INTEGER": "Int64", "BOOLEAN": "boolean", "TEXT": "string", "DATETIME": "datetime64", "DATE": "datetime64"}

export = Export(sys.argv[1])
columns = export.columns["v_effective_access"]
dates = [column for column, declared in columns.items() if declared in ("DATETIME", "DATE")]
times = [column for column, declared in columns.items() if declared == "DATETIME"]
texts = [column for column, declared in columns.items() if declared == "TEXT"]
plain = {column: DTYPES[declared] for column, declared in columns.items() if column not in dates}

query = "SELECT * FROM v_effective_access ORDER BY account_id, identity"
stored = pandas.read_sql(query, export.database, parse_dates=dates, dtype=plain)
for column, declared in columns.items():
    expect(f"the dtype of {column}", str(stored[column].dtype).split("[")[0], DTYPES[declared])

# Without keep_default_na=False a person named NA would be nobody.
path = export.folder / "csv" / "effective_access.csv"
read = pandas.read_csv(path, parse_dates=dates, dtype=plain, keep_default_na=False, na_values=[""])
for column in times:
    expect(f"the zone of {column} in CSV", str(read[column].dt.tz), "UTC")
    read[column] = read[column].dt.tz_localize(None)

wanted = stored.copy()
for column in texts:
    wanted[column] = wanted[column].map(neutralised, na_action="ignore").astype("string")
order = ["account_id", "identity"]
pandas.testing.assert_frame_equal(
    read.sort_values(order, ignore_index=True),
    wanted.sort_values(order, ignore_index=True),
    check_dtype=False,  # How fine a time is kept differs; the kinds were looked at above.
)
expect("the rows of the frame", len(stored), export.one("SELECT effective_access_count FROM snapshot"))
for column in columns:
    nulls = export.one(f"SELECT count(*) FROM v_effective_access WHERE {column} IS NULL")
    expect(f"the NULLs of {column}", int(stored[column].isna().sum()), nulls)
expect_figures("pandas", export, pandas.read_sql(FIGURES, export.database).itertuples(index=False))

print(
    f"pandas {pandas.__version__}: {len(stored)} rows and {len(columns)} columns, the same from database and CSV file"
)
