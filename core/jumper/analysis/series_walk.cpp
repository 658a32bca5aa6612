// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/series_walk.h"

#include <algorithm>

#include "jumper/store/pyramid.h"

namespace jumper::analysis {

namespace {

// The kernel's clocks of running threads move in steps of up to 10 ms: over less than a few of
// them, a rate is mostly noise.
constexpr int64_t kShortestTellingNs = 50'000'000;

// False where one is absent as well.
bool never_fall(std::span<const double> values) {
  uint64_t falls = values.empty() || metric::is_absent(values.front()) ? 1 : 0;
  for (size_t i = 1; i < values.size(); ++i) falls += values[i] >= values[i - 1] ? 0 : 1;
  return falls == 0;
}

template <typename Walk>
void walk_one(Walk& walk, const store::Snapshot& snapshot, const metric::SeriesKey& key,
              const Interval& interval) {
  store::ColumnReader reader(snapshot, {key});
  for_each_run(snapshot, reader, interval, [&] { walk.add(run_of(reader, 0)); });
}

}  // namespace

Run run_of(store::ColumnReader& reader, size_t key) {
  return {reader.times_ns(), reader.kinds(), reader.values(key), reader.has_start(),
          reader.is_whole(key)};
}

void CounterWalk::close_window(const Window& window) {
  if (window.time_ns < kShortestTellingNs) return;
  const double rate = window.change / static_cast<double>(window.time_ns);
  slowest_ = std::min(slowest_, rate);
  fastest_ = std::max(fastest_, rate);
}

void CounterWalk::add(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                      const Interval& interval) {
  walk_one(*this, snapshot, key, interval);
  end_interval();
}

void CounterWalk::add(const Run& run) {
  if (run.values.empty()) {
    if (run.has_start) place_.before = metric::kAbsent;
    return;
  }
  Place place = place_;  // a copy, which can be held in registers
  for (size_t i = 0; i < run.values.size(); ++i) {
    // No difference reaches back over a restart, even one that could not read this series.
    if (run.has_start && run.kinds[i] == metric::TickKind::kStart) place.before = metric::kAbsent;
    const double value = run.values[i];
    if (metric::is_absent(value)) continue;
    const int64_t time_ns = run.times_ns[i];
    if (value >= place.before) {  // false while there is none before
      place.open.change += value - place.before;
      place.open.time_ns += time_ns - place.before_ns;
      if (place.open.time_ns >= shortest_rate_ns_) {
        if (closed_) close_window(*closed_);
        closed_ = place.open;
        total_ += place.open.change;
        time_ns_ += place.open.time_ns;
        place.open = {};
      }
    }
    place.before = value;
    place.before_ns = time_ns;
  }
  place_ = place;
}

void CounterWalk::end_interval() {
  const Window rest = place_.open;
  total_ += rest.change;
  time_ns_ += rest.time_ns;
  if (closed_) {
    closed_->change += rest.change;
    closed_->time_ns += rest.time_ns;
    close_window(*closed_);
  } else if (rest.time_ns > 0) {
    close_window(rest);
  }
  place_ = {};
  closed_.reset();
}

std::optional<Spread> CounterWalk::rate() const {
  if (!measured()) return std::nullopt;
  const double average = total_ / static_cast<double>(time_ns_);
  // What was too short to tell extremes still counts in the average.
  return Spread{average, std::min(slowest_, average), std::max(fastest_, average)};
}

void TotalWalk::add(const Run& run) {
  const auto step = [&](double value, int64_t time_ns) {
    if (value >= before_) {  // false while there is none before
      total_ += value - before_;
      time_ns_ += time_ns - before_ns_;
    }
    before_ = value;
    before_ns_ = time_ns;
  };
  // Differences of whole numbers add up to the difference of the last and the first, exactly.
  if (run.is_whole && !run.has_start && never_fall(run.values)) {
    step(run.values.front(), run.times_ns.front());
    step(run.values.back(), run.times_ns.back());
    return;
  }
  for (size_t i = 0; i < run.kinds.size(); ++i) {
    if (run.kinds[i] == metric::TickKind::kStart) before_ = metric::kAbsent;
    if (run.values.empty() || metric::is_absent(run.values[i])) continue;
    step(run.values[i], run.times_ns[i]);
  }
}

std::optional<double> total_of(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                               std::span<const Interval> intervals) {
  store::ColumnReader reader(snapshot, {key});
  TotalWalk walk;
  for (const Interval& interval : intervals) {
    for_each_run(snapshot, reader, interval, [&] { walk.add(run_of(reader, 0)); });
    walk.end_interval();
  }
  return walk.total();
}

void GaugeWalk::add(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                    const Interval& interval) {
  walk_one(*this, snapshot, key, interval);
  if (snapshot.thinned_until_ns() >= interval.from_ns) add_thinned(snapshot, key, interval);
  end_interval();
}

void GaugeWalk::add(const Run& run) {
  if (run.values.empty()) {
    if (run.has_start) place_.reaches_back = false;
    return;
  }
  Sums sums = sums_;  // copies, which can be held in registers
  Place place = place_;
  for (size_t i = 0; i < run.values.size(); ++i) {
    if (run.has_start && run.kinds[i] == metric::TickKind::kStart) place.reaches_back = false;
    const double value = run.values[i];
    if (metric::is_absent(value)) continue;
    const int64_t time_ns = run.times_ns[i];
    if (place.reaches_back) {
      const int64_t length_ns = time_ns - place.before_ns;
      sums.weighted += (place.before + value) / 2 * static_cast<double>(length_ns);
      sums.time_ns += length_ns;
    }
    if (sums.samples == samples_before_) place.first = value;
    place.before = value;
    place.before_ns = time_ns;
    place.reaches_back = true;
    ++sums.samples;
    sums.values += value;
    sums.lowest = std::min(sums.lowest, value);
    sums.highest = std::max(sums.highest, value);
  }
  sums_ = sums;
  place_ = place;
}

void GaugeWalk::add_thinned(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                            const Interval& interval) {
  for (const store::Bucket& all :
       store::buckets(snapshot, key, interval.from_ns, interval.to_ns, 1)) {
    if (all.samples == 0) continue;
    sums_.lowest = std::min(sums_.lowest, all.minimum);
    sums_.highest = std::max(sums_.highest, all.maximum);
  }
}

void GaugeWalk::end_interval() {
  if (sums_.samples > samples_before_ + 1) {
    change_ += place_.before - place_.first;
    has_change_ = true;
  }
  samples_before_ = sums_.samples;
  place_ = {};
}

std::optional<Spread> GaugeWalk::spread() const {
  if (sums_.samples == 0) return std::nullopt;
  const double average = sums_.time_ns > 0 ? sums_.weighted / static_cast<double>(sums_.time_ns)
                                           : sums_.values / static_cast<double>(sums_.samples);
  return Spread{average, sums_.lowest, sums_.highest};
}

std::optional<double> GaugeWalk::change() const {
  return has_change_ ? std::optional(change_) : std::nullopt;
}

void HighestWalk::add(const Run& run) {
  double highest = -std::numeric_limits<double>::infinity();
  for (const double value : run.values) highest = value > highest ? value : highest;
  highest_ = std::max(highest_, highest);
  has_samples_ = has_samples_ ||
                 !std::ranges::all_of(run.values, [](double v) { return metric::is_absent(v); });
}

void HighestWalk::add_thinned(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                              const Interval& interval) {
  for (const store::Bucket& all :
       store::buckets(snapshot, key, interval.from_ns, interval.to_ns, 1)) {
    if (all.samples > 0) highest_ = std::max(highest_, all.maximum);
  }
}

}  // namespace jumper::analysis
