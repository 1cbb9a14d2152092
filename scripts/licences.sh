#!/usr/bin/env bash
# Writes the licences of all that is linked or shipped to target/dist/stage/licences.html: those of the crates of the server and of
# the app, as cargo-about finds them in the crates' own files. `make licences` has installed the tool.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/dist/stage"
# Those of other systems too, which no build here has fetched: cargo-about asks for all.
cargo fetch --locked --quiet
"$target/tools/bin/cargo-about" generate --offline --workspace --all-features --locked --fail \
  --config deploy/licences/about.toml --output-file "$target/dist/stage/licences.html" deploy/licences/about.hbs
