// SPDX-License-Identifier: BSD-3-Clause
// A plot's data as one JSON document for frontend/src/protocol.ts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "jumper/analysis/plot_data.h"

namespace jumper::report {

inline constexpr int64_t kPlotTickNs = 100'000;  // the resolution of times in it

struct PlotDocument {
  analysis::PlotData data;  // as it was written
  std::string json;         // without '<': safe within a <script> element
};

inline constexpr size_t kPlotBytes = 48'000;

// A tail is for someone who has what was before it: it leaves out the title and the panels.
enum class PlotPart : uint8_t { kWhole, kTail };

// Thins the data until the document has no more than about `most_bytes`.
[[nodiscard]] PlotDocument plot_document(analysis::PlotData data, size_t most_bytes = kPlotBytes,
                                         PlotPart part = PlotPart::kWhole);

// "Level process, cells 0 to 4, 1 h 02 min".
[[nodiscard]] std::string plot_title(const analysis::PlotData& data);

}  // namespace jumper::report
