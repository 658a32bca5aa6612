// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/group_counters.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "jumper/base/parse.h"
#include "jumper/cgroup/cpu_quota.h"
#include "jumper/cgroup/cpu_usage.h"
#include "jumper/cgroup/memory_usage.h"
#include "jumper/procfs/pressure.h"

namespace jumper::source {
namespace {

using metric::Metric;

// Every one that a group can have.
constexpr std::array kMetrics = {
    Metric::kCpuTime,
    Metric::kThrottledTime,
    Metric::kMemory,
    Metric::kMemoryFileCache,
    Metric::kMemoryHighest,
    Metric::kMemoryLimitHits,
    Metric::kMemoryHighHits,
    Metric::kOomKills,
    Metric::kPressureCpuSome,
    Metric::kPressureMemorySome,
    Metric::kPressureMemoryFull,
    Metric::kPressureIoSome,
    Metric::kPressureIoFull,
    Metric::kIoReadCalls,
    Metric::kIoWriteCalls,
    Metric::kIoReadBytes,
    Metric::kIoWriteBytes,
};

constexpr uint32_t kRamMajor = 1;
constexpr uint32_t kLoopMajor = 7;

kernfs::File open_file(const kernfs::KernelRoot& root, const std::string& folder,
                       const char* name) {
  auto file = kernfs::File::open(root.sys_fd(), (folder + "/" + name).c_str());
  return file ? std::move(*file) : kernfs::File();
}

std::optional<uint64_t> read_number(const kernfs::File& file, kernfs::ReadBuffer& buffer) {
  if (!file.is_open()) return std::nullopt;
  auto text = file.read(buffer);
  return text ? base::parse_number<uint64_t>(base::trim(*text)) : std::nullopt;
}

// Adds to a sum that is absent as long as nothing was added.
void add(double& sum, const std::optional<uint64_t>& number) {
  if (!number) return;
  sum = (metric::is_absent(sum) ? 0 : sum) + static_cast<double>(*number);
}

// Whether a device stands on others, that count the same bytes again.
bool has_slaves(const kernfs::KernelRoot& root, const cgroup::DeviceNumber& device) {
  const std::string path =
      "dev/block/" + std::to_string(device.major) + ":" + std::to_string(device.minor) + "/slaves";
  const int fd = ::openat(root.sys_fd(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(fd), &::closedir);
  if (!folder) return false;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return true;
  }
  return false;
}

}  // namespace

GroupCounters::GroupCounters(const kernfs::KernelRoot& root, const cgroup::LevelGroups& groups,
                             metric::Scope scope)
    : root_(root), scope_(scope), all_(metric::catalog().size(), metric::kAbsent) {
  if (groups.cpu_time) {
    cpu_version_ = groups.cpu_time->version;
    if (cpu_version_ == 1) cpu_usage_ = open_file(root, groups.cpu_time->folder, "cpuacct.usage");
  }
  if (groups.cpu) {
    cpu_stat_ = open_file(root, groups.cpu->folder, "cpu.stat");
    cpu_pressure_ = open_file(root, groups.cpu->folder, "cpu.pressure");
  }
  if (groups.memory) {
    const std::string& folder = groups.memory->folder;
    memory_version_ = groups.memory->version;
    const bool is_v1 = memory_version_ == 1;
    memory_usage_ = open_file(root, folder, is_v1 ? "memory.usage_in_bytes" : "memory.current");
    memory_stat_ = open_file(root, folder, "memory.stat");
    memory_highest_ = open_file(root, folder, is_v1 ? "memory.max_usage_in_bytes" : "memory.peak");
    memory_pressure_ = open_file(root, folder, "memory.pressure");
    if (!is_v1) memory_events_.push_back(open_file(root, folder, "memory.events"));
    for (const std::string& inside : groups.memory_folders) {
      if (!is_v1) break;
      memory_events_.push_back(open_file(root, inside, "memory.oom_control"));
      limit_hits_.push_back(open_file(root, inside, "memory.failcnt"));
    }
  }
  if (groups.io) {
    const std::string& folder = groups.io->folder;
    io_version_ = groups.io->version;
    const bool is_v1 = io_version_ == 1;
    io_bytes_ =
        open_file(root, folder, is_v1 ? "blkio.throttle.io_service_bytes_recursive" : "io.stat");
    if (is_v1) io_requests_ = open_file(root, folder, "blkio.throttle.io_serviced_recursive");
    io_pressure_ = open_file(root, folder, "io.pressure");
  }
  find_series();
}

// What could be read now has a series.
void GroupCounters::find_series() {
  kernfs::ReadBuffer buffer;
  read_all(buffer);
  for (const Metric metric : kMetrics) {
    if (!metric::is_absent(at(metric))) metrics_.push_back(metric);
  }
  // Files that will never tell anything are not to be read at each tick.
  for (kernfs::File* file : {&cpu_pressure_, &memory_pressure_, &io_pressure_}) {
    if (file->is_open() && !file->read(buffer)) *file = kernfs::File();
  }
}

std::string_view GroupCounters::name() const {
  return scope_ == metric::Scope::kSlurm ? "slurm level" : "container level";
}

std::vector<metric::SeriesKey> GroupCounters::series() const {
  std::vector<metric::SeriesKey> keys;
  keys.reserve(metrics_.size());
  for (const Metric metric : metrics_) keys.push_back({metric, scope_, metric::kWhole});
  return keys;
}

void GroupCounters::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  read_all(buffer);
  for (size_t i = 0; i < metrics_.size(); ++i) values[i] = at(metrics_[i]);
}

