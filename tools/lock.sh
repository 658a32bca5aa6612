#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Writes requirements/dev.txt, peer.txt and lab.txt anew: the newest versions that dev.in allows, all pinned.
# Run it to move the project to newer tools, then run `make ci`.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The oldest Python promised decides: packages may ask for a later patch release than Debian 12 has.
python=${PYTHON:-/usr/bin/python3}
oldest=3.11.2
version=$("$python" -c 'import platform; print(platform.python_version())')
[ "$version" = "$oldest" ] || die "lock with Python $oldest, Debian 12's ($python is $version): PYTHON=..."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# lock NAME INTRODUCTION PIP-ARGUMENT...
lock() {
  local name=$1 introduction=$2
  shift 2
  "$python" -m venv "$work/$name"
  "$work/$name/bin/python" -m pip install --disable-pip-version-check --no-input --quiet "$@"
  {
    printf '# %s\n# Written by tools/lock.sh: run it, do not edit.\n' "$introduction"
    "$work/$name/bin/python" -m pip freeze
  } >"$work/$name.txt"
  mv "$work/$name.txt" "requirements/$name.txt"
  say "requirements/$name.txt: $(grep -c == "requirements/$name.txt") packages"
}

lock dev "What a developer's environment holds, from dev.in." -r requirements/dev.in
# What both need has the same version, so that only the extensions differ.
lock peer "The Python JUmPER that bench/python measures beside ours, in an environment of its own." \
  -c requirements/dev.txt jumper-extension==0.4.1 ipykernel
lock lab "A JupyterLab and a Notebook 7 that show widgets but know nothing of JUmPER, for make test-lab." \
  jupyterlab notebook anywidget
