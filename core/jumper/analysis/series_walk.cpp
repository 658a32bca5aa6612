// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/series_walk.h"

#include <algorithm>

#include "jumper/store/pyramid.h"

namespace jumper::analysis {

namespace {
// The kernel's clocks of running threads move in steps of up to 10 ms: over less than a few of
// them, a rate is mostly noise.
constexpr int64_t kShortestTellingNs = 50'000'000;
}  // namespace

void CounterWalk::close_window(const Window& window) {
  if (window.time_ns < kShortestTellingNs) return;
  const double rate = window.change / static_cast<double>(window.time_ns);
  slowest_ = std::min(slowest_, rate);
  fastest_ = std::max(fastest_, rate);
}

void CounterWalk::add(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                      const Interval& interval) {
  double before = metric::kAbsent;
  int64_t before_ns = 0;
  Window open;
  std::optional<Window> closed;  // kept back one window, so that a short rest can join it
  snapshot.for_each_part(key, snapshot.rows_between(interval.from_ns, interval.to_ns),
                         [&](const auto& part) {
                           for (size_t i = 0; i < part.kinds.size(); ++i) {
                             // No difference reaches back over a restart, even one that could not
                             // read this series.
                             if (part.kinds[i] == metric::TickKind::kStart)
                               before = metric::kAbsent;
                             if (part.values.empty()) continue;
                             const double value = part.values[i];
                             if (metric::is_absent(value)) continue;
                             if (value >= before) {  // false while there is none before
                               open.change += value - before;
                               open.time_ns += part.times_ns[i] - before_ns;
                               if (open.time_ns >= shortest_rate_ns_) {
                                 if (closed) close_window(*closed);
                                 closed = open;
                                 total_ += open.change;
                                 time_ns_ += open.time_ns;
                                 open = {};
                               }
                             }
                             before = value;
                             before_ns = part.times_ns[i];
                           }
                         });
  total_ += open.change;
  time_ns_ += open.time_ns;
  if (closed) {
    closed->change += open.change;
    closed->time_ns += open.time_ns;
    close_window(*closed);
  } else if (open.time_ns > 0) {
    close_window(open);
  }
}

std::optional<Spread> CounterWalk::rate() const {
  if (!measured()) return std::nullopt;
  const double average = total_ / static_cast<double>(time_ns_);
  // What was too short to tell extremes still counts in the average.
  return Spread{average, std::min(slowest_, average), std::max(fastest_, average)};
}

void GaugeWalk::add(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                    const Interval& interval) {
  const size_t samples_before = samples_;
  double first = 0;
  double before = 0;
  int64_t before_ns = 0;
  bool reaches_back = false;  // to the sample before: not over a restart
  snapshot.for_each_part(key, snapshot.rows_between(interval.from_ns, interval.to_ns),
                         [&](const auto& part) {
                           for (size_t i = 0; i < part.kinds.size(); ++i) {
                             if (part.kinds[i] == metric::TickKind::kStart) reaches_back = false;
                             if (part.values.empty()) continue;
                             const double value = part.values[i];
                             if (metric::is_absent(value)) continue;
                             if (reaches_back) {
                               const int64_t time_ns = part.times_ns[i] - before_ns;
                               weighted_ += (before + value) / 2 * static_cast<double>(time_ns);
                               time_ns_ += time_ns;
                             }
                             if (samples_ == samples_before) first = value;
                             before = value;
                             before_ns = part.times_ns[i];
                             reaches_back = true;
                             ++samples_;
                             sum_ += value;
                             lowest_ = std::min(lowest_, value);
                             highest_ = std::max(highest_, value);
                           }
                         });
  if (samples_ > samples_before + 1) {
    change_ += before - first;
    has_change_ = true;
  }
  // Of samples that had to go, because memory ran short, the store still knows the extremes.
  if (snapshot.thinned_until_ns() < interval.from_ns) return;
  for (const store::Bucket& all :
       store::buckets(snapshot, key, interval.from_ns, interval.to_ns, 1)) {
    if (all.samples == 0) continue;
    lowest_ = std::min(lowest_, all.minimum);
    highest_ = std::max(highest_, all.maximum);
  }
}

std::optional<Spread> GaugeWalk::spread() const {
  if (samples_ == 0) return std::nullopt;
  const double average = time_ns_ > 0 ? weighted_ / static_cast<double>(time_ns_)
                                      : sum_ / static_cast<double>(samples_);
  return Spread{average, lowest_, highest_};
}

std::optional<double> GaugeWalk::change() const {
  return has_change_ ? std::optional(change_) : std::nullopt;
}

}  // namespace jumper::analysis
