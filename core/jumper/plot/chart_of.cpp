// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/chart_of.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"

namespace jumper::plot {
namespace {

constexpr size_t kNameColumns = 60;
constexpr size_t kLabelColumns = 40;  // of a node's name

Unit unit_of(analysis::PlotUnit unit) {
  switch (unit) {
    case analysis::PlotUnit::kPercent:
      return Unit::kPercent;
    case analysis::PlotUnit::kBytes:
      return Unit::kBytes;
    case analysis::PlotUnit::kBytesPerSecond:
      return Unit::kBytesPerSecond;
    case analysis::PlotUnit::kPerSecond:
      return Unit::kPerSecond;
    case analysis::PlotUnit::kCount:
      return Unit::kNumber;
    case analysis::PlotUnit::kWatts:
      return Unit::kWatts;
    case analysis::PlotUnit::kCelsius:
      return Unit::kCelsius;
    case analysis::PlotUnit::kHertz:
      return Unit::kHertz;
  }
  return Unit::kNumber;
}

std::string_view first_line(std::string_view source) {
  source = base::trim(source);
  return base::trim(base::next_line(source));
}

std::string limit_label(double bytes) {
  const bool is_gb = bytes >= 0x1p30;
  const double size = bytes / (is_gb ? 0x1p30 : 0x1p20);
  return "limit " + base::fixed(size, size == std::floor(size) ? 0 : 1) + (is_gb ? " GB" : " MB");
}

std::string cpus_label(double cpus) {
  const std::string number = base::rounded(cpus, 2);
  return number + (number == "1" ? " CPU" : " CPUs");
}

class ChartMaker {
 public:
  ChartMaker(const analysis::PlotData& data, const ChartOptions& options)
      : data_(data), options_(options) {}

  [[nodiscard]] Chart make() const {
    Chart chart;
    chart.title = options_.title;
    chart.theme = options_.is_dark ? dark_theme() : light_theme();
    chart.range = Span{seconds(data_.from_ns), seconds(data_.to_ns)};
    const analysis::PlotLevel* level = data_.shown();
    const std::span<const analysis::PanelInfo> panels = analysis::plot_panels();
    for (const size_t i : data_.panels) {
      if (i >= panels.size()) continue;
      chart.panels.push_back({std::string(panels[i].title), unit_of(panels[i].unit), {}, {}});
      if (level != nullptr) fill(chart.panels.back(), i, *level);
    }
    add_cells(chart);
    return chart;
  }

 private:
  [[nodiscard]] double seconds(int64_t time_ns) const {
    return static_cast<double>(time_ns - data_.origin_ns) / 1e9;
  }

  void fill(Panel& panel, size_t place, const analysis::PlotLevel& level) const {
    const analysis::PanelInfo& info = analysis::plot_panels()[place];
    for (const analysis::PlotCurve& curve : level.curves) {
      if (curve.panel != place) continue;
      const bool is_known =
          curve.curve < info.curves.size() && info.curves.at(curve.curve).has_value();
      if (curve.label.empty() && !is_known) continue;
      Series series = series_of(curve, level);
      series.label = curve.label.empty() ? std::string(info.curves.at(curve.curve)->label)
                                         : base::one_line(curve.label, kLabelColumns);
      series.colour = series_colour(curve.curve, options_.is_dark);
      series.is_rate = analysis::is_rate(info.unit);
      panel.series.push_back(std::move(series));
    }
    if (info.key == "cpu" && level.cpus > 0) panel.title += ", 100 % = " + cpus_label(level.cpus);
    if (info.key == "memory" && level.memory_limit_bytes) {
      panel.limit = Limit{*level.memory_limit_bytes, limit_label(*level.memory_limit_bytes)};
    }
  }

  [[nodiscard]] Series series_of(const analysis::PlotCurve& curve,
                                 const analysis::PlotLevel& level) const {
    Series series;
    const size_t count = std::min(curve.mean.size(), level.times_ns.size());
    const bool has_extremes = curve.low.size() >= count && curve.high.size() >= count;
    const auto add = [&](size_t i, bool is_gap) {
      const double nothing = std::numeric_limits<double>::quiet_NaN();
      series.x_seconds.push_back(seconds(level.times_ns[i]));
      series.mean.push_back(is_gap ? nothing : curve.mean[i]);
      if (!has_extremes) return;
      series.low.push_back(is_gap ? nothing : curve.low[i]);
      series.high.push_back(is_gap ? nothing : curve.high[i]);
    };
    for (size_t i = 0; i < count; ++i) {
      if (i < level.is_start.size() && level.is_start[i]) add(i, true);
      add(i, false);
    }
    return series;
  }

  void add_cells(Chart& chart) const {
    double idle_from = chart.range->from_seconds;
    for (const auto& cell : data_.cells) {
      const Span span{seconds(cell->start_ns), seconds(cell->end_ns)};
      if (cell->end_ns < data_.from_ns || cell->start_ns > data_.to_ns) continue;
      const bool has_failed = cell->status == cells::CellStatus::kError ||
                              cell->status == cells::CellStatus::kInterrupted;
      chart.cells.push_back(
          {span, cell->index, base::one_line(first_line(cell->source), kNameColumns), has_failed});
      if (options_.squeezes_idle) chart.idle.push_back({idle_from, span.from_seconds});
      idle_from = span.to_seconds;
    }
    if (options_.squeezes_idle) chart.idle.push_back({idle_from, chart.range->to_seconds});
  }

  const analysis::PlotData& data_;
  const ChartOptions& options_;
};

}  // namespace

Chart chart_of(const analysis::PlotData& data, const ChartOptions& options) {
  return ChartMaker(data, options).make();
}

}  // namespace jumper::plot
