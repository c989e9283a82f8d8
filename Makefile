# Two commands for a newcomer: `make demo` and `make test`. The rest is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
TESTS ?= tests

.PHONY: setup demo test check words lock hooks clean

setup: $(STAMP)

# A bare Debian has python3 without ensurepip: only then is the Debian package asked for.
$(STAMP): requirements/dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo 'Installing the Debian package python3-venv …'; rm -rf $(VENV); \
	  apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(BIN)/xiangban demo $(DEMO)

test: setup
	$(BIN)/python -m pytest $(TESTS)

# Lint, formatting, types, the import contracts and the catalogues.
check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.words

# Every sentence in both languages: what is missing, unused, or has other placeholders.
words: setup
	$(BIN)/python -m tests.words

# Needs the network and uv; writes the locks anew with hashes and without any registry's address.
lock:
	uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/dev.lock
	uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements/dev.lock -q -o requirements/run.lock

hooks: setup
	$(BIN)/pre-commit install

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
