// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/plot.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "jumper/analysis/plot_selection.h"
#include "jumper/plot/chart_of.h"
#include "jumper/plot/layout.h"
#include "jumper/report/plot_csv.h"
#include "jumper/report/plot_document.h"
#include "jumper/report/sparkline.h"

namespace jumper::monitor {
namespace {

// About as many as a picture has pixels: more would be a thicket of lines, and these are means with
// their extremes behind them.
constexpr size_t kMostDrawnPoints = 900;

plot::Chart chart_of(const analysis::PlotData& view, size_t points, bool is_dark) {
  return plot::chart_of(analysis::thinned(view, points),
                        {.title = report::plot_title(view), .is_dark = is_dark});
}

// Of a picture with axes and texts, but without curves.
constexpr double kEmptyPictureBytes = 15'000;

// Roughly. What makes a picture large are the edges of slanting lines, of which each row of pixels
// has another bit.
double expected_bytes(const plot::DisplayList& list, double scale) {
  constexpr double kBytesPerRow = 4;
  double rows = 0;
  const auto add = [&](const std::vector<plot::Point>& points) {
    for (size_t i = 1; i < points.size(); ++i) rows += std::abs(points[i].y - points[i - 1].y);
  };
  for (const plot::Item& item : list.items) {
    if (const auto* line = std::get_if<plot::Polyline>(&item)) add(line->points);
    if (const auto* band = std::get_if<plot::Polygon>(&item)) add(band->points);
  }
  return kEmptyPictureBytes + kBytesPerRow * scale * rows;
}

}  // namespace

Plot::Plot(analysis::PlotData data) : data_(std::move(data)) {}

base::Result<Plot> Plot::load(std::string_view document) {
  auto data = report::read_plot_document(document);
  if (!data) return data.error();
  return Plot(std::move(*data));
}

Plot Plot::selected(const std::vector<size_t>& panels) const {
  return Plot(analysis::selected(data_, panels));
}

std::string Plot::title() const {
  return report::plot_title(data_);
}

std::string Plot::json() const {
  return report::plot_document(data_).json;
}

std::string Plot::file() const {
  return report::plot_document(data_, report::kPlotFileBytes).json + "\n";
}

std::string Plot::text(size_t width) const {
  return report::plot_text(data_, width);
}

std::string Plot::csv() const {
  return report::plot_csv(analysis::first_view(data_));
}

plot::Chart Plot::chart(bool is_dark) const {
  return chart_of(analysis::first_view(data_), kMostDrawnPoints, is_dark);
}

base::Result<std::string> Plot::draw(std::string_view format, bool is_dark,
                                     const plot::DrawOptions& options) const {
  return plot::draw(chart(is_dark), format, options);
}

base::Result<std::string> Plot::small_picture(int width_px, size_t most_bytes) const {
  constexpr plot::DrawOptions kOptions = {.scale = 2};
  constexpr int kFinest = 3;
  constexpr int kCoarsest = 16;
  plot::Chart chart = this->chart();
  chart.width_px = width_px;
  const auto most = static_cast<double>(most_bytes);
  if (expected_bytes(plot::layout(chart), kOptions.scale) < 2 * most) {
    base::Result<std::string> picture = plot::draw(chart, "png", kOptions);
    if (!picture || picture->size() <= most_bytes) return picture;
  }
  chart.step_px = kFinest;
  for (;;) {
    base::Result<std::string> picture = plot::draw(chart, "png", kOptions);
    if (!picture || picture->size() <= most_bytes || chart.step_px >= kCoarsest) return picture;
    // What steps cost grows with their number.
    const double excess = (static_cast<double>(picture->size()) - kEmptyPictureBytes) /
                          std::max(most - kEmptyPictureBytes, 1.0);
    const double wanted = std::ceil(chart.step_px * std::max(excess, 1.0));
    chart.step_px = static_cast<int>(std::clamp<double>(wanted, chart.step_px + 1, kCoarsest));
  }
}

}  // namespace jumper::monitor
