// SPDX-License-Identifier: BSD-3-Clause
// What a plot draws: curves of every level over time, and the cells. Few enough points for a
// screen, however long the session was; whoever draws (a browser, a terminal) starts from here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/plot_panels.h"
#include "jumper/cells/timeline.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// Values of a level's points, in the unit of the panel. Absent where nothing was measured.
struct PlotCurve {
  size_t panel = 0;  // in plot_panels()
  size_t curve = 0;  // in its curves
  std::vector<double> mean;
  // Extremes of the samples that a point stands for; empty where each point is one sample.
  std::vector<double> low;
  std::vector<double> high;
  // Of a plot of nodes: whose line it is, any bytes; of a panel of each GPU: which one. Then
  // `curve` is its place among the lines, not in the panel's curves. Empty: the panel says what it
  // is.
  std::string label = {};
};

// A point speaks of the time from the point before it on. Of gauges it is the level at its own
// time, of counters the rate. Where the monitor did not run, there is a point without any value.
struct PlotLevel {
  metric::Scope scope = metric::Scope::kProcess;
  std::vector<int64_t> times_ns;
  std::vector<bool> is_start;     // monitoring began anew: no curve reaches back over this point
  std::vector<PlotCurve> curves;  // those that have at least one value
  double cpus = 0;                // what 100 % of CPU means, where less than the machine; else 0
  std::optional<double> memory_limit_bytes;
  std::string view = {};  // of a plot of nodes: a node's name or "all nodes"; else empty
};

// By which name a level is chosen.
[[nodiscard]] std::string_view view_name(const PlotLevel& level);

struct PlotData {
  int64_t origin_ns = 0;  // when monitoring started: times are shown since then
  int64_t origin_wall_ns = 0;
  int64_t from_ns = 0;  // what there is to see
  int64_t to_ns = 0;
  cells::CellList cells;
  std::optional<size_t> first_cell;  // of the range that was asked for
  std::optional<size_t> last_cell;
  metric::Scope shown_level = metric::Scope::kProcess;
  std::string shown_view;  // of a plot of nodes
  std::string node;        // whose plot it is, where it is one of many nodes'
  std::vector<PlotLevel> levels;
  std::vector<size_t> panels = usual_panels(false);  // those shown, in order
  bool has_gpus = false;                             // so that panels about them are offered
  bool is_selection = false;  // has nothing but what is shown: no other level, panel or cell

  // Whether any of the samples is of GPUs; then their usual panels are shown, too.
  void look_for_gpus(const store::Snapshot& samples);
  [[nodiscard]] size_t most_points() const;
  [[nodiscard]] bool is_shown(const PlotLevel& level) const;
  // Null where there is none.
  [[nodiscard]] const PlotLevel* shown() const;
};

struct PlotLevelOptions {
  metric::Scope scope = metric::Scope::kProcess;
  double cpus = 1;          // what 100 % means
  double most_cpus = 1;     // as many can be busy at once; a quota has more for a moment
  std::string cpus_reason;  // which limit `cpus` is; empty: the whole machine
  std::optional<double> memory_limit_bytes;
  // Samples closer together than this are taken together for a rate.
  int64_t shortest_rate_ns = 50'000'000;
  // What was sampled before is not looked at.
  int64_t from_ns = std::numeric_limits<int64_t>::min();
};

// Above this many rows a plot is made from what the store knows of blocks of rows.
inline constexpr size_t kMostRowsRead = 120'000;

// At most about `points` points: samples, or where there are more of them, means of equally many
// samples each. So there is more detail where there are more samples, in cells. Above
// kMostRowsRead, of equally long times.
[[nodiscard]] PlotLevel make_plot_level(const store::Snapshot& snapshot,
                                        const PlotLevelOptions& options, size_t points);

// The same level with at most about `points` points; with what it has where those are no more.
[[nodiscard]] PlotLevel thinned(const PlotLevel& level, size_t points);

// The level's points from a time on.
[[nodiscard]] PlotLevel points_from(PlotLevel level, int64_t from_ns);

}  // namespace jumper::analysis
