// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_panels.h"

#include <algorithm>
#include <numeric>

#include "jumper/analysis/gpu_readings.h"

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
    // Those of GPUs last.
    PanelInfo{"gpu",
              "GPU",
              PlotUnit::kPercent,
              true,
              {curve(Metric::kGpuUtil)},
              {"gpu_util", "gpu_summary", "gpu_util_summary", "gpu_util_avg"}},
    PanelInfo{"gpu_mem",
              "GPU memory",
              PlotUnit::kBytes,
              true,
              {curve(Metric::kGpuMemory)},
              {"gpu_memory", "gpu_mem_summary", "gpu_mem_avg"}},
    PanelInfo{"gpu_band",
              "GPU memory read or written",
              PlotUnit::kPercent,
              false,
              {curve(Metric::kGpuBandwidthUtil)},
              {"gpu_bandwidth", "gpu_band_summary", "gpu_band_avg"}},
    PanelInfo{"gpu_power", "GPU power", PlotUnit::kWatts, false, {curve(Metric::kGpuPower)}},
    PanelInfo{"gpu_activity",
              "GPU activity",
              PlotUnit::kPercent,
              false,
              {curve(Metric::kGpuSmActive, "active"), curve(Metric::kGpuSmOccupancy, "occupancy"),
               curve(Metric::kGpuTensorActive, "matrix"), curve(Metric::kGpuDramActive, "memory")},
              {"gpu_sm_active", "gpu_sm_occupancy", "gpu_tensor_active", "gpu_dram_active"}},
    PanelInfo{"gpu_temperature",
              "GPU temperature",
              PlotUnit::kCelsius,
              false,
              {curve(Metric::kGpuTemperature)}},
    PanelInfo{"gpu_clocks",
              "GPU clocks",
              PlotUnit::kHertz,
              false,
              {curve(Metric::kGpuSmClock, "processors"), curve(Metric::kGpuMemoryClock, "memory")},
              {"gpu_sm_clock", "gpu_memory_clock"}},
    PanelInfo{"gpu_throttled",
              "GPU slowed",
              PlotUnit::kPercent,
              false,
              {curve(Metric::kGpuPowerThrottled, "by its power limit"),
               curve(Metric::kGpuThermalThrottled, "by heat")},
              {"gpu_power_throttled", "gpu_thermal_throttled"}},
    PanelInfo{"gpu_pcie",
              "GPU PCIe",
              PlotUnit::kBytesPerSecond,
              false,
              {curve(Metric::kGpuPcieReceived, "received"), curve(Metric::kGpuPcieSent, "sent")},
              {"gpu_pcie_received", "gpu_pcie_sent"}},
    PanelInfo{
        "gpu_nvlink",
        "GPU NVLink",
        PlotUnit::kBytesPerSecond,
        false,
        {curve(Metric::kGpuNvlinkReceived, "received"), curve(Metric::kGpuNvlinkSent, "sent")},
        {"gpu_nvlink_received", "gpu_nvlink_sent"}},
    PanelInfo{"gpu_all",
              "Each GPU",
              PlotUnit::kPercent,
              false,
              {curve(Metric::kGpuUtil)},
              {"gpu_util_all"},
              true},
    PanelInfo{"gpu_mem_all",
              "Each GPU's memory",
              PlotUnit::kBytes,
              false,
              {curve(Metric::kGpuMemory)},
              {},
              true},
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
    case PlotUnit::kWatts:
      return "watts";
    case PlotUnit::kCelsius:
      return "celsius";
    case PlotUnit::kHertz:
      return "hertz";
  }
  return "count";
}

bool is_rate(PlotUnit unit) {
  return unit == PlotUnit::kPercent || unit == PlotUnit::kBytesPerSecond ||
         unit == PlotUnit::kPerSecond;
}

std::span<const PanelInfo> plot_panels() {
  return kPanels;
}

bool is_of_gpus(const PanelInfo& panel) {
  return panel.curves[0] && is_gpu(panel.curves[0]->metric);
}

std::vector<size_t> all_panels(bool has_gpus) {
  std::vector<size_t> places(kPanels.size());
  std::iota(places.begin(), places.end(), size_t{0});
  if (!has_gpus) std::erase_if(places, [](size_t place) { return is_of_gpus(kPanels.at(place)); });
  return places;
}

std::vector<size_t> usual_panels(bool has_gpus) {
  std::vector<size_t> places = all_panels(has_gpus);
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
