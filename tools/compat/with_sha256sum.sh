#!/usr/bin/env bash
# SHA256SUMS of an export in sha256sum: is every file listed and unchanged, and is a changed one found?
set -euo pipefail
cd "$1"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sha256sum --check --strict --quiet SHA256SUMS
sed 's/^[0-9a-f]* [ *]//' SHA256SUMS | LC_ALL=C sort >"$work/listed"
find . -type f ! -path ./SHA256SUMS -printf '%P\n' | LC_ALL=C sort >"$work/found"
diff "$work/listed" "$work/found" >&2 || { echo "SHA256SUMS lists (<) other files than there are (>)" >&2; exit 1; }

cp -r . "$work/changed"
cd "$work/changed"
while read -r file; do
    printf x >>"$file"
    if sha256sum --check --strict --status SHA256SUMS; then
        echo "sha256sum finds nothing wrong after a change of $file" >&2
        exit 1
    fi
    truncate --size=-1 "$file"
done <"$work/listed"
sha256sum --check --strict --quiet SHA256SUMS

version=$(sha256sum --version | sed -n '1s/.* //p')
echo "sha256sum $version: $(wc -l <"$work/listed") files unchanged, a changed byte found in each"
