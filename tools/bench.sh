#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Runs all measurements of bench/ one after the other: loading, hooks, the core's own, and monitors
# side by side; then prints what was promised and what was measured. With --quick fewer and shorter
# ones, to see that they work; with --no-peer ours only. Nothing is asserted.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

load=(--runs 9)
hooks=()
peers=()
peer=yes
core=()
for option in "$@"; do
  case $option in
    --quick)
      load=(--runs 3)
      hooks=(--rounds 2 --cells 100)
      peers=(--quick)
      # One of these samples this machine for half a minute.
      core+=(--benchmark_min_time=0.05 --benchmark_filter=-bytes_per_tick_live)
      ;;
    --no-peer) peer=no ;;
    --benchmark_*) core+=("$option") ;;
    *) die "bench.sh: unknown option '$option' (--quick, --no-peer, --benchmark_...)" ;;
  esac
done

out=out/bench
mkdir -p "$out"
python=$VENV/bin/python

# peer_venv NAME PIP-ARGUMENT...: an environment with another release, made once.
peer_venv() {
  local folder=build/bench/$1
  shift
  if ! [ "$*" = "$(cat "$folder/.ready" 2>/dev/null)" ] || ! cmp -s requirements/peer.txt "$folder/.pins"; then
    say "installing a Python JUmPER to compare with (once; into $folder)"
    "$python" -m venv --clear "$folder"
    "$folder/bin/python" -m pip install --disable-pip-version-check --no-input --quiet \
      --progress-bar off "$@"
    cp requirements/peer.txt "$folder/.pins"
    printf '%s\n' "$*" >"$folder/.ready"
  fi
}

against=()
if [ "$peer" = yes ]; then
  peer_venv peer-venv -r requirements/peer.txt
  # What both need has the same version, so that only the extensions differ.
  sed '/^jumper-extension==/d' requirements/peer.txt >build/bench/old-peer-pins.txt
  [ ${#peers[@]} -gt 0 ] || peer_venv old-peer-venv -c build/bench/old-peer-pins.txt jumper-extension==0.3.6
  against=(--peer-python build/bench/peer-venv/bin/python)
else
  peers+=(--peer-python /none --old-peer-python /none)
fi

say "loading the extension"
"$python" bench/python/bench_load.py "${load[@]}" "${against[@]}" --out "$out"
say "cells while the monitor runs"
"$python" bench/python/bench_hooks.py "${hooks[@]}" "${against[@]}" --out "$out"
say "the core"
build/bench/bench/jumper_bench --benchmark_out="$out/core.json" --benchmark_out_format=json "${core[@]}"
say "monitors side by side"
"$python" bench/python/bench_peers.py "${peers[@]}" --out "$out" >"$out/peers.txt" || {
  cat "$out/peers.txt"
  die "the monitors could not be compared"
}
say "what was promised"
"$python" bench/python/overhead.py --out "$out"
say "all results: $out; bench/python/overhead.py --markdown docs/overhead.md writes the page"
