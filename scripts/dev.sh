#!/usr/bin/env bash
# Runs the server from a fast build, and builds and restarts it whenever a source changes.
# It looks at times of change once a second, which every system can do without another program.
# A build that fails leaves the running server alone.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=${CARGO_TARGET_DIR:-target}/debug
sources=(Cargo.toml Cargo.lock api migrations shared web)
scratch=$(mktemp -d)
built=$scratch/built
started=$scratch/started
server=

stop_server() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}

finish() {
  stop_server
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

# The folder web changes whenever the bundler replaces web/dist in it.
changed() {
  [ -n "$(find "${sources[@]}" \( -name node_modules -o -name dist -o -name '.dist-*' -o -name e2e \) -prune -o \
    -newer "$built" ! -path web -print 2>/dev/null | head -n 1)" ]
}

# The features of all packages together, as in the Makefile, so that nothing is compiled twice.
build() {
  touch "$built"
  cargo build --workspace --exclude watchtape-web --bins --examples || return 0
  "$programs/watchtape-bundle" --dev || return 0
}

restart_where_new() {
  if [ ! -e "$started" ] || [ "$programs/watchtape" -nt "$started" ] || [ web/dist/.bundle -nt "$started" ]; then
    stop_server
    touch "$started"
    WATCHTAPE_WEB_DIR=web/dist WATCHTAPE_DRAIN_SECONDS=0 "$programs/watchtape" serve &
    server=$!
  fi
}

while true; do
  build
  [ ! -x "$programs/watchtape" ] || restart_where_new
  until changed; do
    sleep 1
  done
done
