// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/clock_offset.h"

#include <algorithm>

namespace jumper::nodes {
namespace {

// Quartz is off by up to 50 parts in a million, each of two: 1 ns in 10 us.
constexpr int64_t kApartPer = 10'000;
// A monotonic clock counts from the boot: nobody's is beyond three centuries.
constexpr int64_t kMostTimeNs = INT64_MAX / 4;

}  // namespace

void ClockOffset::take_answer(int64_t sent_ns, int64_t node_ns, int64_t received_ns) {
  if (received_ns < sent_ns || node_ns < 0 || node_ns > kMostTimeNs) return;
  const int64_t half_ns = (received_ns - sent_ns) / 2;
  answers_[count_ % kAnswers] = {node_ns - (sent_ns + half_ns), half_ns + 1, received_ns};
  ++count_;
}

std::optional<ClockOffset::Estimate> ClockOffset::estimate(int64_t now_ns) const {
  std::optional<Estimate> best;
  for (size_t i = 0; i < std::min(count_, kAnswers); ++i) {
    const Answer& answer = answers_[i];
    const int64_t age_ns = std::max<int64_t>(now_ns - answer.received_ns, 0);
    const int64_t error_ns = answer.error_ns + age_ns / kApartPer;
    if (!best || error_ns < best->error_ns) best = Estimate{answer.offset_ns, error_ns};
  }
  return best;
}

}  // namespace jumper::nodes
