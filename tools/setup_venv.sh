#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Makes the virtual environment with everything that building, testing and linting needs, at the
# versions pinned in requirements/. Set PYTHON to choose the interpreter.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14}; do
    if command -v "$candidate" >/dev/null && recent_enough "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
}

python=$(find_python)
if [ -z "$python" ]; then
  [ -z "${PYTHON:-}" ] || die "PYTHON=$PYTHON is not a Python 3.11 or newer"
  install_system_packages "Python 3.11" python3 python3-venv python3-dev
  python=$(find_python)
  [ -n "$python" ] || die "no Python 3.11 or newer found: install one, or name it with 'make PYTHON=/path/to/python3'"
fi

# Debian leaves ensurepip and the headers out of its python3 package; other builds have both.
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
wanted=()
"$python" -c 'import ensurepip, venv' 2>/dev/null || wanted+=("python$version-venv")
"$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' || wanted+=("python$version-dev")
if [ ${#wanted[@]} -gt 0 ]; then
  install_system_packages "a part of Python $version" "${wanted[@]}"
fi

# An environment whose interpreter is gone or has become another version is made anew.
if ! [ "$("$VENV/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$version" ]; then
  say "making the virtual environment $VENV with $python ($version)"
  "$python" -m venv --clear "$VENV"
fi

say "installing the pinned tools into $VENV (the first time takes a minute)"
pip=("$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off)
"${pip[@]}" -r requirements/dev.txt | grep --line-buffered -v '^Requirement already satisfied' || [ "${PIPESTATUS[0]}" -eq 0 ]
# The Score-P kernel asks for the package `scorep`, which only builds where Score-P itself is
# installed; the tests bring a stand-in for it.
"${pip[@]}" --no-deps -r requirements/no-deps.txt | grep --line-buffered -v '^Requirement already satisfied' || [ "${PIPESTATUS[0]}" -eq 0 ]
