#!/usr/bin/env bash
# Builds the container image of static binaries: scripts/image.sh TAG BINARY. With buildah, podman or docker, whichever is
# there; BUILDER names one. Needs no network: the certificates are those of Debian's package ca-certificates.
# What the image holds beside the binary is in deploy/Containerfile.
set -euo pipefail
cd "$(dirname "$0")/.."

stop() {
  echo "image: $*" >&2
  exit 1
}

# The first of those that are here.
find_builder() {
  local name
  for name in ${BUILDER:-buildah podman docker}; do
    if command -v "$name" >/dev/null; then
      echo "$name"
      return
    fi
  done
  return 1
}

# As containers name it.
architecture_of() {
  case $(od --address-radix=n --skip-bytes=18 --read-bytes=1 --format=u1 "$1" | tr -d ' ') in
    62) echo amd64 ;;
    183) echo arm64 ;;
    *) stop "$1 is a binary for neither x86-64 nor aarch64" ;;
  esac
}

[ $# -eq 2 ] || stop "usage: scripts/image.sh TAG BINARY"
tag=$1 binary=$2
builder=$(find_builder) || stop "none of buildah, podman and docker is here"
[ -f "$binary" ] || stop "$binary is not there: make static"
architecture=$(architecture_of "$binary")
# Those of the package alone: not what this machine trusts beside them.
certificates=(/usr/share/ca-certificates/mozilla/*.crt)
[ -f "${certificates[0]}" ] || stop "the package ca-certificates is not installed"

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
mkdir "$context/data" "$context/$architecture"
cp "$binary" "$context/$architecture/watchtape"
cat "${certificates[@]}" >"$context/ca-certificates.crt"
echo 'watchtape:x:10001:10001:Watchtape:/data:/usr/sbin/nologin' >"$context/passwd"
echo 'watchtape:x:10001:' >"$context/group"
cp LICENSE "$context/"
cp "${CARGO_TARGET_DIR:-target}/dist/stage/licences.html" "$context/"

# The time of the commit, so that the same tree makes the same image.
created=$(git log -1 --format=%cI)
arguments=(
  --file deploy/Containerfile --tag "$tag" --platform "linux/$architecture"
  --build-arg TARGETARCH="$architecture" --build-arg VERSION="$(scripts/version.sh)"
  --build-arg REVISION="$(git rev-parse HEAD)" --build-arg CREATED="$created"
)
case $builder in
  # The format of OCI has no HEALTHCHECK.
  buildah | podman) "$builder" build --format docker --timestamp "$(git log -1 --format=%ct)" "${arguments[@]}" "$context" ;;
  docker) docker build "${arguments[@]}" "$context" ;;
esac
echo "image: $tag by $builder, $architecture, binary of $(du --bytes "$binary" | cut -f 1) bytes"
