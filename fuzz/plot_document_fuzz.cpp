// SPDX-License-Identifier: BSD-3-Clause
// A plot file may come from anyone; what is read from one can be drawn, told and written again.
#include "jumper/report/plot_document.h"

#include "jumper/analysis/plot_selection.h"
#include "jumper/plot/chart_of.h"
#include "jumper/plot/draw.h"
#include "jumper/report/plot_csv.h"
#include "jumper/report/sparkline.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jumper::fuzz::require;
  namespace report = jumper::report;
  const auto plot = report::read_plot_document(jumper::fuzz::as_text(data, size));
  if (!plot) {
    require(plot.error().code == jumper::base::ErrorCode::kBadInput);
    require(plot.error().message.find('\n') == std::string::npos);
    return 0;
  }
  require(!report::plot_text(*plot).empty());
  require(!report::plot_csv(*plot).empty());
  const auto view = jumper::analysis::first_view(*plot);
  require(jumper::plot::draw(jumper::plot::chart_of(view, {}), "svg").ok());
  const std::string json = report::plot_document(*plot).json;
  require(json.find('<') == std::string::npos);
  require(report::read_plot_document(json).ok());
  return 0;
}
