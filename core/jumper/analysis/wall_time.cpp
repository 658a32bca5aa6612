// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/wall_time.h"

#include <algorithm>

#include "jumper/analysis/series_walk.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {

std::string_view wall_part_name(WallPart part) {
  switch (part) {
    case WallPart::kUser:
      return "on CPU";
    case WallPart::kSystem:
      return "in the kernel";
    case WallPart::kRunQueue:
      return "waiting for a CPU";
    case WallPart::kThrottled:
      return "held back by the CPU quota";
    case WallPart::kDisk:
      return "waiting for a disk";
    case WallPart::kOthers:
      return "waiting for its threads or children at work";
    case WallPart::kIdle:
      return "idle or asleep";
  }
  return "";
}

std::vector<WallShare> wall_time(const cells::Cell& cell, std::optional<double> tree_cpu_seconds) {
  std::vector<WallShare> shares;
  if (!cell.readings.wall_times) return shares;
  const source::WallTimes& times = *cell.readings.wall_times;
  int64_t left_ns = std::max<int64_t>(cell.duration_ns(), 0);
  const auto take = [&](WallPart part, int64_t nanos) {
    // Clocks of different kinds differ by microseconds: together they never exceed the cell.
    const int64_t taken = std::clamp<int64_t>(nanos, 0, left_ns);
    left_ns -= taken;
    shares.push_back({part, base::seconds(taken)});
  };
  take(WallPart::kUser, times.user_ns);
  take(WallPart::kSystem, times.system_ns);
  if (times.throttled_ns) take(WallPart::kThrottled, *times.throttled_ns);
  if (times.run_delay_ns) {
    // A throttled thread stands in the run queue as well: that time is given already.
    take(WallPart::kRunQueue, *times.run_delay_ns - times.throttled_ns.value_or(0));
  }
  if (times.disk_wait_ns) take(WallPart::kDisk, *times.disk_wait_ns);
  if (tree_cpu_seconds) {
    const int64_t own_ns = times.user_ns + times.system_ns;
    const auto others_ns = static_cast<int64_t>(*tree_cpu_seconds * 1e9) - own_ns;
    take(WallPart::kOthers, others_ns);
  }
  shares.push_back({WallPart::kIdle, base::seconds(left_ns)});
  return shares;
}

std::vector<WallShare> wall_time_of(const store::Snapshot& snapshot,
                                    std::span<const std::shared_ptr<const cells::Cell>> cells) {
  std::vector<WallShare> sum;
  store::ColumnReader reader(snapshot,
                             {{metric::Metric::kCpuTime, metric::Scope::kProcess, metric::kWhole}});
  for (const auto& cell : cells) {
    TotalWalk cpu;
    for_each_run(snapshot, reader, {cell->start_ns, cell->end_ns},
                 [&] { cpu.add(run_of(reader, 0)); });
    std::optional<double> seconds = cpu.total();
    if (seconds) *seconds /= 1e9;
    for (const WallShare& share : wall_time(*cell, seconds)) {
      const auto at = std::ranges::find(sum, share.part, &WallShare::part);
      if (at != sum.end()) {
        at->seconds += share.seconds;
      } else {
        sum.push_back(share);
      }
    }
  }
  std::ranges::sort(sum, {}, &WallShare::part);
  return sum;
}

}  // namespace jumper::analysis
