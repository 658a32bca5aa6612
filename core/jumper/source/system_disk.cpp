// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_disk.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "jumper/base/parse.h"
#include "jumper/procfs/diskstats.h"

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

}  // namespace

SystemDisk::SystemDisk(const kernfs::KernelRoot& root) {
  if (root.sys_fd() < 0) return;
  for (std::string& name : entries(root.sys_fd(), "block")) {
    // /sys/block lists whole devices only; one with slaves stands on others that are listed too.
    if (is_virtual(name) || !entries(root.sys_fd(), "block/" + name + "/slaves").empty()) continue;
    devices_.push_back(std::move(name));
  }
  if (devices_.empty()) return;
  if (auto file = kernfs::File::open(root.proc_fd(), "diskstats")) file_ = std::move(*file);
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
  if (!file_.is_open()) return;
  auto text = file_.read(buffer);
  if (!text) return;
  uint64_t reads = 0;
  uint64_t writes = 0;
  uint64_t read_sectors = 0;
  uint64_t write_sectors = 0;
  bool found = false;
  while (!text->empty()) {
    const auto line = procfs::parse_disk_line(base::next_line(*text));
    if (!line || !std::ranges::binary_search(devices_, line->name)) continue;
    found = true;
    reads += line->reads;
    writes += line->writes;
    read_sectors += line->read_sectors;
    write_sectors += line->write_sectors;
  }
  if (!found) return;
  values[0] = static_cast<double>(reads);
  values[1] = static_cast<double>(writes);
  values[2] = static_cast<double>(read_sectors * procfs::kDiskstatsSectorBytes);
  values[3] = static_cast<double>(write_sectors * procfs::kDiskstatsSectorBytes);
}

}  // namespace jumper::source
