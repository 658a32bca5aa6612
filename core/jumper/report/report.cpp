// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/report.h"

#include <algorithm>
#include <iterator>

#include "jumper/base/text.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

constexpr std::string_view kAbsentText = "n/a";
constexpr size_t kLongestLine = 1000;  // names of control groups may hold anything

TableRow row_of(std::string metric, const std::optional<analysis::Spread>& spread, double per_unit,
                std::string total) {
  const std::string absent(kAbsentText);
  if (!spread) return {std::move(metric), absent, absent, absent, std::move(total)};
  return {std::move(metric), base::fixed(spread->average / per_unit, 2),
          base::fixed(spread->minimum / per_unit, 2), base::fixed(spread->maximum / per_unit, 2),
          std::move(total)};
}

std::string_view whose(metric::Scope scope) {
  switch (scope) {
    case metric::Scope::kProcess:
      return "level process: this process and its descendants";
    case metric::Scope::kUser:
      return "level user: all processes of this user";
    case metric::Scope::kSystem:
      return "level system: the whole machine";
    case metric::Scope::kSlurm:
      return "level slurm: the Slurm job";
    case metric::Scope::kContainer:
      return "level container: all that runs in the same container or control group";
  }
  return "";
}

std::string cells_text(const Report& report) {
  if (!report.cells) return "all monitored time; " + std::string(whose(report.scope));
  const cells::CellRange& range = *report.cells;
  std::string text = range.size() == 1
                         ? std::to_string(range.first)
                         : std::to_string(range.first) + " to " + std::to_string(range.last) +
                               " (" + base::count_of(range.size(), "cell") + ")";
  if (range.size() == 1 && report.single_cell_status != "ok" &&
      !report.single_cell_status.empty()) {
    text += " (" + report.single_cell_status + ")";
  }
  return text + "; " + std::string(whose(report.scope));
}

std::string io_part(std::string_view verb, double bytes, const std::optional<double>& calls,
                    std::string_view noun) {
  std::string text = std::string(verb) + " " + bytes_text(bytes);
  if (calls) text += " (" + base::count_of(static_cast<uint64_t>(*calls), noun) + ")";
  return text;
}

std::string io_text(const Report& report) {
  const analysis::Summary& summary = report.summary;
  if (!summary.io_read_bytes || !summary.io_write_bytes) return "n/a";
  const bool of_disks = report.scope == metric::Scope::kSystem;
  return io_part("read", *summary.io_read_bytes, summary.io_read_calls,
                 of_disks ? "request" : "call") +
         ", " +
         io_part("written", *summary.io_write_bytes, summary.io_write_calls,
                 of_disks ? "request" : "call") +
         (of_disks ? ", all disks" : ", from and to storage");
}

std::string peak_text(const Report& report) {
  std::string text = bytes_text(report.peak->bytes);
  if (report.memory_limit_bytes && *report.memory_limit_bytes > 0) {
    text += " of " + bytes_text(*report.memory_limit_bytes) + ", " +
            base::fixed(report.peak->bytes / *report.memory_limit_bytes * 100, 0) + " %";
  }
  return text + (report.peak->is_exact ? " (exact)" : " (highest sample)");
}

std::string cost_text(const MonitorCost& cost) {
  if (!cost.is_known) return "n/a: the session does not say what measuring it cost";
  const double percent =
      cost.elapsed_seconds > 0 ? cost.cpu_seconds / cost.elapsed_seconds * 100 : 0;
  std::string text = base::fixed(percent, 2) + " % of one core";
  if (cost.budget_percent > 0) text += " (budget " + base::shortest(cost.budget_percent) + " %)";
  text += "; " + base::count_of(cost.ticks, "sample") + ", " + std::to_string(cost.missed_ticks) +
          " missed, late by " + duration_text(cost.late_mean_seconds) + " on average, " +
          duration_text(cost.late_max_seconds) + " at most";
  std::string stretched;
  const auto add = [&](const std::string& part) {
    stretched += (stretched.empty() ? "" : ", ") + part;
  };
  if (cost.stretched_ticks > 0) add(base::count_of(cost.stretched_ticks, "whole sample"));
  for (const auto& [what, ticks] : cost.left_out) {
    add(what + " of " + base::count_of(ticks, "sample"));
  }
  if (!stretched.empty()) text += "; left out to stay within the budget: " + stretched;
  return text;
}

std::string wall_text(const std::vector<analysis::WallShare>& wall) {
  std::string text;
  for (const WallPercent& part : wall_percents(wall)) {
    text += (text.empty() ? "" : ", ") + part.text;
  }
  return text;
}

}  // namespace

std::vector<WallPercent> wall_percents(std::vector<analysis::WallShare> wall) {
  double total = 0;
  for (const analysis::WallShare& share : wall) total += share.seconds;
  std::ranges::stable_sort(wall, std::ranges::greater{}, &analysis::WallShare::seconds);
  std::vector<WallPercent> parts;
  for (const analysis::WallShare& share : wall) {
    const double percent = total > 0 ? share.seconds / total * 100 : 0;
    if (percent < 1) continue;
    parts.push_back(
        {share.part, percent,
         base::fixed(percent, 0) + " % " + std::string(analysis::wall_part_name(share.part))});
  }
  return parts;
}

