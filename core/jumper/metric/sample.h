// SPDX-License-Identifier: BSD-3-Clause
// The data that flows from the sampler to the store: a schema says which series there are, a tick
// carries one value of each at one time.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "jumper/metric/metric.h"
#include "jumper/metric/scope.h"

namespace jumper::metric {

// A value that was not measured. Whole numbers up to 2^53 pass through a double unchanged, which
// is 104 days of CPU time in nanoseconds and 9 petabytes.
inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
[[nodiscard]] inline bool is_absent(double value) {
  return std::isnan(value);
}
[[nodiscard]] inline std::optional<double> maybe(double value) {
  return is_absent(value) ? std::nullopt : std::optional(value);
}
template <typename Number>
[[nodiscard]] double or_absent(const std::optional<Number>& value) {
  return value ? static_cast<double>(*value) : kAbsent;
}

inline constexpr int32_t kWhole = -1;  // the instance of a series that is not one of many

struct SeriesKey {
  Metric metric = Metric::kCpuTime;
  Scope scope = Scope::kProcess;
  int32_t instance = kWhole;  // CPU number, card number, ...

  bool operator==(const SeriesKey&) const = default;
};

// The series of a sampler, in the order of a tick's values. Never changes once made.
class Schema {
 public:
  explicit Schema(std::vector<SeriesKey> series) : series_(std::move(series)) {}
  [[nodiscard]] std::span<const SeriesKey> series() const { return series_; }
  [[nodiscard]] size_t size() const { return series_.size(); }
  [[nodiscard]] std::optional<size_t> find(const SeriesKey& key) const {
    for (size_t i = 0; i < series_.size(); ++i) {
      if (series_[i] == key) return i;
    }
    return std::nullopt;
  }

 private:
  std::vector<SeriesKey> series_;
};

enum class TickKind : uint8_t {
  kPeriodic,
  kStart,  // the first after the monitor (re)started: no rate reaches back over it
  kStop,   // the last before it stopped
  kCellStart,
  kCellEnd,
};

struct Tick {
  int64_t time_ns = 0;  // CLOCK_MONOTONIC
  TickKind kind = TickKind::kPeriodic;
  std::span<const double> values;  // one per series of the schema; kAbsent where not measured
};

// Takes ticks. Calls come one at a time, in order of time, from whichever thread sampled.
class TickSink {
 public:
  virtual ~TickSink() = default;
  virtual void begin(const std::shared_ptr<const Schema>& schema) = 0;
  virtual void append(const Tick& tick) = 0;
};

}  // namespace jumper::metric
