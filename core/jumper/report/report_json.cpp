// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/json.h"
#include "jumper/report/gpu_json.h"
#include "jumper/report/report.h"

namespace jumper::report {
namespace {

void write_spread(base::JsonWriter& json, std::string_view name,
                  const std::optional<analysis::Spread>& spread) {
  json.key(name);
  if (!spread) {
    json.null();
    return;
  }
  json.begin_object()
      .field("average", spread->average)
      .field("minimum", spread->minimum)
      .field("maximum", spread->maximum)
      .end_object();
}

void write_explanation(base::JsonWriter& json, const Report& report) {
  json.key("wall_seconds").begin_object();
  for (const analysis::WallShare& share : report.wall)
    json.field(analysis::wall_part_name(share.part), share.seconds);
  json.end_object();
  json.key("signatures").begin_array();
  for (const analysis::Signature& signature : report.signatures) {
    json.begin_object()
        .field("tag", signature.tag)
        .field("score", signature.score)
        .field("evidence", std::string_view(signature.evidence))
        .end_object();
  }
  json.end_array();
}

void write_cost(base::JsonWriter& json, const MonitorCost& cost) {
  json.key("monitor");
  if (!cost.is_known) {
    json.null();
    return;
  }
  json.begin_object()
      .field("cpu_seconds", cost.cpu_seconds)
      .field("elapsed_seconds", cost.elapsed_seconds)
      .field("samples", cost.ticks)
      .field("missed_samples", cost.missed_ticks)
      .field("stretched_samples", cost.stretched_ticks)
      .key("left_out_samples")
      .begin_object();
  for (const auto& [what, ticks] : cost.left_out) json.field(what, ticks);
  json.end_object()
      .field("late_mean_seconds", cost.late_mean_seconds)
      .field("late_max_seconds", cost.late_max_seconds)
      .field("interval_seconds", cost.interval_seconds)
      .field("budget_percent", cost.budget_percent)
      .end_object();
}

void write_group(base::JsonWriter& json, const analysis::GroupCost& group) {
  json.key("group").begin_object();
  write_spread(json, "file_cache_bytes", group.file_cache_bytes);
  json.field("memory_highest_bytes", group.highest_bytes)
      .field("throttled_seconds", group.throttled_seconds)
      .field("memory_limit_hits", group.limit_hits)
      .field("memory_high_hits", group.high_hits)
      .field("oom_kills", group.oom_kills)
      .field("waited_for_cpu_seconds", group.waited_for_cpu_seconds)
      .field("waited_for_memory_seconds", group.waited_for_memory_seconds)
      .field("waited_for_io_seconds", group.waited_for_io_seconds)
      .end_object();
}

}  // namespace

std::string to_json(const Report& report) {
  const analysis::Summary& summary = report.summary;
  base::JsonWriter json;
  json.begin_object();
  json.field("level", metric::scope_name(report.scope));
  if (!report.node.empty()) {
    json.field("node", std::string_view(report.node));
    json.field("node_state", std::string_view(report.node_state));
  }
  json.key("first_cell");
  report.cells ? json.value(uint64_t{report.cells->first}) : json.null();
  json.key("last_cell");
  report.cells ? json.value(uint64_t{report.cells->last}) : json.null();
  json.field("cells", uint64_t{report.cells ? report.cells->size() : 0});
  json.field("unmonitored_cells", uint64_t{report.unmonitored_cells});
  json.field("duration_seconds", report.duration_seconds);
  json.field("measured_seconds", static_cast<double>(summary.measured_ns) / 1e9);
  json.field("samples", uint64_t{summary.samples});
  json.field("cpus", summary.cpus);
  json.field("cpus_reason", std::string_view(report.cpus_reason));
  write_spread(json, "cpu_percent", summary.cpu_percent);
  json.field("cpu_seconds", summary.cpu_seconds);
  json.field("cores_used", summary.cores_used());
  write_spread(json, "memory_bytes", summary.memory_bytes);
  json.field("memory_peak_bytes", report.peak ? std::optional(report.peak->bytes) : std::nullopt);
  json.field("memory_peak_exact",
             report.peak ? std::optional(report.peak->is_exact) : std::nullopt);
  json.field("memory_change_bytes", summary.memory_change_bytes);
  json.field("memory_limit_bytes", report.memory_limit_bytes);
  json.field("memory_limit_reason", std::string_view(report.memory_limit_reason));
  json.field("io_read_bytes", summary.io_read_bytes);
  json.field("io_write_bytes", summary.io_write_bytes);
  json.field("io_read_count", summary.io_read_calls);
  json.field("io_write_count", summary.io_write_calls);
  json.field("processes_max", summary.most_processes);
  if (report.group) write_group(json, *report.group);
  if (report.gpu) {
    json.key("gpu");
    write_gpu_report(json, *report.gpu);
  }
  write_explanation(json, report);
  write_cost(json, report.cost);
  json.key("notes").begin_array();
  for (const std::string& note : report.notes) json.value(std::string_view(note));
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace jumper::report
