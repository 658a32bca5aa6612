// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/loadavg.h"

#include <cmath>

#include "jumper/procfs/detail.h"

namespace jumper::procfs {
namespace {

// from_chars also takes "nan" and "inf", which are no loads.
bool take_load(std::string_view& text, double& load) {
  const auto number = base::parse_number<double>(base::next_word(text));
  if (!number || !std::isfinite(*number) || std::signbit(*number)) return false;
  load = *number;
  return true;
}

// "1/86".
bool take_entities(std::string_view& text, Loadavg& loadavg) {
  const std::string_view word = base::next_word(text);
  const size_t slash = word.find('/');
  if (slash == std::string_view::npos) return false;
  const auto runnable = base::parse_number<uint64_t>(word.substr(0, slash));
  const auto entities = base::parse_number<uint64_t>(word.substr(slash + 1));
  if (!runnable || !entities) return false;
  loadavg.runnable = *runnable;
  loadavg.entities = *entities;
  return true;
}

}  // namespace

base::Result<Loadavg> parse_loadavg(std::string_view text) {
  constexpr std::string_view kFile = "/proc/loadavg";
  Loadavg loadavg;
  if (!take_load(text, loadavg.load_1min) || !take_load(text, loadavg.load_5min) ||
      !take_load(text, loadavg.load_15min)) {
    return detail::parse_error(kFile, "a load");
  }
  if (!take_entities(text, loadavg)) return detail::parse_error(kFile, "runnable/entities");
  const auto last_pid = base::next_number<pid_t>(text);
  if (!last_pid || *last_pid < 0) return detail::parse_error(kFile, "the last pid");
  loadavg.last_pid = *last_pid;
  return loadavg;
}

}  // namespace jumper::procfs
