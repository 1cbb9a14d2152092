#!/usr/bin/env bash
# Fails if a document links to a file, or names a path or a snake_case name in backticks, that is not in the tree.
# A path may be given from any folder on: `db/item.rs`, `item.rs`. Decision records are checked for links alone: their
# paths are those of their day. Deliberately absent: headings, external links, and names in other forms.
set -euo pipefail
cd "$(dirname "$0")/.."

files=$(git ls-files --cached --others --exclude-standard | sed 's|^|/|')
mapfile -t documents < <(grep -E '\.md$' <<<"$files" | cut -c 2-)
names=$(git grep --untracked -ohwE '[a-z][a-z0-9]*(_[a-z0-9]+)+' -- '*.rs' '*.js' '*.sql' '*.css' '*.sh' openapi.yaml | sort -u)
# Metrics: a test holds their document to what a server serves.
names+=$'\n'$(grep -oE 'watchtape_[a-z_]+' docs/metrics.md | sort -u)
missing=0

report() {
  echo "$1: $2 is not in the tree" >&2
  missing=1
}

has_path() {
  case $1 in
    */) grep -qF "/$1" <<<"$files" ;;
    *) grep -qE "/${1//./\\.}$" <<<"$files" ;;
  esac
}

for document in "${documents[@]}"; do
  while read -r link; do
    [ -e "$(dirname "$document")/${link%%#*}" ] || report "$document" "$link"
  done < <(grep -oE '\]\([^)]+\)|(src|href)="[^"]+"' "$document" | sed -E 's/^\]\(|^(src|href)="|[)"]$//g' | grep -vE '^(https?:|#)' || true)
  [[ $document != docs/adr/0* && $document != CHANGELOG.md ]] || continue
  while read -r name; do
    if [[ $name =~ ^[a-z][a-z0-9]*(_[a-z0-9]+)+$ ]]; then
      grep -qxF "$name" <<<"$names" || report "$document" "$name"
    elif [[ $name =~ ^[A-Za-z0-9_.][A-Za-z0-9_./,{}-]*(/|\.(rs|js|cjs|sh|md|toml|yaml|yml|css|csv|txt|py|html|json|sql))$ ]]; then
      for path in $(eval "printf '%s\n' $name"); do
        has_path "$path" || report "$document" "$path"
      done
    fi
  done < <(grep -oE '`[^`]+`' "$document" | tr -d '`' | sort -u)
done
exit "$missing"
