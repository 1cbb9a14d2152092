"""Holds the files of deploy/ against each other and against the documents.

What no linter knows: that an alerting rule has its section in docs/operating.md and its story for promtool, that rules and
dashboard name metrics which docs/metrics.md has, that a kustomization names the files beside it, and that all name one version.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
# What Prometheus itself adds, beside the metrics of the nodes.
OWN_METRICS = {"up"}
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def documented_metrics():
    """The names in the first column of the tables as they are on the wire, by the type in the second."""
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "info": ["_info"], "gauge": [""]}
    names = set()
    for line in (ROOT / "docs/metrics.md").read_text().splitlines():
        cells = line.split("|")
        if len(cells) < 4:
            continue
        for name in re.findall(r"`([a-z][a-z0-9_]+)", cells[1]):
            names |= {name + suffix for suffix in suffixes.get(cells[2].strip(), [])}
    return names


def metrics_of(expression):
    without_texts = re.sub(r'"[^"]*"', '""', expression)
    without_labels = re.sub(r"\b(by|on|ignoring|without|group_left|group_right) *\([^)]*\)|\{[^}]*\}", "", without_texts)
    return set(re.findall(r"\b(?:watchtape_|process_)[a-z0-9_]+|\bup\b", without_labels))


def check_metrics(where, expression, known):
    named = metrics_of(expression)
    expect(named, f"{where}: names no metric: {expression}")
    for name in named - known - OWN_METRICS:
        expect(False, f"{where}: docs/metrics.md has no {name}")


def check_rules(known):
    rules = yaml.safe_load((DEPLOY / "monitoring/watchtape.rules.yml").read_text())
    stories = yaml.safe_load((DEPLOY / "monitoring/watchtape.rules_test.yml").read_text())
    guide = (ROOT / "docs/operating.md").read_text()
    sections = set(re.findall(r"^### (Watchtape\w+)$", guide, re.MULTILINE))
    told = {
        test["alertname"]
        for story in stories["tests"]
        for test in story["alert_rule_test"]
        if test.get("exp_alerts")
    }
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    for rule in alerts:
        name = rule["alert"]
        check_metrics(name, rule["expr"], known)
        expect(name in told, f"{name}: no story in watchtape.rules_test.yml in which it fires")
        expect(name in sections, f"{name}: no section in docs/operating.md")
        expect(
            rule["annotations"]["runbook_url"] == f"docs/operating.md#{name.lower()}",
            f"{name}: its runbook_url leads elsewhere",
        )
    for name in sections - {rule["alert"] for rule in alerts}:
        expect(False, f"docs/operating.md: {name} is no rule")


def check_dashboard(known):
    dashboard = json.loads((DEPLOY / "monitoring/watchtape.dashboard.json").read_text())
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    for panel in panels:
        expect(panel["datasource"]["uid"] == "${datasource}", f"{panel['title']}: another data source")
        for target in panel["targets"]:
            check_metrics(panel["title"], target["expr"], known)


def check_kustomizations():
    for file in DEPLOY.glob("kubernetes/*/kustomization.yaml"):
        named = set(yaml.safe_load(file.read_text())["resources"]) - {"../base"}
        there = {path.name for path in file.parent.glob("*.yaml")} - {"kustomization.yaml"}
        expect(named == there, f"{file.relative_to(ROOT)}: names {named ^ there} which is not there, or does not")


def check_pods():
    """What the restricted pod security standard wants of a pod, and what a graceful stop takes."""
    for file, drain in (("single/stateful-set.yaml", 3), ("cluster/deployment.yaml", 10)):
        pod = yaml.safe_load((DEPLOY / "kubernetes" / file).read_text())["spec"]["template"]["spec"]
        container = pod["containers"][0]
        security = pod["securityContext"] | container["securityContext"]
        wanted = {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        for key, value in wanted.items():
            expect(security.get(key) == value, f"{file}: {key} is {security.get(key)}")
        expect(pod["enableServiceLinks"] is False, f"{file}: the variables of a Service would stop the start")
        before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        # Five seconds are for requests under way.
        expect(pod["terminationGracePeriodSeconds"] > before + drain + 5, f"{file}: killed before it has drained")


def check_versions():
    version = subprocess.check_output([ROOT / "scripts/version.sh"], text=True).strip()
    for file in [*DEPLOY.glob("compose/*.yaml"), *DEPLOY.glob("kubernetes/*/kustomization.yaml")]:
        text = file.read_text()
        for named in re.findall(r"watchtape:(\d[^\s\"}]*)|newTag: (\S+)", text):
            expect("".join(named) == version, f"{file.relative_to(ROOT)}: {''.join(named)} and not {version}")


known_metrics = documented_metrics()
check_rules(known_metrics)
check_dashboard(known_metrics)
check_kustomizations()
check_pods()
check_versions()
for failure in failures:
    print(failure, file=sys.stderr)
sys.exit(bool(failures))
