# Two commands are all a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo up check test storm fuzz audit compose-test bench bench-service bench-large lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Deltarule needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python could not make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/runtime.stamp: requirements/runtime.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/compiled.stamp: $(VENV)/runtime.stamp $(wildcard deltarule/backprop/compiled/*.py)
	@echo "Compiling the training loop, once for this machine: about half a minute."
	@$(BIN)/python -m deltarule.backprop.compiled
	@touch $@

$(VENV)/test.stamp: requirements/test.lock $(VENV)/runtime.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.lock
	@touch $@

setup: $(VENV)/compiled.stamp ## a virtual environment with what the service needs

setup-test: $(VENV)/test.stamp $(VENV)/compiled.stamp ## the same, and what the tests need

demo: setup ## train a network on real data, in the embedded stack, and show the result
	@$(BIN)/python examples/demo.py

up: setup ## the whole service on this machine
	@$(BIN)/deltarule up

check: setup-test ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: setup-test ## every test, against real servers
	$(BIN)/python -m pytest -n 2 --dist loadgroup

STORM ?= all
storm: setup-test ## everything that may happen to the service, in earnest; STORM="kills --jobs 1000 --broker redis" names one
	$(BIN)/python -m tests.storm $(STORM)

fuzz: setup-test ## the service against its own OpenAPI document, ten thousand requests; every parser against damaged bytes
	$(BIN)/python -m tests.service.fuzzing
	$(BIN)/python -m tests.damage

audit: ## known vulnerabilities of what is installed, asked of a public database
	@$(PYTHON) -m venv $(VENV)-audit && $(VENV)-audit/bin/pip install --quiet pip-audit
	$(VENV)-audit/bin/pip-audit --disable-pip --require-hashes -s osv -r requirements/runtime.lock

compose-test: ## the compose file for real: build, start, train, scale, kill, come back (needs Docker)
	bash tests/compose/run

bench: setup ## the training loop side by side with PyTorch, JAX and scikit-learn (installs them in a folder of their own)
	@test -e $(VENV)-bench/peers.stamp || { $(PYTHON) -m venv $(VENV)-bench && \
	  $(VENV)-bench/bin/pip install --quiet -r requirements/peers.txt && touch $(VENV)-bench/peers.stamp; }
	$(BIN)/python benchmarks/training.py --peers $(VENV)-bench/bin/python

bench-service: setup-test ## how long a user waits for the service itself
	$(BIN)/python benchmarks/service.py

bench-large: setup ## training on rows that do not fit in memory, from disk
	$(BIN)/python benchmarks/large_data.py --service

lock: ## resolve the dependencies anew
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet pip-tools
	$(VENV)-lock/bin/pip-compile --quiet --upgrade --no-strip-extras --generate-hashes --allow-unsafe --no-header \
	  --no-emit-index-url --no-emit-find-links -o requirements/runtime.lock pyproject.toml
	$(VENV)-lock/bin/pip-compile --quiet --upgrade --no-strip-extras --generate-hashes --allow-unsafe --no-header \
	  --no-emit-index-url --no-emit-find-links --extra test --extra telemetry --extra sklearn -c requirements/runtime.lock -o requirements/test.lock pyproject.toml

clean: ## remove what the commands above made
	rm -rf $(VENV) $(VENV)-lock $(VENV)-bench $(VENV)-audit .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis artifacts
