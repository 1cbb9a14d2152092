#!/usr/bin/env bash
# Installs what the build needs and this machine lacks; with --tests, what the tests need as well, with --static, what a
# static binary needs, with --lint, what checks the dependencies and deploy/, with --dist, what makes a release, with --image,
# what builds a container image and runs it. Where everything is there it changes nothing and takes a moment. What it cannot
# install, it names in one line.
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

# Debian installs servers where only root looks.
has_administrators_program() {
  PATH=$PATH:/usr/sbin has "$1"
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
  if wants --lint; then
    has promtool || packages+=(prometheus)
    has systemd-analyze || packages+=(systemd)
    has_python || packages+=(python3 python3-venv)
  fi
  if wants --image; then
    has buildah || packages+=(buildah)
    has curl || packages+=(curl)
    has python3 || packages+=(python3)
    [ -d /usr/share/ca-certificates/mozilla ] || packages+=(ca-certificates)
  fi
  if wants --dist; then
    has_python || packages+=(python3 python3-venv)
    has dpkg-deb || packages+=(dpkg)
  fi
  if wants --tests; then
    has_administrators_program nginx || packages+=(nginx-light)
    has_administrators_program haproxy || packages+=(haproxy)
    has_administrators_program pgbouncer || packages+=(pgbouncer)
    find_postgres >/dev/null || packages+=(postgresql)
    find_chromium >/dev/null || packages+=(chromium)
    has redis-server && has redis-cli || packages+=(redis-server)
    has_python || packages+=(python3 python3-venv)
    has_faketime || packages+=(faketime)
  fi
  if wants --static || wants --dist; then
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
  has_administrators_program nginx || stop "nginx is still not to be found"
  has_administrators_program haproxy || stop "haproxy is still not to be found"
  has_administrators_program pgbouncer || stop "pgbouncer is still not to be found"
  has_python || stop "Python 3.10 or newer with venv is still not to be found"
  has_faketime || stop "libfaketime is still not to be found"
  install_node_packages web/e2e
  install_node_packages api/contract
  install_python_packages api/contract
}

add_rust_target() {
  if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$1" ]; then
    has rustup || stop "the Rust target $1 is missing, and so is rustup"
    rustup target add "$1"
  fi
}

# A tool of this tree does not belong among those of its user.
install_cargo_tool() {
  local tools=${CARGO_TARGET_DIR:-target}/tools name=$1 version=$2
  shift 2
  if ! cargo install --list --root "$tools" 2>/dev/null | grep -qF "$name v$version:"; then
    cargo install --quiet --locked --root "$tools" --version "$version" "$@" "$name"
  fi
}

set_up_lint() {
  install_cargo_tool cargo-deny 0.20.2 --no-default-features
  install_node_packages deploy/lint
  install_python_packages deploy/lint
}

# Zig compiles C for other machines too, with their libc: Debian has a compiler for aarch64, but no musl for it.
set_up_dist() {
  add_rust_target x86_64-unknown-linux-musl
  add_rust_target aarch64-unknown-linux-musl
  install_python_packages deploy/cross
  install_cargo_tool cargo-deb 3.8.0 --no-default-features
  install_cargo_tool cargo-about 0.9.3 --features cli
  install_cargo_tool cargo-cyclonedx 0.5.9
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
if wants --static; then add_rust_target x86_64-unknown-linux-musl; fi
if wants --lint; then set_up_lint; fi
if wants --dist; then set_up_dist; fi
