"""An export in SQLAlchemy: are all tables and views reflected with their types and keys, and do values come typed?"""

import sys

import sqlalchemy

from common import FIGURES, Export, expect, expect_figures, expect_rows

export = Export(sys.argv[1])
# Read-only: a tool that only asks should not be able to change the evidence.
engine = sqlalchemy.create_engine(f"sqlite:///file:{export.path.resolve()}?mode=ro&uri=true")
reflected = sqlalchemy.MetaData()
reflected.reflect(engine, views=True)
# The statistics of the query planner are a table for SQLAlchemy too.
names = {name for name in reflected.tables if not name.startswith("sqlite_stat")}
expect("tables and views", names, set(export.columns))

count = 0
with engine.connect() as connection:
    for name, columns in export.columns.items():
        table = reflected.tables[name]
        found = {column.name: type(column.type).__name__ for column in table.columns}
        expect(f"the types of {name}", found, columns)
        if name in export.tables:
            key = [column.name for column in table.primary_key.columns]
            expect(f"the primary key of {name}", key, export.primary_key(name))
            foreign = {(key.parent.name, key.column.table.name, key.column.name) for key in table.foreign_keys}
            expect(f"the foreign keys of {name}", foreign, export.foreign_keys(name))
        count += expect_rows(name, connection.execute(sqlalchemy.select(table)), export.rows(name))
    expect_figures("SQLAlchemy", export, connection.execute(sqlalchemy.text(FIGURES)))

keys = sum(len(export.foreign_keys(table)) for table in export.tables)
print(
    f"SQLAlchemy {sqlalchemy.__version__}: {len(names)} tables and views reflected, {keys} foreign keys, "
    f"{count} rows typed"
)
