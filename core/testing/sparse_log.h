// SPDX-License-Identifier: BSD-3-Clause
// A store filled by hand with rows of which each has a few of the series only, as those of GPUs
// are. Values are in base units: seconds, bytes, joules, ratios from 0 to 1.
//   SparseLog log({kUtil, kMemory});
//   log.add(1000, {{kUtil, 0.5}}).add(2000, {{kUtil, 0.25}, {kMemory, 1e9}});
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "testing/ticks.h"

namespace jumper::testing {

class SparseLog {
 public:
  using Values = std::vector<std::pair<metric::SeriesKey, double>>;

  explicit SparseLog(const std::vector<metric::SeriesKey>& series)
      : series_(series), log_(std::make_unique<TickLog>(series)) {}

  // Names of series that it was not made with are a mistake of the test: they throw.
  SparseLog& add(int64_t time_ms, const Values& values,
                 metric::TickKind kind = metric::TickKind::kPeriodic) {
    std::vector<double> row(series_.size(), metric::kAbsent);
    for (const auto& [key, value] : values) {
      size_t place = 0;
      while (series_.at(place) != key) ++place;
      row[place] = value * metric::info(key.metric).stored_per_unit;
    }
    log_->add(time_ms, row, kind);
    return *this;
  }
  [[nodiscard]] store::Snapshot snapshot() const { return log_->snapshot(); }

 private:
  std::vector<metric::SeriesKey> series_;
  std::unique_ptr<TickLog> log_;
};

}  // namespace jumper::testing