std::string node_text(const Report& report) {
  return base::one_line(report.node, kNodeColumns) + ", " + report.node_state;
}

std::vector<TableRow> table_rows(const Report& report) {
  const std::string limit = report.memory_limit_bytes
                                ? base::fixed(*report.memory_limit_bytes / kBytesPerGb, 2)
                                : std::string("-");
  std::vector<TableRow> rows = {
      row_of("CPU Util (Across CPUs)", report.summary.cpu_percent, 1, "-"),
      row_of("Memory (GB)", report.summary.memory_bytes, kBytesPerGb, limit)};
  if (report.gpu) {
    const analysis::GpuCost cost = report.gpu->cost.value_or(analysis::GpuCost{});
    const auto& total = report.gpu->memory_bytes;
    rows.push_back(row_of("GPU Util (Across GPUs)", cost.utilization, 0.01, "-"));
    rows.push_back(row_of("GPU Memory (GB)", cost.memory_bytes, kBytesPerGb,
                          total ? base::fixed(*total / kBytesPerGb, 2) : std::string("-")));
  }
  return rows;
}

std::vector<Line> detail_lines(const Report& report) {
  const analysis::Summary& summary = report.summary;
  const bool is_one = report.cells && report.cells->size() == 1;
  std::vector<Line> lines = {{is_one ? "Cell" : "Cells", cells_text(report)}};
  for (const analysis::Signature& signature : report.signatures) {
    lines.push_back({"Signature", std::string(signature.tag) + ": " + signature.evidence,
                     LineKind::kSignature});
  }
  if (const std::string wall = wall_text(report.wall); !wall.empty())
    lines.push_back({"Wall time", wall, LineKind::kWall});
  if (summary.cpu_seconds) {
    std::string text = duration_text(*summary.cpu_seconds);
    if (const auto cores = summary.cores_used()) {
      text += "; " + base::fixed(*cores, 2) + " of " + cpus_text(summary.cpus) + " busy on average";
    }
    lines.push_back({"CPU time", std::move(text)});
  }
  if (report.peak) lines.push_back({"Memory peak", peak_text(report), LineKind::kPeak});
  if (summary.memory_change_bytes && report.cells && report.scope == metric::Scope::kProcess) {
    lines.push_back({"Memory kept", change_text(*summary.memory_change_bytes) +
                                        " from start to end of the " +
                                        (report.cells->size() == 1 ? "cell" : "cells")});
  }
  lines.push_back({"I/O", io_text(report)});
  if (report.gpu)
    std::ranges::move(gpu_lines(*report.gpu, report.scope), std::back_inserter(lines));
  if (report.group) std::ranges::move(group_lines(*report.group), std::back_inserter(lines));
  if (summary.most_processes) {
    lines.push_back(
        {"Processes", "up to " + base::fixed(*summary.most_processes, 0), LineKind::kAside});
  }
  if (!report.cpus_reason.empty()) {
    lines.push_back({"Limit", "CPU: 100 % = " + cpus_text(summary.cpus) + ", " + report.cpus_reason,
                     LineKind::kAside});
  }
  if (!report.memory_limit_reason.empty())
    lines.push_back({"Limit", "memory: " + report.memory_limit_reason, LineKind::kAside});
  lines.push_back({"Monitor", cost_text(report.cost), LineKind::kAside});
  if (report.unmonitored_cells > 0) {
    lines.push_back({"Note", base::count_of(report.unmonitored_cells, "cell") +
                                 (report.cost.is_known && report.node.empty()
                                      ? " ran while the monitor was off"
                                      : " lasted for less than two samples") +
                                 ": in the duration, not in the numbers"});
  }
  for (const std::string& note : report.notes) lines.push_back({"Note", note});
  return lines;
}

std::string to_text(const Report& report) {
  const std::string rule(40, '-');
  const std::string table_rule(65, '-');
  std::string text = rule + "\nPerformance Report\n" + rule + "\n";
  if (!report.node.empty()) text += "Node: " + node_text(report) + "\n";
  text += "Duration: " + base::fixed(report.duration_seconds, 2) + "s\n";
  const auto add_row = [&](const TableRow& row) {
    text += base::pad_right(row.metric, 25);
    for (const std::string* column : {&row.average, &row.minimum, &row.maximum, &row.total}) {
      text += ' ' + base::pad_right(*column, 8);
    }
    text += '\n';
  };
  add_row({"Metric", "AVG", "MIN", "MAX", "TOTAL"});
  text += table_rule + "\n";
  for (const TableRow& row : table_rows(report)) add_row(row);
  text += table_rule + "\n";
  for (const Line& line : detail_lines(report)) {
    text += base::pad_right(line.label, 12) + base::one_line(line.content, kLongestLine) + "\n";
  }
  return text;
}

}  // namespace jumper::report
