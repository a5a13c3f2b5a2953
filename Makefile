# Needs only make and Python 3.11 or later with venv. `make` alone lists the verbs.
PYTHON  ?= python3
VENV    ?= .venv
BIN     := $(VENV)/bin
DATA    ?= data
N       ?= 1000000
SECONDS ?= 60
ROUNDS  ?= 500
TARGETS ?=
WORKERS ?= auto
READY   := $(VENV)/.ready
TOOLS   := $(VENV)/.ready-tools
FUZZER  := $(VENV)/.ready-fuzzer
AWS     := build/aws

# The tests start hundreds of processes; without kept bytecode each would compile the whole program once more.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-fast aws check fix bench fuzz kill runtimes seed demo docs clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READY): pyproject.toml requirements.lock hatch_build.py $(wildcard src/mukiau/locale/*/LC_MESSAGES/*.po)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mukiau needs Python 3.11 or later; PYTHON=python3.12 make … chooses another one.")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python has no venv here; install the package python3-venv (Debian, Ubuntu) and run make again."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .
	@touch $@

$(TOOLS): $(READY)
	@echo "Adding the tools for tests and checks (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@touch $@

$(FUZZER): $(READY)
	@echo "Adding the fuzzer (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[fuzz]'
	@touch $@

$(AWS)/.ready: pyproject.toml requirements.lock
	@test -x $(AWS)/bin/python || $(PYTHON) -m venv $(AWS)
	@echo "Setting up emulated AWS in $(AWS) (once) …"
	@$(AWS)/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[aws-test]'
	@touch $@

run: $(READY) ## start mukiau at http://127.0.0.1:8000 with a demo on first start
	@$(BIN)/mukiau serve --data $(DATA) --demo

demo: $(READY) ## start mukiau on a fresh, temporary data folder with the demo
	@$(BIN)/mukiau serve --data $$(mktemp -d) --demo

test: $(TOOLS) ## run the whole test suite
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadscope --no-loadscope-reorder

test-fast: $(TOOLS) ## run the tests that need no processes, browser or large corpus
	@$(BIN)/python -m pytest -m "not slow and not browser"

aws: $(AWS)/.ready ## run the forwarder on emulated AWS, and cfn-lint on its templates
	@$(AWS)/bin/python -m pytest -o filterwarnings=default tests/aws

check: $(TOOLS) ## lint, types, import direction, templates
	@$(BIN)/ruff check --no-cache . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --check --lint src/mukiau/web/templates

fix: $(TOOLS) ## repair what the tools can repair
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/djlint --reformat src/mukiau/web/templates

bench: $(TOOLS) ## measure the hot paths; the table goes to docs/reference/benchmarks.md
	@$(BIN)/python -m bench

fuzz: $(FUZZER) ## fuzz every parser for SECONDS each, or only TARGETS
	@$(BIN)/python -m fuzz $(TARGETS) --seconds $(SECONDS)

kill: $(TOOLS) ## kill every process ROUNDS times under load and count what is there (nightly: 500)
	@MUKIAU_KILL_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -q -s tests/processes/test_kill.py

runtimes: $(TOOLS) ## let the runtimes installed here fail for real and compare what is read
	@$(BIN)/python -m pytest -q -rs tests/runtimes/check_runtimes.py tests/runtimes/check_loggers.py

seed: $(READY) ## fill DATA with N events through digest's own writer
	@$(BIN)/python -m bench.seed --data $(DATA) -n $(N)

docs: $(TOOLS) ## regenerate the reference pages
	@$(BIN)/python -m docs.generate

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
