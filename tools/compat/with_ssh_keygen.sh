#!/usr/bin/env bash
# Signatures: OpenSSH checks what lacegraph makes, lacegraph what OpenSSH makes, and neither takes what was changed.
#
#     with_ssh_keygen.sh LACEGRAPH EMPTY_DIRECTORY
set -euo pipefail
bin=$(realpath "$1")
cd "$2"

fail() {
    echo "signatures: $1" >&2
    exit 1
}
checks() { # a file that OpenSSH is to check against the signature of the manifest
    ssh-keygen -Y verify -n lacegraph -f allowed -I reviewer@example.com -s out/manifest.json.sig <"$1" >/dev/null 2>&1
}

ssh-keygen -q -t ed25519 -N '' -C reviewer -f key
echo "reviewer@example.com $(cut -d' ' -f1,2 key.pub)" >allowed
status=0
"$bin" demo --out out --sign key >/dev/null 2>&1 || status=$?
[ "$status" -eq 3 ] || fail "the demo exited with $status, not 3"
checks out/manifest.json || fail "OpenSSH does not take lacegraph's signature"
sed 's/"partial"/"complete"/' out/manifest.json >changed.json
! checks changed.json || fail "OpenSSH takes a manifest that was changed"

rm out/manifest.json.sig
ssh-keygen -q -Y sign -n lacegraph -f key out/manifest.json 2>/dev/null
"$bin" verify out --signed-by key.pub >/dev/null || fail "lacegraph does not take OpenSSH's signature"
rm out/manifest.json.sig
ssh-keygen -q -Y sign -n file -f key out/manifest.json 2>/dev/null
! "$bin" verify out --signed-by key.pub >/dev/null || fail "lacegraph takes a signature that is about something else"

ssh-keygen -q -t ed25519 -N secret -f locked
ssh-keygen -q -t ecdsa -N '' -f other
for key in locked other key.pub; do
    status=0
    "$bin" demo --out refused --sign "$key" >/dev/null 2>said || status=$?
    [ "$status" -eq 2 ] && grep -q "ssh-keygen -Y sign" said || fail "$key is not refused with a hint"
    [ ! -e refused ] || fail "with $key something was written"
done

echo "OpenSSH: signatures made here are taken there, and the other way round"
