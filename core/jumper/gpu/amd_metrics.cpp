// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_metrics.h"

#include <cstddef>
#include <cstring>
#include <limits>

namespace jumper::gpu {
namespace {

// Where the fields lie. 0: the layout has none of them, for at 0 is the header.
struct Layout {
  uint8_t format;
  uint8_t content;
  size_t energy;
  bool is_energy_64;
  bool is_unit_documented;
  size_t throttle;     // indep_throttle_status, 64 bits
  size_t residencies;  // prochot, ppt, socket_thm, vr_thm, hbm_thm, 32 bits each
};

// The kernel fills what a card does not have with ones.
constexpr Layout kLayouts[] = {
    {1, 0, 36, false, false, 0, 0},   //
    {1, 1, 24, true, false, 0, 0},    //
    {1, 2, 24, true, false, 0, 0},    //
    {1, 3, 24, true, false, 112, 0},  //
    {1, 4, 24, true, true, 0, 0},     //
    {1, 5, 88, true, true, 0, 0},     //
    {1, 6, 16, true, true, 0, 36},    //
    {1, 7, 24, true, true, 0, 44},    //
    {1, 8, 24, true, true, 0, 44},    //
    {2, 0, 0, false, false, 0, 0},    //
    {2, 1, 0, false, false, 0, 0},    //
    {2, 2, 0, false, false, 120, 0},  //
    {2, 3, 0, false, false, 120, 0},  //
    {2, 4, 0, false, false, 120, 0},
};

// SMU_THROTTLER_* in the kernel's amdgpu_smu.h: power limits of all kinds (PPT, SPL), and
// temperatures with what they trigger (VRHOT, PROCHOT).
constexpr uint64_t kPowerBits = 0xFF;
constexpr uint64_t kThermalBits = uint64_t{0xFFFF} << 32;

template <typename Number>
std::optional<Number> number_at(std::string_view bytes, size_t offset) {
  Number number{};
  if (bytes.size() < sizeof number || offset > bytes.size() - sizeof number) return std::nullopt;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  if (number == std::numeric_limits<Number>::max()) return std::nullopt;
  return number;
}

const Layout* layout_of(uint8_t format, uint8_t content) {
  for (const Layout& layout : kLayouts) {
    if (layout.format == format && layout.content == content) return &layout;
  }
  return nullptr;
}

void read_energy(std::string_view bytes, const Layout& layout, AmdMetrics& metrics) {
  metrics.is_unit_documented = layout.is_unit_documented;
  metrics.has_short_energy = !layout.is_unit_documented;
  if (layout.is_energy_64) {
    metrics.energy_units = number_at<uint64_t>(bytes, layout.energy);
  } else {
    metrics.energy_units = number_at<uint32_t>(bytes, layout.energy);
  }
  // What a card without a counter has there: 0 on the second half of a card with two chips, all
  // ones in 32 bits where a newer firmware took the counter away.
  if (metrics.energy_units == 0U ||
      metrics.energy_units == uint64_t{std::numeric_limits<uint32_t>::max()}) {
    metrics.energy_units.reset();
  }
}

void read_residencies(std::string_view bytes, size_t offset, AmdMetrics& metrics) {
  constexpr size_t kEach = sizeof(uint32_t);
  metrics.power_throttled_ticks = number_at<uint32_t>(bytes, offset + kEach);
  uint32_t thermal = 0;
  // Of several temperatures any; that their sum may wrap around does no harm to a difference.
  for (const size_t place : {0U, 2U, 3U, 4U}) {
    const auto ticks = number_at<uint32_t>(bytes, offset + place * kEach);
    if (!ticks) continue;
    thermal += *ticks;
    metrics.thermal_throttled_ticks = thermal;
  }
}

}  // namespace

std::optional<AmdMetrics> parse_amd_metrics(std::string_view bytes) {
  constexpr size_t kHeader = 4;
  if (bytes.size() < kHeader) return std::nullopt;
  uint16_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  if (size < kHeader || size > bytes.size()) return std::nullopt;
  bytes = bytes.substr(0, size);
  AmdMetrics metrics;
  metrics.format = static_cast<uint8_t>(bytes[2]);
  metrics.content = static_cast<uint8_t>(bytes[3]);
  const Layout* layout = layout_of(metrics.format, metrics.content);
  if (layout == nullptr) return std::nullopt;
  const size_t last = layout->residencies != 0 ? layout->residencies + 20
                      : layout->throttle != 0  ? layout->throttle + 8
                      : layout->energy != 0    ? layout->energy + 8
                                               : kHeader;
  if (bytes.size() < last) return std::nullopt;
  if (layout->energy != 0) read_energy(bytes, *layout, metrics);
  if (layout->throttle != 0) {
    if (const auto bits = number_at<uint64_t>(bytes, layout->throttle)) {
      metrics.is_power_throttled = (*bits & kPowerBits) != 0;
      metrics.is_thermal_throttled = (*bits & kThermalBits) != 0;
    }
  }
  if (layout->residencies != 0) read_residencies(bytes, layout->residencies, metrics);
  return metrics;
}

}  // namespace jumper::gpu
