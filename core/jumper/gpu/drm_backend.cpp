// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_backend.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>
#include <utility>

#include "jumper/gpu/chosen_cards.h"
#include "jumper/gpu/drm_cards.h"
#include "jumper/gpu/drm_clients.h"
#include "jumper/gpu/drm_telling.h"

namespace jumper::gpu {
namespace {

constexpr double kMicro = 1e-6;
constexpr double kMilli = 1e-3;
constexpr double kMega = 1e6;

// Measured by other back-ends; and those that have a node for computing but nothing to compute on.
constexpr std::array<std::string_view, 10> kNotOurs = {
    "nvidia", "nvidia-drm", "virtio_gpu", "virtio-gpu", "vmwgfx",
    "vgem",   "vkms",       "qxl",        "bochs-drm",  "hyperv_drm"};

bool is_ours(const DrmCard& card) {
  // amdgpu has a driver for parts of a card, too.
  return !card.driver.empty() && card.has_render_node() && !card.driver.starts_with("amdgpu") &&
         std::ranges::find(kNotOurs, card.driver) == kNotOurs.end();
}

// By the first half of "8086:56A0".
Vendor vendor_of(const DrmCard& card) {
  const std::string_view numbers = card.pci_id;
  if (numbers.starts_with("8086:")) return Vendor::kIntel;
  if (numbers.starts_with("1002:")) return Vendor::kAmd;
  if (numbers.starts_with("10DE:") || numbers.starts_with("10de:")) return Vendor::kNvidia;
  return Vendor::kOther;
}

std::vector<std::string> tiles_of(const DrmCard& card) {
  std::vector<std::string> tiles = names_in(card.device.get(), ".");
  std::erase_if(tiles, [](const std::string& name) { return !name.starts_with("tile"); });
  return tiles;
}

struct Files {
  ValueFile energy;
  ValueFile power;
  ValueFile temperature;
  ValueFile clock;
  // Of the reading before, for the power between.
  std::optional<double> energy_joules;
  int64_t energy_ns = 0;
};

class DrmBackend final : public Backend {
 public:
  DrmBackend(const kernfs::KernelRoot& root, Variables variables, const base::Clock* clock)
      : root_(root),
        variables_(std::move(variables)),
        clock_(clock == nullptr ? system_clock_ : *clock),
        clients_(root) {}

  [[nodiscard]] std::string_view name() const override { return "DRM"; }
  Found open() override;
  [[nodiscard]] std::span<const Card> cards() const override { return cards_; }
  void read(Depth depth, std::span<const pid_t> processes, Reading& reading) override;
  [[nodiscard]] const char* current_call() const override { return call_; }

 private:
  void open_card(const DrmCard& found);
  void choose_cards();
  void read_card(size_t place, Depth depth, CardReading& reading);
  std::optional<double> scaled(const ValueFile& file, double unit);
  static void read_power(Files& files, int64_t now_ns, CardReading& reading);

