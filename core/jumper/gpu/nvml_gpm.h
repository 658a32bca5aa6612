// SPDX-License-Identifier: BSD-3-Clause
// What cards from Hopper on count themselves (GPM, "GPU performance monitoring"): how busy their
// processors and memory were between two samples. Exact means, where other numbers are spot checks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "jumper/gpu/card.h"
#include "jumper/gpu/nvml_asker.h"

namespace jumper::gpu::nvml {

class Gpm {
 public:
  explicit Gpm(const Library& library) : library_(library) {}
  Gpm(const Gpm&) = delete;
  Gpm& operator=(const Gpm&) = delete;
  // Gives the samples back to the library.
  ~Gpm();

  // Takes a sample of the card that stands at `place`, and tells what was between the one before
  // and this one. An instance's sample is its card's to take: `parent` is its card's handle.
  void read(size_t place, Asker& asker, Handle parent, int64_t now_ns, CardReading& reading);
  // Whether PCIe traffic of that card comes from here.
  [[nodiscard]] bool tells_pcie(size_t place) const;

 private:
  struct Samples {
    bool is_checked = false;  // whether the card can count
    bool tells_pcie = false;
    GpmSample before = nullptr;
    GpmSample after = nullptr;
    int64_t before_ns = 0;  // 0: there is none
  };

  bool prepare(Samples& samples, Asker& asker, Handle parent);
  void tell(const Samples& samples, Asker& asker, CardReading& reading);

  const Library& library_;
  std::vector<Samples> samples_;
  std::unique_ptr<GpmMetrics> metrics_ = std::make_unique<GpmMetrics>();
};

}  // namespace jumper::gpu::nvml
