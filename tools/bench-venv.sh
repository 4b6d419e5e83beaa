#!/usr/bin/env bash
# Makes the Python environment of the benchmark's peer, where it is not there yet. Fails where it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "installing python3-venv, for the benchmark's peer"
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv >/dev/null || {
        echo "Python 3.11 with venv is needed and could not be installed; install python3-venv and run again" >&2
        exit 1
    }
fi
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement bench/requirements.txt
