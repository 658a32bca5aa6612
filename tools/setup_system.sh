#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Makes sure of what pip cannot bring: a C++ compiler always, and per argument
#   test   GoogleTest
#   bench  Google Benchmark
#   count  valgrind
#   browser  Chromium
#   slurm  Slurm and munge, none of their services started
# Looks for the thing itself, not for a package, so a hand-made installation is fine.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ "$(uname -s)" = Linux ] || die "JUmPER builds and runs on Linux only (this is $(uname -s))"

if [ -z "$(cxx_compiler)" ]; then
  install_system_packages "a C++ compiler" g++
fi

has_slurm() {
  local PATH=$PATH:/usr/sbin program
  for program in munged slurmctld slurmd srun sbatch; do command -v "$program" >/dev/null || return 1; done
}

for group in "$@"; do
  case $group in
    test) has_header gtest/gtest.h || install_system_packages GoogleTest libgtest-dev ;;
    bench) has_header benchmark/benchmark.h || install_system_packages "Google Benchmark" libbenchmark-dev ;;
    count) command -v valgrind >/dev/null || install_system_packages valgrind valgrind ;;
    browser) command -v chromium >/dev/null || install_system_packages Chromium chromium ;;
    slurm) has_slurm || install_without_services Slurm slurm-wlm munge ;;
    *) die "setup_system.sh: unknown group '$group' (test, bench, count, browser, slurm)" ;;
  esac
done
