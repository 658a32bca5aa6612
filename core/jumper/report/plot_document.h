// SPDX-License-Identifier: BSD-3-Clause
// A plot's data as one JSON document: for frontend/src/protocol.ts, and as a file. It holds numbers
// and texts only, so that reading one executes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "jumper/analysis/plot_data.h"
#include "jumper/base/result.h"

namespace jumper::report {

inline constexpr int64_t kPlotTickNs = 100'000;  // the resolution of times in it

struct PlotDocument {
  analysis::PlotData data;  // as it was written
  std::string json;         // without '<': safe within a <script> element
};

inline constexpr std::string_view kPlotFormat = "jumper-plot";
inline constexpr int kPlotVersion = 1;
inline constexpr size_t kPlotBytes = 48'000;         // within a notebook
inline constexpr size_t kPlotFileBytes = 1'000'000;  // in a file of its own

// A tail is for someone who has what was before it: it leaves out the title and the panels.
enum class PlotPart : uint8_t { kWhole, kTail };

// Thins the data until the document has no more than about `most_bytes`.
[[nodiscard]] PlotDocument plot_document(const analysis::PlotData& data,
                                         size_t most_bytes = kPlotBytes,
                                         PlotPart part = PlotPart::kWhole);

// The plot in a document, which anyone may have written. Panels and levels that are not known here
// are left out.
[[nodiscard]] base::Result<analysis::PlotData> read_plot_document(std::string_view json);

// "Level process, cells 0 to 4, 1 h 02 min".
[[nodiscard]] std::string plot_title(const analysis::PlotData& data);

}  // namespace jumper::report
