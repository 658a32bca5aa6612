// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_data.h"

#include <algorithm>
#include <limits>
#include <string>

#include "jumper/analysis/gpu_plot.h"
#include "jumper/analysis/gpu_readings.h"
#include "jumper/analysis/plot_points.h"
#include "jumper/store/pyramid.h"

namespace jumper::analysis {
namespace {

using metric::Metric;
using metric::TickKind;

// The rows of the snapshot that say anything of the level.
class LevelReader {
 public:
  LevelReader(const store::Snapshot& snapshot, metric::Scope scope, store::RowRange range)
      : snapshot_(snapshot), scope_(scope), range_(range) {
    std::vector<bool> is_ours(range.size());
    for (const Metric metric : {Metric::kCpuTime, Metric::kMemory}) {
      read(metric, [&](size_t row, const store::Snapshot::Part& part, size_t i) {
        if (!metric::is_absent(part.values[i])) is_ours[row - range_.begin] = true;
      });
    }
    bool started = false;  // since the last of our rows: the start itself may say nothing of us
    snapshot_.for_each_part({}, range_, [&](const auto& part) {
      for (size_t i = 0; i < part.times_ns.size(); ++i) {
        started = started || part.kinds[i] == TickKind::kStart;
        if (is_ours[part.first_row + i - range_.begin]) add_row(part, i, started);
      }
    });
  }

  [[nodiscard]] const PlotRows& rows() const { return rows_; }

  // One value per row; where the level has such a series at all.
  [[nodiscard]] std::optional<std::vector<double>> values(Metric metric, int32_t instance) const {
    if (is_gpu(metric)) return gpu_values(snapshot_, {metric, scope_, instance}, rows_);
    std::vector<double> values(places_.size(), metric::kAbsent);
    size_t at = 0;
    bool has_any = false;
    read(metric, [&](size_t row, const store::Snapshot::Part& part, size_t i) {
      while (at < places_.size() && (places_[at] < row || places_[at] == kNowhere)) ++at;
      if (at == places_.size() || places_[at] != row) return;
      values[at] = part.values[i];
      has_any = has_any || !metric::is_absent(part.values[i]);
    });
    if (!has_any) return std::nullopt;
    return values;
  }

 private:
  static constexpr size_t kNowhere = ~size_t{0};

  template <typename Visit>
  void read(Metric metric, Visit visit) const {
    snapshot_.for_each_part({metric, scope_, metric::kWhole}, range_, [&](const auto& part) {
      for (size_t i = 0; i < part.values.size(); ++i) visit(part.first_row + i, part, i);
    });
  }

  void add_row(const store::Snapshot::Part& part, size_t i, bool& started) {
    constexpr int64_t kGapNs = 1'000'000;
    const int64_t time_ns = part.times_ns[i];
    if (started && !rows_.times_ns.empty()) {  // a row without values ends what was before
      rows_.times_ns.push_back(std::max(rows_.times_ns.back(), time_ns - kGapNs));
      rows_.kinds.push_back(TickKind::kStart);
      places_.push_back(kNowhere);
    }
    rows_.times_ns.push_back(time_ns);
    rows_.kinds.push_back(started ? TickKind::kStart : part.kinds[i]);
    places_.push_back(part.first_row + i);
    started = false;
  }

