#!/usr/bin/env bash
# Lets the vendor's own client for Python ask the mock. Installs what is missing; fails where it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
checks=tools/compat

tools/venv.sh "$target/compat-sdk-venv" "$checks/requirements-sdk.txt"
cargo build --quiet --locked --bin lacegraph

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# An empty home: the client reads ~/.lacework.toml, which must not decide what is checked here.
HOME=$work "$target/compat-sdk-venv/bin/python" -B "$checks/with_laceworksdk.py" "$target/debug/lacegraph" fixtures

echo "compat-sdk: all good"
