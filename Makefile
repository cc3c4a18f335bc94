# Needs Python 3.11 or newer with pip, and make. Everything else goes into .venv.

PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# Folders with a package-lock.json whose packages the tests need.
NPM := tests/node examples/node examples/react
# What to hand on: make serve ARGS="--port 0", make test ARGS="-k webhook"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help serve test check fuzz no-false-alarms mutants lint bench wheel-check image-check clean

help:
	@echo "make serve            start the mock server           (ARGS=\"--scenario FILE --port 0\")"
	@echo "make test             lint, types and all tests       (ARGS=\"-k webhook\")"
	@echo "make check            the fast part of make test"
	@echo "make fuzz             compare availability with brute force in 5,000 random worlds"
	@echo "make no-false-alarms  judge the mock in twenty dialects: it conforms in each"
	@echo "make mutants          judge all broken servers, and say which are caught"
	@echo "make bench            measure speed"
	@echo "make wheel-check      build the wheel and use it in an empty environment"
	@echo "make image-check      build the container image without an engine and use it"
	@echo "make clean            remove what these made"

serve: $(VENV)/.installed
	@exec $(BIN)/mockserver serve $(ARGS)

test: lint $(NPM:%=%/node_modules/.installed)
	@.ci/browser
	@echo "make: all tests"
	@$(BIN)/python -m pytest --quiet -n 2 $(ARGS)

check: lint
	@echo "make: tests that are not slow"
	@$(BIN)/python -m pytest --quiet -n 2 -m "not slow" $(ARGS)

fuzz: $(VENV)/.installed-dev
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-5000} $(BIN)/python -m pytest --quiet tests/oracle -m slow $(ARGS)

no-false-alarms: $(VENV)/.installed-dev
	@NO_FALSE_ALARMS=all $(BIN)/python -m pytest --quiet -n 2 tests/conformance/test_no_false_alarms.py $(ARGS)

mutants: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.conformance.killing $(ARGS)

lint: $(VENV)/.installed-dev
	@echo "make: ruff, mypy, import-linter"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m benchmarks $(ARGS)

wheel-check: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest --quiet tests/server/test_wheel.py $(ARGS)

image-check:
	@.ci/image-check

clean:
	rm -rf $(VENV) build dist wheels .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf $(NPM:%=%/node_modules) tests/browser/node_modules examples/react/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip learned dependency groups in 25.1; the one that comes with Python 3.11 is older.
$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; say PYTHON=/path/to/python" >&2; exit 1; }
	@echo "make: creating $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV)
	@$(PIP) install --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.made
	@echo "make: installing the mock"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.installed
	@echo "make: installing what the tests need"
	@$(PIP) install --editable ".[conformance]" --group dev
	@touch $@

# Needs Node.js with npm. Without them, or without a registry, the tests that need the packages are skipped; not in CI.
%/node_modules/.installed: %/package-lock.json
	@echo "make: npm packages of $*"
	@{ cd $* && npm ci --loglevel=error >/dev/null && touch node_modules/.installed; } || { \
		case "$$CI" in 1|[Tt]rue) exit 1;; esac; \
		echo "make: SKIPPING the tests that need the npm packages of $*: they could not be installed" >&2; }