  const store::Snapshot& snapshot_;
  metric::Scope scope_;
  store::RowRange range_;
  PlotRows rows_;
  std::vector<size_t> places_;  // of our rows in the snapshot
};

// From what is stored to the unit of the panel; for counters, from rates per nanosecond.
double factor(const metric::MetricInfo& info, PlotUnit unit, double cpus) {
  constexpr double kNanosPerSecond = 1e9;
  const double per_unit = info.kind == metric::Kind::kCounter
                              ? kNanosPerSecond / info.stored_per_unit
                              : 1 / info.stored_per_unit;
  if (unit != PlotUnit::kPercent) return per_unit;
  return per_unit * 100 / (info.metric == Metric::kCpuTime ? cpus : 1);
}

// Said where it is less than the machine.
double shown_cpus(const PlotLevelOptions& options) {
  return options.cpus_reason.empty() ? 0 : options.cpus;
}

// The highest rate per nanosecond, stored as it is, that a share of time can have. Throttled time
// is added up over all CPUs of the machine on which something was held back.
double highest_rate(Metric metric, const PlotLevelOptions& options) {
  if (metric == Metric::kThrottledTime || metric::info(metric).kind == metric::Kind::kGauge)
    return std::numeric_limits<double>::infinity();
  return metric == Metric::kCpuTime ? std::max(options.cpus, options.most_cpus) : 1;
}

// The curve with a point for each group; as it is where each group is one point.
PlotCurve reduced(PlotCurve curve, std::span<const int64_t> times_ns,
                  std::span<const PointGroup> groups) {
  if (groups.size() == times_ns.size()) return curve;
  const bool has_extremes = !curve.low.empty();
  const std::vector<double>& lows = has_extremes ? curve.low : curve.mean;
  const std::vector<double>& highs = has_extremes ? curve.high : curve.mean;
  PlotCurve made;
  made.panel = curve.panel;
  made.curve = curve.curve;
  made.label = std::move(curve.label);
  for (const PointGroup& group : groups) {
    made.mean.push_back(mean_of(times_ns, curve.mean, group));
    made.low.push_back(lowest_of(lows, group));
    made.high.push_back(highest_of(highs, group));
  }
  return made;
}

// The level without its curves.
PlotLevel reduced_frame(const PlotLevel& level, std::span<const PointGroup> groups) {
  PlotLevel made;
  made.scope = level.scope;
  made.memory_limit_bytes = level.memory_limit_bytes;
  made.view = level.view;
  made.cpus = level.cpus;
  for (const PointGroup& group : groups) {
    made.times_ns.push_back(level.times_ns[group.end - 1]);
    made.is_start.push_back(level.is_start[group.begin]);
  }
  return made;
}

// A curve that there can be.
struct WantedCurve {
  size_t panel = 0;
  size_t place = 0;
  Metric metric = Metric::kCpuTime;
  int32_t instance = metric::kWhole;

  [[nodiscard]] PlotUnit unit() const { return plot_panels()[panel].unit; }
  [[nodiscard]] PlotCurve empty() const {
    PlotCurve curve;
    curve.panel = panel;
    curve.curve = place;
    if (instance != metric::kWhole) curve.label = std::to_string(instance);
    return curve;
  }
};

std::vector<WantedCurve> wanted_curves(const store::Snapshot& snapshot, metric::Scope level) {
  std::vector<WantedCurve> wanted;
  const std::vector<metric::SeriesKey> series = snapshot.series();
  const std::vector<int32_t> cards = gpu_cards_of(series, level);
  const bool has_gpus = has_gpu_series(series, level);
  const auto panels = plot_panels();
  for (size_t panel = 0; panel < panels.size(); ++panel) {
    if (is_of_gpus(panels[panel]) && !has_gpus) continue;
    if (panels[panel].is_per_card) {
      for (size_t place = 0; place < cards.size(); ++place)
        wanted.push_back({panel, place, panels[panel].curves[0]->metric, cards[place]});
      continue;
    }
    for (size_t place = 0; place < panels[panel].curves.size(); ++place) {
      if (const auto& curve = panels[panel].curves[place])
        wanted.push_back({panel, place, curve->metric});
    }
  }
  return wanted;
}

// From what the store knows of whole blocks of rows: for sessions with so many that reading them
// all would take its time.
class BucketReader {
 public:
  BucketReader(const store::Snapshot& snapshot, const PlotLevelOptions& options,
               store::RowRange range, size_t points)
      : snapshot_(snapshot), options_(options), range_(range), points_(points) {
    const auto cpu = of(Metric::kCpuTime);
    const auto memory = of(Metric::kMemory);
    for (size_t i = 0; i < points; ++i) {
      const bool is_measured = cpu[i].samples > 0 || memory[i].samples > 0;
      // Of a long gap, one bucket tells.
      if (!is_measured && (kept_.empty() || level_.is_start.back())) continue;
      kept_.push_back(i);
      level_.times_ns.push_back(cpu[i].to_ns);
      level_.is_start.push_back(!is_measured);
    }
  }

  [[nodiscard]] PlotLevel read() {
    level_.scope = options_.scope;
    level_.memory_limit_bytes = options_.memory_limit_bytes;
    level_.cpus = shown_cpus(options_);
    for (const WantedCurve& wanted : wanted_curves(snapshot_, options_.scope)) {
      auto buckets = of(wanted.metric, wanted.instance);
      const bool has_any =
          std::ranges::any_of(buckets, [](const store::Bucket& b) { return b.samples > 0; });
      if (!has_any) continue;
      if (is_gpu(wanted.metric)) hold_readings(buckets);
      const double scale = factor(metric::info(wanted.metric), wanted.unit(), options_.cpus);
      // Rates of very short times can be above what there can be.
      const bool is_share = wanted.unit() == PlotUnit::kPercent;
      const double most = is_share ? highest_rate(wanted.metric, options_) * scale : kNoLimit;
      PlotCurve curve = wanted.empty();
      for (const size_t i : kept_) {
        curve.mean.push_back(at_most(buckets[i].mean * scale, most));
        curve.low.push_back(at_most(buckets[i].minimum * scale, most));
        curve.high.push_back(at_most(buckets[i].maximum * scale, most));
      }
      level_.curves.push_back(std::move(curve));
    }
    return std::move(level_);
  }

