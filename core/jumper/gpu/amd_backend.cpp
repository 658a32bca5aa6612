// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_backend.h"

#include <atomic>
#include <cerrno>
#include <utility>

#include "jumper/base/parse.h"
#include "jumper/gpu/amd_energy.h"
#include "jumper/gpu/amd_library.h"
#include "jumper/gpu/amd_metrics.h"
#include "jumper/gpu/chosen_cards.h"
#include "jumper/gpu/drm_cards.h"
#include "jumper/gpu/drm_clients.h"
#include "jumper/gpu/drm_telling.h"

namespace jumper::gpu {
namespace {

constexpr double kPercent = 0.01;
constexpr double kMicro = 1e-6;
constexpr double kMilli = 1e-3;

// The files of one card, and what is remembered from one reading of it to the next.
struct Files {
  ValueFile utilization;
  ValueFile bandwidth;
  ValueFile memory_used;
  ValueFile power;
  ValueFile temperature;
  ValueFile sm_clock;
  ValueFile memory_clock;
  kernfs::File metrics;
  AmdEnergy energy;
  std::optional<uint32_t> power_throttled_ticks;
  std::optional<uint32_t> thermal_throttled_ticks;
  bool needs_library = false;
};

class AmdBackend final : public Backend {
 public:
  AmdBackend(const kernfs::KernelRoot& root, Variables variables, std::string amd_smi,
             std::string rocm_smi, const base::Clock* clock)
      : root_(root),
        variables_(std::move(variables)),
        amd_smi_(std::move(amd_smi)),
        rocm_smi_(std::move(rocm_smi)),
        clock_(clock == nullptr ? system_clock_ : *clock),
        clients_(root) {}

  [[nodiscard]] std::string_view name() const override { return "amdgpu"; }
  Found open() override;
  [[nodiscard]] std::span<const Card> cards() const override { return cards_; }
  void read(Depth depth, std::span<const pid_t> processes, Reading& reading) override;
  [[nodiscard]] const char* current_call() const override { return call_; }

 private:
  void open_card(const DrmCard& found);
  void choose_cards();
  void read_card(size_t place, Depth depth, CardReading& reading);
  void read_sensors(Files& files, CardReading& reading);
  void read_metrics(size_t place, Depth depth, CardReading& reading);
  void read_throttling(Files& files, const AmdMetrics& metrics, CardReading& reading);
  void read_library(size_t place, CardReading& reading);
  // Null where the file is not there, or could not be read.
  std::optional<double> scaled(const ValueFile& file, double unit);

