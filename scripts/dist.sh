#!/usr/bin/env bash
# Makes what is released, in target/dist: for each target a static binary in an archive with what belongs to it, and a Debian
# package; an SBOM (CycloneDX), the licences of all that is inside, and checksums. TARGETS names other targets. `make dist` has
# built web/dist and installed the tools.
set -euo pipefail
cd "$(dirname "$0")/.."

targets=${TARGETS:-x86_64-unknown-linux-musl aarch64-unknown-linux-musl}
target=$(realpath "${CARGO_TARGET_DIR:-target}")
tools=$target/tools/bin
dist=$target/dist stage=$target/dist/stage
version=$(scripts/version.sh)
host=$(rustc -vV | sed -n 's/^host: //p')
# The time of the commit, so that the same tree makes the same files.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# Zig is the C compiler and the linker where this machine's musl-gcc is for another kind.
build() {
  local arguments=(--locked --release --package watchtape --features embed-web --target "$1")
  if [ "${1%%-*}" = "${host%%-*}" ]; then
    cargo build "${arguments[@]}"
  else
    PATH="$PWD/deploy/cross/.venv/bin:$PATH" cargo zigbuild "${arguments[@]}"
  fi
}

# The program of this machine's kind writes its own manual page and completions.
describe() {
  local program=$1
  mkdir -p "$stage/completions"
  "$program" man >"$stage/watchtape.1"
  "$program" completions bash >"$stage/completions/watchtape.bash"
  "$program" completions zsh >"$stage/completions/_watchtape"
  "$program" completions fish >"$stage/completions/watchtape.fish"
}

pack() {
  local binary=$target/$1/release/watchtape name=watchtape-$version-${1%%-*}-linux
  local folder=$stage/$name
  mkdir -p "$folder/docs"
  cp "$binary" LICENSE CHANGELOG.md "$stage/licences.html" "$stage/watchtape.1" "$folder/"
  cp -r "$stage/completions" deploy/proxies deploy/monitoring deploy/systemd "$folder/"
  cp docs/*.md "$folder/docs/"
  tar --create --gzip --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --directory "$stage" --file "$dist/$name.tar.gz" "$name"
}

# The assets in api/Cargo.toml are beside the binary, wherever that is. gzip: xz makes a third less of it, and takes seconds of each
# installation. By the tool itself: what the library has for it takes four minutes for a binary, and saves 3 %.
package() {
  local folder=$target/$1/release/package
  rm -rf "$folder"
  mkdir -p "$folder"
  cp -r "$stage/licences.html" "$stage/completions" "$folder/"
  gzip -9 --no-name --stdout "$stage/watchtape.1" >"$folder/watchtape.1.gz"
  (cd api && CARGO_TARGET_DIR=$target "$tools/cargo-deb" deb --no-build --no-strip --locked \
    --compress-type gzip --compress-system --target "$1" --output "$dist/")
}

describe_contents() {
  "$tools/cargo-cyclonedx" cyclonedx --format json --spec-version 1.5 --target "$1" --manifest-path api/Cargo.toml \
    --features embed-web --override-filename "sbom-$1"
  mv "api/sbom-$1.json" "$dist/watchtape-$version-${1%%-*}-linux.cdx.json"
  find . -name "sbom-$1.json" -not -path './target/*' -delete
}

rm -rf "$dist"
mkdir -p "$stage"
scripts/licences.sh
for name in $targets; do
  build "$name"
done
describe "$target/${host/gnu/musl}/release/watchtape"
for name in $targets; do
  pack "$name"
  package "$name"
  describe_contents "$name"
done
# What the app has of npm, and the tools that bundle it.
npm sbom --prefix web/bundle --package-lock-only --omit dev --sbom-format cyclonedx >"$dist/watchtape-$version-npm.cdx.json"
cp "$stage/licences.html" "$dist/watchtape-$version-licences.html"
(cd "$dist" && sha256sum watchtape* >SHA256SUMS && cat SHA256SUMS)
