// SPDX-License-Identifier: BSD-3-Clause
// Walks over one series within intervals of time: differences of a counter, levels of a gauge.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "jumper/analysis/summary.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// Successive rows of one series. Those of one interval may come in several runs.
struct Run {
  std::span<const int64_t> times_ns;
  std::span<const metric::TickKind> kinds;
  std::span<const double> values;  // empty: the series is not there
  bool has_start = true;           // false: none of the kinds is kStart
  bool is_whole = false;           // true: whole numbers up to 2^53, absent values aside
};
[[nodiscard]] Run run_of(store::ColumnReader& reader, size_t key);

// Adds up the differences of a counter between the samples inside each interval. A reset, a
// missing sample and a restart of the monitor make no difference, never a wrong one.
class CounterWalk {
 public:
  explicit CounterWalk(int64_t shortest_rate_ns) : shortest_rate_ns_(shortest_rate_ns) {}

  void add(const store::Snapshot& snapshot, const metric::SeriesKey& key, const Interval& interval);
  // The same in steps: an interval's runs, then its end.
  void add(const Run& run);
  void end_interval();

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

  struct Place {  // in the interval that is being walked
    double before = metric::kAbsent;
    int64_t before_ns = 0;
    Window open;
  };
  Place place_;
  std::optional<Window> closed_;  // kept back one window, so that a short rest can join it
};

// The same without rates: only how much a counter grew.
class TotalWalk {
 public:
  void add(const Run& run);
  void end_interval() { before_ = metric::kAbsent; }

  // Absent where no two samples were to be compared.
  [[nodiscard]] std::optional<double> total() const {
    return time_ns_ > 0 ? std::optional(total_) : std::nullopt;
  }

 private:
  double total_ = 0;
  int64_t time_ns_ = 0;
  double before_ = metric::kAbsent;
  int64_t before_ns_ = 0;
};

// By how much a counter grew in all intervals.
[[nodiscard]] std::optional<double> total_of(const store::Snapshot& snapshot,
                                             const metric::SeriesKey& key,
                                             std::span<const Interval> intervals);

// The level of a gauge over the samples inside each interval.
class GaugeWalk {
 public:
  void add(const store::Snapshot& snapshot, const metric::SeriesKey& key, const Interval& interval);
  // The same in steps: an interval's runs, what the store still knows of rows that had to go, then
  // its end.
  void add(const Run& run);
  void add_thinned(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                   const Interval& interval);
  void end_interval();

  [[nodiscard]] std::optional<Spread> spread() const;
  // Last less first, summed over the intervals.
  [[nodiscard]] std::optional<double> change() const;
  [[nodiscard]] size_t samples() const { return sums_.samples; }

 private:
  struct Sums {
    size_t samples = 0;
    double values = 0;
    double weighted = 0;  // level times time
    int64_t time_ns = 0;
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -std::numeric_limits<double>::infinity();
  };
  struct Place {  // in the interval that is being walked
    double first = 0;
    double before = 0;
    int64_t before_ns = 0;
    bool reaches_back = false;  // to the sample before: not over a restart
  };

  Sums sums_;
  double change_ = 0;
  bool has_change_ = false;
  Place place_;
  size_t samples_before_ = 0;  // the interval
};

// Only how high a gauge was.
class HighestWalk {
 public:
  void add(const Run& run);
  void add_thinned(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                   const Interval& interval);

  [[nodiscard]] std::optional<double> highest() const {
    return has_samples_ ? std::optional(highest_) : std::nullopt;
  }

 private:
  double highest_ = -std::numeric_limits<double>::infinity();
  bool has_samples_ = false;
};

// Visits the runs of rows between two times, from a reader of any number of series.
template <typename Visit>
void for_each_run(const store::Snapshot& snapshot, store::ColumnReader& reader,
                  const Interval& interval, Visit visit) {
  store::RowRange rows = snapshot.rows_between(interval.from_ns, interval.to_ns);
  while (!rows.empty()) {
    rows.begin = reader.move_to(rows).end;
    visit();
  }
}

}  // namespace jumper::analysis
