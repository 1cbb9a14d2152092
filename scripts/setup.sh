#!/usr/bin/env bash
# Installs what the build needs and this machine lacks; with --tests, what the tests need as well.
# Where everything is there it changes nothing and takes a moment. What it cannot install, it names in one line.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/test-programs.sh

stop() {
  echo "setup: $*" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

set_up_rust() {
  has cargo || stop "Rust is missing; install rustup"
  local sysroot
  if ! sysroot=$(rustc --print sysroot 2>/dev/null); then
    has rustup || stop "the Rust toolchain of rust-toolchain.toml is missing, and so is rustup"
    rustup toolchain install "$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)" --profile minimal
    sysroot=$(rustc --print sysroot)
  fi
  if [ ! -d "$sysroot/lib/rustlib/wasm32-unknown-unknown" ]; then
    has rustup || stop "the Rust target wasm32-unknown-unknown is missing, and so is rustup"
    rustup target add wasm32-unknown-unknown
  fi
  if [ ! -x "$sysroot/bin/cargo-fmt" ] || [ ! -x "$sysroot/bin/cargo-clippy" ]; then
    has rustup || stop "rustfmt and clippy are missing, and so is rustup"
    rustup component add rustfmt clippy
  fi
}

check_node() {
  has node && has npm || stop "Node.js 20 or newer with npm is missing"
  local version
  version=$(node --version)
  version=${version#v}
  [ "${version%%.*}" -ge 20 ] || stop "Node.js 20 or newer is needed, this is $version"
}

# A copy of the lock file tells which one the packages in a folder were installed from.
install_node_packages() {
  local folder=$1 installed=$1/node_modules/.installed-lock.json
  if ! cmp --silent "$folder/package-lock.json" "$installed"; then
    npm ci --prefix "$folder" --no-audit --no-fund
    cp "$folder/package-lock.json" "$installed"
  fi
}

# A copy of the list tells which one the packages in the environment were installed from.
install_python_packages() {
  local folder=$1 installed=$1/.venv/.installed-requirements.txt
  if ! cmp --silent "$folder/requirements.txt" "$installed"; then
    python3 -m venv --clear "$folder/.venv"
    "$folder/.venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$folder/requirements.txt"
    cp "$folder/requirements.txt" "$installed"
  fi
}

has_python() {
  python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

install_system_packages() {
  [ $# -gt 0 ] || return 0
  local as_root=()
  has apt-get || stop "missing, and not to be installed without apt-get: $*"
  if [ "$(id -u)" -ne 0 ]; then
    has sudo || stop "missing, and not to be installed without root or sudo: $*"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
}

set_up_tests() {
  local packages=()
  find_postgres >/dev/null || packages+=(postgresql)
  find_chromium >/dev/null || packages+=(chromium)
  has redis-server && has redis-cli || packages+=(redis-server)
  has_python || packages+=(python3 python3-venv)
  install_system_packages ${packages[@]+"${packages[@]}"}
  find_postgres >/dev/null || stop "PostgreSQL's initdb and pg_ctl are still not to be found"
  find_chromium >/dev/null || stop "Chromium is still not to be found"
  has redis-server || stop "redis-server is still not to be found"
  has_python || stop "Python 3.10 or newer with venv is still not to be found"
  install_node_packages web/e2e
  install_node_packages api/contract
  install_python_packages api/contract
}

set_up_rust
has cc || install_system_packages gcc libc6-dev
check_node
install_node_packages web/bundle
if [ "${1:-}" = --tests ]; then
  set_up_tests
fi
