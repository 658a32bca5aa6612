// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_fdinfo.h"

#include <string>

#include "target.h"

namespace {

using jumper::gpu::DrmEngine;
using jumper::gpu::DrmFdinfo;
using jumper::gpu::DrmRegion;

void write(std::string& text, const std::string& key, const std::optional<uint64_t>& number,
           const char* unit = "") {
  if (number) text += "drm-" + key + ":\t" + std::to_string(*number) + unit + "\n";
}

// As a driver writes it, all in plain units.
std::string written(const DrmFdinfo& info) {
  std::string text = "drm-driver: " + info.driver + "\n";
  if (!info.bus_id.empty()) text += "drm-pdev: " + info.bus_id + "\n";
  write(text, "client-id", info.client_id);
  for (const DrmEngine& engine : info.engines) {
    text += "drm-engine-capacity-" + engine.name + ": " + std::to_string(engine.capacity) + "\n";
    write(text, "engine-" + engine.name, engine.busy_ns, " ns");
    write(text, "cycles-" + engine.name, engine.busy_cycles);
    write(text, "total-cycles-" + engine.name, engine.all_cycles);
    write(text, "maxfreq-" + engine.name, engine.highest_hertz, " Hz");
  }
  for (const DrmRegion& region : info.regions) {
    write(text, "resident-" + region.name, region.resident_bytes);
    write(text, "memory-" + region.name, region.memory_bytes);
    write(text, "total-" + region.name, region.total_bytes);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jumper::fuzz::require;
  const auto info = jumper::gpu::parse_drm_fdinfo(jumper::fuzz::as_text(data, size));
  if (!info) return 0;
  require(!info->driver.empty());
  require(info->engines.size() <= 64 && info->regions.size() <= 64);
  for (const DrmEngine& engine : info->engines) {
    require(!engine.name.empty() && engine.name.size() <= 64 && engine.capacity > 0);
  }
  for (const DrmRegion& region : info->regions) {
    require(region.resident_bytes || region.memory_bytes || region.total_bytes);
  }
  static_cast<void>(jumper::gpu::memory_of(*info));
  // Written out, it parses to itself.
  require(jumper::gpu::parse_drm_fdinfo(written(*info)) == info);
  return 0;
}
