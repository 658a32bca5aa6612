// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/node_plot.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "jumper/analysis/counter_steps.h"

namespace jumper::analysis {
namespace {

// Equal stretches of time.
class Grid {
 public:
  Grid(const Interval& time, int64_t shortest_ns) : time_(time) {
    const int64_t length_ns = std::max<int64_t>(time.to_ns - time.from_ns, 1);
    const int64_t most = length_ns / std::max<int64_t>(shortest_ns, 1);
    count_ =
        static_cast<size_t>(std::clamp<int64_t>(most, 1, static_cast<int64_t>(kMostNodePoints)));
  }

  [[nodiscard]] size_t size() const { return count_; }
  [[nodiscard]] int64_t edge_ns(size_t at) const {
    const auto share = static_cast<double>(at) / static_cast<double>(count_);
    return time_.from_ns +
           static_cast<int64_t>(static_cast<double>(time_.to_ns - time_.from_ns) * share);
  }
  // The stretch in which a time lies, the first and the last for times outside.
  [[nodiscard]] size_t place_of(int64_t time_ns) const {
    const auto share = static_cast<double>(time_ns - time_.from_ns) /
                       static_cast<double>(std::max<int64_t>(time_.to_ns - time_.from_ns, 1));
    const double place = share * static_cast<double>(count_);
    return place <= 0 ? 0 : std::min(static_cast<size_t>(place), count_ - 1);
  }

