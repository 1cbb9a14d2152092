"""Holds the running server against its own OpenAPI document with Schemathesis: as a person who has signed in, with every
check in every phase; then without a token and with one that means nothing, where only 401 may be said.

    fuzz.py BINARY [--examples COUNT] [--seed NUMBER]

COUNT is how many cases each operation gets in the fuzzing phase. The same seed makes the same cases."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).parent
SCHEMATHESIS = Path(sys.executable).parent / "st"
START_SECONDS = 60
# Nothing is to be turned away for being one of many.
LIMITS = ["api-per-minute", "anon-per-minute", "login-per-minute", "guests-per-hour", "registrations-per-hour"]


def start(binary, folder):
    """Starts the server on a free port; gives its process and origin."""
    flags = [part for name in LIMITS for part in (f"--{name}", "0")]
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder, "--log", "error,watchtape::server=info"]
    # A server that is full says 503, which is no failure of its own.
    command += ["--guests", "1000000"]
    # Nobody is there: a link to be mailed is asked for and never goes out.
    command += ["--smtp-url", "smtp://127.0.0.1:9", "--mail-from", "watchtape@example.com"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WATCHTAPE_")}
    server = subprocess.Popen(command + flags, stderr=subprocess.PIPE, text=True, env=clean)
    deadline = threading.Timer(START_SECONDS, server.kill)
    deadline.start()
    for line in server.stderr:
        event = json.loads(line)
        if event["message"] == "listening":
            deadline.cancel()
            return server, f"http://{event['address']}"
    deadline.cancel()
    sys.exit(f"the server stopped, or did not listen within {START_SECONDS} seconds")


def run(origin, caller, examples, seed, *options):
    """One run of Schemathesis; gives whether nothing was found, and how many cases there were."""
    print(f"\n== as {caller}: {examples} examples an operation, seed {seed}", flush=True)
    command = [SCHEMATHESIS, "--config-file", HERE / "schemathesis.toml", "run", f"{origin}/api/v1/openapi.json"]
    command += ["--seed", str(seed), "--max-examples", str(examples), "--no-color", *options]
    settings = {**os.environ, "FUZZ_ORIGIN": origin, "FUZZ_CALLER": caller}
    process = subprocess.Popen(command, cwd=HERE, env=settings, stdout=subprocess.PIPE, text=True)
    cases = 0
    for line in process.stdout:
        print(line, end="", flush=True)
        if found := re.match(r"\s*(\d+) generated", line):
            cases = int(found[1])
    return process.wait() == 0, cases


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--examples", type=int, default=10)
    parser.add_argument("--seed", type=int, default=20261122)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="watchtape-contract-") as folder:
        server, origin = start(wanted.binary, folder)
        try:
            runs = [run(origin, "person", wanted.examples, wanted.seed, "--checks", "all")]
            for caller in ["stranger", "nonsense"]:
                runs.append(run(origin, caller, max(1, wanted.examples // 10), wanted.seed,
                                "--checks", "only_401_without_a_token", "--phases", "examples,coverage,fuzzing"))
            assert server.poll() is None, "the server has ended"
        finally:
            server.terminate()
            server.wait(timeout=30)
    # A run that made no cases has shown nothing.
    held = all(clean and cases >= 500 for clean, cases in runs)
    print(f"\n{sum(cases for _, cases in runs)} cases, seed {wanted.seed}: {'no failure' if held else 'FAILURES'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
