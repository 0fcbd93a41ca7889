# Everything one does with a checkout; `make` alone lists it. Works with GNU make 3.81 and later.

VENV := .venv
BIN := $(VENV)/bin
ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# The first Python that is new enough; `make install PYTHON=...` names another one.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(ENOUGH)' 2>/dev/null && echo "$$python" && break; done)

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

INSTALLED := $(VENV)/.installed
INSTALLED_TEST := $(VENV)/.installed-test
INSTALLED_FUZZ := $(VENV)/.installed-fuzz

FAST := not slow and not kafka

# Each core begins with a stretch of its own, and one that is done takes from what others have left: tests that wait
# for Kafka run beside tests that compute, and what a module or a session shares is seldom made twice.
PYTEST := $(BIN)/python -m pytest
ON_ALL_CORES := -n auto --dist worksteal

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@echo 'usage: make TARGET [ARGS=...]'
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  %-14s %s\n", $$1, $$2 }'
	@echo
	@echo 'first time here? make demo'

.PHONY: install
install: $(INSTALLED) ## Install matchstream into .venv, ready to run

.PHONY: install-test
install-test: $(INSTALLED_TEST) ## Install what the tests and checks need, too

.PHONY: demo
demo: install ## See it work: listings in, matches out (ARGS=--exit ends after the summary)
	@$(BIN)/matchstream demo $(ARGS)

.PHONY: test
test: install-test check ## Run the checks and every test
	@$(PYTEST) $(ON_ALL_CORES) $(ARGS)

.PHONY: coverage
coverage: install-test ## Run every test and say which lines none of them reached; takes about half as long again
	@$(PYTEST) --cov --cov-report=term $(ON_ALL_CORES) $(ARGS)

.PHONY: test-fast
test-fast: install-test ## Run the tests that need no broker and no process of their own
	@$(PYTEST) $(ON_ALL_CORES) -m '$(FAST)' $(ARGS)

.PHONY: fuzz
fuzz: $(INSTALLED_FUZZ) ## Fuzz what strangers' bytes reach (ARGS=seconds, in all)
	@$(BIN)/python tests/fuzz/fuzzing.py $(ARGS)

.PHONY: chaos
chaos: install-test ## Kill, pause and cut off whatever there is, and look for what is lost (ARGS='--faults 20 ...')
	@PYTHONPATH=tests:. $(BIN)/python -m chaos $(ARGS)

.PHONY: soak
soak: install-test ## Publish for long, with the index gone for a while, and watch the memory
	@PYTHONPATH=tests:. $(BIN)/python -m chaos.soak $(ARGS)

.PHONY: bench-reindex
bench-reindex: install-test ## Measure how long live listings take while another generation is filled
	@PYTHONPATH=tests:. $(BIN)/python tests/benchmarks/reindex_latency.py $(ARGS)

.PHONY: screenshots
screenshots: install-test ## Take the readme's pictures of the web page anew; needs Chromium
	@PYTHONPATH=tests:. $(BIN)/python tests/end_to_end/screenshots.py $(ARGS)

.PHONY: check
check: install-test ## Check style, types and the direction of imports
	@echo 'ruff: style'
	@$(BIN)/ruff check
	@echo 'ruff: format'
	@$(BIN)/ruff format --check
	@echo 'mypy: types'
	@$(BIN)/mypy
	@echo 'import-linter: layers'
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: install-test ## Format the code and mend what can be mended without thinking
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: kafka
kafka: install ## Start Apache Kafka on this machine (needs Java 17 and Maven, no Docker)
	@$(BIN)/python -m streams.brokers.local_kafka start

.PHONY: kafka-stop
kafka-stop: install ## Stop that Kafka
	@$(BIN)/python -m streams.brokers.local_kafka stop

.PHONY: schemas
schemas: install ## Write the JSON schemas of the events to docs/schemas
	@$(BIN)/python -m streams.events.schemas docs/schemas

.PHONY: demo-bundle
demo-bundle: install ## Train the bundle that ships for the demo again
	@$(BIN)/python -m encoders.training.demo -o encoders/bundles/demo

.PHONY: clean
clean: ## Remove caches and reports; .venv and .data stay
	@rm -rf .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build
	@find encoders streams tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo 'removed caches and reports; .venv and .data are as they were'

# Stamps say what is installed, so that it is done once, and again when what is wanted has changed.
$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/pip
	@echo 'installing matchstream into $(VENV); the first time takes a few minutes (torch is large) ...'
	@$(PIP_INSTALL) --editable '.[demo,train]'
	@touch $@
	@echo 'installed'

$(INSTALLED_TEST): pyproject.toml constraints.txt | $(BIN)/pip
	@echo 'installing matchstream and its tests into $(VENV); the first time takes a few minutes (torch is large) ...'
	@$(PIP_INSTALL) --editable '.[test]'
	@touch $(INSTALLED) $@
	@echo 'installed'

$(INSTALLED_FUZZ): $(INSTALLED_TEST)
	@echo 'installing the fuzzer into $(VENV) ...'
	@$(PIP_INSTALL) --editable '.[fuzz]'
	@touch $(INSTALLED) $(INSTALLED_TEST) $@
	@echo 'installed'

# pip is what a new environment gets last, so one that was interrupted is made again.
$(BIN)/pip:
	@'$(PYTHON)' -c '$(ENOUGH)' 2>/dev/null || { \
		echo "Python: '$(PYTHON)' is not Python 3.11 or later; install one, or name it: make install PYTHON=/path/to/python" >&2; \
		exit 1; }
	@'$(PYTHON)' -m venv $(VENV) || { \
		rm -rf $(VENV); \
		echo "Python: '$(PYTHON)' can't create $(VENV), see above; on Debian and Ubuntu install python3-venv" >&2; \
		exit 1; }
