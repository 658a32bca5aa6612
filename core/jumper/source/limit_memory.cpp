// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/limit_memory.h"

#include <string>

#include "jumper/base/parse.h"
#include "jumper/cgroup/memory_usage.h"

namespace jumper::source {
namespace {

kernfs::File open_file(const kernfs::KernelRoot& root, const cgroup::LimitedGroup& group,
                       const char* version1, const char* version2) {
  const std::string path = group.folder + (group.version == 1 ? version1 : version2);
  auto file = kernfs::File::open(root.sys_fd(), path.c_str());
  return file ? std::move(*file) : kernfs::File();
}

}  // namespace

LimitMemory::LimitMemory(const kernfs::KernelRoot& root,
                         const std::optional<cgroup::LimitedGroup>& group) {
  if (!group) return;
  version_ = group->version;
  limit_bytes_ = static_cast<double>(group->limit_bytes);
  usage_ = open_file(root, *group, "/memory.usage_in_bytes", "/memory.current");
  stat_ = open_file(root, *group, "/memory.stat", "/memory.stat");
}

std::vector<metric::SeriesKey> LimitMemory::series() const {
  return {{metric::Metric::kMemoryAgainstLimit, metric::Scope::kProcess, metric::kWhole}};
}

void LimitMemory::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  values[0] = metric::kAbsent;
  if (!usage_.is_open() || !stat_.is_open()) return;
  auto usage_text = usage_.read(buffer);
  if (!usage_text) return;
  const auto usage = base::parse_number<uint64_t>(base::trim(*usage_text));
  auto stat = stat_.read(buffer);
  if (!usage || !stat) return;
  const auto files = cgroup::parse_file_pages(*stat, version_);
  // Two readings: the files may have grown in between.
  if (files) values[0] = *usage > *files ? static_cast<double>(*usage - *files) : 0;
}

GroupOomKills::GroupOomKills(const kernfs::KernelRoot& root,
                             const std::optional<cgroup::LimitedGroup>& group) {
  if (group) events_ = open_file(root, *group, "/memory.oom_control", "/memory.events");
}

std::vector<metric::SeriesKey> GroupOomKills::series() const {
  return {{metric::Metric::kOomKills, metric::Scope::kProcess, metric::kWhole}};
}

void GroupOomKills::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  values[0] = metric::kAbsent;
  if (!events_.is_open()) return;
  if (auto text = events_.read(buffer))
    values[0] = metric::or_absent(cgroup::parse_oom_kills(*text));
}

}  // namespace jumper::source
