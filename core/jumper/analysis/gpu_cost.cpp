// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_cost.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "jumper/analysis/gpu_readings.h"
#include "jumper/analysis/series_walk.h"

namespace jumper::analysis {
namespace {

using metric::Metric;
using metric::Scope;
using metric::SeriesKey;

double per_unit(Metric metric) {
  return metric::info(metric).stored_per_unit;
}

// Of a whole card, the mean over time.
struct CardNumber {
  Metric metric;
  GpuCost::Number number;
  bool is_highest = false;  // not the mean
  bool is_of_card = false;  // of which a MIG instance is part; it has none of its own
};
constexpr std::array<CardNumber, 9> kGauges = {
    {{Metric::kGpuPowerThrottled, &GpuCardCost::power_throttled, false, true},
     {Metric::kGpuThermalThrottled, &GpuCardCost::thermal_throttled, false, true},
     {Metric::kGpuTemperature, &GpuCardCost::temperature_celsius, true, true},
     {Metric::kGpuSmActive, &GpuCardCost::sm_active},
     {Metric::kGpuSmOccupancy, &GpuCardCost::sm_occupancy},
     {Metric::kGpuTensorActive, &GpuCardCost::tensor_active},
     {Metric::kGpuDramActive, &GpuCardCost::dram_active},
     {Metric::kGpuPcieReceived, &GpuCardCost::pcie_received_bytes_per_second},
     {Metric::kGpuPcieSent, &GpuCardCost::pcie_sent_bytes_per_second}}};
constexpr std::array<CardNumber, 2> kCounters = {
    {{Metric::kGpuNvlinkReceived, &GpuCardCost::nvlink_received_bytes},
     {Metric::kGpuNvlinkSent, &GpuCardCost::nvlink_sent_bytes}}};

class CostMaker {
 public:
  CostMaker(const store::Snapshot& snapshot, std::span<const Interval> intervals,
            const GpuCostOptions& options)
      : snapshot_(snapshot),
        intervals_(intervals),
        options_(options),
        series_(snapshot.series()),
        time_{intervals.empty() ? 0 : intervals.front().from_ns,
              intervals.empty() ? 0 : intervals.back().to_ns} {}

  [[nodiscard]] std::optional<GpuCost> make() {
    if (intervals_.empty() || !has_gpu_series(series_, options_.scope)) return std::nullopt;
    GpuCost cost;
    const GpuReadings utilization = readings(Metric::kGpuUtil, metric::kWhole, options_.scope);
    cost.utilization = spread_over(utilization, intervals_, per_unit(Metric::kGpuUtil));
    cost.bandwidth = spread(Metric::kGpuBandwidthUtil, metric::kWhole, options_.scope);
    cost.memory_bytes = memory(metric::kWhole);
    cost.power_watts = spread(Metric::kGpuPower, metric::kWhole, options_.scope);
    cost.energy_joules = total(Metric::kGpuEnergy, metric::kWhole, options_.scope);
    cost.held_idle_ratio = held_idle(utilization);
    for (const int32_t card : gpu_cards_of(series_, options_.scope)) {
      if (is_told_of(card)) cost.cards.push_back(card_cost(card));
    }
    return cost;
  }

 private:
  [[nodiscard]] bool is_told_of(int32_t card) const {
    const auto place = static_cast<size_t>(card);
    return card < 0 || place >= options_.cards.size() ||
           counts_at(options_.cards[place], options_.scope);
  }
  [[nodiscard]] int32_t physical(int32_t card) const {
    const auto place = static_cast<size_t>(card);
    if (card < 0 || place >= options_.cards.size()) return card;
    return static_cast<int32_t>(options_.cards[place].part_of.value_or(place));
  }
  [[nodiscard]] bool has(const SeriesKey& key) const {
    return std::ranges::find(series_, key) != series_.end();
  }

  [[nodiscard]] GpuReadings readings(Metric metric, int32_t card, Scope level) const {
    const SeriesKey key{metric, level, card};
    if (!has(key)) return {};
    return std::move(gpu_readings(snapshot_, {key}, time_).front());
  }
  [[nodiscard]] std::optional<Spread> spread(Metric metric, int32_t card, Scope level) const {
    return spread_over(readings(metric, card, level), intervals_, per_unit(metric));
  }
  [[nodiscard]] std::optional<double> total(Metric metric, int32_t card, Scope level) const {
    const auto grown = total_of(snapshot_, {metric, level, card}, intervals_);
    if (!grown) return std::nullopt;
    return *grown / per_unit(metric);
  }
  // Exact at the edges of cells. Where nothing was read there, what was read around them.
  [[nodiscard]] std::optional<Spread> memory(int32_t card) const {
    const SeriesKey key{Metric::kGpuMemory, options_.scope, card};
    if (!has(key)) return std::nullopt;
    GaugeWalk walk;
    store::ColumnReader reader(snapshot_, {key});
    const auto thinned_until_ns = snapshot_.thinned_until_ns();
    for (const Interval& interval : intervals_) {
      for_each_run(snapshot_, reader, interval, [&] { walk.add(run_of(reader, 0)); });
      if (thinned_until_ns >= interval.from_ns) walk.add_thinned(snapshot_, key, interval);
      walk.end_interval();
    }
    const auto spread = walk.spread();
    return spread ? spread : this->spread(Metric::kGpuMemory, card, options_.scope);
  }

