// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/nodes.h"

#include <algorithm>
#include <array>

#include "jumper/base/json.h"
#include "jumper/base/text.h"
#include "jumper/report/node_words.h"
#include "jumper/report/quantity.h"
#include "jumper/report/style.h"

namespace jumper::report {
namespace {

constexpr size_t kLongestLine = 1000;

std::string subject(const NodesReport& report) {
  std::string text = base::count_of(report.comparison.nodes.size(), "node") + ", level " +
                     std::string(metric::scope_name(report.scope)) + ", ";
  if (!report.cells) return text + "all monitored time";
  const cells::CellRange& range = *report.cells;
  if (range.size() == 1) return text + "cell " + std::to_string(range.first);
  return text + "cells " + std::to_string(range.first) + " to " + std::to_string(range.last);
}

std::string duration_of(const NodesReport& report) {
  return base::fixed(report.comparison.asked_seconds, 2);
}

struct Column {
  std::string_view heading;
  std::string NodeRow::* text;
  bool is_of_gpus = false;
};
constexpr std::array<Column, 10> kColumns = {{{"Node", &NodeRow::name},
                                              {"CPU %", &NodeRow::cpu_percent},
                                              {"CPU time", &NodeRow::cpu_time},
                                              {"Memory peak", &NodeRow::memory},
                                              {"Read", &NodeRow::read},
                                              {"Written", &NodeRow::written},
                                              {"GPU %", &NodeRow::gpu_percent, true},
                                              {"GPU memory peak", &NodeRow::gpu_memory, true},
                                              {"GPU energy", &NodeRow::gpu_energy, true},
                                              {"State", &NodeRow::state}}};

std::vector<Column> columns_of(const NodesReport& report) {
  std::vector<Column> columns(kColumns.begin(), kColumns.end());
  if (!has_gpus(report)) std::erase_if(columns, &Column::is_of_gpus);
  return columns;
}

void write_spread(base::JsonWriter& json, std::string_view name,
                  const std::optional<analysis::Bounded>& bounded) {
  json.key(name);
  if (!bounded) {
    json.null();
    return;
  }
  json.begin_object().field("likely", bounded->likely).field("least", bounded->low);
  json.field("most", bounded->high).end_object();
}

void write_gpus(base::JsonWriter& json, const std::optional<analysis::NodeGpus>& gpus) {
  json.key("gpus");
  if (!gpus) {
    json.null();
    return;
  }
  json.begin_object().field("cards", uint64_t{gpus->cards});
  write_spread(json, "utilization", gpus->utilization);
  json.field("memory_peak_bytes", gpus->memory_peak_bytes);
  json.field("memory_bytes", gpus->memory_bytes);
  json.field("energy_joules", gpus->energy_joules);
  json.field("compared", gpus->is_compared).end_object();
}

void write_node(base::JsonWriter& json, const analysis::NodeUsage& node, const NodeStatus& status) {
  json.begin_object().field("node", std::string_view(node.name));
  json.field("state", state_name(status.state));
  json.field("trouble", std::string_view(status.trouble));
  json.field("clock_error_seconds", status.clock_error_seconds);
  json.field("measured_seconds", node.measured_seconds);
  json.field("step_seconds", node.step_seconds).field("cpus", node.cpus);
  write_spread(json, "cpu_share", node.cpu_share);
  json.field("cpu_seconds", node.cpu_seconds);
  const auto& memory = node.memory_bytes;
  json.field("memory_average_bytes", memory ? std::optional(memory->average) : std::nullopt);
  json.field("memory_peak_bytes", memory ? std::optional(memory->maximum) : std::nullopt);
  json.field("memory_limit_bytes", node.memory_limit_bytes);
  json.field("io_read_bytes", node.io_read_bytes).field("io_write_bytes", node.io_write_bytes);
  write_gpus(json, node.gpus);
  json.field("compared", node.is_compared).end_object();
}

void write_comparison(base::JsonWriter& json, const analysis::NodeComparison& comparison) {
  const auto name = [&](size_t node) { return std::string_view(comparison.nodes[node].name); };
  const auto name_field = [&](std::string_view key, const std::optional<size_t>& node) {
    json.key(key);
    node ? json.value(name(*node)) : json.null();
  };
  json.field("compared_nodes", uint64_t{comparison.compared});
  write_spread(json, "cpu_imbalance", comparison.cpu_imbalance);
  name_field("busiest", comparison.busiest);
  name_field("least_busy", comparison.least_busy);
  name_field("slowest", comparison.slowest);
  json.key("idle").begin_array();
  for (const size_t node : comparison.idle) json.value(name(node));
  json.end_array();
  json.key("stragglers").begin_array();
  for (const analysis::Straggler& one : comparison.stragglers) {
    json.begin_object().field("cell", uint64_t{one.cell}).field("node", name(one.node));
    json.field("alone_seconds_at_least", one.alone_seconds);
    json.field("cell_seconds", one.cell_seconds).end_object();
  }
  json.end_array();
  write_spread(json, "gpu_imbalance", comparison.gpus.of_cards);
  write_spread(json, "gpu_imbalance_of_nodes", comparison.gpus.of_nodes);
  json.key("idle_gpus").begin_array();
  for (const analysis::GpuPlace& one : comparison.gpus.idle) {
    json.begin_object().field("node", name(one.node));
    json.field("card", int64_t{one.card}).end_object();
  }
  json.end_array();
}

}  // namespace

std::string to_text(const NodesReport& report) {
  const std::string rule(40, '-');
  std::string text = rule + "\nPerformance Report: " + subject(report) + "\n" + rule +
                     "\nDuration: " + duration_of(report) + "s\n";
  const std::vector<NodeRow> rows = node_rows(report);
  const std::vector<Column> columns = columns_of(report);
  std::vector<size_t> widths(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    widths.at(i) = columns.at(i).heading.size();
    for (const NodeRow& row : rows)
      widths.at(i) = std::max(widths.at(i), base::code_points(row.*columns.at(i).text));
  }
  const auto add_row = [&](auto text_of) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string field = text_of(columns.at(i));
      const bool is_last = i + 1 == columns.size();
      if (i > 0) text += "  ";
      text += i == 0    ? base::pad_right(field, widths.at(i))
              : is_last ? field
                        : base::pad_left(field, widths.at(i));
    }
    text += '\n';
  };
  add_row([](const Column& column) { return std::string(column.heading); });
  for (const NodeRow& row : rows) add_row([&](const Column& column) { return row.*column.text; });
  text += rule + "\n";
  for (const Line& line : imbalance_lines(report))
    text += base::pad_right(line.label, 12) + base::one_line(line.content, kLongestLine) + "\n";
  return text;
}

