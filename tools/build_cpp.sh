#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# build_cpp.sh PRESET [configure|build|test|TARGET]: configures once, builds what changed (or what
# TARGET needs only), runs ctest.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

preset=${1:?a preset of CMakePresets.json}
step=${2:-build}
folder=build/$preset
bin=$PWD/$VENV/bin
export PATH="$bin:$PATH"
[ -x "$bin/cmake" ] && [ -x "$bin/ninja" ] || die "no cmake and ninja in $VENV: run 'make setup' first"

# A C++ compiler cache is used where there is one; nothing needs it.
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi

# g++ 12's thread sanitizer cannot lay out its shadow memory where the kernel uses more than 28
# random bits for mappings: run it without address randomisation there.
wrap=()
if [ "$preset" = tsan ] && [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)" -gt 28 ] &&
  setarch "$(uname -m)" -R true 2>/dev/null; then
  wrap=(setarch "$(uname -m)" -R)
fi
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}

if [ ! -e "$folder/build.ninja" ] || [ CMakePresets.json -nt "$folder/build.ninja" ] ||
  ! grep -qs "^CMAKE_MAKE_PROGRAM:[A-Z]*=$bin/ninja$" "$folder/CMakeCache.txt"; then
  say "configuring $preset"
  # Named, because a folder configured by hand keeps the ninja that it was made with.
  cmake --preset "$preset" -DCMAKE_MAKE_PROGRAM="$bin/ninja" </dev/null
fi
[ "$step" != configure ] || exit 0

target=()
case $step in
  build | test) ;;
  *) target=(--target "$step") ;;
esac
say "building $preset${target[*]:+ ($step)}"
"${wrap[@]}" cmake --build --preset "$preset" --parallel "${JOBS:-$(nproc)}" "${target[@]}" </dev/null
[ "$step" = test ] || exit 0

say "C++ tests: $preset"
# One at a time: some of them time things, and each takes milliseconds.
"${wrap[@]}" ctest --preset "$preset" --no-tests=error --timeout 120 </dev/null
