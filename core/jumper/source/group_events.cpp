// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/group_events.h"

#include <array>

#include "jumper/cgroup/memory_usage.h"
#include "jumper/procfs/pressure.h"

namespace jumper::source {
namespace {

using metric::Metric;

// Every one that a group can have.
constexpr std::array kMetrics = {
    Metric::kMemoryHighest,      Metric::kMemoryLimitHits, Metric::kMemoryHighHits,
    Metric::kOomKills,           Metric::kPressureCpuSome, Metric::kPressureMemorySome,
    Metric::kPressureMemoryFull, Metric::kPressureIoSome,  Metric::kPressureIoFull,
};

}  // namespace

GroupEvents::GroupEvents(const kernfs::KernelRoot& root, const cgroup::LevelGroups& groups,
                         metric::Scope scope)
    : GroupSource(scope) {
  if (groups.cpu) cpu_pressure_ = open_file(root, groups.cpu->folder, "cpu.pressure");
  if (groups.memory) {
    const std::string& folder = groups.memory->folder;
    memory_version_ = groups.memory->version;
    const bool is_v1 = memory_version_ == 1;
    memory_highest_ = open_file(root, folder, is_v1 ? "memory.max_usage_in_bytes" : "memory.peak");
    memory_pressure_ = open_file(root, folder, "memory.pressure");
    if (!is_v1) memory_events_.push_back(open_file(root, folder, "memory.events"));
    for (const std::string& inside : groups.memory_folders) {
      if (!is_v1) break;
      memory_events_.push_back(open_file(root, inside, "memory.oom_control"));
      limit_hits_.push_back(open_file(root, inside, "memory.failcnt"));
    }
  }
  if (groups.io) io_pressure_ = open_file(root, groups.io->folder, "io.pressure");
  find_series(kMetrics);
  // Files that will never tell anything are not to be read at each tick.
  kernfs::ReadBuffer buffer;
  for (kernfs::File* file : {&cpu_pressure_, &memory_pressure_, &io_pressure_}) {
    if (file->is_open() && !file->read(buffer)) *file = kernfs::File();
  }
}

std::string_view GroupEvents::name() const {
  return scope() == metric::Scope::kSlurm ? "slurm level's events" : "container level's events";
}

void GroupEvents::read_all(kernfs::ReadBuffer& buffer) {
  at(Metric::kMemoryHighest) = metric::or_absent(read_number(memory_highest_, buffer));
  read_memory_events(buffer);
  read_pressure(buffer);
}

void GroupEvents::read_memory_events(kernfs::ReadBuffer& buffer) {
  for (const kernfs::File& file : memory_events_) {
    if (!file.is_open()) continue;
    auto text = file.read(buffer);
    if (!text) continue;
    const cgroup::MemoryEvents events = cgroup::parse_memory_events(*text);
    add(Metric::kOomKills, events.oom_kills);
    if (memory_version_ == 1) continue;
    add(Metric::kMemoryLimitHits, events.limit_hits);
    add(Metric::kMemoryHighHits, events.high_hits);
  }
  for (const kernfs::File& file : limit_hits_)
    add(Metric::kMemoryLimitHits, read_number(file, buffer));
}

void GroupEvents::read_pressure(kernfs::ReadBuffer& buffer) {
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

}  // namespace jumper::source