std::string to_html(const NodesReport& report) {
  std::string html = "<div class=\"jumper-report\"><style>" + std::string(kSharedStyle) +
                     std::string(kReportStyle) + std::string(kNodesStyle) +
                     "</style><div class=\"jumper-title\">Performance Report of the nodes"
                     "<span class=\"jumper-quiet\">" +
                     base::escape_html(subject(report)) + ", duration " + duration_of(report) +
                     " s</span></div><div class=\"jumper-nodes\"><table class=\"jumper-table\">"
                     "<thead><tr>";
  const std::vector<Column> columns = columns_of(report);
  for (const Column& column : columns)
    html += "<th scope=\"col\">" + std::string(column.heading) + "</th>";
  html += "</tr></thead><tbody>";
  for (const NodeRow& row : node_rows(report)) {
    html += "<tr><th scope=\"row\">" + base::escape_html(row.name) + "</th>";
    for (size_t i = 1; i < columns.size(); ++i) {
      const bool is_bad = i + 1 == columns.size() && row.is_in_trouble;
      html += std::string("<td") + (is_bad ? " class=\"jumper-bad\">" : ">") +
              base::escape_html(row.*columns.at(i).text) + "</td>";
    }
    html += "</tr>";
  }
  html += "</tbody></table></div><div class=\"jumper-body\"><dl>";
  for (const Line& line : imbalance_lines(report)) {
    html += "<dt>" + base::escape_html(line.label) + "</dt><dd>" +
            base::escape_html(base::one_line(line.content, kLongestLine)) + "</dd>";
  }
  return html + "</dl></div></div>";
}

std::string to_json(const NodesReport& report) {
  base::JsonWriter json;
  json.begin_object().field("level", metric::scope_name(report.scope));
  json.key("first_cell");
  report.cells ? json.value(uint64_t{report.cells->first}) : json.null();
  json.key("last_cell");
  report.cells ? json.value(uint64_t{report.cells->last}) : json.null();
  json.field("duration_seconds", report.comparison.asked_seconds);
  json.field("interval_seconds", report.interval_seconds);
  json.key("nodes").begin_array();
  for (size_t i = 0; i < report.comparison.nodes.size(); ++i)
    write_node(json, report.comparison.nodes[i], report.status[i]);
  json.end_array();
  write_comparison(json, report.comparison);
  json.key("notes").begin_array();
  for (const std::string& note : report.notes) json.value(std::string_view(note));
  json.end_array().end_object();
  return json.take();
}

}  // namespace jumper::report
