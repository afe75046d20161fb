# chatwright: two commands do everything on a fresh machine with Python 3.11, make, git and a C compiler.
#   make demo          install, pull the model, ingest the example, ask two questions, serve at http://127.0.0.1:8000
#   make demo ONCE=1   the same without the server
#   make test          everything that CI runs

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BOT := examples/support
PORT ?= 8000
ONCE ?=

.PHONY: demo test browser clean

demo: $(VENV)/.base
	$(BIN)/chatwright models pull qwen2.5-coder-0.5b
	$(BIN)/chatwright ingest $(BOT)
	@echo
	@echo "> 寄到香港的运费是多少？"
	@$(BIN)/chatwright ask $(BOT) "寄到香港的运费是多少？"
	@echo
	@echo "> What is the warranty on Lull headphones in the EU?"
	@$(BIN)/chatwright ask $(BOT) "What is the warranty on Lull headphones in the EU?"
	@echo
ifeq ($(ONCE),)
	$(BIN)/chatwright serve $(BOT) --port $(PORT)
endif

test: $(VENV)/.dev browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses 2 --dist loadfile

browser:
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium)
	@fc-list :lang=zh 2>/dev/null | grep -q . || (apt-get update -qq && apt-get install -y -qq fonts-noto-cjk)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.base

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
