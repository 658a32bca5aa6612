#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# frontend.sh build   bundles frontend/src into python/jumper_extension/static, which is committed
# frontend.sh check   type check and tests; tells whether the committed bundle is what the sources give
# Only those who change the front end need node; in CI it has to be there.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

step=${1:?build or check}
committed=python/jumper_extension/static
oldest_node=20

node_version() { node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/'; }
if [ "$(node_version || true)" = "" ] || [ "$(node_version)" -lt "$oldest_node" ]; then
  [ "$step" = check ] && [ -z "${CI:-}" ] || die "the front end needs node $oldest_node or newer and npm"
  say "front end: NOT checked, there is no node $oldest_node or newer here (CI checks it)"
  exit 0
fi

cd frontend
# npm keeps a copy of what it installed from.
if ! cmp -s package-lock.json node_modules/.package-lock-used; then
  say "installing what frontend/package-lock.json pins"
  npm ci --no-audit --no-fund --loglevel=error </dev/null
  cp package-lock.json node_modules/.package-lock-used
fi

if [ "$step" = build ]; then
  node build.mjs "../$committed"
  say "$committed written"
  exit 0
fi
node_modules/.bin/tsc
node_modules/.bin/vitest run </dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node build.mjs "$work"
for file in "$work"/*; do
  cmp "$file" "../$committed/${file##*/}" ||
    die "the committed bundle is not what frontend/src gives: run 'make frontend' and commit $committed"
done
say "front end: types, tests and the committed bundle are right"
