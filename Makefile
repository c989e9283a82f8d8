# Two commands for a newcomer: `make demo` and `make test`. The rest is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
TESTS ?= tests
PEER_VENV := .venv-peers
PEERS := $(PEER_VENV)/.set-up
MUTANT_VENV := .venv-mutants
MUTANTS := $(MUTANT_VENV)/.set-up

.PHONY: setup demo test power-cut storm storm-people storm-fuzz bench mutants evil mutated-rosters check words lock hooks clean storm-stop storm-points storm-refused soak year model storm-flood pictures

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

# The bot is killed again and again while people go on talking: KILLS, SECONDS, SEED, DATABASE=postgresql, MODE=webhook.
storm: setup
	$(BIN)/python -m tests.storm.storm --kills $(or $(KILLS),500) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) --database $(or $(DATABASE),sqlite) --mode $(or $(MODE),polling)

# The same in fair weather, and stopped by SIGTERM again and again: STOPS.
storm-stop: setup
	$(BIN)/python -m tests.storm.storm --stop --kills $(or $(STOPS),30) --calm 2 $(if $(SEED),--seed $(SEED)) --database $(or $(DATABASE),sqlite) --mode $(or $(MODE),polling)

# One long life in all weathers, without a kill: what grows for each hour. SECONDS, DATABASE, MODE.
soak: setup
	$(BIN)/python -m tests.storm.storm --kills 0 --calm $(or $(SECONDS),540) $(if $(SEED),--seed $(SEED)) --database $(or $(DATABASE),sqlite) --mode $(or $(MODE),polling)

# Each main flow, killed once before and after every commit and every call: FLOW, EVERY, DATABASE.
storm-points: setup
	$(BIN)/python -m tests.storm.every_point $(if $(FLOW),--flow $(FLOW)) --every $(or $(EVERY),1) --database $(or $(DATABASE),sqlite)

# Six of ten sends refused by 429, for up to a minute: WAITS="1 2 5 10 30 60".
storm-refused: setup
	$(BIN)/python -m tests.storm.refused $(if $(WAITS),--waits $(WAITS))

# One person sends a thousand updates a second, the others wait no longer than twice: RATE, SECONDS. STRANGERS=3000: they do it.
storm-flood: setup
	$(BIN)/python -m tests.storm.flood --rate $(or $(RATE),1000) --seconds $(or $(SECONDS),60) --strangers $(or $(STRANGERS),0)

# A county's year on a false clock, with outages and a clock that is moved: VISITS.
year: setup
	$(BIN)/python -m tests.storm.year --visits $(or $(VISITS),1000000)

# Every order of what happens to an alert, with everybody's moves, to a DEPTH; then with no two alerts taken for alike, to EXACT.
model: setup
	$(BIN)/python -m tests.casework.model --depth $(or $(DEPTH),8)
	$(BIN)/python -m tests.casework.model --exact --depth $(or $(EXACT),3)

# People against a plain model of them, in one process: STEPS. Damaged updates at the door: UPDATES.
storm-people: setup
	$(BIN)/python -m tests.storm.crowd --steps $(or $(STEPS),50000)

storm-fuzz: setup
	$(BIN)/python -m tests.storm.fuzz --updates $(or $(UPDATES),1000000)

# Two hundred forms made to hang or swell the engine, with the time of every step.
evil: setup
	$(BIN)/python -m tests.xlsform.trial

# Damaged roster workbooks, brought in: each as a whole or not at all. BOOKS, SEED.
mutated-rosters: setup
	$(BIN)/python -W ignore -m tests.roster.mutate --books $(or $(BOOKS),10000) --seed $(or $(SEED),1)

# The power fails at every sync of the database (Debian package strace): SECONDS of writing, CUTS.
power-cut: setup
	$(BIN)/python -m tests.storage.power --seconds $(or $(SECONDS),20) --cuts $(or $(CUTS),2000)

# Our bot beside its peers on this machine, as a table: ROUNDS, LONG=1 (a million children on the books, a year of a million visits), ONLY=time.
bench: setup $(PEERS)
	$(BIN)/python -m tests.bench.run --rounds $(or $(ROUNDS),3) $(if $(LONG),--long) $(if $(ONLY),--only $(ONLY))

$(PEERS): requirements/peers.lock
	@test -x $(PEER_VENV)/bin/python || $(BIN)/python -m venv $(PEER_VENV)
	$(PEER_VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.lock
	@touch $@

# Thousands of small changes to the core, one after the other: do the tests notice? docs/mutants.md.
# MUTATE=bot/clock.py tries one module anew; CHILDREN=2 tries two at a time; FRESH=1 forgets earlier runs.
mutants: $(MUTANTS)
	$(MUTANT_VENV)/bin/python -m tests.mutants.run --children $(or $(CHILDREN),1) $(if $(MUTATE),--module $(MUTATE)) $(if $(FRESH),--fresh)

$(MUTANTS): requirements/dev.lock requirements/mutants.lock
	@test -x $(MUTANT_VENV)/bin/python || $(PYTHON) -m venv $(MUTANT_VENV)
	$(MUTANT_VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock -r requirements/mutants.lock
	@touch $@

# The pictures of docs/forms.md: rows of a sheet beside the chat that they become. Needs Chromium, a Chinese font, an emoji font.
pictures: setup
	$(BIN)/python -m tests.pictures.make

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
	rm -rf $(VENV) $(MUTANT_VENV) mutants var .pytest_cache .mypy_cache .ruff_cache .hypothesis
