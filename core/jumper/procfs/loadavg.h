// SPDX-License-Identifier: BSD-3-Clause
// /proc/loadavg: its last field is the pid made last in our pid namespace, the cheapest sign of
// whether anything forked (proc_loadavg(5)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct Loadavg {
  double load_1min = 0;
  double load_5min = 0;
  double load_15min = 0;
  uint64_t runnable = 0;  // scheduling entities
  uint64_t entities = 0;
  pid_t last_pid = 0;

  bool operator==(const Loadavg&) const = default;
};

[[nodiscard]] base::Result<Loadavg> parse_loadavg(std::string_view text);

}  // namespace jumper::procfs
