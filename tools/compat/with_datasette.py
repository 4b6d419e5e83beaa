"""An export in Datasette: is every table and view served whole, and explained by what `lacegraph tables` prints?

The second argument is the metadata file that `lacegraph tables --format datasette` wrote.
"""

import contextlib
import html
import importlib.metadata
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import IO

from common import FIGURES, Export, expect, expect_figures, expect_rows, refuse

SECONDS_TO_START = 60


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


@contextlib.contextmanager
def serving(database: pathlib.Path, metadata: str) -> Iterator[str]:
    """Serves the database on this machine. Gives the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # As many rows at once as the demo has at most. Facets are for people.
    settings = {"max_returned_rows": 10000, "suggest_facets": "off", "sql_time_limit_ms": 10000}
    command = [sys.executable, "-m", "datasette", "serve", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--immutable", str(database), "--metadata", metadata]
    for setting, value in settings.items():
        command += ["--setting", setting, str(value)]
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            wait(server, base, log)
            yield base
        finally:
            server.terminate()


def wait(server: subprocess.Popen, base: str, log: IO[bytes]) -> None:
    """Waits until the server answers."""
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            get(f"{base}/-/versions.json")
            return
        time.sleep(0.1)
    log.seek(0)
    sys.exit(f"Datasette does not start:\n{log.read().decode()}")


export = Export(sys.argv[1])
metadata = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
described = metadata["databases"]["lacegraph"]["tables"]
explained = {name: set(table["columns"]) for name, table in described.items()}
expect("tables, views and columns explained", explained, {name: set(c) for name, c in export.columns.items()})

count = 0
with serving(export.path, sys.argv[2]) as base:
    front = html.unescape(get(base))
    for part in ("title", "description"):
        refuse(f"the front page does not show the {part}", unless=metadata[part] in front)
    for name, columns in export.columns.items():
        answer = json.loads(get(f"{base}/lacegraph/{name}.json?_shape=arrays&_size=max"))
        expect(f"the columns of {name}", answer["columns"], list(columns))
        rows = expect_rows(name, answer["rows"], export.database.execute(f"SELECT * FROM {name}"))
        expect(f"the rows of {name} as Datasette counts", answer["filtered_table_rows_count"], rows)
        page = html.unescape(get(f"{base}/lacegraph/{name}?_size=1"))
        texts = [described[name]["description"], *described[name]["columns"].values()]
        for text in texts:
            refuse(f"the page of {name} does not show {text!r}", unless=text in page)
        count += len(texts)
    query = urllib.parse.urlencode({"sql": FIGURES, "_shape": "arrays"})
    expect_figures("Datasette", export, json.loads(get(f"{base}/lacegraph.json?{query}"))["rows"])

version = importlib.metadata.version("datasette")
print(f"Datasette {version}: {len(export.columns)} tables and views served, {count} descriptions shown")
