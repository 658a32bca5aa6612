// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_energy.h"

#include <limits>

#include "jumper/base/clock.h"
#include "jumper/base/text.h"

namespace jumper::gpu {
namespace {

constexpr double kJoulesPerUnit = 1.0 / 65536;
constexpr int64_t kLongEnoughNs = 3 * base::kNanosPerSecond;
constexpr double kEnoughJoules = 15;
// The power is an average over a time of the firmware's own, the load may change within: a wrong
// unit is off by more.
constexpr double kMostRatio = 2;

}  // namespace

std::optional<double> AmdEnergy::joules(const AmdMetrics& metrics,
                                        std::optional<double> power_watts, int64_t now_ns) {
  if (!metrics.energy_units) return std::nullopt;
  const uint64_t units = *metrics.energy_units;
  constexpr auto kShortest = uint64_t{std::numeric_limits<uint32_t>::max()};
  if (metrics.has_short_energy && last_units_ && units < *last_units_ &&
      *last_units_ <= kShortest) {
    wrapped_units_ += kShortest + 1;
  }
  last_units_ = units;
  const double joules = static_cast<double>(wrapped_units_ + units) * kJoulesPerUnit;
  if (metrics.is_unit_documented) return joules;
  if (!is_believed_ && objection_.empty()) check(joules, power_watts, now_ns);
  if (!is_believed_) return std::nullopt;
  return joules;
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
