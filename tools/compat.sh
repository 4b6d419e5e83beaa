#!/usr/bin/env bash
# Opens the demo's files with the programs that people use on them. Installs what is missing; fails where it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
checks=tools/compat
jdbc=/usr/share/java/sqlite-jdbc.jar

missing=()
want() { # Debian package, a command that succeeds where it is there
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
want graphviz command -v dot
want python3 command -v python3
want unixodbc command -v isql
want libsqliteodbc odbcinst -q -d -n SQLite3
want openssh-client command -v ssh-keygen
want default-jdk-headless javac -version
want libxerial-sqlite-jdbc-java test -e "$jdbc"
if [ "${#missing[@]}" -gt 0 ]; then
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -y -qq "${missing[@]}"; } >/dev/null; then
        echo "these packages are needed and could not be installed; install them and run again: ${missing[*]}" >&2
        exit 1
    fi
fi
tools/venv.sh "$target/compat-venv" "$checks/requirements.txt"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --locked --bin lacegraph
bin=$target/debug/lacegraph

demo() { # directory
    status=0
    "$bin" demo --out "$1" --view full >"$1.txt" 2>"$1.err" || status=$?
    if [ "$status" -ne 3 ]; then
        cat "$1.txt" "$1.err" >&2
        echo "the demo exited with $status, not 3" >&2
        exit 1
    fi
}
demo "$work/one"
demo "$work/two"
"$bin" tables --format datasette >"$work/datasette.json"

# These two tell when an export was written; all else is the same each time.
diff --recursive --brief --exclude manifest.json --exclude SHA256SUMS "$work/one" "$work/two" >&2 || {
    echo "two demos do not give the same bytes" >&2
    exit 1
}
echo "two demos give the same bytes, but for the manifest and its hash"

check() { # program of tools/compat for Python, its arguments
    local program=$1
    shift
    "$target/compat-venv/bin/python" -B "$checks/$program" "$@"
}
check with_python.py "$work/one"
check with_sqlalchemy.py "$work/one"
check with_pandas.py "$work/one"
check with_duckdb.py "$work/one" "$work/two"
check with_odbc.py "$work/one"
java -Duser.timezone=UTC -cp "$jdbc" "$checks/WithJdbc.java" "$work/one/lacegraph.db" "$checks/figures.sql"
check with_datasette.py "$work/one" "$work/datasette.json"
check with_frictionless.py "$work/one"
check with_openpyxl.py "$work/one"
"$checks/with_sha256sum.sh" "$work/one"
"$checks/with_graphviz.sh" "$work/one"
mkdir "$work/signed"
"$checks/with_ssh_keygen.sh" "$bin" "$work/signed"
check bi_doc.py docs/bi.md "$work/one"

echo "compat: all good"
