// SPDX-License-Identifier: BSD-3-Clause
// A plot of a session, and all the forms it has: picture, table, text, and the document that a
// browser or another session draws from. It does not change.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/plot_data.h"
#include "jumper/base/result.h"
#include "jumper/plot/chart.h"
#include "jumper/plot/draw.h"

namespace jumper::monitor {

class Plot {
 public:
  explicit Plot(analysis::PlotData data);

  // From the document that `file()` gives, or `json()`.
  [[nodiscard]] static base::Result<Plot> load(std::string_view document);

  // Nothing but these panels (places in analysis::plot_panels()) at the shown level, over exactly
  // the cells that were asked for.
  [[nodiscard]] Plot selected(const std::vector<size_t>& panels) const;

  [[nodiscard]] const analysis::PlotData& data() const { return data_; }
  [[nodiscard]] std::string title() const;
  [[nodiscard]] bool has_data() const { return data_.most_points() > 1; }

  // Small enough for a notebook; and with more detail, for a file.
  [[nodiscard]] std::string json() const;
  [[nodiscard]] std::string file() const;
  [[nodiscard]] std::string text(size_t width) const;
  [[nodiscard]] std::string csv() const;

  // What is seen first.
  [[nodiscard]] plot::Chart chart(bool is_dark = false) const;
  [[nodiscard]] base::Result<std::string> draw(std::string_view format, bool is_dark = false,
                                               const plot::DrawOptions& options = {}) const;
  // A PNG of twice `width_px` with at most about `most_bytes`: a busy plot is drawn in steps.
  [[nodiscard]] base::Result<std::string> small_picture(int width_px, size_t most_bytes) const;

 private:
  analysis::PlotData data_;
};

}  // namespace jumper::monitor