 private:
  static constexpr double kNoLimit = std::numeric_limits<double>::infinity();

  // Absent stays absent.
  static double at_most(double value, double most) { return value > most ? most : value; }

  [[nodiscard]] std::vector<store::Bucket> of(Metric metric,
                                              int32_t instance = metric::kWhole) const {
    return store::buckets(snapshot_, {metric, options_.scope, instance},
                          snapshot_.time_ns(range_.begin), snapshot_.time_ns(range_.end - 1),
                          points_);
  }

  const store::Snapshot& snapshot_;
  const PlotLevelOptions& options_;
  store::RowRange range_;
  size_t points_;
  std::vector<size_t> kept_;  // of the buckets
  PlotLevel level_;
};

}  // namespace

std::string_view view_name(const PlotLevel& level) {
  return level.view.empty() ? metric::scope_name(level.scope) : std::string_view(level.view);
}

void PlotData::look_for_gpus(const store::Snapshot& samples) {
  if (has_gpus) return;
  has_gpus = std::ranges::any_of(samples.series(),
                                 [](const metric::SeriesKey& key) { return is_gpu(key.metric); });
  if (has_gpus) panels = usual_panels(true);
}

bool PlotData::is_shown(const PlotLevel& level) const {
  return level.scope == shown_level && level.view == shown_view;
}

const PlotLevel* PlotData::shown() const {
  for (const PlotLevel& level : levels) {
    if (is_shown(level)) return &level;
  }
  return nullptr;
}

size_t PlotData::most_points() const {
  size_t most = 0;
  for (const PlotLevel& level : levels) most = std::max(most, level.times_ns.size());
  return most;
}

PlotLevel make_plot_level(const store::Snapshot& snapshot, const PlotLevelOptions& options,
                          size_t points) {
  const store::RowRange range = {snapshot.lower_bound(options.from_ns), snapshot.rows()};
  if (range.size() > kMostRowsRead) {
    constexpr size_t kMostBuckets = 2000;
    return BucketReader(snapshot, options, range, std::min(points, kMostBuckets)).read();
  }
  const LevelReader reader(snapshot, options.scope, range);
  const PlotRows& rows = reader.rows();
  PlotLevel frame;
  frame.scope = options.scope;
  frame.memory_limit_bytes = options.memory_limit_bytes;
  frame.cpus = shown_cpus(options);
  frame.times_ns = rows.times_ns;
  for (const TickKind kind : rows.kinds) frame.is_start.push_back(kind == TickKind::kStart);
  const auto groups = group_rows(frame.is_start, points);
  PlotLevel level = reduced_frame(frame, groups);
  for (const WantedCurve& wanted : wanted_curves(snapshot, options.scope)) {
    auto values = reader.values(wanted.metric, wanted.instance);
    if (!values) continue;
    const metric::MetricInfo& info = metric::info(wanted.metric);
    const bool is_counter = info.kind == metric::Kind::kCounter;
    if (is_counter && !is_gpu(wanted.metric))
      values = rates_of(rows, *values, options.shortest_rate_ns);
    if (is_counter && wanted.unit() == PlotUnit::kPercent)
      carry_back(rows, *values, highest_rate(wanted.metric, options));
    const double scale = factor(info, wanted.unit(), options.cpus);
    for (double& value : *values) value *= scale;
    PlotCurve curve = wanted.empty();
    curve.mean = std::move(*values);
    level.curves.push_back(reduced(std::move(curve), rows.times_ns, groups));
  }
  return level;
}

PlotLevel thinned(const PlotLevel& level, size_t points) {
  const auto groups = group_rows(level.is_start, points);
  PlotLevel made = reduced_frame(level, groups);
  for (const PlotCurve& curve : level.curves)
    made.curves.push_back(reduced(curve, level.times_ns, groups));
  return made;
}

PlotLevel points_from(PlotLevel level, int64_t from_ns) {
  const auto earlier = std::ranges::lower_bound(level.times_ns, from_ns) - level.times_ns.begin();
  const auto cut = [&](auto& values) {
    if (!values.empty()) values.erase(values.begin(), values.begin() + earlier);
  };
  cut(level.times_ns);
  cut(level.is_start);
  for (PlotCurve& curve : level.curves) {
    cut(curve.mean);
    cut(curve.low);
    cut(curve.high);
  }
  return level;
}

}  // namespace jumper::analysis
