// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pressure.h"

#include <cmath>
#include <string>

#include "target.h"

namespace {

bool is_sound(const jumper::procfs::Stall& stall) {
  return std::isfinite(stall.avg10_percent) && stall.avg10_percent >= 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto pressure = jumper::procfs::parse_pressure(jumper::fuzz::as_text(data, size));
  if (!pressure) {
    jumper::fuzz::require_parse_error(pressure.error());
    return 0;
  }
  jumper::fuzz::require(is_sound(pressure->some));
  jumper::fuzz::require(!pressure->full || is_sound(*pressure->full));
  // Written out in another order, the totals parse to themselves.
  std::string again = "some total=" + std::to_string(pressure->some.total_us) + " avg10=0.00\n";
  if (pressure->full) {
    again = "full total=" + std::to_string(pressure->full->total_us) + " avg10=0.00\n" + again;
  }
  const auto parsed = jumper::procfs::parse_pressure(again);
  jumper::fuzz::require(parsed.ok() && parsed->some.total_us == pressure->some.total_us);
  jumper::fuzz::require(parsed->full.has_value() == pressure->full.has_value());
  return 0;
}