  const kernfs::KernelRoot& root_;
  Variables variables_;
  base::SystemClock system_clock_;
  const base::Clock& clock_;
  std::vector<DrmCard> found_;
  std::vector<Card> cards_;
  std::vector<Files> files_;
  DrmClients clients_;
  kernfs::ReadBuffer buffer_{512};
  // Of the card that is being read.
  int asked_ = 0;
  int failed_ = 0;
  int last_errno_ = 0;
  std::atomic<const char*> call_ = nullptr;
};

Found DrmBackend::open() {
  call_ = "listing /sys/class/drm";
  found_ = find_drm_cards(root_);
  std::erase_if(found_, [](const DrmCard& card) { return !is_ours(card); });
  for (const DrmCard& card : found_) open_card(card);
  if (!cards_.empty()) choose_cards();
  clients_.set_cards(found_);
  call_ = nullptr;
  return {!cards_.empty(), ""};
}

void DrmBackend::open_card(const DrmCard& found) {
  const int device = found.device.get();
  Card card;
  card.vendor = vendor_of(found);
  card.driver = found.driver;
  card.bus_id = found.bus_id;
  card.name = name_by_numbers(card.vendor, found);
  uint64_t memory = 0;
  for (const std::string& tile : tiles_of(found)) {
    memory += number_of(device, (tile + "/physical_vram_size_bytes").c_str()).value_or(0);
  }
  if (memory > 0) card.memory_bytes = memory;

  Files files;
  const std::string sensors = sensors_of(found) + "/";
  // Of the card, else of its package, which is all that some tell.
  files.energy.open(device, {sensors + "energy1_input", sensors + "energy2_input"});
  files.power.open(device, {sensors + "power1_average", sensors + "power1_input"});
  files.temperature.open(device, {sensors + "temp1_input", sensors + "temp2_input"});
  files.clock.open(device, {"tile0/gt0/freq0/act_freq"});
  if (!files.clock.is_open()) {
    files.clock.open(found.folder.get(), {"gt/gt0/rps_act_freq_mhz", "gt_act_freq_mhz"});
  }
  const std::string no_file = found.driver + " has no file of it for this card";
  const auto note = [&](bool is_there, const char* what) {
    if (!is_there) add_absence(card, what, no_file);
  };
  const bool is_intel = found.driver == "i915" || found.driver == "xe";
  add_absence(card, "utilization",
              is_intel ? found.driver + " tells it to those only who may measure the whole machine"
                       : found.driver + " does not tell it");
  add_absence(card, "memory bandwidth", found.driver + " does not tell it");
  add_absence(card, "memory in use", found.driver + " tells it of processes, not of the card");
  note(files.energy.is_open(), "energy");
  note(files.power.is_open() || files.energy.is_open(), "power");
  note(files.temperature.is_open(), "temperature");
  note(files.clock.is_open(), "clock");
  cards_.push_back(std::move(card));
  files_.push_back(std::move(files));
}

// Cards of their own come before what is integrated in the processor, which is at the beginning of
// the bus.
void DrmBackend::choose_cards() {
  std::vector<size_t> order;
  for (const bool is_integrated : {false, true}) {
    for (size_t place = 0; place < cards_.size(); ++place) {
      const Card& card = cards_[place];
      if (card.vendor != Vendor::kIntel) continue;
      if (card.bus_id.starts_with("0000:00:") == is_integrated) order.push_back(place);
    }
  }
  std::vector<size_t> tiles;
  tiles.reserve(order.size());
  for (const size_t place : order) tiles.push_back(tiles_of(found_[place]).size());
  const std::vector<bool> chosen = chosen_level_zero_cards(tiles, variables_);
  for (size_t at = 0; at < order.size(); ++at) cards_[order[at]].is_chosen = chosen[at];
}

void DrmBackend::read(Depth depth, std::span<const pid_t> processes, Reading& reading) {
  reading.cards.assign(cards_.size(), {});
  reading.processes.clear();
  for (size_t place = 0; place < cards_.size(); ++place) {
    read_card(place, depth, reading.cards[place]);
  }
  call_ = "reading fdinfo";
  clients_.read(depth, processes, clock_.monotonic_ns(), reading.processes);
  for (size_t place = 0; place < cards_.size(); ++place) {
    apply_telling(clients_.telling()[place], depth, cards_[place], reading.cards[place]);
  }
  call_ = nullptr;
}

void DrmBackend::read_card(size_t place, Depth depth, CardReading& reading) {
  Files& files = files_[place];
  if (is_asleep(found_[place])) {
    files.energy_joules.reset();
    reading.trouble =
        "switched off by the driver while nobody uses it, and not woken up to be asked";
    return;
  }
  asked_ = failed_ = last_errno_ = 0;
  call_ = "reading sysfs of a DRM driver";
  reading.energy_joules = scaled(files.energy, kMicro);
  if (depth == Depth::kFull) {
    reading.power_watts = scaled(files.power, kMicro);
    read_power(files, clock_.monotonic_ns(), reading);
    reading.temperature_celsius = scaled(files.temperature, kMilli);
    reading.sm_clock_hertz = scaled(files.clock, kMega);
  }
  if (asked_ == 0 || failed_ < asked_) return;
  reading.trouble = cards_[place].driver + " does not answer: " +
                    (last_errno_ == 0 ? "its files hold no numbers" : words_of_errno(last_errno_));
}

std::optional<double> DrmBackend::scaled(const ValueFile& file, double unit) {
  if (!file.is_open()) return std::nullopt;
  ++asked_;
  const auto number = file.read(buffer_, last_errno_);
  if (!number) {
    ++failed_;
    return std::nullopt;
  }
  return static_cast<double>(*number) * unit;
}

// Where only energy is told, the power between two readings is what was used over the time.
void DrmBackend::read_power(Files& files, int64_t now_ns, CardReading& reading) {
  const std::optional<double> before = std::exchange(files.energy_joules, reading.energy_joules);
  const int64_t elapsed_ns = now_ns - std::exchange(files.energy_ns, now_ns);
  if (files.power.is_open() || !before || !reading.energy_joules || elapsed_ns <= 0) return;
  if (*reading.energy_joules < *before) return;
  reading.power_watts = (*reading.energy_joules - *before) / base::seconds(elapsed_ns);
}

}  // namespace

std::unique_ptr<Backend> make_drm_backend(const kernfs::KernelRoot& root,
                                          const Variables& variables, const base::Clock* clock) {
  return std::make_unique<DrmBackend>(root, variables, clock);
}

}  // namespace jumper::gpu
