#!/usr/bin/env bash
# Makes the Python environment of the benchmark's peer, where it is not there yet. Fails where it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."
exec tools/venv.sh "$1" bench/requirements.txt
