# Every command of the project. The default is to list them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
# Most tests wait for programs, so there are more workers than processors. A file's tests share
# what they set up.
PYTEST := $(BIN)/pytest -n 4 --dist loadfile -m "not vm"
# Hosts are made by root; whoever is not asks sudo, and gets the results as their own.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
OWN = $(if $(SUDO),[ ! -e build ] || sudo chown -R "$$(id -u):$$(id -g)" build,:)

# Where the hosts come from: container, or vagrant for virtual machines.
LAB ?= container
# What only virtual machines need is installed only for them.
VM := $(filter vagrant,$(LAB))

.PHONY: help
help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 12

.PHONY: verify
verify: machine .venv/.run $(VM:vagrant=.venv/.vagrant) ## Run the guide on four hosts of its own and prove every step (LAB=vagrant: on virtual machines)
	@status=0; $(SUDO) $(BIN)/runbook run --lab $(LAB) || status=$$?; $(OWN); exit $$status

.PHONY: undo
undo: machine .venv/.run $(VM:vagrant=.venv/.vagrant) ## Take back what the guide did, from its last chapter to its first, and prove it
	@status=0; $(SUDO) $(BIN)/runbook run --undo --lab $(LAB) || status=$$?; $(OWN); exit $$status

.PHONY: rehearse
rehearse: .venv/.run ## Play the guide's dialogues against stand-ins and read its commands
	$(BIN)/runbook rehearse

.PHONY: lab
lab: machine .venv/.run $(VM:vagrant=.venv/.vagrant) ## Start the hosts, and leave them running
	$(SUDO) $(BIN)/runbook lab up --lab $(LAB)

.PHONY: lab-down
lab-down: .venv/.run ## Remove the hosts and every trace of them
	$(SUDO) $(BIN)/runbook lab down --lab $(LAB)

.PHONY: test
test: .venv/.dev ## Run the tests; those that need hosts run only as root
	$(PYTEST)

.PHONY: test-vm
test-vm: .venv/.dev .venv/.vagrant ## Run the tests that take two virtual machines, and minutes
	$(BIN)/pytest -m vm

.PHONY: check
check: .venv/.dev ## The one gate: style, types, import direction, tests with coverage, rehearsal, docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) --cov --cov-report=term
	$(BIN)/runbook rehearse --strict
	$(MAKE) docs

.PHONY: docs
docs: .venv/.run ## Render the guide to build/html; a warning is an error
	$(BIN)/sphinx-build -q -W -n --keep-going -b html . build/html
	$(BIN)/sphinx-build -q -W -n --keep-going -b linkcheck -d build/html/.doctrees . build/linkcheck
	@echo "build/html/docs/index.html"

.PHONY: lock
lock: .venv/.dev ## Pin the newest versions of everything that is installed
	$(LOCK) --extra docs --extra rehearse --group build -o requirements/run.txt
	$(LOCK) --extra docs --extra ovirt --extra rehearse --group build --group dev --group browser -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) --extra docs --extra rehearse --extra vagrant --group build -c requirements/run.txt -o requirements/vagrant.txt

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: clean
clean: ## Remove what was built and cached; .venv and the hosts stay
	rm -rf build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.PHONY: machine
machine: ## Install what hosts need of this machine (Debian 12), or say what that is
	@scripts/bootstrap machine python hosts $(VM)

.venv/.run: requirements/run.txt pyproject.toml scripts/bootstrap
	@scripts/bootstrap machine python
	@scripts/bootstrap python requirements/run.txt
	@touch $@

.venv/.vagrant: requirements/vagrant.txt .venv/.run
	@scripts/bootstrap machine vagrant
	@scripts/bootstrap python requirements/vagrant.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	@scripts/bootstrap machine python sdk
	@scripts/bootstrap python requirements/dev.txt
	@touch $@
