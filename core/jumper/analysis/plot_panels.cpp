// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_panels.h"

#include <algorithm>
#include <numeric>

namespace jumper::analysis {
namespace {

using metric::Metric;

constexpr CurveInfo curve(Metric metric, std::string_view label = "") {
  return {metric, label};
}

constexpr std::array kPanels = {
    PanelInfo{"cpu",
              "CPU",
              PlotUnit::kPercent,
              true,
              {curve(Metric::kCpuTime)},
              {"cpu_util", "cpu_summary", "cpu_all", "cpu_util_avg"}},
    PanelInfo{"memory", "Memory", PlotUnit::kBytes, true, {curve(Metric::kMemory)}, {"mem"}},
    PanelInfo{"io",
              "I/O",
              PlotUnit::kBytesPerSecond,
              true,
              {curve(Metric::kIoReadBytes, "read"), curve(Metric::kIoWriteBytes, "written")},
              {"io_read", "io_write", "io_read_mb", "io_write_mb"}},
    PanelInfo{"io_chars",
              "I/O with caches",
              PlotUnit::kBytesPerSecond,
              false,
              {curve(Metric::kIoReadChars, "read"), curve(Metric::kIoWriteChars, "written")}},
    PanelInfo{"io_count",
              "I/O calls",
              PlotUnit::kPerSecond,
              false,
              {curve(Metric::kIoReadCalls, "read"), curve(Metric::kIoWriteCalls, "write")},
              {"io_read_count", "io_write_count"}},
    PanelInfo{"processes", "Processes", PlotUnit::kCount, false, {curve(Metric::kProcesses)}},
    PanelInfo{"network",
              "Network",
              PlotUnit::kBytesPerSecond,
              false,
              {curve(Metric::kNetworkReceivedBytes, "received"),
               curve(Metric::kNetworkSentBytes, "sent")}},
    PanelInfo{"pressure",
              "Waiting",
              PlotUnit::kPercent,
              false,
              {curve(Metric::kPressureCpuSome, "for CPU"),
               curve(Metric::kPressureMemorySome, "for memory"),
               curve(Metric::kPressureIoSome, "for I/O")}},
    PanelInfo{"file_cache",
              "File cache",
              PlotUnit::kBytes,
              false,
              {curve(Metric::kMemoryFileCache)},
              {"memory_file_cache"}},
    PanelInfo{"throttled",
              "Held back by the CPU quota",
              PlotUnit::kPercent,
              false,
              {curve(Metric::kThrottledTime)},
              {"cpu_throttled", "cpu_throttled_seconds_total"}},
};

}  // namespace

std::string_view unit_name(PlotUnit unit) {
  switch (unit) {
    case PlotUnit::kPercent:
      return "percent";
    case PlotUnit::kBytes:
      return "bytes";
    case PlotUnit::kBytesPerSecond:
      return "bytes/s";
    case PlotUnit::kPerSecond:
      return "1/s";
    case PlotUnit::kCount:
      return "count";
  }
  return "count";
}

bool is_rate(PlotUnit unit) {
  return unit != PlotUnit::kBytes && unit != PlotUnit::kCount;
}

std::span<const PanelInfo> plot_panels() {
  return kPanels;
}

std::vector<size_t> all_panels() {
  std::vector<size_t> places(kPanels.size());
  std::iota(places.begin(), places.end(), size_t{0});
  return places;
}

std::vector<size_t> usual_panels() {
  std::vector<size_t> places = all_panels();
  std::erase_if(places, [](size_t place) { return !kPanels.at(place).is_shown; });
  return places;
}

std::optional<size_t> find_panel(std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (size_t place = 0; place < kPanels.size(); ++place) {
    const PanelInfo& panel = kPanels.at(place);
    if (panel.key == name || std::ranges::find(panel.aliases, name) != panel.aliases.end())
      return place;
  }
  return std::nullopt;
}

}  // namespace jumper::analysis
