// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/tiers.h"

#include <algorithm>
#include <limits>

namespace jumper::sampler {

namespace {

// Ticks come a little early or late: what is due in less than half an interval is due now.
double periods_since(const Tier& tier, int64_t now_ns, int64_t interval_ns) {
  const int64_t period_ns = std::max({tier.period_ns, interval_ns, int64_t{1}});
  if (tier.read_ns == 0) return std::numeric_limits<double>::max();
  const int64_t early_ns = interval_ns / 2;
  const double periods =
      static_cast<double>(now_ns - tier.read_ns + early_ns) / static_cast<double>(period_ns);
  // A cell's edge may have read it a moment ago: a tick at the interval has all the same what is
  // to be read at each.
  return tier.period_ns <= interval_ns ? std::max(periods, 1.0) : periods;
}

}  // namespace

Tier* Tiers::most_overdue(int64_t now_ns, int64_t interval_ns) {
  Tier* most = nullptr;
  double most_periods = 1;
  for (Tier& tier : tiers_) {
    if (tier.is_chosen) continue;
    const double periods = periods_since(tier, now_ns, interval_ns);
    if (periods < most_periods || (most != nullptr && periods == most_periods)) continue;
    most = &tier;
    most_periods = periods;
  }
  return most;
}

void Tiers::choose(int64_t now_ns, int64_t interval_ns, int64_t allowance_ns) {
  choose_none();
  while (Tier* const tier = most_overdue(now_ns, interval_ns)) {
    // The others wait with it: if cheaper ones could pass, it would never have its turn.
    if (tier->cost.ns() > allowance_ns) break;
    allowance_ns -= tier->cost.ns();
    tier->is_chosen = true;
  }
  for (Tier& tier : tiers_) {
    if (tier.is_chosen || periods_since(tier, now_ns, interval_ns) < 1) continue;
    ++tier.left_out;
    tier.cost.fade();
  }
}

void Tiers::choose_all() {
  for (Tier& tier : tiers_) tier.is_chosen = true;
}

void Tiers::keep_cheapest(int64_t allowance_ns) {
  std::vector<Tier*> chosen;
  for (Tier& tier : tiers_) {
    if (tier.is_chosen) chosen.push_back(&tier);
  }
  std::ranges::stable_sort(chosen, {}, [](const Tier* tier) { return tier->cost.ns(); });
  for (Tier* const tier : chosen) {
    allowance_ns -= tier->cost.ns();
    tier->is_chosen = allowance_ns >= 0;
  }
}

void Tiers::choose_none() {
  for (Tier& tier : tiers_) tier.is_chosen = false;
}

}  // namespace jumper::sampler
