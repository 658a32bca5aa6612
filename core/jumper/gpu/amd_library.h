// SPDX-License-Identifier: BSD-3-Clause
// The energy counters of AMD cards by AMD's own libraries, for cards whose table has a layout that
// we do not know. They are opened when such a card is found, and not before: they take long, and
// read the same table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace jumper::gpu {

class AmdLibrary {
 public:
  AmdLibrary() = default;
  AmdLibrary(const AmdLibrary&) = delete;
  AmdLibrary& operator=(const AmdLibrary&) = delete;
  virtual ~AmdLibrary() = default;

  // Of the card at that place on the bus ("0000:03:00.0"), since a fixed time.
  [[nodiscard]] virtual std::optional<double> energy_joules(const std::string& bus_id) = 0;
};

struct AmdLibraryFound {
  std::unique_ptr<AmdLibrary> library;
  std::string why_none;
};

// The first of the two that can be opened and finds a card.
[[nodiscard]] AmdLibraryFound open_amd_library(const std::string& amd_smi,
                                               const std::string& rocm_smi);

}  // namespace jumper::gpu
