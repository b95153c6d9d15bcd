.DEFAULT_GOAL := help
.PHONY: help setup run reset test quick nightly check fix benchmark soak messages
# The suite starts hundreds of interpreters: what they import is compiled once, whatever the machine
# says. Without it each spends two seconds more.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
SYNCED := .venv/.synced
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard config/locale/*/LC_MESSAGES/django.po))
READY := $(SYNCED) $(CATALOGUES)
# What a pytest run gets besides: make test TESTS="tests/config -x"
TESTS ?=
# The whole browser, for make nightly: make test prefers its headless shell.
CHROMIUM ?= chromium
# For the checks of a production configuration alone: nothing connects to it.
PRODUCTION := DEBUG=false SECRET_KEY="$$(head -c 48 /dev/urandom | base64)" \
	ALLOWED_HOSTS=claims.example BASE_URL=https://claims.example \
	DATABASE_URL=postgresql://nobody@127.0.0.1:1/nothing EMAIL_URL=smtp://127.0.0.1:1 \
	DATABASE_OWNER_URL=postgresql://somebody@127.0.0.1:1/nothing CLAMD_URL=unix:///run/clamav/clamd.ctl

help: ## List all targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Install the locked dependencies into .venv, compile the messages

run: $(READY) ## Start the portal on port 8000 (PORT=9000 make run); Ctrl-C stops it
	@$(BIN)/python -m config.serve

reset: $(SYNCED) ## Wipe the local demo: its database, files and mail
	@$(BIN)/python -m config.reset

test: $(READY) ## Run all tests (TESTS="tests/config -x" for some)
	@$(BIN)/pytest -n auto --dist loadgroup $(TESTS)

quick: $(READY) ## What a change breaks first: policy, models, actions, house; under a minute
	@$(BIN)/pytest -n auto --dist loadgroup -m "not (benchmark or slow or sampled or patient)" \
		tests/claims/policy tests/claims/models tests/claims/actions tests/house $(TESTS)

nightly: $(READY) ## What is exhaustive or slow: all that make test samples, the whole Chromium, the soak
	@SAMPLE=all $(BIN)/pytest -n auto --dist loadgroup -m "(sampled or slow) and not benchmark"
	@CHROMIUM=$(CHROMIUM) $(BIN)/pytest -n auto --dist loadgroup tests/browser
	@$(MAKE) --no-print-directory soak

check: $(READY) ## Format, lint, types, rooms, closed sets, messages, migrations, deployment settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -n 0 tests/house/test_closed_sets.py
	$(BIN)/python -m config.messages
	$(BIN)/python manage.py makemigrations --check --dry-run
	@echo $(BIN)/python manage.py check --deploy
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

messages: $(SYNCED) ## Extract the messages of code and templates into config/locale
	@$(BIN)/python -m config.messages update

fix: $(SYNCED) ## Format, and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: $(READY) ## Measure the slow paths on a lot of data (minutes)
	@$(BIN)/pytest -m benchmark tests/benchmarks $(TESTS)

soak: $(READY) ## Play 50,000 steps against the oracle (a quarter of an hour or more)
	@SOAK_STEPS=50000 SOAK_PARTS=2 $(BIN)/pytest -n 2 tests/claims/machine

$(SYNCED): pyproject.toml uv.lock $(BIN)/uv
	@echo "Installing the locked dependencies …"
	@$(BIN)/uv sync --locked --quiet
	@touch $@

%.mo: %.po $(SYNCED)
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@

$(BIN)/uv:
	@for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "error: no Python 3.11 or newer is found; install one, or name it: PYTHON=/path/to/python3 make run" >&2; \
		exit 1; \
	fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "error: $$found lacks its venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; \
	fi; \
	echo "Making .venv with $$($$found --version) …"; \
	$$found -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8'
