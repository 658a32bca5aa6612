// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_backend.h"

#include <unistd.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "jumper/gpu/nvml_asker.h"
#include "jumper/gpu/nvml_cards.h"
#include "jumper/gpu/nvml_gpm.h"
#include "jumper/gpu/nvml_library.h"
#include "jumper/gpu/nvml_processes.h"
#include "jumper/gpu/nvml_readings.h"
#include "jumper/gpu/pid_names.h"

namespace jumper::gpu {
namespace {

using namespace nvml;  // NOLINT(google-build-using-namespace): all of this file is about it

// To see PCIe traffic takes 20 ms of watching: with each reading it is done for one direction of
// one card in turn, so that no cell's edge has to wait for longer. Until its turn comes again what
// was seen is told, unless it is older than this.
constexpr int64_t kPcieIsYoungNs = 20 * base::kNanosPerSecond;
// By then it is known whether cards count their traffic themselves, which costs no waiting.
constexpr uint32_t kReadingsBeforePcie = 2;
constexpr uint32_t kReadingsUntilFoundAgain = 10;

class NvmlBackend final : public Backend {
 public:
  NvmlBackend(const kernfs::KernelRoot& root, Variables variables, std::string library,
              const base::Clock* clock)
      : root_(root),
        variables_(std::move(variables)),
        library_name_(std::move(library)),
        clock_(clock == nullptr ? system_clock_ : *clock) {}
  NvmlBackend(const NvmlBackend&) = delete;
  NvmlBackend& operator=(const NvmlBackend&) = delete;
  ~NvmlBackend() override {
    gpm_.reset();
    if (is_initialized_) library_.call(&Functions::shutdown);
  }

  [[nodiscard]] std::string_view name() const override { return "NVML"; }
  Found open() override;
  [[nodiscard]] std::span<const Card> cards() const override { return cards_.cards; }
  void read(Depth depth, std::span<const pid_t> processes, Reading& reading) override;
  [[nodiscard]] const char* current_call() const override { return library_.current_call(); }

 private:
  // PCIe traffic of a card as it was seen last.
  struct Pcie {
    std::array<std::optional<double>, 2> rates;  // by direction
    std::array<int64_t, 2> times_ns{};
    uint32_t next = kPcieReceived;
  };

  [[nodiscard]] bool has_signs_of_a_card() const;
  void open_again();
  void look_for(size_t place);
  void read_one(Depth depth, size_t place, Reading& reading);
  void read_slow(size_t place, Asker& asker, CardReading& reading);
  [[nodiscard]] std::optional<size_t> next_for_pcie();

