#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Counts what a tick costs and fails when it is dearer than bench/budget.json allows; with --update
# writes that file. Where valgrind is not to be had it says so; in CI that is a failure.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! tools/setup_system.sh bench count; then
  [ -z "${CI:-}" ] || die "the cost of a tick was not counted (valgrind, Google Benchmark)"
  say "SKIPPED: the cost of a tick was not counted (valgrind, Google Benchmark)"
  exit 0
fi
tools/build_cpp.sh bench tick_cost
exec "$VENV/bin/python" bench/python/check_budget.py --jobs "${JOBS:-2}" "$@"
