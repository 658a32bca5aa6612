// SPDX-License-Identifier: BSD-3-Clause
// Walks over one series within intervals of time: differences of a counter, levels of a gauge.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "jumper/analysis/summary.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// Adds up the differences of a counter between the samples inside each interval. A reset, a
// missing sample and a restart of the monitor make no difference, never a wrong one.
class CounterWalk {
 public:
  explicit CounterWalk(int64_t shortest_rate_ns) : shortest_rate_ns_(shortest_rate_ns) {}

  void add(const store::Snapshot& snapshot, const metric::SeriesKey& key, const Interval& interval);

  [[nodiscard]] bool measured() const { return time_ns_ > 0; }
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] int64_t time_ns() const { return time_ns_; }
  // Per nanosecond. Without any stretch long enough to tell extremes, they equal the average.
  [[nodiscard]] std::optional<Spread> rate() const;

 private:
  struct Window {
    double change = 0;
    int64_t time_ns = 0;
  };
  void close_window(const Window& window);

  int64_t shortest_rate_ns_;
  double total_ = 0;
  int64_t time_ns_ = 0;
  double slowest_ = std::numeric_limits<double>::infinity();
  double fastest_ = 0;
};

// The level of a gauge over the samples inside each interval.
class GaugeWalk {
 public:
  void add(const store::Snapshot& snapshot, const metric::SeriesKey& key, const Interval& interval);

  [[nodiscard]] std::optional<Spread> spread() const;
  // Last less first, summed over the intervals.
  [[nodiscard]] std::optional<double> change() const;
  [[nodiscard]] size_t samples() const { return samples_; }

 private:
  size_t samples_ = 0;
  double sum_ = 0;       // of the samples
  double weighted_ = 0;  // level times time
  int64_t time_ns_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();
  double highest_ = -std::numeric_limits<double>::infinity();
  double change_ = 0;
  bool has_change_ = false;
};

}  // namespace jumper::analysis
