# Every command here works in a fresh clone with Python >= 3.11 and make; state is kept in .venv and data/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= seedwire.toml
ALERTS ?= 1000
MINUTES ?= 8
SEED ?= 1

.PHONY: help install dev run demo test lint format bench chaos screenshots lock model clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/seedwire: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Seedwire needs Python >= 3.11; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Could not make $(VENV). On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q alerts classifiers feeds store web worker
	@touch $@

install: $(BIN)/seedwire ## Set up .venv with pinned dependencies and the seedwire command

$(VENV)/.dev: requirements-dev.lock $(BIN)/seedwire
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

dev: $(VENV)/.dev

run: install ## Run the service on this machine with CONFIG (default seedwire.toml)
	$(BIN)/seedwire up --config $(CONFIG)

demo: install ## Watch signed alerts arrive from a newsroom of our own; needs no network
	$(BIN)/seedwire demo

test: dev ## Run the tests (OPTIONS=--slow: those of some minutes too)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(OPTIONS)

lint: dev ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: dev ## Measure speed and quality (prints ratios; see benchmarks/README.md)
	$(BIN)/python -m benchmarks

chaos: dev ## Kill all that can die while ALERTS=1000 alerts are under way (MINUTES=8), print what arrived
	$(BIN)/python -m benchmarks chaos --alerts $(ALERTS) --minutes $(MINUTES) --seed $(SEED)

screenshots: dev ## Make docs/images/ again from the pages as they are now (needs chromium)
	PYTHONPATH=tests/worker $(BIN)/python tests/browser/screenshots.py docs/images

model: install ## Learn the shipped model again from seeds/
	$(BIN)/seedwire learn --seeds seeds --out classifiers/model.json

lock: ## Pin dependencies again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra people --extra telemetry -o requirements.lock pyproject.toml requirements.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra people --extra telemetry -o requirements-dev.lock pyproject.toml requirements.in --group dev -c requirements.lock

clean:
	rm -rf $(VENV) data .mypy_cache .ruff_cache .pytest_cache .hypothesis
