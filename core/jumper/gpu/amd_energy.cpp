// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_energy.h"

#include "jumper/base/clock.h"
#include "jumper/base/text.h"

namespace jumper::gpu {
namespace {

constexpr double kJoulesPerUnit = 1.0 / 65536;
constexpr uint64_t kShortUnits = uint64_t{1} << 32;
constexpr int64_t kLongEnoughNs = 3 * base::kNanosPerSecond;
constexpr double kEnoughJoules = 15;
// The power is an average over a time of the firmware's own, the load may change within: a wrong
// unit is off by more.
constexpr double kMostRatio = 2;
// No card uses more. What a short counter that fell would have counted to its end is more than
// that, unless it came to its end.
constexpr double kMostWatts = 3000;

}  // namespace

std::optional<double> AmdEnergy::joules(const AmdMetrics& metrics,
                                        std::optional<double> power_watts, int64_t now_ns) {
  if (!metrics.energy_units) return std::nullopt;
  const uint64_t units = *metrics.energy_units;
  if (last_units_ && units < *last_units_) {
    if (metrics.has_short_energy && has_come_to_its_end(units, now_ns)) {
      wrapped_units_ += kShortUnits;
    } else {
      checked_ns_.reset();  // the card was reset
      expected_joules_ = 0;
    }
  }
  last_units_ = units;
  last_ns_ = now_ns;
  const double joules = static_cast<double>(wrapped_units_ + units) * kJoulesPerUnit;
  if (metrics.is_unit_documented) return joules;
  if (!is_believed_ && objection_.empty()) check(joules, power_watts, now_ns);
  if (!is_believed_) return std::nullopt;
  return joules;
}

// Whether a counter of 32 bits that is lower than before went on from 0, or began anew.
bool AmdEnergy::has_come_to_its_end(uint64_t units, int64_t now_ns) const {
  if (*last_units_ >= kShortUnits) return false;
  const double joules = static_cast<double>(kShortUnits - *last_units_ + units) * kJoulesPerUnit;
  return joules <= kMostWatts * base::seconds(now_ns - last_ns_);
}

void AmdEnergy::check(double joules, std::optional<double> power_watts, int64_t now_ns) {
  if (!power_watts) return;
  if (!checked_ns_) {
    first_ns_ = now_ns;
    first_joules_ = joules;
  } else {
    const double mean_watts = (*checked_watts_ + *power_watts) / 2;
    expected_joules_ += mean_watts * base::seconds(now_ns - *checked_ns_);
  }
  checked_ns_ = now_ns;
  checked_watts_ = power_watts;
  if (now_ns - first_ns_ < kLongEnoughNs || expected_joules_ < kEnoughJoules) return;
  const double counted = joules - first_joules_;
  if (counted > expected_joules_ / kMostRatio && counted < expected_joules_ * kMostRatio) {
    is_believed_ = true;
    return;
  }
  objection_ = "its counter says " + base::fixed(counted, 1) + " J where its power makes " +
               base::fixed(expected_joules_, 1) + " J";
}

}  // namespace jumper::gpu
