// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_disk.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "jumper/base/parse.h"

namespace jumper::source {
namespace {

using FolderHandle = std::unique_ptr<DIR, decltype([](DIR* folder) { ::closedir(folder); })>;

FolderHandle open_folder(int parent_fd, const std::string& path) {
  const int fd = ::openat(parent_fd, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  DIR* folder = ::fdopendir(fd);
  if (folder == nullptr) ::close(fd);
  return FolderHandle(folder);
}

std::vector<std::string> entries(int parent_fd, const std::string& path) {
  std::vector<std::string> names;
  const FolderHandle folder = open_folder(parent_fd, path);
  if (!folder) return names;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

// Devices made of memory or of files, whose bytes are no disk's or are counted below them.
bool is_virtual(std::string_view name) {
  return name.starts_with("loop") || name.starts_with("ram") || name.starts_with("zram");
}

// /proc/diskstats lists partitions and loop devices with the disks: reading it takes as long as
// reading this many disks' own files, with cold caches.
constexpr size_t kMostOwnFiles = 3;

void add(const procfs::DiskCounters& device, std::optional<procfs::DiskCounters>& sum) {
  if (!sum) sum.emplace();
  sum->reads += device.reads;
  sum->writes += device.writes;
  sum->read_sectors += device.read_sectors;
  sum->write_sectors += device.write_sectors;
}

}  // namespace

SystemDisk::SystemDisk(const kernfs::KernelRoot& root) {
  if (root.sys_fd() < 0) return;
  for (std::string& name : entries(root.sys_fd(), "block")) {
    // /sys/block lists whole devices only; one with slaves stands on others that are listed too.
    if (is_virtual(name) || !entries(root.sys_fd(), "block/" + name + "/slaves").empty()) continue;
    devices_.push_back(std::move(name));
  }
  if (devices_.empty()) return;
  if (devices_.size() <= kMostOwnFiles) {
    for (const std::string& name : devices_) {
      auto file = kernfs::File::open(root.sys_fd(), ("block/" + name + "/stat").c_str());
      if (!file) break;
      of_devices_.push_back(std::move(*file));
    }
    if (of_devices_.size() == devices_.size()) return;
    of_devices_.clear();
  }
  if (auto file = kernfs::File::open(root.proc_fd(), "diskstats")) of_all_ = std::move(*file);
}

std::vector<metric::SeriesKey> SystemDisk::series() const {
  using metric::Metric;
  using metric::Scope;
  return {{Metric::kIoReadCalls, Scope::kSystem, metric::kWhole},
          {Metric::kIoWriteCalls, Scope::kSystem, metric::kWhole},
          {Metric::kIoReadBytes, Scope::kSystem, metric::kWhole},
          {Metric::kIoWriteBytes, Scope::kSystem, metric::kWhole}};
}

void SystemDisk::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  std::ranges::fill(values, metric::kAbsent);
  const auto sum = of_devices_.empty() ? read_all(buffer) : read_each(buffer);
  if (!sum) return;
  values[0] = static_cast<double>(sum->reads);
  values[1] = static_cast<double>(sum->writes);
  values[2] = static_cast<double>(sum->read_sectors * procfs::kDiskstatsSectorBytes);
  values[3] = static_cast<double>(sum->write_sectors * procfs::kDiskstatsSectorBytes);
}

// Absent where no device could be read. One that was unplugged is left out.
std::optional<procfs::DiskCounters> SystemDisk::read_each(kernfs::ReadBuffer& buffer) const {
  std::optional<procfs::DiskCounters> sum;
  for (const kernfs::File& file : of_devices_) {
    const auto text = file.read(buffer);
    if (!text) continue;
    if (const auto device = procfs::parse_block_stat(*text)) add(*device, sum);
  }
  return sum;
}

std::optional<procfs::DiskCounters> SystemDisk::read_all(kernfs::ReadBuffer& buffer) const {
  std::optional<procfs::DiskCounters> sum;
  if (!of_all_.is_open()) return sum;
  auto text = of_all_.read(buffer);
  if (!text) return sum;
  while (!text->empty()) {
    const auto line = procfs::parse_disk_line(base::next_line(*text));
    if (line && std::ranges::binary_search(devices_, line->name)) add(*line, sum);
  }
  return sum;
}

}  // namespace jumper::source
