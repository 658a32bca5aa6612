// SPDX-License-Identifier: BSD-3-Clause
// Readings of GPUs as values of series. At the level system each card has a series of every metric
// that it can tell; at the other levels there are utilization, bandwidth and memory of the level's
// own processes, for each card that they may use. The series of all cards (metric::kWhole) is
//   the average: of utilization, bandwidth, memory, clocks, throttling, activity;
//   the sum: of power, energy, PCIe and NVLink, at the other levels of the cards that the level's
//   processes are on;
//   the highest: of temperature.
// A card that is divided into MIG instances is left out of averages of what its instances tell.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "jumper/gpu/backend.h"
#include "jumper/metric/sample.h"

namespace jumper::source {

// Whether a process is one of the level's.
using MemberTest = std::function<bool(metric::Scope level, pid_t pid)>;

class GpuSeries {
 public:
  // `levels` besides system.
  GpuSeries(std::vector<gpu::Card> cards, std::vector<metric::Scope> levels);

  [[nodiscard]] const std::vector<metric::SeriesKey>& series() const { return series_; }
  // `values` has one place for each of series(). Energy is added up from one call to the next.
  void fill(const gpu::Reading& reading, const MemberTest& is_member, std::span<double> values);

 private:
  std::vector<gpu::Card> cards_;
  std::vector<metric::Scope> levels_;
  std::vector<metric::SeriesKey> series_;
};

}  // namespace jumper::source
