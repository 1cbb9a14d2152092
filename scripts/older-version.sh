#!/usr/bin/env bash
# Builds the server of an earlier commit or tag, without its app, and prints where it is: scripts/older-version.sh COMMIT.
set -euo pipefail
cd "$(dirname "$0")/.."

commit=$(git rev-parse --verify --quiet "$1^{commit}") || { echo "older-version: there is no commit $1" >&2; exit 1; }
folder=$(realpath "${CARGO_TARGET_DIR:-target}")/older
source=$folder/${commit:0:12}
if [ ! -d "$source" ]; then
  git worktree prune
  git worktree add --quiet --detach "$source" "$commit"
fi
CARGO_TARGET_DIR=$folder/target cargo build --locked --quiet --manifest-path "$source/Cargo.toml" --package watchtape --bin watchtape >&2
cp "$folder/target/debug/watchtape" "$folder/watchtape-${commit:0:12}"
git worktree remove --force "$source"
echo "$folder/watchtape-${commit:0:12}"
