# Where the programs are that tests start and that are not built here. To be sourced.
# A variable that is set already wins, so that anyone can point the tests at another version.

# The folder of initdb and pg_ctl: Debian keeps them out of PATH, one folder per major version.
find_postgres() {
  local folder
  for folder in "${WATCHTAPE_TEST_PG_BIN:-}" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort --reverse --version-sort) \
    "$(dirname "$(command -v pg_ctl || true)")"; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
      echo "$folder"
      return
    fi
  done
  return 1
}

# Chromium, or a browser built from it.
find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
    if [ -n "$name" ] && command -v "$name"; then
      return
    fi
  done
  return 1
}
