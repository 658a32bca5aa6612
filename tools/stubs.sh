#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Writes the type stubs of the built module; with --check, only tells whether they are the ones
# committed.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

committed=python/jumper_extension/_core.pyi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  echo "# SPDX-License-Identifier: BSD-3-Clause"
  echo "# Written by 'make stubs' from python/bindings: change those and run it."
  # In a folder of its own, so that the installed package is what Python finds.
  (cd "$work" && "$OLDPWD/$VENV/bin/python" -P -m nanobind.stubgen -q -m jumper_extension._core \
    -p "$OLDPWD/tools/stubs.patterns" -o "$work/raw.pyi")
  cat "$work/raw.pyi"
} >"$work/_core.pyi"
"$VENV/bin/ruff" format --quiet --isolated --line-length 100 "$work/_core.pyi"

if [ "${1:-}" != --check ]; then
  cp "$work/_core.pyi" "$committed"
  say "$committed written"
elif diff -u --label "$committed" --label "what the module says" "$committed" "$work/_core.pyi"; then
  say "stubs: as the module says"
else
  die "the stubs are not those of the module: run 'make stubs' and commit $committed"
fi
