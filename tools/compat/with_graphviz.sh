#!/usr/bin/env bash
# The pictures of an export in Graphviz: are all of them drawn without a word?
set -euo pipefail
pictures=("$1"/dot/*.dot)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for picture in "${pictures[@]}"; do
    if ! dot -Tsvg "$picture" -o "$work/picture.svg" 2>"$work/words" || [ -s "$work/words" ]; then
        cat "$work/words" >&2
        echo "Graphviz complains about ${picture##*/}" >&2
        exit 1
    fi
done
[ "${#pictures[@]}" -eq 2 ] || { echo "there are ${#pictures[@]} pictures, not 2" >&2; exit 1; }

version=$(dot -V 2>&1)
version=${version##*version }
echo "Graphviz ${version%% *}: ${#pictures[@]} pictures drawn without a word"
