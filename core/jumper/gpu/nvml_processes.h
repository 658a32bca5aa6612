// SPDX-License-Identifier: BSD-3-Clause
// Which processes are on a card, and what each has of its memory and its time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "jumper/gpu/backend.h"
#include "jumper/gpu/nvml_asker.h"
#include "jumper/gpu/pid_names.h"

namespace jumper::gpu::nvml {

class Processes {
 public:
  explicit Processes(PidNames& names) : names_(names) {}

  // Adds the processes of the card that stands at `place` to the reading, and says in the card's
  // part of it whether these are all. `parent` is the handle of an instance's card. The driver's
  // samples of utilization carry the wall clock's time.
  void read(Depth depth, size_t place, Asker& asker, Handle parent, int64_t wall_ns,
            Reading& reading);

 private:
  struct Entry {
    uint32_t pid = 0;  // as the driver calls it
    std::optional<uint64_t> memory_bytes = std::nullopt;
    uint32_t gpu_instance = kNone32;
    uint32_t compute_instance = kNone32;
  };
  struct Share {
    uint32_t pid = 0;
    uint32_t samples = 0;
    double sm_percent = 0;  // of all samples together
    double memory_percent = 0;
  };
  using List = Function<Handle, uint32_t*, void*> Functions::*;

  bool list_all(Depth depth, Asker& asker, Handle parent);
  void list_more(Asker& asker, Item item, List newer, List older, Handle handle, bool& has_some);
  Code list(const Library& library, List newer, List older, Handle handle);
  Code list_with(const Library& library, List function, size_t size, Handle handle);
  void take_entries(size_t count, size_t size);
  void keep_own(const Device& device);
  void merge_entries();
  bool sample(Asker& asker, int64_t wall_ns);
  Code call_samples(Asker& asker, uint32_t& count);
  void take_samples(Device& device, uint32_t count, uint64_t latest_us);
  bool tell_shares(size_t place, size_t first, Reading& reading);

  PidNames& names_;
  std::vector<unsigned char> bytes_;  // what the library writes lists of processes into
  size_t capacity_ = 64;              // entries that it may write
  std::vector<Entry> entries_;
  std::vector<ProcessSample> samples_ = std::vector<ProcessSample>(128);
  std::vector<Share> shares_;
};

}  // namespace jumper::gpu::nvml
