#!/usr/bin/env bash
# Checks what operators install and configure: the image's file, compose, Kubernetes, the unit, alerting rules and dashboard.
# Needs no network. What is checked by running it is elsewhere: the proxies in `make test`, the image in `make test-image`.
set -euo pipefail
cd "$(dirname "$0")/.."

python=deploy/lint/.venv/bin
# Exposure in tenths, as systemd-analyze counts it.
max_exposure=20

"$python/hadolint" deploy/Containerfile
deploy/lint/node_modules/.bin/dclint --max-warnings 0 deploy/compose/single.yaml deploy/compose/cluster.yaml

# Neither a kustomization nor a ServiceMonitor is of the cluster's own API.
mapfile -t manifests < <(find deploy/kubernetes -name '*.yaml' ! -name kustomization.yaml ! -name service-monitor.yaml | sort)
"$python/kubernetes-validate" --strict --quiet "${manifests[@]}"

promtool check rules deploy/monitoring/watchtape.rules.yml >/dev/null
promtool test rules deploy/monitoring/watchtape.rules_test.yml >/dev/null

systemd-analyze security --offline=true --threshold=$max_exposure --no-pager deploy/systemd/watchtape.service | tail -n 1

for script in deploy/debian/p*; do sh -n "$script"; done
"$python/python" deploy/lint/check.py
