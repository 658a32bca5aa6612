// SPDX-License-Identifier: BSD-3-Clause
// A plot's data as one JSON document for frontend/src/protocol.ts.
#pragma once

#include <cstddef>
#include <string>

#include "jumper/analysis/plot_data.h"

namespace jumper::report {

struct PlotDocument {
  analysis::PlotData data;  // as it was written
  std::string json;         // without '<': safe within a <script> element
};

inline constexpr size_t kPlotBytes = 48'000;

// Thins the data until the document has no more than about `most_bytes`.
[[nodiscard]] PlotDocument plot_document(analysis::PlotData data, size_t most_bytes = kPlotBytes);

// "Level process, cells 0 to 4, 1 h 02 min".
[[nodiscard]] std::string plot_title(const analysis::PlotData& data);

}  // namespace jumper::report
