# Everything that is done with this tree. People and CI use the same targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# What `watchtape version` prints; nothing where there is no git.
export BUILD_COMMIT := $(shell git rev-parse --short=12 HEAD 2>/dev/null)

# Cargo's own folder for what it builds, wherever that is set to be.
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))

# setup.sh puts it there: a tool of this tree does not belong among those of its user.
DENY := $(TARGET)/tools/bin/cargo-deny --locked

# In CI the lock file is law, and nothing is compiled a second time.
ifdef CI
LOCKED := --locked
export CARGO_INCREMENTAL := 0
endif

# The packages for this machine, and the app, which is for the browser.
NATIVE := --workspace --exclude watchtape-web
APP := --package watchtape-web --target wasm32-unknown-unknown

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# How the server is compiled: to be installed, or, where it is to be tried, in less time.
PROFILE := release

.PHONY: run
run: PROFILE := quick
run: BUNDLE := --quick
run: build ## build everything in the least time and start the server
	exec $(TARGET)/quick/watchtape serve

.PHONY: dev
dev: setup ## start the server from a fast build, again after every change
	exec scripts/dev.sh

.PHONY: setup
setup: ## install what the build needs
	@scripts/setup.sh

.PHONY: web
web: setup ## build the browser app into web/dist
	cargo run $(LOCKED) --package watchtape-bundle

# The app is the program's alone: the library is compiled meanwhile, in a folder of its own, so that neither waits for the other.
.PHONY: build
build: setup ## build the server with the app inside: target/release/watchtape
	cargo build $(LOCKED) --package watchtape-bundle
	cargo build $(LOCKED) --profile $(PROFILE) --package watchtape --features embed-web --lib & library=$$!; \
	$(TARGET)/debug/watchtape-bundle $(BUNDLE) || { kill $$library; exit 1; }; \
	wait $$library
	cargo build $(LOCKED) --profile $(PROFILE) --package watchtape --features embed-web

# For this machine's kind, with musl: it starts on any Linux, whatever its libc.
STATIC := x86_64-unknown-linux-musl
.PHONY: static
static: web ## build the same as one static binary: target/x86_64-unknown-linux-musl/release/watchtape
	@scripts/setup.sh --static
	cargo build $(LOCKED) --release --package watchtape --features embed-web --target $(STATIC)

BINARY := $(TARGET)/$(STATIC)/release/watchtape
VERSION := $(shell scripts/version.sh)

.PHONY: licences
licences: web
	@scripts/setup.sh --dist
	scripts/licences.sh

# With buildah, podman or docker, whichever is there.
.PHONY: image
image: static licences ## build the container image watchtape:VERSION of the static binary
	scripts/image.sh watchtape:$(VERSION) $(BINARY)

# Not a part of `make test`: the static binary takes minutes.
.PHONY: test-image
test-image: static licences ## build the container image with buildah, and run it
	@scripts/setup.sh --image
	scripts/test-image.sh $(BINARY)

.PHONY: dist
dist: web ## make what is released in target/dist: binaries, Debian packages, checksums, SBOM, licences
	@scripts/setup.sh --dist
	scripts/dist.sh

.PHONY: fmt
fmt: ## format the Rust code
	cargo fmt --all