  const kernfs::KernelRoot& root_;
  Variables variables_;
  std::string amd_smi_;
  std::string rocm_smi_;
  base::SystemClock system_clock_;
  const base::Clock& clock_;
  std::vector<DrmCard> found_;
  std::vector<Card> cards_;
  std::vector<Files> files_;
  DrmClients clients_;
  AmdLibraryFound library_;
  bool has_tried_library_ = false;
  kernfs::ReadBuffer buffer_{8192};
  // Of the card that is being read.
  int asked_ = 0;
  int failed_ = 0;
  int last_errno_ = 0;
  std::atomic<const char*> call_ = nullptr;
};

Found AmdBackend::open() {
  call_ = "listing /sys/class/drm";
  found_ = find_drm_cards(root_);
  std::erase_if(found_, [](const DrmCard& card) { return card.driver != "amdgpu"; });
  for (const DrmCard& card : found_) open_card(card);
  if (!cards_.empty()) choose_cards();
  clients_.set_cards(found_);
  call_ = nullptr;
  return {!cards_.empty(), ""};
}

void AmdBackend::open_card(const DrmCard& found) {
  const int device = found.device.get();
  Card card;
  card.vendor = Vendor::kAmd;
  card.driver = found.driver;
  card.bus_id = found.bus_id;
  card.name = line_of(device, "product_name");
  if (card.name.empty()) card.name = name_by_numbers(Vendor::kAmd, found);
  const std::string unique_id = line_of(device, "unique_id");
  if (!unique_id.empty()) card.uuid = "GPU-" + unique_id;
  card.memory_bytes = number_of(device, "mem_info_vram_total");

  Files files;
  const std::string sensors = sensors_of(found) + "/";
  const auto open = [&](ValueFile& file, const char* what, const std::vector<std::string>& paths) {
    file.open(device, paths);
    if (file.is_open()) return;
    const int number = file.open_errno();
    add_absence(card, what,
                number == 0 || number == ENOENT ? "amdgpu has no file of it for this card"
                                                : words_of_errno(number));
  };
  open(files.utilization, "utilization", {"gpu_busy_percent"});
  open(files.bandwidth, "memory bandwidth", {"mem_busy_percent"});
  open(files.memory_used, "memory in use", {"mem_info_vram_used"});
  open(files.power, "power", {sensors + "power1_average", sensors + "power1_input"});
  // At the edge of the chip; cards for computing have only the one of its hottest place.
  open(files.temperature, "temperature", {sensors + "temp1_input", sensors + "temp2_input"});
  open(files.sm_clock, "clock", {sensors + "freq1_input"});
  open(files.memory_clock, "memory clock", {sensors + "freq2_input"});
  add_absence(card, "PCIe traffic", "the kernel counts for a second in each reading of pcie_bw");
  auto metrics = kernfs::File::open(device, "gpu_metrics");
  if (metrics) {
    files.metrics = std::move(*metrics);
  } else {
    files.needs_library = true;
  }
  cards_.push_back(std::move(card));
  files_.push_back(std::move(files));
}

void AmdBackend::choose_cards() {
  std::vector<std::string> ids;
  ids.reserve(cards_.size());
  for (const Card& card : cards_) ids.push_back(card.uuid);
  const auto chosen = chosen_amd_cards(ids, rocm_order(root_, found_), variables_);
  for (size_t place = 0; place < cards_.size(); ++place) cards_[place].is_chosen = chosen[place];
}

void AmdBackend::read(Depth depth, std::span<const pid_t> processes, Reading& reading) {
  reading.cards.assign(cards_.size(), {});
  reading.processes.clear();
  for (size_t place = 0; place < cards_.size(); ++place) {
    read_card(place, depth, reading.cards[place]);
  }
  call_ = "reading fdinfo of amdgpu";
  clients_.read(depth, processes, clock_.monotonic_ns(), reading.processes);
  for (size_t place = 0; place < cards_.size(); ++place) {
    apply_telling(clients_.telling()[place], depth, cards_[place], reading.cards[place]);
  }
  call_ = nullptr;
}

void AmdBackend::read_card(size_t place, Depth depth, CardReading& reading) {
  if (is_asleep(found_[place])) {
    reading.trouble =
        "switched off by the driver while nobody uses it, and not woken up to be asked";
    return;
  }
  asked_ = failed_ = last_errno_ = 0;
  Files& files = files_[place];
  call_ = "reading sysfs of amdgpu";
  const auto used = files.memory_used.read(buffer_, last_errno_);
  asked_ += files.memory_used.is_open() ? 1 : 0;
  failed_ += files.memory_used.is_open() && !used ? 1 : 0;
  reading.memory_used_bytes = used;
  if (depth == Depth::kFull) read_sensors(files, reading);
  read_metrics(place, depth, reading);
  if (asked_ == 0 || failed_ < asked_) return;
  reading.trouble = "amdgpu does not answer: " +
                    (last_errno_ == 0 ? "its files hold no numbers" : words_of_errno(last_errno_));
}

std::optional<double> AmdBackend::scaled(const ValueFile& file, double unit) {
  if (!file.is_open()) return std::nullopt;
  ++asked_;
  const auto number = file.read(buffer_, last_errno_);
  if (!number) {
    ++failed_;
    return std::nullopt;
  }
  return static_cast<double>(*number) * unit;
}

void AmdBackend::read_sensors(Files& files, CardReading& reading) {
  const auto share = [&](const ValueFile& file) {
    auto value = scaled(file, kPercent);
    if (value && *value > 1) value.reset();
    return value;
  };
  reading.utilization = share(files.utilization);
  reading.bandwidth_utilization = share(files.bandwidth);
  reading.power_watts = scaled(files.power, kMicro);
  reading.temperature_celsius = scaled(files.temperature, kMilli);
  reading.sm_clock_hertz = scaled(files.sm_clock, 1);
  reading.memory_clock_hertz = scaled(files.memory_clock, 1);
}

void AmdBackend::read_metrics(size_t place, Depth depth, CardReading& reading) {
  Files& files = files_[place];
  Card& card = cards_[place];
  if (files.needs_library) return read_library(place, reading);
  call_ = "reading gpu_metrics of amdgpu";
  ++asked_;
  const auto bytes = files.metrics.read_to_end(buffer_);
  if (!bytes) {
    ++failed_;
    last_errno_ = bytes.error().sys_errno;
    return;
  }
  const auto metrics = parse_amd_metrics(*bytes);
  if (!metrics) {
    files.needs_library = true;
    add_absence(card, "throttling", "gpu_metrics has a layout that is not known");
    return read_library(place, reading);
  }
  reading.energy_joules = files.energy.joules(*metrics, reading.power_watts, clock_.monotonic_ns());
  if (!metrics->energy_units) add_absence(card, "energy", "the card has no counter of it");
  if (!files.energy.objection().empty()) {
    add_absence(card, "energy", files.energy.objection());
  }
  if (depth == Depth::kFull) read_throttling(files, *metrics, reading);
  if (!metrics->is_power_throttled && !metrics->power_throttled_ticks) {
    add_absence(card, "throttling", "gpu_metrics does not tell it for this card");
  }
}

void AmdBackend::read_throttling(Files& files, const AmdMetrics& metrics, CardReading& reading) {
  reading.is_power_throttled = metrics.is_power_throttled;
  reading.is_thermal_throttled = metrics.is_thermal_throttled;
  const auto grew = [](std::optional<uint32_t>& before, const std::optional<uint32_t>& now,
                       std::optional<bool>& answer) {
    if (before && now) answer = *before != *now;
    before = now;
  };
  if (metrics.power_throttled_ticks) {
    grew(files.power_throttled_ticks, metrics.power_throttled_ticks, reading.is_power_throttled);
  }
  if (metrics.thermal_throttled_ticks) {
    grew(files.thermal_throttled_ticks, metrics.thermal_throttled_ticks,
         reading.is_thermal_throttled);
  }
}

void AmdBackend::read_library(size_t place, CardReading& reading) {
  if (!has_tried_library_) {
    has_tried_library_ = true;
    call_ = "opening libamd_smi or librocm_smi64";
    library_ = open_amd_library(amd_smi_, rocm_smi_);
  }
  if (library_.library == nullptr) {
    add_absence(cards_[place], "energy", library_.why_none);
    return;
  }
  call_ = "asking libamd_smi or librocm_smi64 for the energy";
  reading.energy_joules = library_.library->energy_joules(cards_[place].bus_id);
  if (!reading.energy_joules) {
    add_absence(cards_[place], "energy", "AMD's library does not tell it for this card");
  }
}

}  // namespace

std::unique_ptr<Backend> make_amd_backend(const kernfs::KernelRoot& root,
                                          const Variables& variables, std::string amd_smi_library,
                                          std::string rocm_smi_library, const base::Clock* clock) {
  return std::make_unique<AmdBackend>(root, variables, std::move(amd_smi_library),
                                      std::move(rocm_smi_library), clock);
}

}  // namespace jumper::gpu
