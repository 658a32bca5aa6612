// SPDX-License-Identifier: BSD-3-Clause
// Asks the driver about one card, and remembers what the card refuses: that is not asked again, and
// told once, as an absence.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "jumper/gpu/card.h"
#include "jumper/gpu/nvml_library.h"

namespace jumper::gpu::nvml {

// What can be asked about a card.
enum class Item : uint8_t {
  kUtilization,
  kMemory,
  kEnergy,
  kPower,
  kSmClock,
  kMemoryClock,
  kTemperature,
  kThrottling,
  kPcie,
  kNvlink,
  kGpm,
  kProcesses,
  kGraphicsProcesses,
  kMpsProcesses,
  kProcessUtilization,
  kProcessMemory,  // what the list of processes says of each
  kProcessNames,   // whether the driver's numbers of processes can be told
  kSampleNames,    // the same, of samples of utilization
  kItems,
};

// "power", "memory of processes". Empty where nobody misses anything: other programs than a
// computation's.
[[nodiscard]] std::string_view words_of(Item item);

// Which items a card refused, and for how long that is believed.
class Refusals {
 public:
  [[nodiscard]] bool is_worth_asking(Item item) const { return waits_[place(item)] == 0; }
  // For good, or for so many readings.
  void refuse(Item item, std::string why, bool for_good, std::vector<Absence>& absent);
  // It answered.
  void withdraw(Item item, std::vector<Absence>& absent);
  // A new reading begins.
  void next_reading();

 private:
  static constexpr size_t kCount = static_cast<size_t>(Item::kItems);
  static constexpr uint32_t kForGood = 0xFFFF'FFFF;
  [[nodiscard]] static size_t place(Item item) { return static_cast<size_t>(item); }

  std::array<uint32_t, kCount> waits_{};  // readings until it is asked again
  std::array<bool, kCount> told_{};
};

// A card of the driver, or a MIG instance of one.
struct Device {
  Handle handle = nullptr;
  uint32_t index = 0;  // the driver's number; of an instance: in its card
  bool is_instance = false;
  size_t parent = 0;  // of an instance: the place of its card
  std::optional<uint32_t> gpu_instance = std::nullopt;
  std::optional<uint32_t> compute_instance = std::nullopt;
  bool shares_gpu_instance = false;  // with other instances
  bool is_known = true;              // false: it did not say what it is yet
  std::string trouble{};             // of the reading before
  uint32_t readings_in_trouble = 0;
  uint64_t last_sample_us = 0;     // of its processes' utilization
  bool has_sampled = false;        // that utilization was asked for before
  bool has_graphics = true;        // processes that draw, when last looked
  bool has_mps = true;             // processes of an MPS server
  bool is_listed_by_card = false;  // of an instance: its card lists its processes
  Refusals refusals{};
};

class Asker {
 public:
  Asker(const Library& library, Device& device, Card& card)
      : library_(library), device_(device), card_(card) {}

  // Whether the answer is there to be used.
  template <typename... Arguments>
  bool ask(Item item, Function<Handle, Arguments...> Functions::* function,
           std::type_identity_t<Arguments>... arguments) {
    if (!may_ask(item)) return false;
    return settle(item, library_.call(function, device_.handle, arguments...));
  }
  [[nodiscard]] bool may_ask(Item item) const {
    return trouble_.empty() && device_.refusals.is_worth_asking(item);
  }
  // What becomes of the answer to a call that was made elsewhere.
  bool settle(Item item, Code code);
  void refuse(Item item, std::string why, bool for_good = true) {
    device_.refusals.refuse(item, std::move(why), for_good, card_.absent);
  }
  void withdraw(Item item) { device_.refusals.withdraw(item, card_.absent); }

  [[nodiscard]] const Library& library() const { return library_; }
  [[nodiscard]] Device& device() { return device_; }
  [[nodiscard]] const Card& card() const { return card_; }
  // Why the card as a whole does not answer; empty while it does.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  // The driver has forgotten that it was opened.
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  // To be called when all is asked: a card of which every call failed does not answer at all.
  void finish();

 private:
  const Library& library_;
  Device& device_;
  Card& card_;
  std::string trouble_;
  bool is_closed_ = false;
  bool has_answered_ = false;
  std::optional<Code> failure_;
};

// Whether a code means that the card as a whole is gone, and not only one number of it.
[[nodiscard]] bool is_gone(Code code);

}  // namespace jumper::gpu::nvml
