# Every command does all of its own set-up: it needs Python 3.11 to 3.14 with venv, make and git.
# PYTHON=... names another Python, PORT=... another port, UPGRADE=1 lets `make lock` take newer versions.

.DEFAULT_GOAL := help
.PHONY: help setup assets demo app test check bench validate lock clean

PORT ?= 8501
BIN := .venv/bin
STUDY := var/demo-study

help: ## List the commands
	@echo 'make COMMAND, where COMMAND is one of'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-10s %s\n", $$1, $$2 }'

setup: ## Make .venv from requirements.lock (one to ten minutes the first time, then nothing)
	@python=$$(PYTHON='$(PYTHON)' sh tools/find_python.sh) && "$$python" tools/set_up.py

assets: setup ## Fetch browser files and the Chinese font into static/ (about a minute the first time)
	@$(BIN)/python -m maps.assets

demo: setup ## Make the synthetic city, 20,000 firms, and its study in var/ (about a minute the first time)
	@$(BIN)/python -c 'from pathlib import Path; from layout.pipeline import demonstration; demonstration.ensure_demonstration(Path("$(STUDY)"), print)'

app: assets demo ## Open the planner's app on the synthetic city, port 8501
	@exec $(BIN)/layout app --study $(STUDY) --port $(PORT)

test: assets ## Run the tests (a quarter of an hour on two cores, longer the first time)
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: setup ## Run ruff, the formatter, mypy and the import walls (under a minute)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: assets ## Measure against other tools; writes docs/performance.md (several minutes)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@$(BIN)/python -m benchmarks.run

validate: setup ## Run the long seeded trials; writes docs/validation.md (several minutes)
	@$(BIN)/python -m benchmarks.validate

lock: setup ## Write requirements.lock and requirements-bench.lock from pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	@UPGRADE='$(UPGRADE)' $(BIN)/python tools/lock.py

clean: ## Remove what these commands built (your own studies elsewhere stay)
	rm -rf .venv static build dist $(STUDY) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
