// SPDX-License-Identifier: BSD-3-Clause
// A store filled by hand, in one expression per tick, at times counted in milliseconds from 0:
//   TickLog log({kCpu});
//   log.add(0, {0}, metric::TickKind::kStart).add(1000, {5e8});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "jumper/metric/sample.h"
#include "jumper/store/store.h"

namespace jumper::testing {

[[nodiscard]] constexpr int64_t milliseconds(int64_t count) {
  return count * 1'000'000;
}

[[nodiscard]] inline metric::SeriesKey series_of(metric::Metric metric,
                                                 metric::Scope scope = metric::Scope::kProcess,
                                                 int32_t instance = metric::kWhole) {
  return {metric, scope, instance};
}

class TickLog {
 public:
  explicit TickLog(std::vector<metric::SeriesKey> series) { begin(std::move(series)); }

  // The monitor starts again, with these series.
  TickLog& begin(std::vector<metric::SeriesKey> series) {
    store_.begin(std::make_shared<const metric::Schema>(std::move(series)));
    return *this;
  }
  TickLog& add(int64_t time_ms, const std::vector<double>& values,
               metric::TickKind kind = metric::TickKind::kPeriodic) {
    store_.append({milliseconds(time_ms), kind, values});
    return *this;
  }
  [[nodiscard]] store::Snapshot snapshot() const { return store_.snapshot(); }

 private:
  store::Store store_;
};

}  // namespace jumper::testing
