// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/plot_csv.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "jumper/analysis/node_plot.h"
#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/metric/sample.h"

namespace jumper::report {
namespace {

struct Field {
  std::string name;
  const std::vector<double>* values = nullptr;  // null: nothing was measured
};

std::string_view unit_suffix(analysis::PlotUnit unit) {
  switch (unit) {
    case analysis::PlotUnit::kPercent:
      return "_percent";
    case analysis::PlotUnit::kBytes:
      return "_bytes";
    case analysis::PlotUnit::kBytesPerSecond:
      return "_bytes_per_s";
    case analysis::PlotUnit::kPerSecond:
      return "_per_s";
    case analysis::PlotUnit::kCount:
      return "";
    case analysis::PlotUnit::kWatts:
      return "_watts";
    case analysis::PlotUnit::kCelsius:
      return "_celsius";
    case analysis::PlotUnit::kHertz:
      return "_hertz";
  }
  return "";
}

// "I/O calls", "for CPU" -> "_for_cpu".
std::string field_name(const analysis::PanelInfo& panel, std::string_view label) {
  std::string name(panel.key);
  if (!label.empty()) name += '_';
  for (const char c : label) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper) name += static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') name += c;
    if (c == ' ') name += '_';
  }
  return name + std::string(unit_suffix(panel.unit));
}

// Of the lines of nodes, which may have any names.
void add_labelled(std::vector<Field>& fields, const analysis::PlotLevel& level, size_t place) {
  const analysis::PanelInfo& panel = analysis::plot_panels()[place];
  for (const analysis::PlotCurve& curve : level.curves) {
    if (curve.panel != place || curve.label.empty()) continue;
    std::string name(panel.key);
    name += '_';
    for (const char c : curve.label) {
      const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '.' || c == '-';
      name += is_plain ? c : '_';
    }
    name += unit_suffix(panel.unit);
    fields.push_back({name, &curve.mean});
    if (curve.low.empty()) continue;
    fields.push_back({name + "_lowest", &curve.low});
    fields.push_back({name + "_highest", &curve.high});
  }
}

std::vector<Field> fields_of(const analysis::PlotData& data, const analysis::PlotLevel* level) {
  std::vector<Field> fields;
  for (const size_t place : data.panels) {
    const analysis::PanelInfo& panel = analysis::plot_panels()[place];
    if (level != nullptr) add_labelled(fields, *level, place);
    if (data.shown_view == analysis::kAllNodesView || panel.is_per_card) continue;
    for (size_t i = 0; i < panel.curves.size(); ++i) {
      if (!panel.curves.at(i)) continue;
      const std::string name = field_name(panel, panel.curves.at(i)->label);
      const analysis::PlotCurve* found = nullptr;
      if (level != nullptr) {
        for (const analysis::PlotCurve& curve : level->curves) {
          if (curve.panel == place && curve.curve == i && curve.label.empty()) found = &curve;
        }
      }
      fields.push_back({name, found != nullptr ? &found->mean : nullptr});
      if (found == nullptr || found->low.empty()) continue;
      fields.push_back({name + "_lowest", &found->low});
      fields.push_back({name + "_highest", &found->high});
    }
  }
  return fields;
}

}  // namespace

std::string plot_csv(const analysis::PlotData& data) {
  const analysis::PlotLevel* level = data.shown();
  const std::vector<Field> fields = fields_of(data, level);
  std::string text = "seconds,timestamp,cell_index";
  for (const Field& field : fields) text += "," + field.name;
  text += '\n';
  if (level == nullptr) return text;
  auto cell = data.cells.begin();
  for (size_t row = 0; row < level->times_ns.size(); ++row) {
    const int64_t time_ns = level->times_ns[row];
    if (time_ns < data.from_ns || time_ns > data.to_ns) continue;
    while (cell != data.cells.end() && (*cell)->end_ns < time_ns) ++cell;
    const bool is_in_cell = cell != data.cells.end() && (*cell)->start_ns <= time_ns;
    const int64_t since_ns = time_ns - data.origin_ns;
    text += base::shortest(base::seconds(since_ns)) + ',' +
            base::fixed(base::seconds(data.origin_wall_ns + since_ns), 6) + ',';
    if (is_in_cell) text += std::to_string((*cell)->index);
    for (const Field& field : fields) {
      text += ',';
      if (field.values != nullptr) text += base::shortest((*field.values)[row]);
    }
    text += '\n';
  }
  return text;
}

}  // namespace jumper::report