# An empty web/dist is enough to check the code that embeds it.
.PHONY: lint
lint: lint-setup ## check formatting, Rust lints, dependencies, shell syntax, deploy/ and the paths that documents name
	cargo fmt --all --check
	mkdir -p web/dist
	cargo clippy $(LOCKED) $(NATIVE) --all-targets --all-features -- --deny warnings
	cargo clippy $(LOCKED) $(APP) --all-targets -- --deny warnings
	$(DENY) check bans licenses sources
	for script in scripts/*.sh .ci/run; do bash -n "$$script"; done
	scripts/check-docs.sh
	scripts/lint-deploy.sh

# What operators install: image, compose, Kubernetes, unit, alerting rules.
.PHONY: lint-deploy
lint-deploy: lint-setup ## check what operators install and configure
	scripts/lint-deploy.sh

.PHONY: advisories
advisories: lint-setup ## look for advisories about dependencies, which needs the network
	$(DENY) check advisories

.PHONY: test
test: test-rust test-contract test-app test-browser ## run every test, after installing what they need

# Tests wait as much as they compute: for deadlines, processes and disks.
.PHONY: test-rust
test-rust: test-setup programs ## run the tests of the server and the shared types
	source scripts/test-programs.sh; \
	WATCHTAPE_TEST_PG_BIN=$$(find_postgres) RUST_TEST_THREADS=$$(($$(nproc) * 2)) cargo test $(LOCKED) $(NATIVE)

.PHONY: test-contract
test-contract: test-setup programs ## lint openapi.yaml, and hold the real server against it
	REDOCLY_TELEMETRY=off api/contract/node_modules/.bin/redocly lint --config api/contract/redocly.yaml watchtape
	api/contract/.venv/bin/python api/contract/fuzz.py $(TARGET)/debug/watchtape

# Some tens of thousands of cases; FUZZ="--seed 7" for others, FUZZ="--examples 50" for fewer.
.PHONY: fuzz-api
fuzz-api: test-setup programs ## hold the real server against openapi.yaml for long, and print how many cases that were
	api/contract/.venv/bin/python api/contract/fuzz.py $(TARGET)/debug/watchtape --examples 700 $(FUZZ)

.PHONY: test-app
test-app: test-setup programs ## run the app's unit tests in Node
	CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$(TARGET)/debug/wasm-test-runner cargo test $(LOCKED) $(APP)

.PHONY: test-browser
test-browser: test-setup programs ## run the browser tests against the real server and app
	$(TARGET)/debug/watchtape-bundle
	source scripts/test-programs.sh; \
	export CHROMIUM=$$(find_chromium) WATCHTAPE_BIN=$(TARGET)/debug/watchtape WATCHTAPE_WEB_DIR=$(CURDIR)/web/dist; \
	cd web/e2e; \
	node --test --test-timeout=600000 --test-concurrency=2 --test-reporter=spec

# The moments at which dates and times of day have gone wrong: see scripts/test-days.sh.
.PHONY: test-days
test-days: test-setup programs ## run the tests of the server and the app at seven moments, such as a holiday and the end of a year
	cargo test $(LOCKED) $(NATIVE) --no-run
	$(TARGET)/debug/watchtape-bundle
	WATCHTAPE_BIN=$(TARGET)/debug/watchtape WATCHTAPE_WEB_DIR=$(CURDIR)/web/dist scripts/test-days.sh

# What make test does a little of: kills, and cases for each parser.
.PHONY: soak
soak: test-setup programs ## run the tests of kills a hundred times each, and the parsers with a million cases
	source scripts/test-programs.sh; \
	WATCHTAPE_TEST_KILLS=100 WATCHTAPE_TEST_PG_BIN=$$(find_postgres) \
		cargo test $(LOCKED) $(NATIVE) --test it crash:: -- --nocapture
	$(MAKE) fuzz-parsers

# What make test does with two nodes of this version. OLDER is a commit or a tag, the last one unless it is named.
OLDER = $(shell git describe --tags --abbrev=0)
.PHONY: test-upgrade
test-upgrade: test-setup programs ## replace nodes of an older version, OLDER=COMMIT, by those of this one while they serve
	source scripts/test-programs.sh; \
	older=$$(scripts/older-version.sh "$(OLDER)"); \
	WATCHTAPE_TEST_OLDER_BIN=$$older WATCHTAPE_TEST_PG_BIN=$$(find_postgres) \
		cargo test $(LOCKED) $(NATIVE) --test it cluster::two_versions -- --nocapture

.PHONY: jepsen
jepsen: test-setup programs ## run three nodes under ten minutes of faults: kills, partitions, an old and an empty Redis
	source scripts/test-programs.sh; \
	WATCHTAPE_NEMESIS_SECONDS=600 WATCHTAPE_TEST_PG_BIN=$$(find_postgres) \
		cargo test $(LOCKED) $(NATIVE) --test it nemesis:: -- --nocapture

# The same tests as in test-rust, with more cases: FUZZ_SEED, which each line of a run names, makes the same ones again.
.PHONY: fuzz-parsers
fuzz-parsers: setup ## give each parser of strangers' bytes a million cases: FUZZ_CASES for another number
	FUZZ_CASES=$${FUZZ_CASES:-1000000} cargo test $(LOCKED) --release --package watchtape --test it parsers:: -- --nocapture

# The programs that tests and tools run. To ask for the examples too makes cargo choose the features of all dependencies
# as `cargo test` does, so that those are compiled once for both.
.PHONY: programs
programs: setup
	cargo build $(LOCKED) $(NATIVE) --bins --examples

.PHONY: test-setup
test-setup:
	@scripts/setup.sh --tests

.PHONY: lint-setup
lint-setup:
	@scripts/setup.sh --lint

.PHONY: openapi
openapi: programs ## write openapi.yaml anew from the handlers
	$(TARGET)/debug/watchtape openapi > $(TARGET)/openapi.yaml
	mv $(TARGET)/openapi.yaml openapi.yaml

.PHONY: measure
measure: build test-setup ## print the figures of the server and the app: start, memory, search, sign-ins, first visit, Lighthouse, a flood of prices, memory in use
	cargo run $(LOCKED) --release --package watchtape --example measure -- $(TARGET)/release/watchtape
	cargo run $(LOCKED) --release --package watchtape --example deliveries
	for catalogue in '' 'api/tests/data/securities_131k.csv.gz' 'api/tests/data/securities_131k.csv.gz 300000'; do \
		cargo run $(LOCKED) --release --package watchtape --example search_latency -- $$catalogue; \
	done
	cargo run $(LOCKED) --release --package watchtape --example alert_evaluation
	source scripts/test-programs.sh; \
	WATCHTAPE_TEST_PG_BIN=$$(find_postgres) cargo test $(LOCKED) $(NATIVE) --test it proxies:: -- --nocapture
	source scripts/test-programs.sh; \
	export CHROMIUM=$$(find_chromium) WATCHTAPE_BIN=$(TARGET)/release/watchtape WATCHTAPE_WEB_DIR=$(CURDIR)/web/dist; \
	node web/e2e/measure.js; \
	node web/e2e/lighthouse.js; \
	node web/e2e/firehose.js; \
	node web/e2e/soak.js

.PHONY: siege
siege: build ## print what others see of the server while one hostile guest does its worst for a minute
	cargo run $(LOCKED) --release --package watchtape --example siege -- $(TARGET)/release/watchtape

# With the app inside, as in build: cargo builds the server's binary anew for a benchmark, in the same place.
.PHONY: bench
bench: build ## print the server's figures under load, each beside its reference; BENCH="--only 1,2" for a part
	ulimit -n "$$(ulimit -Hn)"; \
	cargo bench $(LOCKED) --package watchtape --features embed-web,bench --bench scale -- $(TARGET)/release/watchtape $(BENCH)

.PHONY: screenshots
screenshots: build test-setup ## take the screenshots of docs/screenshots anew
	source scripts/test-programs.sh; \
	export CHROMIUM=$$(find_chromium) WATCHTAPE_BIN=$(TARGET)/release/watchtape WATCHTAPE_WEB_DIR=$(CURDIR)/web/dist; \
	node web/e2e/screenshots.js

.PHONY: clean
clean: ## remove everything that was built or installed in this tree
	cargo clean
	rm -rf web/dist web/bundle/node_modules web/e2e/node_modules api/contract/node_modules api/contract/.venv
	rm -rf deploy/lint/node_modules deploy/lint/.venv deploy/cross/.venv
