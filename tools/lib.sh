# SPDX-License-Identifier: BSD-3-Clause
# Shared by the shell scripts in this folder: messages, and packages of the system by name.
# Source it; it changes to the root of the checkout.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VENV=${VENV:-.venv}

say() {
  if [ -t 2 ]; then printf '\033[1m==> %s\033[0m\n' "$*" >&2; else printf '==> %s\n' "$*" >&2; fi
}
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# install_system_packages WHAT PACKAGE...: installs Debian packages, with sudo when not root.
install_system_packages() {
  local what=$1
  shift
  local as_root=()
  if ! command -v apt-get >/dev/null; then
    die "$what is missing and this is no Debian: install what your system calls $* and try again"
  fi
  if [ "$(id -u)" -ne 0 ]; then
    # Without a password only: a build that stops to ask for one is worse than a clear line.
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      die "$what is missing and needs root to install: run 'sudo apt-get install $*' and try again"
    fi
    as_root=(sudo -n)
  fi
  say "installing $what ($*)"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300
    -o Acquire::Retries=3)
  "${as_root[@]}" "${apt[@]}" update </dev/null >&2
  "${as_root[@]}" "${apt[@]}" install --no-install-recommends "$@" </dev/null >&2
}

# install_without_services WHAT PACKAGE...: the same, but what is installed is not started.
install_without_services() {
  local policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ] || [ ! -w "$(dirname "$policy")" ]; then
    install_system_packages "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  # Also when it fails: others' services want to be started again.
  (trap 'rm -f "$policy"' EXIT && install_system_packages "$@")
}

# The C++ compiler that CMake will pick, or nothing.
cxx_compiler() {
  local candidate
  for candidate in ${CXX:-} c++ g++ clang++; do
    if command -v "$candidate" >/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

has_header() { printf '#include <%s>\n' "$1" | "$(cxx_compiler)" -std=c++20 -E -x c++ - >/dev/null 2>&1; }
