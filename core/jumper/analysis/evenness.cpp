// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/evenness.h"

#include <algorithm>

namespace jumper::analysis {
namespace {

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

// Each is asked whether it could be the busiest, the others being as busy as they can be, or as
// little.
Bounded imbalance_of(std::span<const Bounded> shares) {
  Bounded sum;
  for (const Bounded& share : shares) {
    sum.low += share.low;
    sum.likely += share.likely;
    sum.high += share.high;
  }
  const auto count = static_cast<double>(shares.size());
  const auto over = [&](double share, double total) {
    return total > 0 ? share * count / total - 1 : 0;
  };
  Bounded imbalance;
  for (const Bounded& share : shares) {
    imbalance.low = std::max(imbalance.low, over(share.low, sum.high - share.high + share.low));
    imbalance.likely = std::max(imbalance.likely, over(share.likely, sum.likely));
    imbalance.high = std::max(imbalance.high, over(share.high, sum.low - share.low + share.high));
  }
  return imbalance;
}

IdleShares idle_among(std::span<const Bounded> shares) {
  std::vector<double> lows;
  lows.reserve(shares.size());
  for (const Bounded& share : shares) lows.push_back(share.low);
  const double busiest = std::ranges::max(lows);
  const double highest = std::ranges::max(shares, {}, &Bounded::high).high;
  IdleShares idle;
  idle.all_nearly_idle = highest < kNearlyIdleShare;
  const double median = median_of(lows);
  const double usual = median >= kNearlyIdleShare ? median : busiest;
  if (usual < kNearlyIdleShare) return idle;
  for (size_t i = 0; i < shares.size(); ++i) {
    if (shares[i].high < kIdleShareOfMedian * usual) idle.places.push_back(i);
  }
  return idle;
}

Extremes extremes_of(std::span<const Bounded> shares) {
  const auto is_apart = [&](size_t at, auto is_beyond) {
    for (size_t i = 0; i < shares.size(); ++i) {
      if (i != at && !is_beyond(shares[at], shares[i])) return false;
    }
    return true;
  };
  Extremes extremes;
  for (size_t i = 0; i < shares.size(); ++i) {
    if (is_apart(i, [](const Bounded& a, const Bounded& b) { return a.low > b.high; }))
      extremes.highest = i;
    if (is_apart(i, [](const Bounded& a, const Bounded& b) { return a.high < b.low; }))
      extremes.lowest = i;
  }
  return extremes;
}

}  // namespace jumper::analysis
