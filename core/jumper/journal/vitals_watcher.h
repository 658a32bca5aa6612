// SPDX-License-Identifier: BSD-3-Clause
// Writes vitals into a journal: every ten seconds, and as soon as memory has grown by much.
#pragma once

#include <cstdint>
#include <optional>

#include "jumper/base/clock.h"
#include "jumper/journal/writer.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/sampler/process_watcher.h"

namespace jumper::journal {

class VitalsWatcher final : public sampler::ProcessWatcher {
 public:
  static constexpr int64_t kPeriodNs = 10 * base::kNanosPerSecond;
  static constexpr int64_t kShortestPeriodNs = base::kNanosPerSecond;
  // Much growth is so much, and an eighth of what there was.
  static constexpr uint64_t kMuchBytes = uint64_t{64} << 20U;

  // The referents must outlive it.
  VitalsWatcher(const kernfs::KernelRoot& root, Writer& writer) : root_(root), writer_(writer) {}

  bool wants_processes(int64_t time_ns, uint64_t tree_bytes) override;
  void take_processes(const sampler::LargestProcesses& processes,
                      kernfs::ReadBuffer& buffer) override;

 private:
  const kernfs::KernelRoot& root_;
  Writer& writer_;
  std::optional<int64_t> written_ns_;
  uint64_t written_bytes_ = 0;  // what the tree had then
};

}  // namespace jumper::journal
