// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/json.h"
#include "jumper/report/compare.h"

namespace jumper::report {
namespace {

using analysis::CostMetricFacts;
using analysis::Runs;

std::string_view verdict_name(analysis::Verdict verdict) {
  switch (verdict) {
    case analysis::Verdict::kAbsent:
      return "absent";
    case analysis::Verdict::kNoiseUnknown:
      return "noise_unknown";
    case analysis::Verdict::kWithinNoise:
      return "within_noise";
    case analysis::Verdict::kBeyondNoise:
      return "beyond_noise";
  }
  return "absent";
}

std::string_view unit_of(const CostMetricFacts& facts) {
  switch (facts.unit) {
    case analysis::CostUnit::kSeconds:
      return "seconds";
    case analysis::CostUnit::kBytes:
      return "bytes";
    case analysis::CostUnit::kJoules:
      break;
  }
  return "joules";
}

void write_differences(base::JsonWriter& json, std::string_view name,
                       const analysis::Differences& differences) {
  json.key(name).begin_object();
  for (const CostMetricFacts& facts : analysis::kCostMetrics) {
    const analysis::Difference& difference = differences[static_cast<size_t>(facts.metric)];
    json.key(facts.name)
        .begin_object()
        .field("unit", unit_of(facts))
        .field("a", difference.a)
        .field("b", difference.b)
        .field("change", difference.change())
        .field("percent", difference.percent())
        .field("noise", difference.noise)
        .field("verdict", verdict_name(difference.verdict()))
        .end_object();
  }
  json.end_object();
}

void write_runs(base::JsonWriter& json, std::string_view name, const Runs& runs) {
  json.key(name).begin_object().key("cells").begin_array();
  for (const size_t cell : runs.cells) json.value(uint64_t{cell});
  json.end_array()
      .field("all_failed", runs.have_all_failed)
      .field("failed_left_out", uint64_t{runs.left_out})
      .end_object();
}

void write_lone(base::JsonWriter& json, std::string_view name,
                const std::vector<analysis::LoneCell>& cells) {
  json.key(name).begin_array();
  for (const analysis::LoneCell& cell : cells) {
    json.begin_object().field("source", std::string_view(cell.runs.source));
    write_runs(json, "runs", cell.runs);
    json.key("metrics").begin_object();
    for (const CostMetricFacts& facts : analysis::kCostMetrics)
      json.field(facts.name, cell.values[static_cast<size_t>(facts.metric)]);
    json.end_object().end_object();
  }
  json.end_array();
}

}  // namespace

std::string compare_json(const analysis::Comparison& comparison) {
  base::JsonWriter json;
  json.begin_object()
      .field("kind", comparison.is_of_cells ? "cells" : "sessions")
      .field("a", std::string_view(comparison.a_name))
      .field("b", std::string_view(comparison.b_name));
  json.key("cells").begin_array();
  for (const analysis::ComparedCell& cell : comparison.cells) {
    json.begin_object().field("source", std::string_view(cell.a.source));
    if (cell.b.source != cell.a.source) json.field("b_source", std::string_view(cell.b.source));
    write_runs(json, "a", cell.a);
    write_runs(json, "b", cell.b);
    write_differences(json, "metrics", cell.differences);
    json.end_object();
  }
  json.end_array();
  write_lone(json, "only_a", comparison.only_a);
  write_lone(json, "only_b", comparison.only_b);
  write_differences(json, "total_of_partners", comparison.matched);
  write_differences(json, "total_of_all", comparison.all);
  json.end_object();
  return json.take();
}

}  // namespace jumper::report
