# Everything a developer runs, by name; `make help` lists it. Kept to what GNU make 3.81, macOS's own, can read.
# stdout belongs to what is run: recipes are silent, and what setting up has to say goes to stderr.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DOCS_STAMP := $(VENV)/.docs-installed
# A worker that has nothing left to do takes over what waits for another: some tests take long.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help setup chat test check format docs bench bench-quick lock clean moved

help: ## list these targets
	@echo 'make TARGET [ARGS="..."]'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv ready; every target below does so itself where it needs it
	@:

# OpenAI's own address is given with its key: a session that echo answered before would go on with it.
chat: $(STAMP) ## talk: on a terminal interactively, else one turn with the text on stdin
	@if [ -n "$$CONVO_MODEL" ]; then \
	    echo "make chat: the model is '$$CONVO_MODEL', which CONVO_MODEL names" >&2; \
	elif [ -n "$$OPENAI_BASE_URL" ]; then \
	    echo "make chat: asking the server that OPENAI_BASE_URL names" >&2; \
	elif [ -n "$$OPENAI_API_KEY" ]; then \
	    echo "make chat: asking OpenAI, because OPENAI_API_KEY is set" >&2; \
	    OPENAI_BASE_URL=https://api.openai.com/v1; export OPENAI_BASE_URL; \
	else \
	    echo "make chat: none of CONVO_MODEL, OPENAI_BASE_URL and OPENAI_API_KEY is set," \
	        "so the built-in offline model 'echo' answers" >&2; \
	    CONVO_MODEL=echo; export CONVO_MODEL; \
	fi; exec $(BIN)/convo chat $(ARGS)

test: $(STAMP) ## run the whole test suite, or a part: make test ARGS="-k usage"
	@$(PYTEST) $(ARGS)

check: $(STAMP) ## what has to pass before a commit: lint, format, types, imports, tests
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(PYTEST)

format: $(STAMP) ## lay the code out, and mend what ruff can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: $(DOCS_STAMP) ## build the documentation into site/, and fail on a broken link
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict $(ARGS)

bench: $(STAMP) ## measure against the Agents SDK, plain sqlite3 and llm, in a quarter of an hour
	@$(BIN)/python -m benchmarks $(ARGS)

bench-quick: $(STAMP) ## the same on small conversations, in about a minute
	@$(BIN)/python -m benchmarks --quick $(ARGS)

# The programs in a .venv name the folder that they were installed for, so a moved or copied clone makes it again.
ifneq ($(wildcard $(STAMP)),)
ifneq ($(shell cat $(STAMP)),$(CURDIR))
$(STAMP): moved
moved:
	@rm -rf $(VENV)
endif
endif

$(STAMP): pyproject.toml constraints.txt
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    if ! $(PYTHON) -c '' 2>/dev/null; then \
	        echo 'make: "$(PYTHON)" does not run. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3' >&2; \
	        exit 1; \
	    elif ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	        echo "make: convo needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=/path/to/python3" >&2; \
	        exit 1; \
	    elif ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	        echo 'make: $(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv' >&2; \
	        exit 1; \
	    fi; \
	    $(PYTHON) -m venv --clear $(VENV) >&2; \
	}
	@echo 'make: installing convo and its tools into $(VENV), once' >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' >&2
	@pwd -P >$@

$(DOCS_STAMP): $(STAMP)
	@echo 'make: installing what builds the documentation, once' >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]' >&2
	@touch $@

# With the oldest Python that is supported: a newer one may settle on releases that the oldest cannot install.
lock: ## renew constraints.txt with the newest releases that pyproject.toml allows
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	    echo 'make lock: needs Python 3.11: make lock PYTHON=/path/to/python3.11' >&2; exit 1; \
	}
	@set -e; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; trap 'exit 130' INT TERM; \
	pip="$$scratch/venv/bin/python -m pip --disable-pip-version-check"; \
	$(PYTHON) -m venv "$$scratch/venv" >&2; \
	$$pip install --quiet '.[dev,docs]' >&2; \
	echo '# What make and CI install, to the exact release. Renew with: make lock' >"$$scratch/constraints.txt"; \
	$$pip freeze --exclude convo-cli >>"$$scratch/constraints.txt"; \
	if grep -nE '^-|@|://' "$$scratch/constraints.txt" >&2; then \
	    echo 'make lock: the lines above are no plain releases; constraints.txt is left as it was' >&2; exit 1; \
	fi; \
	cat "$$scratch/constraints.txt" >constraints.txt

clean: ## remove .venv, caches and builds
	@rm -rf $(VENV) .venv-* dist site .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find core cli tests -name __pycache__ -type d -prune -exec rm -rf {} +
