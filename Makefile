# Every command of the project. The default is to list them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
# More workers than processors, because most tests wait for programs. The tests of a file run on one
# worker, because they share fixtures; the files run in the order of tests/conftest.py.
PYTEST := $(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder
# Which tests, by their marks: `make test TESTS="not vm and not lab"` needs no root.
TESTS ?= not vm
# Files with a test that fails beside others are run once more, alone: what fails then is broken. What
# does not is named as well, since it asks more of a busy machine than it can have.
FAILED = $$(grep -o '"tests/[^":]*' .pytest_cache/v/cache/lastfailed | tr -d '"' | sort -u)
ALONE = { [ $$? = 1 ] && echo "== once more, alone:" && $(BIN)/pytest -m "not vm" -rA $(FAILED); }
# Hundreds of tests start Python, which would compile the project each time.
unexport PYTHONDONTWRITEBYTECODE
# Making hosts takes root. What it writes belongs to the owner of the guide.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# The kind of lab: container, or vagrant for virtual machines.
LAB ?= container
# What virtual machines need is installed only if they are asked for.
VM := $(filter vagrant,$(LAB))

.PHONY: help
help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 12

.PHONY: verify
verify: machine .venv/.run $(VM:vagrant=.venv/.vagrant) ## Run the guide on five lab hosts and prove every step (LAB=vagrant: on virtual machines)
	@$(SUDO) $(BIN)/runbook run --lab $(LAB)

.PHONY: undo
undo: machine .venv/.run $(VM:vagrant=.venv/.vagrant) ## Undo what the guide did, from its last chapter to its first, and prove it
	@$(SUDO) $(BIN)/runbook run --undo --lab $(LAB)

.PHONY: rehearse
rehearse: .venv/.run ## Play the guide's dialogues against stand-ins and check its commands; needs no lab
	$(BIN)/runbook rehearse

.PHONY: mutate
mutate: machine .venv/.run ## Make mistakes in steps for MINUTES (10), in JOBS labs (1) of their own, and see who notices
	@$(SUDO) $(BIN)/runbook mutate --lab $(LAB) --minutes $${MINUTES:-10} --seed $${SEED:-$$RANDOM} --jobs $${JOBS:-1}

.PHONY: lab
lab: machine .venv/.run $(VM:vagrant=.venv/.vagrant) ## Start the hosts and leave them running
	$(SUDO) $(BIN)/runbook lab up --lab $(LAB)

.PHONY: lab-down
lab-down: .venv/.run ## Remove the hosts and everything they left behind
	$(SUDO) $(BIN)/runbook lab down --lab $(LAB)

.PHONY: test
test: .venv/.dev sshd ## Run the tests; those that need hosts run only as root
	$(PYTEST) -m "$(TESTS)"

.PHONY: test-vm
test-vm: .venv/.dev .venv/.vagrant ## Run the tests that need virtual machines; takes minutes
	$(BIN)/pytest -m vm

.PHONY: attack
attack: .venv/.dev ## Attack the harness for an hour, with chances that follow from ATTACK_SEED, and write down what it withstands
	rm -rf build/attack
	ATTACK_SECONDS=$${ATTACK_SECONDS:-900} ATTACK_SEED=$${ATTACK_SEED:-$$RANDOM} ATTACK_RESULT=build/attack \
		$(BIN)/pytest -n 4 --timeout 0 tests/attack
	$(BIN)/python scripts/withstands.py build/attack >docs/harness/withstands.rst

.PHONY: check
check: static test-again ## The gate: style, types, import direction, rehearsal, docs, tests

.PHONY: test-again
test-again: .venv/.dev sshd ## Run the tests, and once more, alone, the files of those that fail beside others
	$(PYTEST) -m "$(TESTS)" || $(ALONE)

.PHONY: static
static: .venv/.dev ## What of the gate needs no hosts: style, types, import direction, rehearsal, docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/rooms.py --check
	$(BIN)/runbook rehearse --strict
	$(BIN)/runbook lint --translations --only translation --only translation-style --only translation-term
	$(MAKE) docs

# Not in the gate, because to follow every line costs more than half as much processor time again.
.PHONY: coverage
coverage: .venv/.dev sshd ## Run the tests and say which branches of the code they reach; less than 85 % is an error
	$(PYTEST) -m "$(TESTS)" --cov --cov-report=term

.PHONY: docs
docs: .venv/.run ## Render the guide in all its languages to build/html; a warning is an error
	@$(MAKE) --no-print-directory -j $(words $(LANGUAGES)) $(addprefix docs-,$(LANGUAGES))
	@echo "build/html/docs/index.html"

# The first is the language of the documents; the others are below a directory of their name.
LANGUAGES := en zh_CN
docs-%: .venv/.run
	$(BIN)/sphinx-build -q -W -n --keep-going -b html -D language=$* -d build/doctrees/$* . build/html$(if $(filter-out en,$*),/$*)
	$(BIN)/sphinx-build -q -W -n --keep-going -b linkcheck -D language=$* -d build/doctrees/$* . build/linkcheck/$*

.PHONY: translations
translations: .venv/.run ## Write the catalogues of translators as the documents and the interface's words are now
	$(BIN)/python scripts/words.py
	$(BIN)/runbook translations

.PHONY: dist
dist: .venv/.run ## Build the wheel and the source archive, in dist
	$(BIN)/hatchling build

.PHONY: man
man: .venv/.run ## Write the manual page and the shells' completions into build/share
	$(BIN)/python scripts/manual.py

.PHONY: ranges
ranges: .venv/.dev ## Test with the oldest and the newest versions of Sphinx, pytest and others that are promised
	scripts/ranges oldest
	scripts/ranges newest

.PHONY: rooms
rooms: .venv/.dev ## Draw how the code is divided, into docs/rooms.svg and CONTRIBUTING.md
	$(BIN)/python scripts/rooms.py

.PHONY: lock
lock: .venv/.dev ## Pin the newest version of every package that is installed
	$(LOCK) --extra docs --extra rehearse --extra watch --group build -o requirements/run.txt
	$(LOCK) --extra docs --extra fleet --extra lsp --extra mcp --extra ovirt --extra rehearse --extra serve --extra watch --group build --group dev --group browser -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) --extra docs --extra rehearse --extra vagrant --extra watch --group build -c requirements/run.txt -o requirements/vagrant.txt

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: clean
clean: ## Remove build results and caches; .venv and the hosts stay
	rm -rf build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# Where it cannot be installed, the tests over ssh say so and are left out.
.PHONY: sshd
sshd: ## Install the ssh server that tests start, or say why not
	-@scripts/bootstrap machine sshd

.PHONY: machine
machine: ## Install what the lab needs on this machine (Debian 12), or list it
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
