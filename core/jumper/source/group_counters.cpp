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

namespace jumper::source {
namespace {

using metric::Metric;

// Every one that a group can have.
constexpr std::array kMetrics = {
    Metric::kCpuTime,     Metric::kThrottledTime, Metric::kMemory,      Metric::kMemoryFileCache,
    Metric::kIoReadCalls, Metric::kIoWriteCalls,  Metric::kIoReadBytes, Metric::kIoWriteBytes,
};

constexpr uint32_t kRamMajor = 1;
constexpr uint32_t kLoopMajor = 7;

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
    : GroupSource(scope), root_(root) {
  if (groups.cpu_time) {
    cpu_version_ = groups.cpu_time->version;
    if (cpu_version_ == 1) cpu_usage_ = open_file(root, groups.cpu_time->folder, "cpuacct.usage");
  }
  if (groups.cpu) cpu_stat_ = open_file(root, groups.cpu->folder, "cpu.stat");
  if (groups.memory) {
    const std::string& folder = groups.memory->folder;
    memory_version_ = groups.memory->version;
    const bool is_v1 = memory_version_ == 1;
    memory_usage_ = open_file(root, folder, is_v1 ? "memory.usage_in_bytes" : "memory.current");
    memory_stat_ = open_file(root, folder, "memory.stat");
  }
  if (groups.io) {
    const std::string& folder = groups.io->folder;
    io_version_ = groups.io->version;
    const bool is_v1 = io_version_ == 1;
    io_bytes_ =
        open_file(root, folder, is_v1 ? "blkio.throttle.io_service_bytes_recursive" : "io.stat");
    if (is_v1) io_requests_ = open_file(root, folder, "blkio.throttle.io_serviced_recursive");
  }
  find_series(kMetrics);
}

std::string_view GroupCounters::name() const {
  return scope() == metric::Scope::kSlurm ? "slurm level" : "container level";
}

void GroupCounters::read_all(kernfs::ReadBuffer& buffer) {
  read_cpu(buffer);
  read_memory(buffer);
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
    add(Metric::kIoReadBytes, io->read_bytes);
    add(Metric::kIoWriteBytes, io->write_bytes);
    add(Metric::kIoReadCalls, io->read_requests);
    add(Metric::kIoWriteCalls, io->write_requests);
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
      add(line->is_write ? writes : reads, line->count);
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
