"""The Data Package of an export in frictionless: is it valid, whole and right, and is a changed file found?"""

import csv
import pathlib
import shutil
import sys
import tempfile

import frictionless

from common import Export, expect

# The type of a field for each declared type.
TYPES = {"INTEGER": "integer", "TEXT": "string", "BOOLEAN": "boolean", "DATETIME": "datetime", "DATE": "date"}


def errors(folder: pathlib.Path, name: str | None = None) -> list[list]:
    """What is wrong with the package, or with one resource of it."""
    return frictionless.validate(folder / "datapackage.json", resource_name=name).flatten(["type", "message"])


export = Export(sys.argv[1])
folder = export.folder / "csv"
expect("frictionless validate", errors(folder), [])

package = frictionless.Package(folder / "datapackage.json")
files = sorted(path.name for path in folder.glob("*.csv"))
expect("the resources", sorted(resource.path for resource in package.resources), files)

for resource in package.resources:
    source = resource.name if resource.name in export.tables else f"v_{resource.name}"
    with (folder / resource.path).open(newline="", encoding="utf-8") as file:
        lines = sum(1 for _ in csv.reader(file, strict=True))
    expect(f"rowCount of {resource.path}", resource.custom.get("rowCount"), lines - 1)
    expect(f"rowCount of {source}", resource.custom["rowCount"], export.one(f"SELECT count(*) FROM {source}"))
    fields = {field.name: field.type for field in resource.schema.fields}
    wanted = {column: TYPES[declared] for column, declared in export.columns[source].items()}
    expect(f"the fields of {resource.path}", fields, wanted)
    if source in export.tables:
        expect(f"the primary key of {resource.path}", resource.schema.primary_key, export.primary_key(source))
        foreign = {
            (key["fields"][0], key["reference"]["resource"], key["reference"]["fields"][0])
            for key in resource.schema.foreign_keys
        }
        expect(f"the foreign keys of {resource.path}", foreign, export.foreign_keys(source))

# One byte, the last before the end of the last line, is changed in each file in turn.
with tempfile.TemporaryDirectory() as work:
    copy = pathlib.Path(shutil.copytree(folder, pathlib.Path(work) / "csv"))
    for resource in package.resources:
        path = copy / resource.path
        content = path.read_bytes()
        path.write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
        kinds = [kind for kind, _ in errors(copy, resource.name)]
        expect(f"the hash is what is wrong after a change of {resource.path}", "hash-count" in kinds, True)
        path.write_bytes(content)

print(f"frictionless {frictionless.__version__}: {len(files)} CSV files valid, a changed byte found in each")
