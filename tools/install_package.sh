#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds the package and installs it into the virtual environment, as `pip install .` would: the
# tools are in the environment already, so nothing is downloaded and the build folder is reused.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

log=build/log/package.log
mkdir -p "$(dirname "$log")"
say "building and installing the package (whole output: $log)"

# Only compile steps and complaints go to the screen.
show_steps() {
  awk '/\[[0-9]+\/[0-9]+\]|warning:|error:|^ERROR|Error:|Successfully installed/ { sub(/^ +/, ""); print; fflush() }'
}
# One line a step in the log: without it ninja would need a terminal.
if ! "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --verbose \
  --no-build-isolation --no-deps --force-reinstall . </dev/null 2>&1 | tee "$log" | show_steps; then
  tail -n 40 "$log" >&2
  die "the package did not build; the last lines of $log are above"
fi

# The pinned environment must satisfy what the package itself asks for.
unmet=$("$VENV/bin/python" -m pip check 2>&1 | grep '^jumper-extension ' || true)
[ -z "$unmet" ] || die "requirements/dev.txt does not satisfy pyproject.toml: $unmet"
