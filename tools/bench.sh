#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Runs all measurements of bench/ one after the other: loading, hooks, and the core's own. With
# --quick fewer rounds, to see that they work; with --no-peer ours only. Nothing is asserted.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

load=(--runs 15)
hooks=()
peer=yes
core=()
for option in "$@"; do
  case $option in
    --quick)
      load=(--runs 3)
      hooks=(--rounds 2 --cells 100)
      ;;
    --no-peer) peer=no ;;
    --benchmark_*) core+=("$option") ;;
    *) die "bench.sh: unknown option '$option' (--quick, --no-peer, --benchmark_...)" ;;
  esac
done

out=out/bench
mkdir -p "$out"
python=$VENV/bin/python
against=()
if [ "$peer" = yes ]; then
  peer_venv=build/bench/peer-venv
  if ! cmp -s requirements/peer.txt "$peer_venv/.ready"; then
    say "installing the Python JUmPER to compare with (once; into $peer_venv)"
    "$python" -m venv --clear "$peer_venv"
    "$peer_venv/bin/python" -m pip install --disable-pip-version-check --no-input --quiet \
      --progress-bar off -r requirements/peer.txt
    cp requirements/peer.txt "$peer_venv/.ready"
  fi
  against=(--peer-python "$peer_venv/bin/python")
fi

say "loading the extension"
"$python" bench/python/bench_load.py "${load[@]}" "${against[@]}" --out "$out"
say "cells while the monitor runs"
"$python" bench/python/bench_hooks.py "${hooks[@]}" "${against[@]}" --out "$out"
say "the core"
build/bench/bench/jumper_bench --benchmark_out="$out/core.json" --benchmark_out_format=json "${core[@]}"
say "all results: $out/*.json"
