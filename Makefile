# Verbs of the project. `make` alone prints this help.
SHELL := /bin/bash
# The first of these that runs and is new enough; `make PYTHON=…` names another one.
PYTHON ?= $(firstword $(foreach python,python3.11 python3 python3.13 python3.12,$(shell \
	$(python) -c 'import sys; print("$(python)" if sys.version_info >= (3, 11) else "")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
MEMBERS := proto chassis gateway svc-identity svc-health-book svc-judicial-record svc-dossier svc-national-portal-sync deploy
S ?=
T ?= $(if $(S),tests/$(S),tests)
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help run demo clean-data test check fmt contracts lock tools bench faults screenshots migration

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.lock Makefile $(addsuffix /pyproject.toml,$(MEMBERS))
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (make PYTHON=… names one)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/uv || { echo "» virtual environment"; $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip -q --disable-pip-version-check install uv==$(UV_VERSION); }
	@echo "» installing the locked dependencies"
	@test -t 2 || quiet=-q; VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync $$quiet --require-hashes requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --no-deps --no-build-isolation $(addprefix -e ./,$(MEMBERS))
	@touch $@

run: $(VENV)/.installed ## Start everything: PostgreSQL, NATS, sandbox, services, gateway
	@exec $(BIN)/python -m deploy.local

demo: $(VENV)/.installed ## Tell the story on the running system
	@$(BIN)/python -m deploy.demo

clean-data: $(VENV)/.installed ## Delete databases, streams and keys of this clone
	@$(BIN)/python -m deploy.local clean

test: $(VENV)/.installed ## All tests (T=path, S=service)
	@$(BIN)/python -m pytest $(T)

check: $(VENV)/.installed ## Format, lint, types, imports, contract drift
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache
	@$(BIN)/python -m deploy.contracts --check

fmt: $(VENV)/.installed ## Format the code and mend what ruff can mend
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

contracts: $(VENV)/.installed ## Generate schemas, AsyncAPI and OpenAPI snapshots
	@$(BIN)/python -m deploy.contracts

lock: ## Renew requirements.lock after a change of dependencies
	@$(BIN)/uv lock && $(BIN)/uv export -q --all-packages --no-emit-workspace --no-header --no-annotate -o requirements.lock

tools: ## Debian packages that the judges need (optional locally)
	@deploy/tools.sh

bench: $(VENV)/.installed ## Measure beside peers and limits
	@$(BIN)/python -m deploy.bench

faults: $(VENV)/.installed ## Kill parts under load and compare what was kept
	@$(BIN)/python -m deploy.faults

screenshots: $(VENV)/.installed ## Pictures of every page of the running stack (needs Chromium)
	@$(BIN)/python -m deploy.screenshots

migration: $(VENV)/.installed ## New migration (S=health-book m="add column")
	@$(BIN)/python -m deploy.migration "$(S)" "$(m)"
