# The two commands of the README, and the longer ones.
# PYTHON: any Python from 3.11. Packages come from pip's configured index, pinned by constraints.txt.

PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
MODEL := smollm2-135m-instruct

.DEFAULT_GOAL := help
.PHONY: help quickstart test proofs bench accessibility clean
.DELETE_ON_ERROR:

help:
	@echo "make quickstart   install, then distil, and print where the report is"
	@echo "make test         install, then lint, types, import contracts and tests"
	@echo "make proofs       the tests that take minutes"
	@echo "make bench        install in an environment of its own, then time a step beside TRL's: 20 to 60 minutes"
	@echo "make accessibility   axe-core and the keyboard on every kind of page; needs Chromium, Node.js and npm"
	@echo "make clean        remove the environment and the caches, keep the runs"

quickstart: $(VENV)/.quickstart
	$(BIN)/stillroom models get $(MODEL)
	$(BIN)/stillroom run quickstart

# Two processes of one thread: the tests' tensors are tiny, and threads that wait for each other cost more than they
# bring. Tests of one file stay together, for they share what is costly to make.
test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m "not slow" --numprocesses 2 --dist loadfile

proofs: $(VENV)/.proofs
	$(BIN)/stillroom models get $(MODEL)
	$(BIN)/python -m pytest -q -m slow

# What the comparison needs would change the versions that `make test` is pinned to.
bench: $(BENCH)/.ready
	$(BENCH)/bin/stillroom models get $(MODEL)
	$(BENCH)/bin/python benchmarks/engine.py --json $(BENCH)/engine.json --grid-batch 1 2 4 8 --grid-time 108 216 432

# The browser is the machine's own; axe-core and what drives the browser come from npm, at the versions of package.json.
accessibility: $(VENV)/.dev tests/browser/node_modules/.ready
	$(BIN)/python -m pytest -q -m slow tests/report/test_accessibility.py

tests/browser/node_modules/.ready: tests/browser/package.json
	npm install --prefix tests/browser --no-audit --no-fund --no-package-lock
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist build

# A stamp for each set of packages: a second call installs nothing.
$(VENV)/.quickstart: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable ".[quickstart]"
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable ".[quickstart,dev]"
	touch $(VENV)/.quickstart $@

$(VENV)/.proofs: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet --constraint constraints.txt --editable ".[quickstart,dev,ray]"
	touch $(VENV)/.quickstart $(VENV)/.dev $@

$(BENCH)/.ready: pyproject.toml constraints.txt benchmarks/requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/python -m venv $(BENCH)
	$(BENCH)/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt \
		--requirement benchmarks/requirements.txt --editable ".[quickstart]"
	touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is too old: expected Python 3.11 or newer. Do: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
