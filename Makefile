# Each target sets up what it needs: an environment in .venv with the tested versions.
# Another Python: make PYTHON=/path/to/python3. More for pytest: make test OPTIONS="-k layers" WORKERS=0.
# A benchmark that only shows that it works: make bench SIZE=small. A short soak: make soak OPTIONS="--kills 1".

PYTHON ?= python3
OLDEST_PYTHON ?= python3.11
OPTIONS ?=
WORKERS ?= 2
SIZE ?= full

comma := ,
BIN := .venv/bin
READY := .venv/ready
READY_OLDEST := .venv-oldest/ready
LIBRARIES_OLDEST := .venv-oldest/libraries
READY_BENCH := .venv-bench/ready
# A Python that was asked for is taken or refused; only the default falls back.
FALLBACKS := $(if $(filter file,$(origin PYTHON)),python3.13 python3.12 python3.11)

.DEFAULT_GOAL := help
.PHONY: help venv venv-oldest libraries-oldest demo test test-browser test-oldest soak check format docs bench build clean

# $(call environment,FOLDER,CONDITION ON THE VERSION,WORDS FOR IT,PYTHONS): make the environment
# in FOLDER with the first of PYTHONS that meets the condition, unless a working one is there.
define environment
@$(1)/bin/python -m pip --version >/dev/null 2>&1 && exit 0; \
for python in $(4); do \
    "$$python" -c 'import sys; sys.exit(not $(2))' >/dev/null 2>&1 || continue; \
    "$$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || \
        { echo "error: $$python has no venv module; install it (Debian: apt install python3-venv)" >&2; exit 1; }; \
    echo "making $(1) with $$("$$python" --version)"; \
    exec "$$python" -m venv --clear $(1); \
done; \
echo "error: Python $(3) is needed, found none; name one: make $(5)=/path/to/python" >&2; exit 1
endef

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

venv: $(READY)  ## set up .venv with everything to run, test and check

libraries-oldest: $(LIBRARIES_OLDEST)

venv-oldest: $(READY_OLDEST)  ## set up .venv-oldest with the oldest supported versions

$(READY): setup.cfg pyproject.toml constraints.txt
	$(call environment,.venv,sys.version_info >= (3$(comma) 11),3.11 or newer,"$(PYTHON)" $(FALLBACKS),PYTHON)
	@echo "installing simcore and its tools into .venv"
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[plot,report,app,export,discovery,docs,test,dev]'
	@touch $@

# The libraries come first and alone, so that they can be installed while .venv is being made: two
# installations of simcore itself at once would get into each other's way.
$(LIBRARIES_OLDEST): setup.cfg pyproject.toml constraints-oldest.txt
	$(call environment,.venv-oldest,sys.version_info[:2] == (3$(comma) 11),3.11,"$(OLDEST_PYTHON)" "$(PYTHON)",OLDEST_PYTHON)
	@echo "installing the oldest dependencies into .venv-oldest"
	@.venv-oldest/bin/python -c "import configparser as c; p = c.ConfigParser(); p.read('setup.cfg'); \
	    print(p['options']['install_requires'], p['options.extras_require']['test'])" > $@.txt
	@.venv-oldest/bin/python -m pip install -q -c constraints-oldest.txt -r $@.txt
	@touch $@

$(READY_OLDEST): $(LIBRARIES_OLDEST)
	@.venv-oldest/bin/python -m pip install -q -c constraints-oldest.txt -e '.[test]'
	@touch $@

# EMA Workbench, which simcore is measured beside, brings a lot with it: it stays out of .venv.
$(READY_BENCH): setup.cfg pyproject.toml constraints.txt constraints-bench.txt
	$(call environment,.venv-bench,sys.version_info >= (3$(comma) 11),3.11 or newer,"$(PYTHON)" $(FALLBACKS),PYTHON)
	@echo "installing simcore and what it is measured beside into .venv-bench"
	@.venv-bench/bin/python -m pip install -q -c constraints.txt -c constraints-bench.txt -e '.[plot]' psutil ema_workbench
	@touch $@

demo: $(READY)  ## run two scenarios with 10 000 draws, compare, plot and report them
	$(BIN)/simcore run baseline growth-5 -n 10000 -o outputs/demo.h5 --force
	$(BIN)/simcore compare outputs/demo.h5 --baseline baseline \
	    --year 2025 --year 2030 --year 2035 --indicator gdp --indicator output --indicator rnd
	$(BIN)/simcore plot outputs/demo.h5 --indicator gdp -o outputs/demo.png --force
	$(BIN)/simcore report outputs/demo.h5 -o outputs/demo.html --force
	@echo "The results are in outputs/demo.h5, the chart in outputs/demo.png, a page in outputs/demo.html."

test: $(READY)  ## run all tests and doctests but those in a browser
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not browser" $(OPTIONS)

test-browser: $(READY)  ## drive the report and the live page in Chromium, which must be installed
	@command -v chromium chromium-browser >/dev/null || { echo "error: Chromium is needed, as of apt install chromium" >&2; exit 1; }
	@$(BIN)/python -m pytest -m browser $(OPTIONS)

test-oldest: $(READY_OLDEST)  ## run them with the oldest supported versions, on Python 3.11
	@.venv-oldest/bin/python -m pytest -n $(WORKERS) --dist loadfile $(OPTIONS)

soak: $(READY)  ## kill runs thirty times at random moments, resume them, compare bit for bit
	@$(BIN)/python tests/soak.py $(OPTIONS)

check: $(READY)  ## lint, formatting and types
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

format: $(READY)  ## format the code and sort its imports
	@$(BIN)/python -m ruff check --select I --fix .
	@$(BIN)/python -m ruff format .

docs: $(READY)  ## write the reference pages again from the code, the data page, and the site
	@$(BIN)/python docs/generate.py
	@$(BIN)/simcore --lang en baselines page -o docs/build/figures.html --force
	@$(BIN)/python docs/site.py

bench: $(READY_BENCH)  ## measure speed, memory and peers; the table is in benchmarks/README.md
	@.venv-bench/bin/python -m benchmarks.report $(SIZE)

build: $(READY)  ## make the sdist, and the wheel from it, in dist/
	@rm -rf build dist
	@$(BIN)/python -m build

clean:  ## remove what was built and cached; .venv* and outputs stay
	@rm -rf build dist docs/build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	@find simcore tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
