// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_balance.h"

#include <algorithm>
#include <utility>

#include "jumper/analysis/gpu_cost.h"
#include "jumper/analysis/gpu_readings.h"
#include "jumper/analysis/node_growth.h"
#include "jumper/analysis/straggling.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {
namespace {

using metric::Metric;

std::vector<int32_t> cards_of(const NodeData& node) {
  std::vector<int32_t> cards = gpu_cards_of(node.samples->series(), node.level);
  std::erase_if(cards, [&](int32_t card) {
    const auto place = static_cast<size_t>(card);
    return card >= 0 && place < node.gpus.size() && !counts_at(node.gpus[place], node.level);
  });
  return cards;
}

// From the first stretch to the last.
Interval whole_time(const NodeData& node, std::span<const Stretch> stretches) {
  Interval whole = stretches.front().time;
  for (const Stretch& stretch : stretches) {
    whole.from_ns = std::min(whole.from_ns, stretch.time.from_ns);
    whole.to_ns = std::max(whole.to_ns, stretch.time.to_ns);
  }
  return in_clock_of(node, whole, node.clock_error_ns);
}

// Each reading as a step of the time that the card was busy.
std::vector<CounterStep> busy_steps(const GpuReadings& readings) {
  const double per_ratio = metric::info(Metric::kGpuUtil).stored_per_unit;
  std::vector<CounterStep> steps;
  steps.reserve(readings.readings.size());
  for (const GpuReadings::Reading& reading : readings.readings) {
    const auto length = static_cast<double>(reading.time_ns - reading.since_ns);
    steps.push_back({reading.since_ns, reading.time_ns, reading.value / per_ratio * length});
  }
  return steps;
}

Growth growth_of(const NodeData& node, std::span<const Stretch> stretches,
                 const std::vector<CounterStep>& steps) {
  constexpr double kAllTheTime = 1;
  const auto steps_in = [&](const Interval& time) {
    // They are in order of time, and so are their beginnings.
    const auto first = std::ranges::upper_bound(steps, time.from_ns, {}, &CounterStep::to_ns);
    const auto last =
        std::ranges::lower_bound(first, steps.end(), time.to_ns, {}, &CounterStep::from_ns);
    return std::vector<CounterStep>(first, last);
  };
  return growth_of(node, stretches, kAllTheTime, steps_in);
}

Bounded share_of(const Growth& growth) {
  const auto whole = static_cast<double>(growth.measured_ns);
  return {growth.change.low / whole, growth.change.likely / whole, growth.change.high / whole};
}

bool is_enough(const Growth& growth, double asked_seconds) {
  return growth.measured_ns > 0 &&
         base::seconds(growth.measured_ns) >= kLeastMeasuredShare * asked_seconds;
}

// Of one card, where all that count have the same.
std::optional<double> memory_of_a_card(const NodeData& node, const std::vector<int32_t>& cards) {
  std::optional<uint64_t> bytes;
  for (const int32_t card : cards) {
    const auto place = static_cast<size_t>(card);
    if (card < 0 || place >= node.gpus.size()) return std::nullopt;
    const auto& of_card = node.gpus[place].memory_bytes;
    if (!of_card || (bytes && *bytes != *of_card)) return std::nullopt;
    bytes = of_card;
  }
  return bytes ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
}

}  // namespace

std::optional<NodeGpus> gpus_of(const NodeData& node, std::span<const Stretch> stretches,
                                double asked_seconds, const Summary& summary) {
  if (stretches.empty() || !has_gpu_series(node.samples->series(), node.level)) return std::nullopt;
  const std::vector<int32_t> cards = cards_of(node);
  NodeGpus gpus;
  gpus.cards = cards.size();
  std::vector<metric::SeriesKey> keys = {{Metric::kGpuUtil, node.level, metric::kWhole}};
  for (const int32_t card : cards) keys.push_back({Metric::kGpuUtil, node.level, card});
  const std::vector<GpuReadings> readings =
      gpu_readings(*node.samples, keys, whole_time(node, stretches));
  const Growth whole = growth_of(node, stretches, busy_steps(readings.front()));
  gpus.reading_seconds = whole.step_seconds();
  if (whole.measured_ns > 0) gpus.utilization = share_of(whole);
  gpus.is_compared = is_enough(whole, asked_seconds);
  for (size_t i = 0; i < cards.size(); ++i) {
    const Growth of_card = growth_of(node, stretches, busy_steps(readings[i + 1]));
    if (is_enough(of_card, asked_seconds)) gpus.busy.push_back({cards[i], share_of(of_card)});
  }
  gpus.memory_peak_bytes = summary.gpu_memory_peak_bytes;
  gpus.memory_bytes = memory_of_a_card(node, cards);
  // A card that is divided has more than its parts, which are what is told of.
  if (gpus.memory_bytes && gpus.memory_peak_bytes > gpus.memory_bytes) gpus.memory_bytes.reset();
  if (const auto grown = likely_growth(node, Metric::kGpuEnergy, stretches))
    gpus.energy_joules = *grown / metric::info(Metric::kGpuEnergy).stored_per_unit;
  return gpus;
}

GpuBalance balance_of_gpus(std::span<const NodeUsage> nodes) {
  GpuBalance balance;
  std::vector<size_t> node_places;
  std::vector<Bounded> node_shares;
  std::vector<GpuPlace> places;
  std::vector<Bounded> shares;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const std::optional<NodeGpus>& gpus = nodes[i].gpus;
    if (!gpus || !gpus->utilization) continue;
    balance.told += gpus->cards;
    if (!gpus->is_compared) continue;
    node_places.push_back(i);
    node_shares.push_back(*gpus->utilization);
    for (const CardShare& card : gpus->busy) {
      places.push_back({i, card.card});
      shares.push_back(card.busy);
    }
  }
  balance.compared = shares.size();
  if (node_shares.size() > 1) {
    balance.of_nodes = imbalance_of(node_shares);
    if (const auto place = extremes_of(node_shares).highest)
      balance.busiest_node = node_places[*place];
  }
  if (shares.size() > 1) {
    balance.of_cards = imbalance_of(shares);
    if (const auto place = extremes_of(shares).highest) balance.busiest_card = places[*place];
    const IdleShares idle = idle_among(shares);
    balance.all_nearly_idle = idle.all_nearly_idle;
    for (const size_t place : idle.places) balance.idle.push_back(places[place]);
  }
  return balance;
}

}  // namespace jumper::analysis
