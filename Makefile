# Everything needs Python 3.11 or newer and nothing else: the first command makes .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: demo test test-all check format bench package clean

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(VENV)/ready ## the three jobs, printed, with pictures in demo/
	$(BIN)/python examples/demo.py

test: $(VENV)/ready ## all tests but the long ones
	$(BIN)/python -m pytest -n $(WORKERS)

test-all: $(VENV)/ready ## all tests
	$(BIN)/python -m pytest -n $(WORKERS) -m ''

check: $(VENV)/ready ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/ready ## the measurements, one table
	$(BIN)/python benchmarks/run.py

package: $(VENV)/ready ## the wheel, in dist/
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w dist .

clean:
	rm -rf $(VENV) dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
