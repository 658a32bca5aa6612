// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/vitals_watcher.h"

#include <string>
#include <utility>

#include "jumper/base/parse.h"
#include "jumper/journal/vitals.h"
#include "jumper/kernfs/file.h"

namespace jumper::journal {
namespace {

std::string read_name(const kernfs::KernelRoot& root, pid_t pid, kernfs::ReadBuffer& buffer) {
  const std::string path = std::to_string(pid) + "/comm";
  const auto file = kernfs::File::open(root.proc_fd(), path.c_str());
  if (!file) return "";
  const auto text = file->read(buffer);
  return text ? std::string(base::trim(*text)) : "";
}

}  // namespace

bool VitalsWatcher::wants_processes(int64_t time_ns, uint64_t tree_bytes) {
  const int64_t since_ns = written_ns_ ? time_ns - *written_ns_ : kPeriodNs;
  const bool has_grown = tree_bytes >= written_bytes_ + kMuchBytes &&
                         tree_bytes >= written_bytes_ + written_bytes_ / 8;
  if (since_ns < kPeriodNs && (since_ns < kShortestPeriodNs || !has_grown)) return false;
  written_ns_ = time_ns;
  written_bytes_ = tree_bytes;
  return true;
}

void VitalsWatcher::take_processes(const sampler::LargestProcesses& processes,
                                   kernfs::ReadBuffer& buffer) {
  Vitals vitals;
  vitals.time_ns = processes.time_ns;
  vitals.processes = processes.processes;
  for (const sampler::LargeProcess& process : processes.largest)
    vitals.largest.push_back(
        {process.pid, read_name(root_, process.pid, buffer), process.memory_bytes});
  vitals.oom_kills = read_oom_kills(root_, buffer);
  writer_.put(FrameType::kVitals, encode_vitals(vitals));
}

}  // namespace jumper::journal