  [[nodiscard]] std::optional<double> held_idle(const GpuReadings& utilization) const {
    const GpuReadings held = readings(Metric::kGpuMemory, metric::kWhole, options_.scope);
    size_t count = 0;
    size_t idle = 0;
    for (const GpuReadings::Reading& reading : utilization.readings) {
      const auto after =
          std::ranges::lower_bound(intervals_, reading.time_ns, {}, &Interval::from_ns);
      if (after == intervals_.begin() || reading.time_ns > std::prev(after)->to_ns) continue;
      const auto memory = std::ranges::lower_bound(held.readings, reading.time_ns, {},
                                                   &GpuReadings::Reading::time_ns);
      if (memory == held.readings.end() || memory->time_ns != reading.time_ns) continue;
      ++count;
      const double ratio = reading.value / per_unit(Metric::kGpuUtil);
      if (memory->value > options_.held_bytes && ratio <= options_.idle_ratio) ++idle;
    }
    if (count == 0) return std::nullopt;
    return static_cast<double>(idle) / static_cast<double>(count);
  }

  [[nodiscard]] GpuCardCost card_cost(int32_t card) const {
    GpuCardCost cost;
    cost.card = card;
    cost.utilization = spread(Metric::kGpuUtil, card, options_.scope);
    cost.bandwidth = spread(Metric::kGpuBandwidthUtil, card, options_.scope);
    cost.memory_bytes = memory(card);
    for (const CardNumber& gauge : kGauges) {
      auto found = spread(gauge.metric, card, Scope::kSystem);
      if (!found && gauge.is_of_card) found = spread(gauge.metric, physical(card), Scope::kSystem);
      if (found) cost.*gauge.number = gauge.is_highest ? found->maximum : found->average;
    }
    for (const CardNumber& counter : kCounters) {
      if (has({counter.metric, Scope::kSystem, card}))
        cost.*counter.number = total(counter.metric, card, Scope::kSystem);
    }
    return cost;
  }

  const store::Snapshot& snapshot_;
  std::span<const Interval> intervals_;
  const GpuCostOptions& options_;
  std::vector<SeriesKey> series_;
  Interval time_;
};

}  // namespace

std::optional<bool> GpuCardCost::is_used() const {
  if (!utilization && !memory_bytes) return std::nullopt;
  return (utilization && utilization->maximum > 0) || (memory_bytes && memory_bytes->maximum > 0);
}

std::vector<const GpuCardCost*> GpuCost::concerned() const {
  std::vector<const GpuCardCost*> used;
  std::vector<const GpuCardCost*> all;
  bool is_known = false;
  for (const GpuCardCost& card : cards) {
    all.push_back(&card);
    is_known = is_known || card.is_used().has_value();
    if (card.is_used().value_or(false)) used.push_back(&card);
  }
  return is_known ? used : all;
}

std::optional<double> GpuCost::mean_of(Number number) const {
  double sum = 0;
  size_t count = 0;
  for (const GpuCardCost* card : concerned()) {
    if (!(card->*number)) continue;
    sum += *(card->*number);
    ++count;
  }
  return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

std::optional<double> GpuCost::sum_of(Number number) const {
  std::optional<double> sum;
  for (const GpuCardCost* card : concerned()) {
    if (card->*number) sum = sum.value_or(0) + *(card->*number);
  }
  return sum;
}

const GpuCardCost* GpuCost::most_of(Number number) const {
  const GpuCardCost* most = nullptr;
  for (const GpuCardCost* card : concerned()) {
    if (card->*number && (most == nullptr || *(card->*number) > *(most->*number))) most = card;
  }
  return most;
}

std::optional<double> GpuCost::average_of(Level level) const {
  double sum = 0;
  size_t count = 0;
  for (const GpuCardCost* card : concerned()) {
    if (!(card->*level)) continue;
    sum += (card->*level)->average;
    ++count;
  }
  if (count > 0) return sum / static_cast<double>(count);
  const std::optional<Spread>& whole = level == &GpuCardCost::utilization ? utilization
                                       : level == &GpuCardCost::bandwidth ? bandwidth
                                                                          : memory_bytes;
  return whole ? std::optional(whole->average) : std::nullopt;
}

std::optional<GpuCost> gpu_cost_of(const store::Snapshot& snapshot,
                                   std::span<const Interval> intervals,
                                   const GpuCostOptions& options) {
  return CostMaker(snapshot, intervals, options).make();
}

bool counts_at(const gpu::Card& card, metric::Scope level) {
  // Other processes of the user may be on cards that ours does not see.
  const bool is_for_all = level == Scope::kSystem || level == Scope::kUser;
  return !card.is_divided && (card.is_chosen || is_for_all);
}

std::optional<double> gpu_memory_of(std::span<const gpu::Card> cards, metric::Scope level) {
  const auto first =
      std::ranges::find_if(cards, [&](const gpu::Card& card) { return counts_at(card, level); });
  if (first == cards.end() || !first->memory_bytes) return std::nullopt;
  return static_cast<double>(*first->memory_bytes);
}

}  // namespace jumper::analysis
