#!/usr/bin/env bash
# Opens the demo's files with the programs that people use on them. Installs what is missing; fails where it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

need() { # program, Debian package
    command -v "$1" >/dev/null && return
    echo "installing $2, for $1"
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" >/dev/null || {
        echo "$1 is needed and could not be installed; install $2 and run again" >&2
        exit 1
    }
}
need dot graphviz
need python3 python3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --locked --bin lacegraph
bin=${CARGO_TARGET_DIR:-target}/debug/lacegraph

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

echo "two demos give the same bytes, but for the manifest"
diff --recursive --brief --exclude manifest.json "$work/one" "$work/two"

echo "Graphviz accepts every picture without a word"
pictures=0
for picture in "$work"/one/dot/*.dot; do
    dot -Tsvg "$picture" -o "$picture.svg" 2>"$work/dot.err"
    if [ -s "$work/dot.err" ]; then
        cat "$work/dot.err" >&2
        echo "Graphviz warns about ${picture##*/}" >&2
        exit 1
    fi
    pictures=$((pictures + 1))
done
[ "$pictures" -eq 2 ] || { echo "there are $pictures pictures, not 2" >&2; exit 1; }

echo "SQLite, as Python has it, finds nothing wrong"
python3 tools/compat.py "$work/one"

echo "compat: all good"
