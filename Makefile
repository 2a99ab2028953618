# Everything a developer or CI runs. `make help` prints this file's own words.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(firstword $(foreach name,python3.11 python3 python,$(shell command -v $(name))))
BIN := .venv/bin
INSTALLED := .venv/.installed

PROMPT ?= 5 pricing mistakes freelancers make
SLIDES ?= 5
RATIO ?= 4:5
STYLE ?=
POINTS ?=
SCRIPT ?=
OUT ?= out
ONLY ?=
PORT ?= 8000
ROUNDS ?= 20
SEED ?=
OPERATIONS ?= 10000
# As they were typed: make would read the $ in "save $100" as a variable of its own, and worse.
override PROMPT := $(value PROMPT)
override STYLE := $(value STYLE)
override POINTS := $(value POINTS)
override SCRIPT := $(value SCRIPT)
override OUT := $(value OUT)
export PROMPT SLIDES RATIO STYLE POINTS SCRIPT OUT PORT

.PHONY: help install demo gallery up doctor down test chaos storm endurance check fix bench clean

help: ## show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(INSTALLED) ## make .venv with everything (uv when it is there, pip when not)

$(INSTALLED): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with PYTHON=..."; exit 1; }
	@if command -v uv >/dev/null; then \
		uv venv --quiet --allow-existing --python $(PYTHON) .venv && uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt; \
	else \
		$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt; \
	fi
	@touch $@

demo: install ## make one carousel: PROMPT="..." SLIDES=5 RATIO=4:5 STYLE=paper POINTS="one; two" SCRIPT="429-then-ok"
	@$(BIN)/python manage.py demo --prompt "$$PROMPT" --slides "$$SLIDES" --ratio "$$RATIO" --style "$$STYLE" --points "$$POINTS" --script "$$SCRIPT" --out "$$OUT"

gallery: install ## draw every theme, kind, ratio, language and brand into out/gallery: ONLY="themes brands"
	@$(BIN)/python -m gallery "$$OUT/gallery" --only $(ONLY)

up: install ## start everything here until Ctrl-C, and print the address and a login: PORT=8000
	@$(BIN)/python manage.py up --port "$$PORT"

doctor: install ## say which part is not well, and what to do about it
	@$(BIN)/python manage.py doctor

down: install ## stop this checkout's database and broker; what is in them stays
	@$(BIN)/python -m socialsaas.embedded stop

test: install ## all tests, with coverage
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder --cov --cov-report=term

chaos: install ## break everything at random under load, and count what is lost: ROUNDS=20 SEED=
	@$(BIN)/python -m tests.faults.chaos --rounds "$(ROUNDS)" $(if $(SEED),--seed "$(SEED)")

storm: install ## move credits at random from 100 threads while processes die inside transactions: OPERATIONS=10000 SEED=
	@$(BIN)/python -m tests.concurrency.storm --operations "$(OPERATIONS)" $(if $(SEED),--seed "$(SEED)")

endurance: install ## what takes its time: long calls, a long outage, a backlog of 2,000; 20 minutes
	@$(BIN)/python -m tests.faults.endurance

check: install ## what CI checks: changes nothing
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports
	@$(BIN)/python manage.py check && $(BIN)/python manage.py makemigrations --check --dry-run

fix: install ## format and mend what can be mended by a machine
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: install ## what we claim about speed, measured here; needs Chromium
	@if command -v uv >/dev/null; then \
		uv pip install --quiet --python $(BIN)/python -r requirements-bench.txt; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt; \
	fi
	@$(BIN)/python -m bench

clean: ## remove the environment, the data and the demo's output
	@if [ -x $(BIN)/python ]; then $(MAKE) --no-print-directory down; fi
	rm -rf .venv .data out
