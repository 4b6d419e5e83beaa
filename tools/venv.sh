#!/usr/bin/env bash
# Makes a Python environment with the packages of a list, where it is not there yet. Fails where it cannot.
#
#     tools/venv.sh DIRECTORY REQUIREMENTS
set -euo pipefail
venv=$1
requirements=$2

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "installing python3-venv, for $requirements"
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -y -qq python3 python3-venv; } >/dev/null; then
        echo "Python 3.11 with venv is needed and could not be installed; install python3-venv and run again" >&2
        exit 1
    fi
fi
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" || {
    echo "the packages of $requirements are needed and could not be installed from PyPI into $venv" >&2
    exit 1
}
