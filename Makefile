# SPDX-License-Identifier: BSD-3-Clause
# Every task of the project, from a bare Debian 12 (Python 3.11, a C++ compiler, make) on: what is
# missing is installed, what was done is not done again. `make help` lists the tasks.

VENV ?= .venv
JOBS ?= $(shell nproc)
PYTEST_ARGS ?=
BENCH_ARGS ?=
export VENV JOBS

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

BIN := $(VENV)/bin
# Kept in the environment: whoever deletes that must install again.
TOOLS_READY := $(VENV)/.ready-tools
PACKAGE_READY := $(VENV)/.ready-package

# What the installed package is made of. Folders count, so that a deleted file does.
PACKAGE_SOURCES := CMakeLists.txt pyproject.toml \
  $(shell find cmake core/jumper core/CMakeLists.txt cli python/bindings python/jumper_extension \
    -name __pycache__ -prune -o \( -type d -o -type f ! -name '*_test.cpp' ! -name '*_bench.cpp' \) -print 2>/dev/null)
CXX_SOURCES = $(shell find core cli python/bindings bench fuzz -name '*.cpp' -o -name '*.h' 2>/dev/null)
PYTHON_SOURCES := python tools bench

##@ Start here

.PHONY: help
help:  ## show this list
	@awk 'BEGIN { FS = ":.*## "; print "usage: make TASK" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\n%s\n' 'settings: JOBS=N  PYTHON=/path/to/python3  PYTEST_ARGS="-k cells"  BENCH_ARGS="--quick"'

.PHONY: setup
setup: $(TOOLS_READY) $(PACKAGE_READY)  ## make .venv with the pinned tools; build and install the package in it

.PHONY: demo
demo: $(PACKAGE_READY)  ## run examples/quickstart.ipynb in a real kernel; show its report; keep it in out/demo
	$(BIN)/python tools/demo.py examples/quickstart.ipynb out/demo

##@ Check

.PHONY: test
test: test-cpp test-asan test-python  ## all tests: C++, C++ with ASan and UBSan, Python

.PHONY: test-cpp
test-cpp: $(TOOLS_READY)  ## C++ tests
	tools/setup_system.sh test
	tools/build_cpp.sh dev test

.PHONY: test-asan
test-asan: $(TOOLS_READY)  ## C++ tests with the address and undefined-behaviour sanitizers
	tools/setup_system.sh test
	tools/build_cpp.sh asan test

.PHONY: test-tsan
test-tsan: $(TOOLS_READY)  ## C++ tests with the thread sanitizer
	tools/setup_system.sh test
	tools/build_cpp.sh tsan test

.PHONY: test-python
test-python: $(PACKAGE_READY)  ## Python tests, against the installed package and a real kernel
	@tools/setup_system.sh browser || echo '==> no chromium: the tests that need a browser are left out' >&2
	@tools/setup_system.sh slurm || echo '==> no Slurm: the tests that need it are left out' >&2
	$(BIN)/python -P -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

.PHONY: bench-budget
bench-budget: $(TOOLS_READY)  ## fail if a tick is dearer than bench/budget.json allows; BENCH_ARGS=--update: allow it
	tools/bench_budget.sh $(BENCH_ARGS)

.PHONY: test-lab
test-lab: $(PACKAGE_READY) .venv-lab/.ready  ## plot, live view and history in a real JupyterLab and Notebook 7; screenshots in build/screenshots
	tools/setup_system.sh browser
	$(BIN)/python -P -m pytest python/tests/browser/test_jupyterlab*.py $(PYTEST_ARGS)

.PHONY: lint
lint: lint-cpp lint-python lint-frontend  ## formats, includes, clang-tidy, ruff, mypy, stubs, front end; changes nothing

.PHONY: lint-cpp
lint-cpp: $(TOOLS_READY)
	$(BIN)/python tools/check_includes.py
	@printf '%s\n' $(CXX_SOURCES) | xargs -r $(BIN)/clang-format --dry-run -Werror
	tools/setup_system.sh test
	tools/build_cpp.sh dev configure
	$(BIN)/python tools/tidy.py --build build/dev --jobs $(JOBS)

.PHONY: lint-python
lint-python: $(PACKAGE_READY)
	$(BIN)/ruff check $(PYTHON_SOURCES)
	$(BIN)/ruff format --check $(PYTHON_SOURCES)
	$(BIN)/mypy
	tools/stubs.sh --check
	$(BIN)/python tools/check_notebooks.py

.PHONY: lint-frontend
lint-frontend:  ## type check and tests of the front end; whether its committed bundle is up to date
	tools/frontend.sh check

.PHONY: ci
ci: export CI = 1
ci: lint test-cpp test-asan bench-budget demo .venv-lab/.ready test-python  ## what CI runs: lint, all tests, cost of a tick, demo

##@ Change

.PHONY: format
format: $(TOOLS_READY)  ## format C++ and Python in place
	@printf '%s\n' $(CXX_SOURCES) | xargs -r $(BIN)/clang-format -i
	$(BIN)/ruff check --fix-only --quiet $(PYTHON_SOURCES)
	$(BIN)/ruff format $(PYTHON_SOURCES)

.PHONY: frontend
frontend:  ## bundle frontend/src into python/jumper_extension/static (needs node 20 and npm)
	tools/frontend.sh build

.PHONY: pictures
pictures: $(PACKAGE_READY) .venv-lab/.ready  ## the pictures of docs/guide.md, by the browser tests
	tools/setup_system.sh browser
	$(BIN)/python -P -m pytest python/tests/browser/test_guide.py python/tests/browser/test_jupyterlab_live.py \
	  -k "example or while_cells_run"
	mkdir -p docs/pictures
	cp build/screenshots/guide_history.png build/screenshots/guide_report.png build/screenshots/guide_plot.png docs/pictures/
	cp build/screenshots/guide_live_light.png docs/pictures/guide_live.png

.PHONY: stubs
stubs: $(PACKAGE_READY)  ## write python/jumper_extension/_core.pyi from the built module
	tools/stubs.sh

##@ Measure

.PHONY: bench
bench: $(PACKAGE_READY)  ## measure beside jumper-extension 0.4.1; print what was promised and what holds (20 minutes; BENCH_ARGS=--quick: 3)
	tools/setup_system.sh bench
	tools/build_cpp.sh bench
	tools/bench.sh $(BENCH_ARGS)

##@ Clean up

.PHONY: clean
clean:  ## remove what was built (not .venv)
	rm -rf build out dist .pytest_cache .mypy_cache .ruff_cache $(PACKAGE_READY)

.PHONY: distclean
distclean: clean  ## remove .venv too
	rm -rf $(VENV) .venv-lab frontend/node_modules

$(TOOLS_READY): requirements/dev.txt requirements/no-deps.txt tools/setup_venv.sh tools/lib.sh
	tools/setup_system.sh
	tools/setup_venv.sh
	@touch $@

.venv-lab/.ready: $(TOOLS_READY) requirements/lab.txt requirements/ipykernel6.txt
	$(BIN)/python -m venv --clear .venv-lab
	.venv-lab/bin/python -m pip install --disable-pip-version-check --no-input --quiet -r requirements/lab.txt
	.venv-lab/bin/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps \
	  --target .venv-lab/ipykernel6 -r requirements/ipykernel6.txt
	@touch $@

$(PACKAGE_READY): $(TOOLS_READY) $(PACKAGE_SOURCES) tools/install_package.sh
	tools/install_package.sh
	@touch $@
