# `make` says what there is. Needs Python 3.11 or later and git; all else is installed into
# .venv, at the versions in constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast check docs clean

help:
	@echo "make demo           the whole walk on five articles, with a Label Studio of its own"
	@echo "make demo KEEP=1    the same, and Label Studio stays up for you to review in"
	@echo "make test           every test; ARGS='-k push' for some"
	@echo "make test-fast      the quick tests: no Label Studio, no browser, SQLite only"
	@echo "make check          ruff and mypy"
	@echo "make docs           make docs/cli.md and the README's pictures anew"
	@echo "make clean          remove the virtual environment and what tools left; a desk's data stays"

demo: $(VENV)/.runtime
	$(BIN)/factcheck demo $(if $(KEEP),--keep)

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

test-fast: $(VENV)/.dev
	$(BIN)/python -m pytest -n logical -m "not server and not browser and not postgresql and not slow" $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(VENV)/.dev
	$(BIN)/python -m pytest tests/test_docs.py -k pictures
	$(BIN)/python tests/test_docs.py

clean:
	rm -rf $(VENV) build dist artifacts .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip comes last into a new environment, so one that was cut short is made again.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "factcheck needs Python 3.11 or later, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)

# pip knows dependency groups, and shows how far it is, since 25.1. Compiling every module
# would take half of the time; Python compiles what it loads.
$(VENV)/.runtime: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing factcheck and what it needs into $(VENV): about half a minute, only once"
	@$(PIP) install --quiet "pip>=25.1"
	@$(PIP) install --no-compile --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Installing what the tests and checks need into $(VENV): about half a minute, only once"
	@$(PIP) install --no-compile --constraint constraints.txt --group dev
	@touch $@
