// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/gpu_series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace jumper::source {

using gpu::CardReading;
using metric::Metric;
using metric::Scope;

namespace {

// What any card may tell; all else gets its series when a card tells it.
constexpr std::array kUsual = {Metric::kGpuUtil, Metric::kGpuBandwidthUtil, Metric::kGpuMemory,
                               Metric::kGpuEnergy, Metric::kGpuPower};
constexpr std::array kSpecial = {
    Metric::kGpuSmClock,        Metric::kGpuMemoryClock,      Metric::kGpuTemperature,
    Metric::kGpuPowerThrottled, Metric::kGpuThermalThrottled, Metric::kGpuPcieReceived,
    Metric::kGpuPcieSent,       Metric::kGpuNvlinkReceived,   Metric::kGpuNvlinkSent,
    Metric::kGpuSmActive,       Metric::kGpuSmOccupancy,      Metric::kGpuTensorActive,
    Metric::kGpuDramActive};

enum class Combined : uint8_t { kAverage, kSum, kHighest };

Combined combined(Metric metric) {
  switch (metric) {
    case Metric::kGpuEnergy:
    case Metric::kGpuPower:
    case Metric::kGpuPcieReceived:
    case Metric::kGpuPcieSent:
    case Metric::kGpuNvlinkReceived:
    case Metric::kGpuNvlinkSent:
      return Combined::kSum;
    case Metric::kGpuTemperature:
      return Combined::kHighest;
    default:
      return Combined::kAverage;
  }
}

// What MIG instances tell themselves; all else is told of the card that they are part of.
bool is_of_instances(Metric metric) {
  constexpr std::array kOfInstances = {Metric::kGpuUtil,        Metric::kGpuBandwidthUtil,
                                       Metric::kGpuMemory,      Metric::kGpuSmActive,
                                       Metric::kGpuSmOccupancy, Metric::kGpuTensorActive,
                                       Metric::kGpuDramActive};
  return std::ranges::find(kOfInstances, metric) != kOfInstances.end();
}

template <typename Value>
std::optional<double> number(const std::optional<Value>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

std::optional<double> value_of(const CardReading& card, Metric metric) {
  switch (metric) {
    case Metric::kGpuUtil:
      return card.utilization;
    case Metric::kGpuBandwidthUtil:
      return card.bandwidth_utilization;
    case Metric::kGpuMemory:
      return number(card.memory_used_bytes);
    case Metric::kGpuEnergy:
      return card.energy_joules;
    case Metric::kGpuPower:
      return card.power_watts;
    case Metric::kGpuSmClock:
      return card.sm_clock_hertz;
    case Metric::kGpuMemoryClock:
      return card.memory_clock_hertz;
    case Metric::kGpuTemperature:
      return card.temperature_celsius;
    case Metric::kGpuPowerThrottled:
      return number(card.is_power_throttled);
    case Metric::kGpuThermalThrottled:
      return number(card.is_thermal_throttled);
    case Metric::kGpuPcieReceived:
      return card.pcie_received_bytes_per_second;
    case Metric::kGpuPcieSent:
      return card.pcie_sent_bytes_per_second;
    case Metric::kGpuNvlinkReceived:
      return number(card.nvlink_received_bytes);
    case Metric::kGpuNvlinkSent:
      return number(card.nvlink_sent_bytes);
    case Metric::kGpuSmActive:
      return card.sm_active;
    case Metric::kGpuSmOccupancy:
      return card.sm_occupancy;
    case Metric::kGpuTensorActive:
      return card.tensor_active;
    case Metric::kGpuDramActive:
      return card.dram_active;
    default:
      return std::nullopt;
  }
}

// As series hold it: whole numbers, and nothing that no card can mean.
double stored(const std::optional<double>& value, Metric metric) {
  if (!value || !std::isfinite(*value) || *value < 0) return metric::kAbsent;
  return std::round(*value * metric::info(metric).stored_per_unit);
}

class Combiner {
 public:
  explicit Combiner(Combined how) : how_(how) {}

  void add(double value) {
    if (metric::is_absent(value)) return;
    highest_ = std::max(highest_, value);
    sum_ += value;
    ++count_;
  }
  [[nodiscard]] double value() const {
    if (count_ == 0) return metric::kAbsent;
    if (how_ == Combined::kSum) return sum_;
    return how_ == Combined::kHighest ? highest_ : std::round(sum_ / count_);
  }

 private:
  Combined how_;
  double sum_ = 0;
  double highest_ = 0;
  int count_ = 0;
};

void add_to(std::optional<double>& sum, const std::optional<double>& value) {
  sum = sum && value ? std::optional(*sum + *value) : std::nullopt;
}

}  // namespace

GpuSeries::GpuSeries(std::vector<gpu::Card> cards, std::vector<Scope> levels)
    : cards_(std::move(cards)),
      levels_(std::move(levels)),
      energy_(levels_.size(), LevelEnergy{0, std::vector<bool>(cards_.size())}),
      joules_(cards_.size()) {
  for (const Metric metric : kUsual) add_block(metric, Scope::kSystem, true);
  for (const Scope level : levels_) {
    for (const Metric metric : kUsual) add_block(metric, level, is_of_instances(metric));
  }
}

void GpuSeries::add_block(Metric metric, Scope level, bool has_cards) {
  Block block{metric, level, series_.size(), {}, {}, 0};
  for (size_t card = 0; card < cards_.size(); ++card) {
    // Everybody's processes may be on any card, ours on those that we see.
    const bool is_for_all = level == Scope::kSystem || level == Scope::kUser;
    if (is_for_all || cards_[card].is_chosen) block.cards.push_back(card);
  }
  if (block.cards.empty()) return;
  series_.push_back({metric, level, metric::kWhole});
  if (has_cards) {
    for (const size_t card : block.cards)
      series_.push_back({metric, level, static_cast<int32_t>(card)});
  }
  blocks_.push_back(std::move(block));
}

bool GpuSeries::grow(const gpu::Reading& reading) {
  const size_t before = series_.size();
  for (const Metric metric : kSpecial) {
    const bool is_there =
        std::ranges::any_of(blocks_, [&](const Block& block) { return block.metric == metric; });
    if (is_there) continue;
    const bool is_told = std::ranges::any_of(
        reading.cards, [&](const CardReading& card) { return value_of(card, metric).has_value(); });
    if (is_told) add_block(metric, Scope::kSystem, true);
  }
  return series_.size() > before;
}

bool GpuSeries::counts_in_whole(Metric metric, size_t card) const {
  return is_of_instances(metric) ? !cards_[card].is_divided : !cards_[card].part_of;
}

size_t GpuSeries::physical(size_t card) const {
  const auto part_of = cards_[card].part_of;
  return part_of && *part_of < cards_.size() ? *part_of : card;
}

void GpuSeries::fill(const gpu::Reading& reading, const MemberTest& is_member,
                     std::span<double> values) {
  std::ranges::fill(values, metric::kAbsent);
  if (reading.cards.size() != cards_.size()) return;
  std::vector<std::vector<Share>> shares;
  shares.reserve(levels_.size());
  for (size_t level = 0; level < levels_.size(); ++level) {
    shares.push_back(shares_of(reading, levels_[level], is_member));
    add_energy(level, reading, shares.back());
  }
  for (size_t card = 0; card < cards_.size(); ++card) {
    if (reading.cards[card].energy_joules) joules_[card] = reading.cards[card].energy_joules;
  }
  for (Block& block : blocks_) {
    if (block.level == Scope::kSystem) {
      fill_system(block, reading, values);
      if (metric::info(block.metric).kind == metric::Kind::kCounter) add_up(block, reading, values);
      continue;
    }
    const auto at = static_cast<size_t>(std::ranges::find(levels_, block.level) - levels_.begin());
    if (is_of_instances(block.metric)) {
      fill_level(block, shares[at], values);
    } else {
      fill_whole_cards(block, at, reading, shares[at], values);
    }
  }
}

std::vector<GpuSeries::Share> GpuSeries::shares_of(const gpu::Reading& reading, Scope level,
                                                   const MemberTest& is_member) const {
  std::vector<Share> shares(cards_.size());
  for (size_t card = 0; card < cards_.size(); ++card) {
    const CardReading& told = reading.cards[card];
    if (told.has_process_memory) shares[card].memory_bytes = 0;
    if (told.has_process_utilization) shares[card].utilization = 0;
    if (told.has_process_bandwidth) shares[card].bandwidth_utilization = 0;
  }
  for (const gpu::ProcessReading& process : reading.processes) {
    if (process.card >= shares.size() || !is_member(level, process.pid)) continue;
    Share& share = shares[process.card];
    share.is_on = true;
    // Of a process that a list leaves out, the list says that it has nothing.
    add_to(share.memory_bytes, number(process.memory_bytes));
    if (process.utilization) add_to(share.utilization, process.utilization);
    if (process.bandwidth_utilization)
      add_to(share.bandwidth_utilization, process.bandwidth_utilization);
  }
  for (Share& share : shares) {
    if (share.utilization) share.utilization = std::min(*share.utilization, 1.0);
    if (share.bandwidth_utilization)
      share.bandwidth_utilization = std::min(*share.bandwidth_utilization, 1.0);
  }
  return shares;
}

void GpuSeries::fill_system(const Block& block, const gpu::Reading& reading,
                            std::span<double> values) const {
  Combiner whole(combined(block.metric));
  size_t at = block.first;
  for (const size_t card : block.cards) {
    const double value = stored(value_of(reading.cards[card], block.metric), block.metric);
    values[++at] = value;
    if (counts_in_whole(block.metric, card)) whole.add(value);
  }
  values[block.first] = whole.value();
}

void GpuSeries::add_up(Block& block, const gpu::Reading& reading, std::span<double> values) const {
  block.before.resize(block.cards.size(), metric::kAbsent);
  bool is_told = false;
  for (size_t at = 0; at < block.cards.size(); ++at) {
    const size_t card = block.cards[at];
    const double now = stored(value_of(reading.cards[card], block.metric), block.metric);
    if (metric::is_absent(now) || !counts_in_whole(block.metric, card)) continue;
    is_told = true;
    if (now > block.before[at]) block.grown += now - block.before[at];
    block.before[at] = now;
  }
  values[block.first] = is_told ? block.grown : metric::kAbsent;
}

void GpuSeries::fill_level(const Block& block, const std::vector<Share>& shares,
                           std::span<double> values) const {
  Combiner whole(Combined::kAverage);
  size_t at = block.first;
  for (const size_t card : block.cards) {
    const Share& share = shares[card];
    const auto& part = block.metric == Metric::kGpuUtil     ? share.utilization
                       : block.metric == Metric::kGpuMemory ? share.memory_bytes
                                                            : share.bandwidth_utilization;
    const double value = stored(part, block.metric);
    values[++at] = value;
    if (counts_in_whole(block.metric, card)) whole.add(value);
  }
  values[block.first] = whole.value();
}

// What a card used since the reading before counts where one of the level's processes was on it at
// either end.
void GpuSeries::add_energy(size_t level, const gpu::Reading& reading,
                           const std::vector<Share>& shares) {
  LevelEnergy& energy = energy_[level];
  std::vector<bool> is_on(cards_.size());
  for (size_t card = 0; card < cards_.size(); ++card) {
    if (shares[card].is_on) is_on[physical(card)] = true;
  }
  for (size_t card = 0; card < cards_.size(); ++card) {
    const auto& now = reading.cards[card].energy_joules;
    if (!now) continue;
    const bool counts = is_on[card] || energy.was_on[card];
    if (counts && joules_[card] && *now > *joules_[card]) energy.joules += *now - *joules_[card];
    energy.was_on[card] = is_on[card];
  }
}

// Absent where no card tells who is on it: then there is nobody to count it for.
void GpuSeries::fill_whole_cards(const Block& block, size_t level, const gpu::Reading& reading,
                                 const std::vector<Share>& shares, std::span<double> values) const {
  bool is_known = false;
  double watts = 0;
  std::vector<bool> is_counted(cards_.size());
  for (size_t card = 0; card < cards_.size(); ++card) {
    const size_t whole = physical(card);
    const CardReading& told = reading.cards[whole];
    const bool has_value = block.metric == Metric::kGpuEnergy ? told.energy_joules.has_value()
                                                              : told.power_watts.has_value();
    if (!has_value || !reading.cards[card].has_process_memory) continue;
    is_known = true;
    if (!shares[card].is_on || is_counted[whole]) continue;
    is_counted[whole] = true;
    watts += told.power_watts.value_or(0);
  }
  if (!is_known) return;
  const double value = block.metric == Metric::kGpuEnergy ? energy_[level].joules : watts;
  values[block.first] = stored(value, block.metric);
}

}  // namespace jumper::source
