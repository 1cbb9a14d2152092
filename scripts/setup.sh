#!/usr/bin/env bash
# Installs what the build needs and this machine lacks; with --tests, what the tests need as well, with --static, what a
# static binary needs, with --lint, what checks the dependencies. Where everything is there it changes nothing and takes a
# moment. What it cannot install, it names in one line.
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

# What no package manager brings in a version that will do.
check_by_hand() {
  local missing=()
  has cargo || missing+=("Rust, by rustup (https://rustup.rs)")
  if ! { has node && has npm; }; then
    missing+=("Node.js 20 or newer with npm")
  elif [ "$(node --print 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
    missing+=("Node.js 20 or newer (this is $(node --version))")
  fi
  [ ${#missing[@]} -eq 0 ] || stop "missing: $(printf '%s; ' "${missing[@]}")and nothing has been installed yet"
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

has_faketime() {
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null
}

has_python() {
  python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

# Every Debian package that is missing, in one go.
install_system_packages() {
  local packages=() as_root=()
  has cc || packages+=(gcc libc6-dev)
  if wants --tests; then
    find_postgres >/dev/null || packages+=(postgresql)
    find_chromium >/dev/null || packages+=(chromium)
    has redis-server && has redis-cli || packages+=(redis-server)
    has_python || packages+=(python3 python3-venv)
    has_faketime || packages+=(faketime)
  fi
  if wants --static; then
    has musl-gcc || packages+=(musl-tools)
  fi
  [ ${#packages[@]} -gt 0 ] || return 0
  has apt-get || stop "missing, and not to be installed without apt-get: ${packages[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    has sudo || stop "missing, and not to be installed without root or sudo: ${packages[*]}"
    as_root=(sudo)
  fi
  ${as_root[@]+"${as_root[@]}"} apt-get update
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}"
}

set_up_tests() {
  find_postgres >/dev/null || stop "PostgreSQL's initdb and pg_ctl are still not to be found"
  find_chromium >/dev/null || stop "Chromium is still not to be found"
  has redis-server || stop "redis-server is still not to be found"
  has_python || stop "Python 3.10 or newer with venv is still not to be found"
  has_faketime || stop "libfaketime is still not to be found"
  install_node_packages web/e2e
  install_node_packages api/contract
  install_python_packages api/contract
}

set_up_static() {
  local target=x86_64-unknown-linux-musl
  if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    has rustup || stop "the Rust target $target is missing, and so is rustup"
    rustup target add "$target"
  fi
}

set_up_lint() {
  local tools=${CARGO_TARGET_DIR:-target}/tools version=0.20.2
  if [ "$("$tools/bin/cargo-deny" --version 2>/dev/null)" != "cargo-deny $version" ]; then
    cargo install --quiet --locked --root "$tools" --version "$version" --no-default-features cargo-deny
  fi
}

wants() {
  [ "$purpose" = "$1" ]
}

purpose=${1:-}
check_by_hand
install_system_packages
set_up_rust
install_node_packages web/bundle
if wants --tests; then set_up_tests; fi
if wants --static; then set_up_static; fi
if wants --lint; then set_up_lint; fi
