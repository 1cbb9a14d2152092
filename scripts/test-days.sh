#!/usr/bin/env bash
# Runs the tests of the server and of the app at seven moments: everything that they start takes its clock from there.
# DAYS="2026-12-31T23:59:50Z" for others; BROWSER=no leaves the browser tests out, RUST=no those of the server.
# The tests' own clock of waiting goes on as ever, so the tests wait no longer than on other days.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/test-programs.sh

moments=(
  2026-11-28T12:00:00Z # a Saturday
  2026-11-30T14:25:00Z # a Monday, five minutes before New York opens
  2026-11-27T17:30:00Z # a half day in New York
  2026-12-25T15:00:00Z # a holiday
  2026-11-01T05:30:00Z # the hour that the end of daylight saving repeats
  2026-12-31T23:59:50Z # the end of a year
  2026-12-11T04:58:00Z # a Thursday night, two minutes before New York's midnight
)
if [ -n "${DAYS:-}" ]; then
  read -r -a moments <<<"$DAYS"
fi
library=$(compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' | head -n 1)
WATCHTAPE_TEST_PG_BIN=$(find_postgres)
CHROMIUM=$(find_chromium)
export WATCHTAPE_TEST_PG_BIN CHROMIUM
failed=()

# What cargo built for the tests, each behind the folder in which cargo runs it; without the bundler's, which starts
# compilers that do not run under libfaketime.
test_programs() {
  cargo test --workspace --exclude watchtape-web --no-run --message-format=json 2>/dev/null |
    node -e 'for (const line of require("fs").readFileSync(0, "utf8").split("\n")) {
      if (!line.startsWith("{")) continue;
      const { reason, profile, executable, manifest_path } = JSON.parse(line);
      if (reason !== "compiler-artifact" || !profile.test || !executable || manifest_path.includes("/bundle/")) continue;
      console.log(require("path").dirname(manifest_path), executable);
    }'
}

# As an offset, so that a server which is started later has the same clock.
under_faketime() {
  local moment=$1 folder=$2 program=$3 ahead
  printf -v ahead '%+d' $(($(date --date "$moment" +%s) - $(date +%s)))
  (cd "$folder" && FAKETIME=$ahead FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 TZ=UTC LD_PRELOAD=$library \
    "$program" --quiet)
}

programs=$(test_programs)
for moment in "${moments[@]}"; do
  echo "== $moment"
  if [ "${RUST:-}" != no ]; then
    while read -r folder program; do
      under_faketime "$moment" "$folder" "$program" || failed+=("$moment: ${program##*/}")
    done <<<"$programs"
  fi
  if [ "${BROWSER:-}" != no ]; then
    (cd web/e2e && WATCHTAPE_TEST_AT=$moment node --test --test-timeout=600000 --test-concurrency=2 --test-reporter=dot) ||
      failed+=("$moment: the browser tests")
  fi
done
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed at %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "passed at ${moments[*]}"
