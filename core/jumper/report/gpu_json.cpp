// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/gpu_json.h"

#include <string_view>

#include "jumper/base/clock.h"
#include "jumper/report/gpu_words.h"

namespace jumper::report {
namespace {

using analysis::GpuCardCost;
using analysis::GpuCost;
using base::JsonWriter;

constexpr double kPercent = 100;

void write_spread(JsonWriter& json, std::string_view name,
                  const std::optional<analysis::Spread>& spread, double factor = 1) {
  json.key(name);
  if (!spread) {
    json.null();
    return;
  }
  json.begin_object()
      .field("average", spread->average * factor)
      .field("minimum", spread->minimum * factor)
      .field("maximum", spread->maximum * factor)
      .end_object();
}

std::optional<double> percent(const std::optional<double>& ratio) {
  return ratio ? std::optional(*ratio * kPercent) : std::nullopt;
}

void write_card(JsonWriter& json, const GpuCardCost& cost, const gpu::Status& status) {
  json.begin_object().field("number", int64_t{cost.card});
  const auto place = static_cast<size_t>(cost.card);
  if (cost.card >= 0 && place < status.cards.size())
    json.field("name", std::string_view(status.cards[place].name));
  json.field("used", cost.is_used());
  write_spread(json, "utilization_percent", cost.utilization, kPercent);
  write_spread(json, "bandwidth_percent", cost.bandwidth, kPercent);
  write_spread(json, "memory_bytes", cost.memory_bytes);
  json.field("power_throttled_percent", percent(cost.power_throttled))
      .field("thermal_throttled_percent", percent(cost.thermal_throttled))
      .field("temperature_celsius", cost.temperature_celsius)
      .field("sm_active_percent", percent(cost.sm_active))
      .field("sm_occupancy_percent", percent(cost.sm_occupancy))
      .field("tensor_active_percent", percent(cost.tensor_active))
      .field("dram_active_percent", percent(cost.dram_active))
      .field("pcie_received_bytes_per_second", cost.pcie_received_bytes_per_second)
      .field("pcie_sent_bytes_per_second", cost.pcie_sent_bytes_per_second)
      .field("nvlink_received_bytes", cost.nvlink_received_bytes)
      .field("nvlink_sent_bytes", cost.nvlink_sent_bytes)
      .end_object();
}

void write_silence(JsonWriter& json, const gpu::Status& status) {
  json.field("silent_since", status.silent_since_ns
                                 ? std::optional(base::seconds(*status.silent_since_ns))
                                 : std::nullopt);
  json.field("silent_call", std::string_view(status.silent_call));
  json.key("troubles").begin_array();
  for (const std::string& trouble : status.troubles) json.value(std::string_view(trouble));
  json.end_array();
  json.key("not_measurable").begin_array();
  for (const SharedAbsence& shared : shared_absences(status.cards)) {
    json.begin_object().field("what", std::string_view(shared.absence.what));
    json.field("why", std::string_view(shared.absence.why));
    json.key("cards").begin_array();
    for (const int32_t card : shared.cards) json.value(card);
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace

void write_gpu_report(JsonWriter& json, const GpuReport& gpu) {
  const GpuCost cost = gpu.cost.value_or(GpuCost{});
  json.begin_object();
  write_spread(json, "utilization_percent", cost.utilization, kPercent);
  write_spread(json, "bandwidth_percent", cost.bandwidth, kPercent);
  write_spread(json, "memory_bytes", cost.memory_bytes);
  json.field("memory_total_bytes", gpu.memory_bytes);
  json.field("energy_joules", cost.energy_joules);
  write_spread(json, "power_watts", cost.power_watts);
  json.field("held_idle_percent", percent(cost.held_idle_ratio));
  json.key("cards").begin_array();
  for (const GpuCardCost& card : cost.cards) write_card(json, card, gpu.status);
  json.end_array();
  write_silence(json, gpu.status);
  json.end_object();
}

void write_gpu_status(JsonWriter& json, const gpu::Status& status) {
  json.begin_object().field("known", status.is_known);
  json.field("why_none", std::string_view(status.why_none));
  json.key("cards").begin_array();
  for (const gpu::Card& card : status.cards) {
    json.begin_object().field("name", std::string_view(card.name));
    json.field("uuid", std::string_view(card.uuid));
    json.field("bus_id", std::string_view(card.bus_id));
    json.field("driver", std::string_view(card.driver));
    json.field("memory_bytes", card.memory_bytes);
    json.field("part_of", card.part_of ? std::optional(uint64_t{*card.part_of}) : std::nullopt);
    json.field("divided", card.is_divided).field("chosen", card.is_chosen).end_object();
  }
  json.end_array();
  write_silence(json, status);
  json.end_object();
}

}  // namespace jumper::report
