// SPDX-License-Identifier: BSD-3-Clause
#include <array>

#include "jumper/metric/metric.h"

namespace jumper::metric {
namespace {

constexpr double kNanosPerUnit = 1e9;
constexpr double kMilli = 1000;
constexpr double kPartsPerRatio = 10'000;

constexpr std::array kCatalog = {
    MetricInfo{Metric::kCpuTime, "cpu_seconds_total", Kind::kCounter, Unit::kSeconds, kNanosPerUnit,
               "cpu_seconds",
               "CPU time used, user and system; at the levels process and user with the children "
               "that ended"},
    MetricInfo{
        Metric::kMemory, "memory_bytes", Kind::kGauge, Unit::kBytes, 1, "memory",
        "memory in use: resident memory of the processes, where a page that several of them share "
        "is counted once; files that they and others outside map may count in part; on the "
        "machine, "
        "total less available"},
    MetricInfo{
        Metric::kMemoryResident, "memory_rss_bytes", Kind::kGauge, Unit::kBytes, 1, "memory_rss",
        "sum of the processes' resident set sizes; pages they share are counted once per process"},
    MetricInfo{Metric::kIoReadCalls, "io_read_operations_total", Kind::kCounter, Unit::kOperations,
               1, "io_read_count",
               "read system calls; on the machine, read requests completed by its disks"},
    MetricInfo{Metric::kIoWriteCalls, "io_write_operations_total", Kind::kCounter,
               Unit::kOperations, 1, "io_write_count",
               "write system calls; on the machine, write requests completed by its disks"},
    MetricInfo{Metric::kIoReadBytes, "io_read_bytes_total", Kind::kCounter, Unit::kBytes, 1,
               "io_read", "bytes fetched from storage"},
    MetricInfo{Metric::kIoWriteBytes, "io_write_bytes_total", Kind::kCounter, Unit::kBytes, 1,
               "io_write", "bytes sent to storage"},
    MetricInfo{Metric::kIoReadChars, "io_read_chars_total", Kind::kCounter, Unit::kBytes, 1,
               "io_read_chars_total",
               "bytes passed by read calls, page cache, pipes and terminals included"},
    MetricInfo{Metric::kIoWriteChars, "io_write_chars_total", Kind::kCounter, Unit::kBytes, 1,
               "io_write_chars_total",
               "bytes passed by write calls, page cache, pipes and terminals included"},
    MetricInfo{Metric::kProcesses, "processes", Kind::kGauge, Unit::kCount, 1, "processes",
               "number of processes alive"},
    MetricInfo{Metric::kContextSwitches, "context_switches_total", Kind::kCounter, Unit::kCount, 1,
               "context_switches_total", "how often a CPU went over from one thread to another"},
    MetricInfo{Metric::kNetworkReceivedBytes, "network_received_bytes_total", Kind::kCounter,
               Unit::kBytes, 1, "network_received_bytes_total",
               "bytes received over the network, loopback not counted"},
    MetricInfo{Metric::kNetworkSentBytes, "network_sent_bytes_total", Kind::kCounter, Unit::kBytes,
               1, "network_sent_bytes_total", "bytes sent over the network, loopback not counted"},
    MetricInfo{Metric::kPressureCpuSome, "pressure_cpu_some_seconds_total", Kind::kCounter,
               Unit::kSeconds, kNanosPerUnit, "pressure_cpu_some_seconds_total",
               "time in which at least one task waited for a CPU"},
    MetricInfo{Metric::kPressureMemorySome, "pressure_memory_some_seconds_total", Kind::kCounter,
               Unit::kSeconds, kNanosPerUnit, "pressure_memory_some_seconds_total",
               "time in which at least one task waited for memory"},
    MetricInfo{Metric::kPressureMemoryFull, "pressure_memory_full_seconds_total", Kind::kCounter,
               Unit::kSeconds, kNanosPerUnit, "pressure_memory_full_seconds_total",
               "time in which all tasks that were not idle waited for memory"},
    MetricInfo{Metric::kPressureIoSome, "pressure_io_some_seconds_total", Kind::kCounter,
               Unit::kSeconds, kNanosPerUnit, "pressure_io_some_seconds_total",
               "time in which at least one task waited for I/O"},
    MetricInfo{Metric::kPressureIoFull, "pressure_io_full_seconds_total", Kind::kCounter,
               Unit::kSeconds, kNanosPerUnit, "pressure_io_full_seconds_total",
               "time in which all tasks that were not idle waited for I/O"},
    MetricInfo{Metric::kSwapInBytes, "swap_in_bytes_total", Kind::kCounter, Unit::kBytes, 1,
               "swap_in_bytes_total", "memory fetched back from swap space"},
    MetricInfo{Metric::kSwapOutBytes, "swap_out_bytes_total", Kind::kCounter, Unit::kBytes, 1,
               "swap_out_bytes_total", "memory moved out to swap space"},
    MetricInfo{Metric::kMajorFaults, "major_faults_total", Kind::kCounter, Unit::kCount, 1,
               "major_faults_total", "accesses to memory that had to wait for a page from storage"},
    MetricInfo{Metric::kMemoryAgainstLimit, "memory_against_limit_bytes", Kind::kGauge,
               Unit::kBytes, 1, "memory_against_limit_bytes",
               "memory of the control group with the lowest limit that holds for this process, "
               "without pages of files, which the kernel takes back first; absent where no group "
               "has a limit"},
    MetricInfo{
        Metric::kOomKills, "oom_kills_total", Kind::kCounter, Unit::kCount, 1, "oom_kills_total",
        "processes that the kernel killed for want of memory: at the level process those of "
        "the control group with the lowest limit; at container and slurm those of the group; "
        "else of the machine"},
    MetricInfo{
        Metric::kMemoryFileCache, "memory_file_cache_bytes", Kind::kGauge, Unit::kBytes, 1,
        "memory_file_cache",
        "at the levels container and slurm: pages of files that are held in memory, which the "
        "kernel takes back before anything is killed; memory_bytes is without them"},
    MetricInfo{
        Metric::kMemoryHighest, "memory_highest_bytes", Kind::kGauge, Unit::kBytes, 1,
        "memory_highest",
        "at the levels container and slurm: the most memory the group ever had, as the kernel "
        "kept it, pages of files included"},
    MetricInfo{
        Metric::kMemoryLimitHits, "memory_limit_hits_total", Kind::kCounter, Unit::kCount, 1,
        "memory_limit_hits_total",
        "at the levels container and slurm: how often memory was about to go over the limit, so "
        "that some had to be taken back first"},
    MetricInfo{
        Metric::kMemoryHighHits, "memory_high_hits_total", Kind::kCounter, Unit::kCount, 1,
        "memory_high_hits_total",
        "at the levels container and slurm: how often processes were slowed down because memory "
        "was over memory.high (control groups of version 2)"},
    MetricInfo{
        Metric::kThrottledTime, "cpu_throttled_seconds_total", Kind::kCounter, Unit::kSeconds,
        kNanosPerUnit, "cpu_throttled_seconds_total",
        "at the levels container and slurm: time in which the CPU quota held back what wanted "
        "to run"},
    MetricInfo{Metric::kGpuUtil, "gpu_utilization_ratio", Kind::kGauge, Unit::kRatio,
               kPartsPerRatio, "gpu_util",
               "share of the time in which a GPU ran anything: of a card at the level system, else "
               "what the level's processes ran on it; over several cards their average"},
    MetricInfo{Metric::kGpuBandwidthUtil, "gpu_memory_bandwidth_utilization_ratio", Kind::kGauge,
               Unit::kRatio, kPartsPerRatio, "gpu_band",
               "share of the time in which a GPU's memory was read or written; over several cards "
               "their average"},
    MetricInfo{Metric::kGpuMemory, "gpu_memory_used_bytes", Kind::kGauge, Unit::kBytes, 1,
               "gpu_mem",
               "memory in use on a GPU: of the card at the level system, else of the level's "
               "processes; over several cards their average"},
    MetricInfo{Metric::kGpuEnergy, "gpu_energy_joules_total", Kind::kCounter, Unit::kJoules, kMilli,
               "gpu_energy_joules_total",
               "energy that GPUs used, whole cards; at other levels than system of the cards on "
               "which the level's processes were"},
    MetricInfo{Metric::kGpuPower, "gpu_power_watts", Kind::kGauge, Unit::kWatts, kMilli,
               "gpu_power",
               "power that GPUs draw, whole cards; at other levels than system of the cards on "
               "which the level's processes are"},
    MetricInfo{Metric::kGpuSmClock, "gpu_sm_clock_hertz", Kind::kGauge, Unit::kHertz, 1,
               "gpu_sm_clock",
               "clock rate of a GPU's processors; over several cards their average"},
    MetricInfo{Metric::kGpuMemoryClock, "gpu_memory_clock_hertz", Kind::kGauge, Unit::kHertz, 1,
               "gpu_memory_clock",
               "clock rate of a GPU's memory; over several cards their average"},
    MetricInfo{Metric::kGpuTemperature, "gpu_temperature_celsius", Kind::kGauge, Unit::kCelsius, 1,
               "gpu_temperature", "temperature of a GPU; over several cards the highest"},
    MetricInfo{Metric::kGpuPowerThrottled, "gpu_power_throttled_ratio", Kind::kGauge, Unit::kRatio,
               kPartsPerRatio, "gpu_power_throttled",
               "whether a GPU is held back because it reached its power limit; on average the "
               "share of the time"},
    MetricInfo{
        Metric::kGpuThermalThrottled, "gpu_thermal_throttled_ratio", Kind::kGauge, Unit::kRatio,
        kPartsPerRatio, "gpu_thermal_throttled",
        "whether a GPU is held back because it is too hot; on average the share of the time"},
    MetricInfo{Metric::kGpuPcieReceived, "gpu_pcie_received_bytes_per_second", Kind::kGauge,
               Unit::kBytesPerSecond, 1, "gpu_pcie_received",
               "what a GPU receives over PCIe, as the driver measures it over short times; over "
               "several cards their sum"},
    MetricInfo{Metric::kGpuPcieSent, "gpu_pcie_sent_bytes_per_second", Kind::kGauge,
               Unit::kBytesPerSecond, 1, "gpu_pcie_sent",
               "what a GPU sends over PCIe, as the driver measures it over short times; over "
               "several cards their sum"},
    MetricInfo{Metric::kGpuNvlinkReceived, "gpu_nvlink_received_bytes_total", Kind::kCounter,
               Unit::kBytes, 1, "gpu_nvlink_received_bytes_total",
               "bytes that GPUs received over NVLink"},
    MetricInfo{Metric::kGpuNvlinkSent, "gpu_nvlink_sent_bytes_total", Kind::kCounter, Unit::kBytes,
               1, "gpu_nvlink_sent_bytes_total", "bytes that GPUs sent over NVLink"},
    MetricInfo{Metric::kGpuSmActive, "gpu_sm_active_ratio", Kind::kGauge, Unit::kRatio,
               kPartsPerRatio, "gpu_sm_active",
               "share of a GPU's processors that had work, on average over the time; over several "
               "cards their average"},
    MetricInfo{Metric::kGpuSmOccupancy, "gpu_sm_occupancy_ratio", Kind::kGauge, Unit::kRatio,
               kPartsPerRatio, "gpu_sm_occupancy",
               "share of the threads that a GPU's processors can hold that were there; over "
               "several cards their average"},
    MetricInfo{
        Metric::kGpuTensorActive, "gpu_tensor_active_ratio", Kind::kGauge, Unit::kRatio,
        kPartsPerRatio, "gpu_tensor_active",
        "share of the time in which a GPU's matrix units worked; over several cards their average"},
    MetricInfo{Metric::kGpuDramActive, "gpu_dram_active_ratio", Kind::kGauge, Unit::kRatio,
               kPartsPerRatio, "gpu_dram_active",
               "share of a GPU's memory bandwidth that was used; over several cards their average"},
};

constexpr bool in_enumeration_order() {
  for (size_t i = 0; i < kCatalog.size(); ++i) {
    if (static_cast<size_t>(kCatalog[i].metric) != i) return false;
  }
  return true;
}
static_assert(in_enumeration_order());

}  // namespace

std::span<const MetricInfo> catalog() {
  return kCatalog;
}
const MetricInfo& info(Metric metric) {
  return kCatalog[static_cast<size_t>(metric)];
}

}  // namespace jumper::metric