void GroupCounters::read_all(kernfs::ReadBuffer& buffer) {
  std::ranges::fill(all_, metric::kAbsent);
  read_cpu(buffer);
  read_memory(buffer);
  read_events(buffer);
  read_pressure(buffer);
  read_io(buffer);
}

void GroupCounters::read_cpu(kernfs::ReadBuffer& buffer) {
  if (cpu_usage_.is_open()) {
    if (auto text = cpu_usage_.read(buffer))
      at(Metric::kCpuTime) = metric::or_absent(cgroup::parse_usage_ns(*text, 1));
  }
  if (!cpu_stat_.is_open()) return;
  auto text = cpu_stat_.read(buffer);
  if (!text) return;
  if (cpu_version_ == 2) at(Metric::kCpuTime) = metric::or_absent(cgroup::parse_usage_ns(*text, 2));
  at(Metric::kThrottledTime) = metric::or_absent(cgroup::parse_throttled_ns(*text));
}

void GroupCounters::read_memory(kernfs::ReadBuffer& buffer) {
  const auto usage = read_number(memory_usage_, buffer);
  if (!usage) return;
  if (memory_stat_.is_open()) {
    auto text = memory_stat_.read(buffer);
    const auto files =
        text ? cgroup::parse_file_pages(*text, memory_version_) : std::optional<uint64_t>();
    if (files) {
      at(Metric::kMemoryFileCache) = static_cast<double>(*files);
      // Two readings: the files may have grown in between.
      at(Metric::kMemory) = *usage > *files ? static_cast<double>(*usage - *files) : 0;
    }
  }
  at(Metric::kMemoryHighest) = metric::or_absent(read_number(memory_highest_, buffer));
}

void GroupCounters::read_events(kernfs::ReadBuffer& buffer) {
  for (const kernfs::File& file : memory_events_) {
    if (!file.is_open()) continue;
    auto text = file.read(buffer);
    if (!text) continue;
    const cgroup::MemoryEvents events = cgroup::parse_memory_events(*text);
    add(at(Metric::kOomKills), events.oom_kills);
    if (memory_version_ == 1) continue;
    add(at(Metric::kMemoryLimitHits), events.limit_hits);
    add(at(Metric::kMemoryHighHits), events.high_hits);
  }
  for (const kernfs::File& file : limit_hits_)
    add(at(Metric::kMemoryLimitHits), read_number(file, buffer));
}

void GroupCounters::read_pressure(kernfs::ReadBuffer& buffer) {
  const auto read = [&](const kernfs::File& file, Metric some, std::optional<Metric> full) {
    if (!file.is_open()) return;
    auto text = file.read(buffer);
    if (!text) return;
    const auto pressure = procfs::parse_pressure(*text);
    if (!pressure) return;
    at(some) = static_cast<double>(pressure->some.total_us) * 1000;
    if (full && pressure->full) at(*full) = static_cast<double>(pressure->full->total_us) * 1000;
  };
  read(cpu_pressure_, Metric::kPressureCpuSome, std::nullopt);
  read(memory_pressure_, Metric::kPressureMemorySome, Metric::kPressureMemoryFull);
  read(io_pressure_, Metric::kPressureIoSome, Metric::kPressureIoFull);
}

void GroupCounters::read_io(kernfs::ReadBuffer& buffer) {
  if (!io_bytes_.is_open()) return;
  if (io_version_ == 2) {
    read_io_stat(buffer);
  } else {
    read_blkio(buffer);
  }
}

void GroupCounters::read_io_stat(kernfs::ReadBuffer& buffer) {
  auto text = io_bytes_.read_to_end(buffer);
  if (!text) return;
  // The file is empty as long as the group did nothing.
  for (const Metric metric :
       {Metric::kIoReadBytes, Metric::kIoWriteBytes, Metric::kIoReadCalls, Metric::kIoWriteCalls})
    at(metric) = 0;
  while (!text->empty()) {
    const auto io = cgroup::parse_io_stat_line(base::next_line(*text));
    if (!io || !is_counted(io->device)) continue;
    add(at(Metric::kIoReadBytes), io->read_bytes);
    add(at(Metric::kIoWriteBytes), io->write_bytes);
    add(at(Metric::kIoReadCalls), io->read_requests);
    add(at(Metric::kIoWriteCalls), io->write_requests);
  }
}

void GroupCounters::read_blkio(kernfs::ReadBuffer& buffer) {
  const auto read = [&](const kernfs::File& file, Metric reads, Metric writes) {
    if (!file.is_open()) return;
    auto text = file.read_to_end(buffer);
    if (!text) return;
    at(reads) = 0;
    at(writes) = 0;
    while (!text->empty()) {
      const auto line = cgroup::parse_blkio_line(base::next_line(*text));
      if (!line || !is_counted(line->device)) continue;
      add(at(line->is_write ? writes : reads), line->count);
    }
  };
  read(io_bytes_, Metric::kIoReadBytes, Metric::kIoWriteBytes);
  read(io_requests_, Metric::kIoReadCalls, Metric::kIoWriteCalls);
}

bool GroupCounters::is_counted(const cgroup::DeviceNumber& device) {
  const auto known = std::ranges::find(devices_, device, &Device::number);
  if (known != devices_.end()) return known->is_counted;
  const bool is_counted =
      device.major != kRamMajor && device.major != kLoopMajor && !has_slaves(root_, device);
  devices_.push_back({device, is_counted});
  return is_counted;
}

}  // namespace jumper::source
