// SPDX-License-Identifier: BSD-3-Clause
// A report: what a range of cells, or a whole run, cost at one level. The data, and its renderings
// as text (a terminal), JSON (a program) and HTML (a notebook), which all say the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jumper/analysis/cell_cost.h"
#include "jumper/analysis/gpu_cost.h"
#include "jumper/analysis/group_cost.h"
#include "jumper/analysis/signature.h"
#include "jumper/analysis/summary.h"
#include "jumper/analysis/wall_time.h"
#include "jumper/cells/range.h"
#include "jumper/gpu/status.h"

namespace jumper::report {

// What monitoring itself cost, from its start to now.
struct MonitorCost {
  bool is_known = true;  // false for a session of which the tables are all there is
  double cpu_seconds = 0;
  double elapsed_seconds = 0;
  uint64_t ticks = 0;
  uint64_t missed_ticks = 0;
  uint64_t stretched_ticks = 0;  // left out to stay within the budget
  // What samples had to do without, to stay within the budget, and how many of them.
  std::vector<std::pair<std::string, uint64_t>> left_out;
  double late_mean_seconds = 0;  // how late the sampler woke up
  double late_max_seconds = 0;
  double interval_seconds = 0;
  double budget_percent = 0;  // of one core; 0 is no limit
};

// Where there are GPUs, or once were.
struct GpuReport {
  std::optional<analysis::GpuCost> cost;  // absent: nothing was measured at this level
  gpu::Status status;
  std::optional<double> memory_bytes;  // of the first card that the level may use
  int64_t wall_minus_monotonic_ns = 0;
};

struct Report {
  metric::Scope scope = metric::Scope::kProcess;
  std::string node;        // of a report about one of many nodes: its name, any bytes
  std::string node_state;  // and how it is, in words
  // Absent for a report over all monitored time, where there are no cells.
  std::optional<cells::CellRange> cells;
  size_t unmonitored_cells = 0;    // no sample lies in them
  std::string single_cell_source;  // of a report about one cell
  std::string single_cell_status;
  double duration_seconds = 0;  // of the cells, added up
  analysis::Summary summary;
  std::string cpus_reason;  // which limit 100 % of CPU is; empty: the whole machine
  std::optional<double> memory_limit_bytes;
  std::string memory_limit_reason;
  std::optional<analysis::Peak> peak;
  std::optional<analysis::GroupCost> group;  // at the levels container and slurm
  std::optional<GpuReport> gpu;
  std::vector<analysis::WallShare> wall;  // where the wall time of the cells went
  std::vector<analysis::Signature> signatures;
  MonitorCost cost;
  std::vector<std::string> notes;  // what could not be measured, and why
};

[[nodiscard]] std::string to_text(const Report& report);
[[nodiscard]] std::string to_json(const Report& report);
// A fragment with its own style and no script; all text in it is escaped.
[[nodiscard]] std::string to_html(const Report& report);

// The lines under the table, as pairs of a label and a sentence: shared by text and HTML, which
// draws a bar for two kinds, makes a signature's tag stand out, and folds up what is aside.
enum class LineKind : uint8_t { kPlain, kWall, kPeak, kSignature, kAside };
struct Line {
  std::string label;
  std::string content;
  LineKind kind = LineKind::kPlain;
};
[[nodiscard]] std::vector<Line> detail_lines(const Report& report);
// Those of them that only a control group has.
[[nodiscard]] std::vector<Line> group_lines(const analysis::GroupCost& group);
// Those of them that are about GPUs.
[[nodiscard]] std::vector<Line> gpu_lines(const GpuReport& gpu, metric::Scope level);

// A part of the wall time in words, "60 % on CPU".
struct WallPercent {
  analysis::WallPart part = analysis::WallPart::kIdle;
  double percent = 0;
  std::string text;
};
// Largest part first; what is below a hundredth is left out.
[[nodiscard]] std::vector<WallPercent> wall_percents(std::vector<analysis::WallShare> wall);

// "n2, live": one line.
[[nodiscard]] std::string node_text(const Report& report);
inline constexpr size_t kNodeColumns = 40;  // of a node's name, as it is shown

// From here on, memory is near its limit.
inline constexpr double kNearLimitPercent = 90;

// One row of the table; absent numbers are shown as "n/a".
struct TableRow {
  std::string metric;
  std::string average;
  std::string minimum;
  std::string maximum;
  std::string total;
};
[[nodiscard]] std::vector<TableRow> table_rows(const Report& report);

}  // namespace jumper::report
