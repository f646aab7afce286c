# Comptoir: two commands on a fresh clone, `make run` and `make test`.
# Needs Python >= 3.11, Node >= 20 and make; everything else is installed in .venv and node_modules.

PYTHON ?= python3
BIN := .venv/bin
LIBRARY := layers/comptoir/python
export PYTHONPATH := $(LIBRARY)
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20,22
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help run demo test check unit e2e scale install lock openapi layers-aws deploy destroy clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: install ## everything, on this machine: deploys, plays the main job, stays up (data in .comptoir/)
	@python -m infra.local.run up

demo: install ## the main job on a fresh state, then stops; documents in out/
	@python -m infra.local.run demo

test: check ## lint, types, import contracts, template checks and all tests
	@pytest -n 2 --dist loadfile tests

check: install ## lint, types, import contracts
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports

unit: install ## the fast tests only
	@pytest -n 2 tests/unit tests/store tests/api tests/workflow

e2e: install ## the tests on the local AWS only
	@pytest tests/e2e

scale: install ## the figures: cost, speed, size; never fails on time
	@python -m tests.scale

openapi: install ## writes the committed OpenAPI document again
	@python -m functions.api.openapi

lock: install ## locks the requirements again (versions and hashes)
	@pip-compile -q --extra dev --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
		--no-emit-find-links --no-header -o requirements-dev.txt pyproject.toml
	@python -m infra.layers lock

layers-aws: install ## builds the layers for Lambda (arm64) from locked wheels, without Docker
	@python -m infra.layers build aws

deploy: layers-aws ## puts the stacks on AWS (credentials of the shell; settings in cdk.json)
	@python -m infra.layers check aws
	@npx cdk deploy --all --require-approval broadening

destroy: install ## removes the stacks from AWS; table, keys, buckets and their locked contents stay
	@npx cdk destroy --all

install: .venv/.installed node_modules/.installed ## the environment, once

.venv/.installed: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Comptoir needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Installing the Python environment (.venv)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.installed: package-lock.json
	@command -v node >/dev/null || { echo "Comptoir needs Node 20 or newer (the CDK runs on it): none found"; exit 1; }
	@node -e 'const v = process.versions.node; if (parseInt(v) < 20) { console.error("Comptoir needs Node 20 or newer, this is " + v); process.exit(1) }'
	@echo "Installing the CDK command line (node_modules)"
	@npm ci --silent
	@touch $@

clean: ## removes what was built (not .comptoir/, which holds data)
	@rm -rf build out .pytest_cache .mypy_cache .ruff_cache .hypothesis
