# The two commands that matter: `make run` and `make test`. Both work from a fresh checkout.
.DEFAULT_GOAL := help
.PHONY: help setup run test check train bench bench-codiesp clean

export MLFLOW_DISABLE_TELEMETRY := true
BIN := .venv/bin
DEMONSTRATION := AUTOCODER_DEMONSTRATION=true AUTOCODER_SECURE_COOKIES=false
NODE := $(if $(shell command -v npm),,node)

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: ## Environment with everything for development
	@.ci/setup dev $(NODE)

run: setup var/mlflow/registered ## Everything from nothing: model, database, demonstration, service on 127.0.0.1:8000
	@$(DEMONSTRATION) $(BIN)/autocoder demonstrate
	@$(DEMONSTRATION) $(BIN)/autocoder serve

# Asked again only when what reads models has changed: otherwise a run does not even look into the registry.
var/mlflow/registered: $(wildcard models/*.py models/*/*.py) | setup
	@$(BIN)/autocoder train --register autocoder --unless-registered
	@touch $@

test: setup ## Every test, fast ones first; prints the seconds of each suite
	@$(BIN)/python tests/run.py

check: setup ## Format, lint, types, layers
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

train: setup ## Train on what ships and register the model as champion
	@$(BIN)/autocoder train --register autocoder

bench: setup ## Long measurements: speed, real reports, fuzzing, learning from decisions
	@$(BIN)/python -m tests.load.bench

bench-codiesp: setup ## The public benchmark CodiEsp: dictionary, SVM and ours (CODIESP="--test F.jsonl")
	@$(BIN)/python -m tests.load.codiesp --docs docs/codiesp.md $(CODIESP)

clean: ## Remove what set-up made; var/ with database and models stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