  const kernfs::KernelRoot& root_;
  Variables variables_;
  std::string library_name_;
  base::SystemClock system_clock_;
  const base::Clock& clock_;
  Library library_;
  bool is_initialized_ = false;
  Cards cards_;
  std::optional<PidNames> names_;
  std::optional<Processes> processes_;
  std::optional<Gpm> gpm_;
  std::vector<Pcie> pcie_;
  size_t last_for_pcie_ = 0;
  std::optional<size_t> for_pcie_;  // whose turn it is in this reading
  uint32_t full_readings_ = 0;
};

std::string why_not_initialized(Code code) {
  if (code == Code::kVersionMismatch) {
    return "NVIDIA's driver and library have different versions, as after an update: restart the "
           "machine, or load the kernel module again";
  }
  if (code == Code::kDriverNotLoaded) return "NVIDIA's driver is not loaded";
  if (code == Code::kNoPermission || code == Code::kOperatingSystem) {
    return "NVIDIA's driver does not let this process in: " + words_of(code);
  }
  return "NVIDIA's driver does not start: " + words_of(code);
}

bool NvmlBackend::has_signs_of_a_card() const {
  return ::faccessat(root_.proc_fd(), "driver/nvidia", F_OK, 0) == 0 ||
         (root_.sys_fd() >= 0 && ::faccessat(root_.sys_fd(), "module/nvidia", F_OK, 0) == 0) ||
         (root_.is_live() && ::access("/dev/nvidiactl", F_OK) == 0);
}

Found NvmlBackend::open() {
  Found found;
  if (const base::Status loaded = library_.load(library_name_); !loaded) {
    if (loaded.error().code == base::ErrorCode::kUnsupported) {
      found.why_none = loaded.error().message;
    } else if (has_signs_of_a_card()) {
      found.why_none = "NVIDIA's driver is here, its library is not (" + library_name_ +
                       " was not found), as in containers that were started without it";
    }
    return found;
  }
  if (const Code code = library_.call(&Functions::init); code != Code::kSuccess) {
    found.why_none = why_not_initialized(code);
    return found;
  }
  is_initialized_ = true;
  base::Result<Cards> cards = list_cards(library_);
  if (!cards) {
    found.why_none = cards.error().message;
    return found;
  }
  cards_ = std::move(*cards);
  mark_chosen(variables_, cards_);
  names_.emplace(root_, "/dev/nvidia");
  processes_.emplace(*names_);
  gpm_.emplace(library_);
  pcie_.resize(cards_.cards.size());
  found.has_cards = true;
  return found;
}

void NvmlBackend::read(Depth depth, std::span<const pid_t> /*processes*/, Reading& reading) {
  reading.cards.assign(cards_.cards.size(), CardReading{});
  reading.processes.clear();
  if (cards_.cards.empty()) return;
  if (!is_initialized_) open_again();
  names_->next_reading();
  for_pcie_.reset();
  if (depth == Depth::kFull) {
    ++full_readings_;
    if (full_readings_ > kReadingsBeforePcie) for_pcie_ = next_for_pcie();
  }
  for (size_t place = 0; place < cards_.cards.size(); ++place) read_one(depth, place, reading);
}

// Somebody in this process closed the library once too often.
void NvmlBackend::open_again() {
  if (library_.call(&Functions::init) != Code::kSuccess) return;
  is_initialized_ = true;
  for (size_t place = 0; place < cards_.cards.size(); ++place) {
    find_again(library_, cards_, place);
  }
}

void NvmlBackend::look_for(size_t place) {
  Device& device = cards_.devices[place];
  if (device.trouble.empty()) return;
  if (device.readings_in_trouble++ % kReadingsUntilFoundAgain == 0 && is_initialized_) {
    find_again(library_, cards_, place);
  }
}

void NvmlBackend::read_one(Depth depth, size_t place, Reading& reading) {
  Device& device = cards_.devices[place];
  CardReading& card = reading.cards[place];
  if (depth == Depth::kFull) {
    device.refusals.next_reading();
    look_for(place);
  }
  if (device.handle == nullptr) {
    card.trouble = device.trouble;
    return;
  }
  Asker asker(library_, device, cards_.cards[place]);
  const size_t first_process = reading.processes.size();
  const Handle parent = device.is_instance ? cards_.devices[device.parent].handle : nullptr;
  read_card(depth, asker, card);
  processes_->read(depth, place, asker, parent, clock_.wall_ns(), reading);
  if (depth == Depth::kFull) read_slow(place, asker, card);
  asker.finish();
  device.trouble = asker.trouble();
  if (asker.is_closed()) is_initialized_ = false;
  if (device.trouble.empty()) {
    device.readings_in_trouble = 0;
    return;
  }
  card = CardReading{};
  card.trouble = device.trouble;
  reading.processes.resize(first_process);
}

void NvmlBackend::read_slow(size_t place, Asker& asker, CardReading& reading) {
  const Device& device = cards_.devices[place];
  const int64_t now_ns = clock_.monotonic_ns();
  const Handle parent = device.is_instance ? cards_.devices[device.parent].handle : nullptr;
  if (!device.is_instance || parent != nullptr) gpm_->read(place, asker, parent, now_ns, reading);
  if (device.is_instance) {
    if (reading.utilization) {
      asker.withdraw(Item::kUtilization);
    } else if (!asker.may_ask(Item::kGpm) && asker.trouble().empty()) {
      asker.refuse(Item::kUtilization, "the driver does not tell it of MIG instances");
    }
    return;
  }
  if (gpm_->tells_pcie(place)) return;
  Pcie& pcie = pcie_[place];
  if (for_pcie_ == place) {
    pcie.rates.at(pcie.next) = read_pcie(asker, pcie.next);
    pcie.times_ns.at(pcie.next) = now_ns;
    pcie.next = pcie.next == kPcieReceived ? kPcieSent : kPcieReceived;
  }
  const auto seen = [&](uint32_t direction) {
    const bool is_young = now_ns - pcie.times_ns.at(direction) <= kPcieIsYoungNs;
    return is_young ? pcie.rates.at(direction) : std::nullopt;
  };
  reading.pcie_received_bytes_per_second = seen(kPcieReceived);
  reading.pcie_sent_bytes_per_second = seen(kPcieSent);
}

std::optional<size_t> NvmlBackend::next_for_pcie() {
  const size_t count = cards_.cards.size();
  for (size_t step = 1; step <= count; ++step) {
    const size_t place = (last_for_pcie_ + step) % count;
    const Device& device = cards_.devices[place];
    if (device.is_instance || device.handle == nullptr || !device.trouble.empty()) continue;
    if (!device.refusals.is_worth_asking(Item::kPcie) || gpm_->tells_pcie(place)) continue;
    return last_for_pcie_ = place;
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<Backend> make_nvml_backend(const kernfs::KernelRoot& root,
                                           const Variables& variables, std::string library,
                                           const base::Clock* clock) {
  return std::make_unique<NvmlBackend>(root, variables, std::move(library), clock);
}

}  // namespace jumper::gpu