 private:
  Interval time_;
  size_t count_ = 1;
};

// Per nanosecond; absent where no step says anything.
std::vector<double> rates_on(const Grid& grid, const NodePlot& node, const metric::SeriesKey& key,
                             const Interval& time) {
  std::vector<double> changes(grid.size(), 0);
  std::vector<double> lengths(grid.size(), 0);
  const Interval wanted{time.from_ns + node.clock_offset_ns, time.to_ns + node.clock_offset_ns};
  for (const CounterStep& step : steps_in(*node.samples, key, wanted)) {
    const CounterStep ours{step.from_ns - node.clock_offset_ns, step.to_ns - node.clock_offset_ns,
                           step.change};
    for (size_t at = grid.place_of(ours.from_ns); at <= grid.place_of(ours.to_ns); ++at) {
      const StepPart part = part_of(ours, {grid.edge_ns(at), grid.edge_ns(at + 1)}, 0);
      changes[at] += part.likely;
      lengths[at] += static_cast<double>(part.length_ns);
    }
  }
  for (size_t at = 0; at < grid.size(); ++at)
    changes[at] = lengths[at] > 0 ? changes[at] / lengths[at] : metric::kAbsent;
  return changes;
}

// Means of the samples in each stretch. One without a sample has the level of the one before it, up
// to the last sample: some levels are sampled less often than others.
std::vector<double> levels_on(const Grid& grid, const NodePlot& node, const metric::SeriesKey& key,
                              const Interval& time) {
  std::vector<double> sums(grid.size(), 0);
  std::vector<double> counts(grid.size(), 0);
  const store::RowRange rows = node.samples->rows_between(time.from_ns + node.clock_offset_ns,
                                                          time.to_ns + node.clock_offset_ns);
  node.samples->for_each_part(key, rows, [&](const store::Snapshot::Part& part) {
    for (size_t i = 0; i < part.values.size(); ++i) {
      if (metric::is_absent(part.values[i])) continue;
      const size_t at = grid.place_of(part.times_ns[i] - node.clock_offset_ns);
      sums[at] += part.values[i];
      counts[at] += 1;
    }
  });
  size_t end = grid.size();  // behind the last sample
  while (end > 0 && counts[end - 1] == 0) --end;
  double before = metric::kAbsent;
  for (size_t at = 0; at < grid.size(); ++at) {
    if (counts[at] > 0) before = sums[at] / counts[at];
    sums[at] = at < end ? before : metric::kAbsent;
  }
  return sums;
}

// Sums of shares of time, which waiting is, mean nothing, and those of clock rates neither.
bool can_be_summed(const PanelInfo& panel) {
  if (panel.is_per_card) return false;
  return !panel.curves[1] || (panel.unit != PlotUnit::kPercent && panel.unit != PlotUnit::kHertz);
}

std::optional<std::vector<double>> line_of(const Grid& grid, const NodePlot& node,
                                           const PanelInfo& panel, const Interval& time) {
  std::optional<std::vector<double>> line;
  for (const auto& curve : panel.curves) {
    if (!curve) continue;
    const metric::MetricInfo& info = metric::info(curve->metric);
    const metric::SeriesKey key{curve->metric, node.options.scope, metric::kWhole};
    const bool is_counter = info.kind == metric::Kind::kCounter;
    std::vector<double> values =
        is_counter ? rates_on(grid, node, key, time) : levels_on(grid, node, key, time);
    if (std::ranges::all_of(values, metric::is_absent)) continue;
    double scale = (is_counter ? 1e9 : 1) / info.stored_per_unit;
    if (panel.unit == PlotUnit::kPercent)
      scale *= 100 / (curve->metric == metric::Metric::kCpuTime ? node.options.cpus : 1);
    for (double& value : values) value *= scale;
    if (!line) {
      line = std::move(values);
    } else {
      for (size_t i = 0; i < line->size(); ++i) (*line)[i] += values[i];
    }
  }
  return line;
}

struct NodeLines {
  std::vector<size_t> nodes;  // that have a line
  std::vector<std::vector<double>> lines;
};

PlotCurve median_curve(const NodeLines& lines, size_t panel, size_t points) {
  PlotCurve curve;
  curve.panel = panel;
  curve.label = "median of " + std::to_string(lines.nodes.size()) + ", lowest to highest";
  for (size_t point = 0; point < points; ++point) {
    std::vector<double> values;
    for (const std::vector<double>& line : lines.lines) {
      if (!metric::is_absent(line[point])) values.push_back(line[point]);
    }
    if (values.empty()) {
      for (auto* of : {&curve.mean, &curve.low, &curve.high}) of->push_back(metric::kAbsent);
      continue;
    }
    std::ranges::sort(values);
    curve.mean.push_back(values[values.size() / 2]);
    curve.low.push_back(values.front());
    curve.high.push_back(values.back());
  }
  return curve;
}

double mean_of_line(const std::vector<double>& line) {
  double sum = 0;
  double count = 0;
  for (const double value : line) {
    if (metric::is_absent(value)) continue;
    sum += value;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

class ViewMaker {
 public:
  ViewMaker(std::span<const NodePlot> nodes, const Interval& time, int64_t shortest_ns)
      : nodes_(nodes), time_(time), grid_(time, shortest_ns) {}

  [[nodiscard]] PlotLevel make() {
    view_.view = kAllNodesView;
    if (!nodes_.empty()) view_.scope = nodes_.front().options.scope;
    for (size_t at = 0; at < grid_.size(); ++at) {
      view_.times_ns.push_back(grid_.edge_ns(at + 1));
      view_.is_start.push_back(false);
    }
    set_limit();
    const auto panels = plot_panels();
    for (size_t panel = 0; panel < panels.size(); ++panel) {
      if (can_be_summed(panels[panel])) add(panel, lines_of(panels[panel]));
    }
    return std::move(view_);
  }

 private:
  // Where all nodes have the same.
  void set_limit() {
    if (nodes_.empty()) return;
    const auto& limit = nodes_.front().options.memory_limit_bytes;
    const bool is_common = std::ranges::all_of(
        nodes_, [&](const NodePlot& node) { return node.options.memory_limit_bytes == limit; });
    if (is_common) view_.memory_limit_bytes = limit;
  }

  [[nodiscard]] NodeLines lines_of(const PanelInfo& panel) const {
    NodeLines made;
    for (size_t node = 0; node < nodes_.size(); ++node) {
      auto line = line_of(grid_, nodes_[node], panel, time_);
      if (!line) continue;
      made.nodes.push_back(node);
      made.lines.push_back(std::move(*line));
    }
    return made;
  }

  void add(size_t panel, NodeLines lines) {
    if (lines.nodes.empty()) return;
    if (nodes_.size() <= kMostNodeLines) {
      for (size_t i = 0; i < lines.nodes.size(); ++i)
        add_line(panel, lines.nodes[i], nodes_[lines.nodes[i]].name, std::move(lines.lines[i]));
      return;
    }
    if (panel == 0) choose(lines);
    view_.curves.push_back(median_curve(lines, panel, grid_.size()));
    for (size_t i = 0; i < lines.nodes.size(); ++i) {
      if (lines.nodes[i] == most_)
        add_line(panel, 1, nodes_[most_].name + " (most CPU)", lines.lines[i]);
      if (lines.nodes[i] == least_)
        add_line(panel, 2, nodes_[least_].name + " (least CPU)", lines.lines[i]);
    }
  }

  void add_line(size_t panel, size_t place, std::string label, std::vector<double> line) {
    PlotCurve curve;
    curve.panel = panel;
    curve.curve = place;
    curve.label = std::move(label);
    curve.mean = std::move(line);
    view_.curves.push_back(std::move(curve));
  }

  // Whose lines are shown among many, by their CPU, which is the first panel.
  void choose(const NodeLines& lines) {
    size_t most = 0;
    size_t least = 0;
    for (size_t i = 1; i < lines.lines.size(); ++i) {
      if (mean_of_line(lines.lines[i]) > mean_of_line(lines.lines[most])) most = i;
      if (mean_of_line(lines.lines[i]) < mean_of_line(lines.lines[least])) least = i;
    }
    most_ = lines.nodes[most];
    least_ = lines.nodes[least];
  }

  std::span<const NodePlot> nodes_;
  Interval time_;
  Grid grid_;
  PlotLevel view_;
  size_t most_ = 0;
  size_t least_ = 0;
};

}  // namespace

PlotLevel make_nodes_view(std::span<const NodePlot> nodes, const Interval& time,
                          int64_t shortest_ns) {
  return ViewMaker(nodes, time, shortest_ns).make();
}

}  // namespace jumper::analysis
