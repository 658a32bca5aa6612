// SPDX-License-Identifier: BSD-3-Clause
// What can be asked of a session of many nodes.
#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "jumper/analysis/node_plot.h"
#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/monitor/session.h"
#include "jumper/report/gpu_words.h"
#include "jumper/report/quantity.h"
#include "jumper/session/export.h"

namespace jumper::monitor {
namespace {

using journal::NodeRecording;
using journal::NodeState;
using metric::Scope;

base::Error state_error(std::string message) {
  return {base::ErrorCode::kState, std::move(message), 0};
}

base::Error one_node_only() {
  return state_error(
      "this session has one node only: inside a Slurm job, %perfmonitor_start --nodes all (or "
      "jumper run --nodes all) measures all of them");
}

std::string names_of(const std::vector<NodeRecording>& nodes) {
  constexpr size_t kMostNames = 20;
  std::string names;
  for (size_t i = 0; i < std::min(nodes.size(), kMostNames); ++i) {
    names += (i == 0 ? "" : ", ") + base::one_line(nodes[i].name, report::kNodeColumns);
  }
  if (nodes.size() > kMostNames)
    names += " and " + std::to_string(nodes.size() - kMostNames) + " more";
  return names;
}

std::string names_of(const std::vector<Scope>& levels) {
  std::string names;
  for (size_t i = 0; i < levels.size(); ++i) {
    names += i == 0 ? "" : i + 1 == levels.size() ? " or " : ", ";
    names += metric::scope_name(levels[i]);
  }
  return names.empty() ? "none" : names;
}

bool has(const std::vector<Scope>& levels, Scope level) {
  return std::ranges::find(levels, level) != levels.end();
}

report::NodeStatus status_of(const NodeRecording& node, int64_t latest_ns) {
  report::NodeStatus status;
  status.state = node.state;
  status.trouble = node.trouble;
  if (node.last_heard_ns && node.state == NodeState::kStale)
    status.silent_seconds = base::seconds(std::max<int64_t>(latest_ns - *node.last_heard_ns, 0));
  if (node.clock_offset_ns) status.clock_error_seconds = base::seconds(node.clock_error_ns);
  return status;
}

// What a cell's own readings say is of the notebook's process, on another node.
std::shared_ptr<const cells::Cell> moved(const cells::Cell& cell, int64_t by_ns) {
  cells::Cell made = cell;
  made.start_ns += by_ns;
  made.end_ns += by_ns;
  made.readings = {};
  return std::make_shared<const cells::Cell>(std::move(made));
}

// What its level may use.
analysis::PlotLevelOptions options_of(const NodeRecording& node, Scope level) {
  journal::Recording made;
  made.facts = node.facts;
  return Session(std::move(made)).plot_options(level);
}

}  // namespace

Scope Session::default_level() const {
  if (!node_) return Scope::kProcess;
  return has(data_.facts.levels, Scope::kSlurm) ? Scope::kSlurm : Scope::kSystem;
}

base::Status Session::check_level(Scope level) const {
  if (!node_ || has(data_.facts.levels, level)) return base::Done{};
  const std::string name = base::one_line(node_->name, report::kNodeColumns);
  if (data_.facts.levels.empty())
    return state_error("nothing was heard of node '" + name + "' yet: it is " + node_->state);
  return base::bad_input("level '" + std::string(metric::scope_name(level)) +
                         "' is not measured on node '" + name + "': choose " +
                         names_of(data_.facts.levels));
}

// When the session was last heard of, on our clock.
int64_t Session::latest_ns() const {
  int64_t latest_ns = data_.facts.start_ns.value_or(0);
  if (!data_.samples.empty())
    latest_ns = std::max(latest_ns, data_.samples.time_ns(data_.samples.rows() - 1));
  for (const NodeRecording& node : data_.nodes)
    latest_ns = std::max(latest_ns, node.last_heard_ns.value_or(latest_ns));
  return latest_ns;
}

base::Result<Session> Session::node(std::string_view name) const {
  if (data_.nodes.empty()) return one_node_only();
  const auto found = std::ranges::find(data_.nodes, name, &NodeRecording::name);
  if (found != data_.nodes.end()) return session_of(*found);
  return base::bad_input("no node '" + base::one_line(name, report::kNodeColumns) +
                         "': this session has " + names_of(data_.nodes));
}

Session Session::session_of(const NodeRecording& node) const {
  const int64_t offset_ns = node.clock_offset_ns.value_or(0);
  journal::Recording made;
  made.facts = node.facts;
  made.facts.source = data_.facts.source;
  made.samples = node.samples;
  const std::string state = report::state_text(status_of(node, latest_ns()));
  if (node.clock_offset_ns) {
    // The same moments on the node's clock; the wall clock stays ours.
    const auto shifted = [&](std::optional<int64_t> time_ns) {
      if (time_ns) *time_ns += offset_ns;
      return time_ns;
    };
    made.facts.start_ns = shifted(data_.facts.start_ns);
    made.facts.stop_ns = shifted(data_.facts.stop_ns);
    made.facts.wall_start_ns = data_.facts.wall_start_ns;
    made.facts.wall_stop_ns = data_.facts.wall_stop_ns;
    for (const auto& cell : data_.cells) made.cells.push_back(moved(*cell, offset_ns));
    made.facts.notes.push_back("the node's clock is known to within " +
                               report::duration_text(base::seconds(node.clock_error_ns)));
  } else {
    if (!made.facts.start_ns) made.facts.start_ns = data_.facts.start_ns;
    if (!made.facts.wall_start_ns) made.facts.wall_start_ns = data_.facts.wall_start_ns;
    made.facts.notes.emplace_back(
        "how the node's clock differs from ours is not known: its samples belong to no cell");
  }
  if (!node.trouble.empty()) made.facts.notes.push_back("the node: " + node.trouble);
  Session session(std::move(made));
  session.node_ = NodePlace{node.name, state, offset_ns};
  return session;
}

base::Result<Scope> Session::nodes_level(std::optional<Scope> level) const {
  if (data_.nodes.empty()) return one_node_only();
  std::vector<Scope> known;
  bool all_have_slurm = true;
  for (const NodeRecording& node : data_.nodes) {
    if (node.facts.levels.empty()) continue;  // it told nothing yet
    all_have_slurm = all_have_slurm && has(node.facts.levels, Scope::kSlurm);
    for (const Scope scope : node.facts.levels) {
      if (!has(known, scope)) known.push_back(scope);
    }
  }
  if (known.empty()) return state_error("no node has told anything yet");
  if (!level) return all_have_slurm ? Scope::kSlurm : Scope::kSystem;
  if (has(known, *level)) return *level;
  return base::bad_input("level '" + std::string(metric::scope_name(*level)) +
                         "' is not measured on the nodes: choose " + names_of(known));
}

std::vector<analysis::Stretch> Session::stretches_of(
    const std::optional<cells::CellRange>& range) const {
  std::vector<analysis::Stretch> stretches;
  if (!range) {
    // What all nodes can have seen.
    int64_t from_ns = data_.facts.start_ns.value_or(0);
    int64_t to_ns = latest_ns();
    for (const NodeRecording& node : data_.nodes) {
      if (!node.clock_offset_ns || node.samples.empty()) continue;
      from_ns = std::max(from_ns, node.samples.time_ns(0) - *node.clock_offset_ns);
      if (node.state != NodeState::kLive && node.state != NodeState::kEnded) continue;
      const int64_t last_ns = node.samples.time_ns(node.samples.rows() - 1);
      to_ns = std::min(to_ns, last_ns - *node.clock_offset_ns);
    }
    stretches.push_back({{from_ns, std::max(from_ns, to_ns)}, std::nullopt});
    return stretches;
  }
  for (const auto& cell : std::span(data_.cells).subspan(range->first, range->size()))
    stretches.push_back({{cell->start_ns, cell->end_ns}, cell->index});
  return stretches;
}

base::Result<report::NodesReport> Session::nodes_report(std::optional<cells::CellRange> range,
                                                        std::optional<Scope> level) const {
  if (auto is_started = check_started(); !is_started) return is_started.error();
  const auto scope = nodes_level(level);
  if (!scope) return scope.error();
  if (auto is_there = check_range(range); !is_there) return is_there.error();
  if (!range && !data_.cells.empty()) range = cells::CellRange{0, data_.cells.size() - 1};
  report::NodesReport report;
  report.scope = *scope;
  report.cells = range;
  report.interval_seconds = 0;
  std::vector<analysis::NodeData> nodes;
  for (const NodeRecording& node : data_.nodes) {
    const analysis::PlotLevelOptions limits = options_of(node, *scope);
    nodes.push_back({node.name, &node.samples, *scope, limits.cpus, limits.most_cpus,
                     limits.memory_limit_bytes, node.clock_offset_ns, node.clock_error_ns,
                     node.facts.resources.gpu.cards});
    report.status.push_back(status_of(node, latest_ns()));
    report.status.back().gpu_absences =
        report::absences_text(node.facts.resources.gpu.cards, *scope);
    report.interval_seconds = std::max(report.interval_seconds, node.facts.interval_seconds);
  }
  report.comparison = analysis::compare_nodes(nodes, stretches_of(range));
  if (!data_.facts.source.empty()) report.notes.push_back(data_.facts.source);
  return report;
}

base::Result<Plot> Session::nodes_plot(const std::optional<cells::CellRange>& range,
                                       std::optional<Scope> level) const {
  constexpr size_t kMostViewPoints = 2000;
  if (auto is_started = check_started(); !is_started) return is_started.error();
  const auto scope = nodes_level(level);
  if (!scope) return scope.error();
  analysis::PlotData data;
  data.cells = data_.cells;
  data.origin_ns = *data_.facts.start_ns;
  data.origin_wall_ns = *data_.facts.wall_start_ns;
  data.from_ns = data.origin_ns;
  data.to_ns = std::max(latest_ns(), data.origin_ns);
  data.shown_level = *scope;
  data.shown_view = analysis::kAllNodesView;
  if (range) {
    data.first_cell = range->first;
    data.last_cell = range->last;
  }
  std::vector<analysis::NodePlot> nodes;
  double interval_seconds = 0;
  for (const NodeRecording& node : data_.nodes) {
    if (!node.clock_offset_ns || !has(node.facts.levels, *scope)) continue;
    nodes.push_back({node.name, &node.samples, *node.clock_offset_ns, options_of(node, *scope)});
    interval_seconds = std::max(interval_seconds, node.facts.interval_seconds);
    data.look_for_gpus(node.samples);
  }
  data.levels.push_back(analysis::make_nodes_view(nodes, {data.from_ns, data.to_ns},
                                                  std::llround(interval_seconds * 1e9)));
  for (const analysis::NodePlot& node : nodes) {
    if (data.levels.size() > analysis::kMostNodeLines) break;
    analysis::PlotLevel view =
        analysis::make_plot_level(*node.samples, node.options, kMostViewPoints);
    for (int64_t& time_ns : view.times_ns) time_ns -= node.clock_offset_ns;
    view.view = base::one_line(node.name, report::kNodeColumns);
    data.levels.push_back(std::move(view));
  }
  return Plot(std::move(data));
}

base::Result<analysis::PerfTable> Session::nodes_table(std::optional<Scope> level) const {
  if (auto is_started = check_started(); !is_started) return is_started.error();
  const auto scope = nodes_level(level);
  if (!scope) return scope.error();
  analysis::PerfTable table;
  for (const NodeRecording& node : data_.nodes) {
    if (!has(node.facts.levels, *scope)) continue;
    auto of_node = session_of(node).perf_table(*scope);
    if (!of_node) return of_node.error();
    analysis::append_rows(table, std::move(*of_node));
  }
  return table;
}

base::Status Session::export_nodes(const std::string& path, std::optional<Scope> level) const {
  if (const auto format = session::format_of(path); !format) return format.error();
  const auto table = nodes_table(level);
  if (!table) return table.error();
  return session::export_perf(path, *table, {}, nodes_level(level).value());
}

}  // namespace jumper::monitor
