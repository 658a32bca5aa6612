// SPDX-License-Identifier: BSD-3-Clause
// The energy counter of an AMD card in joules. In the older layouts of its table neither the unit
// nor the width of the counter is documented, and on some cards it was found to be off: there it is
// believed once it agrees with the power that the same card tells, and not told before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "jumper/gpu/amd_metrics.h"

namespace jumper::gpu {

class AmdEnergy {
 public:
  // `power_watts` only where it is of the same moment; without it nothing is checked.
  std::optional<double> joules(const AmdMetrics& metrics, std::optional<double> power_watts,
                               int64_t now_ns);
  // Why the counter is not believed; empty where it is, or is not judged yet.
  [[nodiscard]] const std::string& objection() const { return objection_; }

 private:
  [[nodiscard]] bool has_come_to_its_end(uint64_t units, int64_t now_ns) const;
  void check(double joules, std::optional<double> power_watts, int64_t now_ns);

  std::optional<uint64_t> last_units_;
  int64_t last_ns_ = 0;
  uint64_t wrapped_units_ = 0;
  bool is_believed_ = false;
  std::string objection_;
  // Since the check began.
  std::optional<int64_t> checked_ns_;
  std::optional<double> checked_watts_;
  int64_t first_ns_ = 0;
  double first_joules_ = 0;
  double expected_joules_ = 0;
};

}  // namespace jumper::gpu
