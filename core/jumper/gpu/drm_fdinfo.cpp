// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_fdinfo.h"

#include <algorithm>
#include <limits>

#include "jumper/base/parse.h"

namespace jumper::gpu {
namespace {

// More than any driver has: what goes on for longer is no text of a kernel.
constexpr size_t kMostNames = 64;
constexpr size_t kLongestName = 64;

bool is_plain(std::string_view word) {
  return !word.empty() && word.size() <= kLongestName &&
         std::ranges::all_of(word, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<uint64_t> scaled(uint64_t number, uint64_t unit) {
  if (number > std::numeric_limits<uint64_t>::max() / unit) return std::nullopt;
  return number * unit;
}

// "12", "12 KiB", "12 MiB". A unit that is not documented makes the number unknown.
std::optional<uint64_t> parse_bytes(std::string_view text) {
  const auto number = base::next_number<uint64_t>(text);
  if (!number) return std::nullopt;
  const std::string_view unit = base::trim(text);
  if (unit.empty()) return number;
  if (unit == "KiB") return scaled(*number, 1024);
  if (unit == "MiB") return scaled(*number, uint64_t{1024} * 1024);
  if (unit == "GiB") return scaled(*number, uint64_t{1024} * 1024 * 1024);
  return std::nullopt;
}

std::optional<uint64_t> parse_hertz(std::string_view text) {
  const auto number = base::next_number<uint64_t>(text);
  if (!number) return std::nullopt;
  const std::string_view unit = base::trim(text);
  if (unit.empty() || unit == "Hz") return number;
  if (unit == "KHz") return scaled(*number, 1'000);
  if (unit == "MHz") return scaled(*number, 1'000'000);
  return std::nullopt;
}

std::optional<uint64_t> parse_nanoseconds(std::string_view text) {
  const auto number = base::next_number<uint64_t>(text);
  return number && base::trim(text) == "ns" ? number : std::nullopt;
}

std::optional<uint64_t> parse_plain(std::string_view text) {
  return base::parse_number<uint64_t>(base::trim(text));
}

// The entry of that name, made where it is new; null where there are too many, or for what is no
// name.
template <typename Named>
Named* entry(std::vector<Named>& list, std::string_view name) {
  if (!is_plain(name)) return nullptr;
  const auto found = std::ranges::find(list, name, &Named::name);
  if (found != list.end()) return &*found;
  if (list.size() == kMostNames) return nullptr;
  list.push_back(Named{});
  list.back().name = name;
  return &list.back();
}

void read_capacity(DrmFdinfo& info, std::string_view name, std::string_view value) {
  const auto capacity = base::parse_number<uint32_t>(base::trim(value));
  if (!capacity || *capacity == 0) return;
  if (DrmEngine* engine = entry(info.engines, name)) engine->capacity = *capacity;
}

using Number = std::optional<uint64_t>;

template <typename Named>
struct Key {
  std::string_view prefix;
  Number Named::* field;
  Number (*parse)(std::string_view);
};

// Longer prefixes before those that they begin with.
constexpr Key<DrmEngine> kEngineKeys[] = {
    {"drm-engine-", &DrmEngine::busy_ns, parse_nanoseconds},
    {"drm-total-cycles-", &DrmEngine::all_cycles, parse_plain},
    {"drm-cycles-", &DrmEngine::busy_cycles, parse_plain},
    {"drm-maxfreq-", &DrmEngine::highest_hertz, parse_hertz},
};
constexpr Key<DrmRegion> kRegionKeys[] = {
    {"drm-resident-", &DrmRegion::resident_bytes, parse_bytes},
    {"drm-memory-", &DrmRegion::memory_bytes, parse_bytes},
    {"drm-total-", &DrmRegion::total_bytes, parse_bytes},
};

// Whether the key is one of `keys`.
template <typename Named, size_t kCount>
bool read_named(const Key<Named> (&keys)[kCount], std::vector<Named>& list, std::string_view key,
                std::string_view value) {
  for (const auto& [prefix, field, parse] : keys) {
    if (!key.starts_with(prefix)) continue;
    // What is garbled makes no entry: it would say that the driver tells of it.
    const Number number = parse(value);
    if (!number) return true;
    if (Named* named = entry(list, key.substr(prefix.size()))) named->*field = number;
    return true;
  }
  return false;
}

}  // namespace

std::optional<DrmFdinfo> parse_drm_fdinfo(std::string_view text) {
  DrmFdinfo info;
  while (!text.empty()) {
    const std::string_view line = base::next_line(text);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !line.starts_with("drm-")) continue;
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = base::trim(line.substr(colon + 1));
    constexpr std::string_view kCapacity = "drm-engine-capacity-";
    if (key == "drm-driver") {
      if (is_plain(value)) info.driver = value;
    } else if (key == "drm-pdev") {
      if (is_plain(value)) info.bus_id = value;
    } else if (key == "drm-client-id") {
      info.client_id = parse_plain(value);
    } else if (key.starts_with(kCapacity)) {
      read_capacity(info, key.substr(kCapacity.size()), value);
    } else if (!read_named(kEngineKeys, info.engines, key, value)) {
      read_named(kRegionKeys, info.regions, key, value);
    }
  }
  if (info.driver.empty()) return std::nullopt;
  return info;
}

std::optional<uint64_t> memory_of(const DrmFdinfo& info) {
  const auto is_own = [](const DrmRegion& region) {
    return region.name.starts_with("vram") || region.name.starts_with("local");
  };
  const bool has_own = std::ranges::any_of(info.regions, is_own);
  std::optional<uint64_t> sum;
  for (const DrmRegion& region : info.regions) {
    if (has_own && !is_own(region)) continue;
    Number bytes = region.resident_bytes;
    if (!bytes) bytes = region.memory_bytes;
    if (!bytes) bytes = region.total_bytes;
    if (!bytes) continue;
    const uint64_t before = sum.value_or(0);
    if (*bytes > std::numeric_limits<uint64_t>::max() - before) return std::nullopt;
    sum = before + *bytes;
  }
  return sum;
}

}  // namespace jumper::gpu
