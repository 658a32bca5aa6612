// SPDX-License-Identifier: BSD-3-Clause
// A back-end reads the GPUs of one kind of driver. All its calls come from one thread, which may be
// held up by the driver for any time, even for ever.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/gpu/card.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

// One variable of the environment; absent where it is not set.
using Variables = std::function<std::optional<std::string>(const char* name)>;

enum class Depth : uint8_t {
  kEdge,  // of a cell: only what must be exact there, energy and memory
  kFull,
};

// What a back-end's cards did at one moment: `cards` as long as Backend::cards(), and `processes`
// with the back-end's own numbers of cards.
struct Reading {
  std::vector<CardReading> cards;
  std::vector<ProcessReading> processes;
};

// What there was to find.
struct Found {
  bool has_cards = false;
  std::string why_none;  // one line; empty where the machine has no such cards at all
};

class Backend {
 public:
  virtual ~Backend() = default;
  // "NVML", "amdgpu", "DRM".
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Looks for cards; once, before all else. Quick where there is no such driver.
  virtual Found open() = 0;
  // Does not grow; what cannot be measured is added to a card when that is known.
  [[nodiscard]] virtual std::span<const Card> cards() const = 0;
  // `processes` are those of the levels that are measured, for back-ends that have to look at each.
  // `reading` is emptied first.
  virtual void read(Depth depth, std::span<const pid_t> processes, Reading& reading) = 0;
  // The call into the driver that is going on, for when it does not come back; from any thread.
  [[nodiscard]] virtual const char* current_call() const = 0;
};

struct Places {
  // Names or paths for dlopen(); tests put others here.
  std::string nvml = "libnvidia-ml.so.1";
  std::string amd_smi = "libamd_smi.so";
  std::string rocm_smi = "librocm_smi64.so";
};

// Every back-end there is, in the order in which their cards are numbered. The root must outlive
// them.
[[nodiscard]] std::vector<std::unique_ptr<Backend>> all_backends(const kernfs::KernelRoot& root,
                                                                 const Variables& variables,
                                                                 const Places& places);

}  // namespace jumper::gpu
