// SPDX-License-Identifier: BSD-3-Clause
// /proc/pressure/cpu, memory and io: time lost to waiting for a resource (PSI, pressure stall
// information; kernel: Documentation/accounting/psi.rst). A kernel may be built without it, or have
// it switched off at boot: then the files are not there, or reading them fails with EOPNOTSUPP.
// Control groups have files of the same form (cpu.pressure and so on).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct Stall {
  double avg10_percent = 0;  // share of the last ten seconds, a running average
  uint64_t total_us = 0;     // since boot

  bool operator==(const Stall&) const = default;
};

struct Pressure {
  Stall some;  // at least one task waited
  std::optional<Stall>
      full;  // all tasks waited; says nothing for cpu, which has it since Linux 5.13

  bool operator==(const Pressure&) const = default;
};

[[nodiscard]] base::Result<Pressure> parse_pressure(std::string_view text);

}  // namespace jumper::procfs
