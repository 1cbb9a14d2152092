#!/usr/bin/env bash
# Builds the image of a static binary and runs it, as its user and with its root read-only: scripts/test-image.sh BINARY.
# With Debian's buildah, as root, in a store of its own, which is removed again: it needs neither a daemon nor the network.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=$1
max_bytes=$((35 * 1000 * 1000))
image=localhost/watchtape:test
work=$(mktemp -d)
server=
container=

finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$container" ] || buildah rm "$container" >/dev/null
  [ ! -d "$work/store" ] || buildah rmi --all --force >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "test-image: $*" >&2
  [ ! -s "$work/log" ] || tail -n 20 "$work/log" >&2
  exit 1
}

expect() {
  local what=$1 found=$2 wanted=$3
  [ "$found" = "$wanted" ] || fail "$what is $found and not $wanted"
}

# buildah with a store of its own, here and in the script that builds.
mkdir "$work/bin"
printf '#!/bin/sh\nexec %q --storage-driver vfs --root %q --runroot %q "$@"\n' \
  "$(type -P buildah)" "$work/store" "$work/run" >"$work/bin/buildah"
chmod +x "$work/bin/buildah"
PATH=$work/bin:$PATH
BUILDER=buildah scripts/image.sh "$image" "$binary" >"$work/log" 2>&1 || fail "the image is not built"

inspect() {
  buildah inspect --type image --format "$1" "$image"
}
expect "the user" "$(inspect '{{.Docker.Config.User}}')" 10001:10001
expect "the health check" "$(inspect '{{.Docker.Config.Healthcheck.Test}}')" "[CMD /usr/bin/watchtape healthcheck]"
expect "the version" "$(inspect '{{index .Docker.Config.Labels "org.opencontainers.image.version"}}')" "$(scripts/version.sh)"

container=$(buildah from --pull-never "$image")
root=$(buildah mount "$container")
unpacked=$(du --summarize --bytes "$root" | cut -f 1)
# As a registry keeps and sends it.
bytes=$(tar --create --directory "$root" . | gzip -6 | wc --bytes)
[ "$bytes" -le $max_bytes ] || fail "$bytes bytes are more than $max_bytes"

# A port that nobody listens on.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
started=$(date +%s%N)
# Its user can write to the volume alone: everything else is root's.
buildah run --isolation chroot --env WATCHTAPE_LISTEN="127.0.0.1:$port" "$container" -- /usr/bin/watchtape serve >"$work/log" 2>&1 &
server=$!
for ((tries = 600; ; tries--)); do
  answer=$(curl --silent --fail "http://127.0.0.1:$port/livez") && break
  kill -0 "$server" 2>/dev/null || fail "the server ended"
  [ "$tries" -gt 0 ] || fail "the server does not answer"
  sleep 0.1
done
expect "what /livez says" "$answer" '{"status":"ok"}'
elapsed_ms=$((($(date +%s%N) - started) / 1000000))
curl --silent --fail "http://127.0.0.1:$port/" | grep -q '<html' || fail "the app is not in it"
expect "the owner of the database" "$(find "$work/store" -name watchtape.db -printf %U)" 10001
buildah run --isolation chroot --env WATCHTAPE_LISTEN="127.0.0.1:$port" "$container" -- /usr/bin/watchtape healthcheck ||
  fail "the health check says that it is not well"
echo "test-image: $bytes bytes, $unpacked unpacked; answers $elapsed_ms ms after its start"
