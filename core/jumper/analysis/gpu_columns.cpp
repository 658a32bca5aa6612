// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "jumper/analysis/gpu_readings.h"

namespace jumper::analysis {
namespace {

using metric::Metric;

constexpr std::array kUsual = {Metric::kGpuUtil, Metric::kGpuBandwidthUtil, Metric::kGpuMemory};

// Percent for ratios, GB for memory.
double per_unit(const metric::MetricInfo& info) {
  constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;
  if (info.metric == Metric::kGpuMemory) return kBytesPerGb;
  return info.unit == metric::Unit::kRatio ? info.stored_per_unit / 100 : info.stored_per_unit;
}

std::vector<int64_t> starts_of(const store::Snapshot& snapshot) {
  std::vector<int64_t> starts_ns;
  store::ColumnReader reader(snapshot, {});
  for (store::RowRange left{0, snapshot.rows()}; !left.empty();) {
    left.begin = reader.move_to(left).end;
    if (!reader.has_start()) continue;
    const std::span<const metric::TickKind> kinds = reader.kinds();
    const std::span<const int64_t> times_ns = reader.times_ns();
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i] == metric::TickKind::kStart) starts_ns.push_back(times_ns[i]);
    }
  }
  return starts_ns;
}

// Since monitoring started, over restarts too.
void make_totals(GpuReadings& counter, std::span<const int64_t> starts_ns) {
  double total = 0;
  double before = metric::kAbsent;
  auto start = starts_ns.begin();
  for (GpuReadings::Reading& reading : counter.readings) {
    for (; start != starts_ns.end() && *start <= reading.time_ns; ++start) before = metric::kAbsent;
    const double now = reading.value;
    if (now >= before) total += now - before;  // false while there is none before
    before = now;
    reading.value = total;
  }
}

}  // namespace

GpuColumns::GpuColumns(const store::Snapshot& snapshot, metric::Scope level,
                       std::span<const metric::SeriesKey> series, std::span<const int64_t> times_ns)
    : snapshot_(snapshot),
      level_(level),
      series_(series),
      times_ns_(times_ns),
      cards_(gpu_cards_of(series, level)) {
  if (has_gpu_series(series, level)) starts_ns_ = starts_of(snapshot);
}

bool GpuColumns::has(Metric metric, int32_t card) const {
  return std::ranges::find(series_, metric::SeriesKey{metric, level_, card}) != series_.end();
}

std::vector<double> GpuColumns::held(Metric metric, int32_t card) const {
  std::vector<double> values(times_ns_.size(), metric::kAbsent);
  if (times_ns_.empty() || !has(metric, card)) return values;
  const metric::MetricInfo& info = metric::info(metric);
  GpuReadings readings = std::move(
      gpu_readings(snapshot_, {{metric, level_, card}}, {times_ns_.front(), times_ns_.back()})
          .front());
  if (info.kind == metric::Kind::kCounter) make_totals(readings, starts_ns_);
  const double divisor = per_unit(info);
  auto next = readings.readings.begin();
  auto start = starts_ns_.begin();
  for (size_t row = 0; row < values.size(); ++row) {
    while (next != readings.readings.end() && next->time_ns <= times_ns_[row]) ++next;
    while (start != starts_ns_.end() && *start <= times_ns_[row]) ++start;
    if (next == readings.readings.begin()) continue;
    const GpuReadings::Reading& last = *std::prev(next);
    const bool is_of_this_run = start == starts_ns_.begin() || *std::prev(start) <= last.time_ns;
    if (is_of_this_run && times_ns_[row] - last.time_ns <= kGpuReadingHoldsNs)
      values[row] = last.value / divisor;
  }
  return values;
}

void GpuColumns::add_usual(std::vector<PerfColumn>& columns, Metric metric,
                           const std::vector<std::vector<double>>& of_cards) const {
  std::vector<double> average = held(metric, metric::kWhole);
  std::vector<double> lowest(times_ns_.size(), metric::kAbsent);
  std::vector<double> highest(times_ns_.size(), metric::kAbsent);
  for (size_t row = 0; row < times_ns_.size(); ++row) {
    for (const std::vector<double>& card : of_cards) {
      lowest[row] = std::fmin(lowest[row], card[row]);
      highest[row] = std::fmax(highest[row], card[row]);
    }
    if (metric::is_absent(lowest[row])) lowest[row] = highest[row] = average[row];
  }
  const std::string name(metric::info(metric).column);
  columns.push_back({name + "_avg", std::move(average)});
  columns.push_back({name + "_min", std::move(lowest)});
  columns.push_back({name + "_max", std::move(highest)});
}

std::vector<PerfColumn> GpuColumns::usual() const {
  std::vector<PerfColumn> columns;
  if (!has_gpu_series(series_, level_)) return columns;
  std::array<std::vector<std::vector<double>>, kUsual.size()> of_cards;
  for (size_t i = 0; i < kUsual.size(); ++i) {
    for (const int32_t card : cards_) of_cards.at(i).push_back(held(kUsual.at(i), card));
    add_usual(columns, kUsual.at(i), of_cards.at(i));
  }
  for (size_t card = 0; card < cards_.size(); ++card) {
    for (size_t i = 0; i < kUsual.size(); ++i) {
      columns.push_back(
          {std::string(metric::info(kUsual.at(i)).column) + "_" + std::to_string(cards_[card]),
           std::move(of_cards.at(i)[card])});
    }
  }
  return columns;
}

std::vector<PerfColumn> GpuColumns::others() const {
  std::vector<PerfColumn> columns;
  for (const metric::MetricInfo& info : metric::catalog()) {
    if (!is_gpu(info.metric) || std::ranges::find(kUsual, info.metric) != kUsual.end()) continue;
    const std::string name(info.column);
    if (has(info.metric, metric::kWhole))
      columns.push_back({name, held(info.metric, metric::kWhole)});
    for (const int32_t card : cards_) {
      if (has(info.metric, card))
        columns.push_back({name + "_" + std::to_string(card), held(info.metric, card)});
    }
  }
  return columns;
}

}  // namespace jumper::analysis
