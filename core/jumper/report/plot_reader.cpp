// SPDX-License-Identifier: BSD-3-Clause
// Reads what plot_document.cpp writes. Whoever wrote it: every number is looked at before it is
// used.
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "jumper/base/base64.h"
#include "jumper/base/json_reader.h"
#include "jumper/base/text.h"
#include "jumper/report/plot_columns.h"
#include "jumper/report/plot_document.h"

namespace jumper::report {
namespace {

using base::Json;

constexpr double kMostSeconds = 1e9;
constexpr double kMostValue = 1e18;
constexpr double kMostPoints = 1'000'000;   // of a level
constexpr size_t kMostNumbers = 8'000'000;  // of all columns: a few bytes can stand for many
constexpr size_t kMostCells = 1'000'000;
constexpr size_t kMostLines = 64;  // in a panel
constexpr size_t kLongestName = 100;

base::Error damaged(std::string_view what) {
  return base::bad_input("the plot is damaged: " + std::string(what));
}

// A finite number from `least` to `most`.
std::optional<double> number(const Json& json, double least, double most) {
  const bool is_within = json.is_number() && json.number >= least && json.number <= most;
  return is_within ? std::optional(json.number) : std::nullopt;
}

std::optional<size_t> count(const Json& json, double most) {
  const auto found = number(json, 0, most);
  if (!found || *found != std::floor(*found)) return std::nullopt;
  return static_cast<size_t>(*found);
}

std::string short_name(std::string_view name) {
  return base::one_line(name, kLongestName);
}

class DocumentReader {
 public:
  explicit DocumentReader(const Json& json) : json_(json) {}

  base::Result<analysis::PlotData> read() {
    const auto bytes = base::from_base64(json_.at("data").text);
    if (!json_.at("data").is_text() || !bytes) return damaged("its data are no base64");
    bytes_ = *bytes;  // for as long as it is read
    if (const auto header = read_header(); !header) return header.error();
    if (const auto panels = read_panels(); !panels) return panels.error();
    if (const auto cells = read_cells(); !cells) return cells.error();
    for (const Json& level : json_.at("levels").items) {
      if (const auto read = read_level(level); !read) return read.error();
    }
    return std::move(data_);
  }

 private:
  base::Status read_header() {
    const auto tick = number(json_.at("tick"), 1e-9, 1e3);
    const auto start_ms = number(json_.at("start_ms"), -8e12, 8e12);
    if (!tick || !start_ms) return damaged("its times have no unit or no start");
    tick_ns_ = *tick * 1e9;
    data_.origin_wall_ns = std::llround(*start_ms) * 1'000'000;
    const auto from_ns = time(json_.at("from"));
    const auto to_ns = time(json_.at("to"));
    if (!from_ns || !to_ns || *to_ns < *from_ns) return damaged("it ends before it begins");
    data_.from_ns = *from_ns;
    data_.to_ns = *to_ns;
    const std::string& name = json_.at("level").text;
    has_views_ = json_.at("views").text == "nodes";
    if (json_.at("node").is_text()) data_.node = short_name(json_.at("node").text);
    const auto level = has_views_ ? scope_of_view(name) : metric::find_scope(name);
    if (has_views_) data_.shown_view = short_name(name);
    if (!level) {
      return base::bad_input("the plot shows a level that is not known here: '" +
                             base::one_line(name, 40) + "'");
    }
    data_.shown_level = *level;
    data_.is_selection = json_.at("selection").truth;
    const Json& range = json_.at("range");
    if (range.is_null()) return base::Done{};
    data_.first_cell = count(range.at(0), 1e15);
    data_.last_cell = count(range.at(1), 1e15);
    if (!data_.first_cell || !data_.last_cell) return damaged("its range of cells is none");
    return base::Done{};
  }

  // What they are is told by their keys and the labels of their curves: another version may have
  // them in another order.
  base::Status read_panels() {
    const std::span<const analysis::PanelInfo> known = analysis::plot_panels();
    data_.panels.clear();
    for (const Json& panel : json_.at("panels").items) {
      const auto place =
          std::ranges::find(known, panel.at("key").text, &analysis::PanelInfo::key) - known.begin();
      const auto at = static_cast<size_t>(place);
      const bool is_known =
          at < known.size() && analysis::unit_name(known[at].unit) == panel.at("unit").text;
      panels_.push_back({is_known ? std::optional(at) : std::nullopt, &panel});
      data_.has_gpus = data_.has_gpus || (is_known && analysis::is_of_gpus(known[at]));
      const bool is_new = std::ranges::find(data_.panels, at) == data_.panels.end();
      if (is_known && is_new && panel.at("shown").truth) data_.panels.push_back(at);
    }
    if (data_.panels.empty()) return base::bad_input("the plot has no panel that is known here");
    return base::Done{};
  }

  base::Status read_cells() {
    const Json& cells = json_.at("cells");
    const std::vector<Json>& labels = cells.at("labels").items;
    const std::string& status = cells.at("status").text;
    const auto first = count(cells.at("first"), 1e15);
    if (!first || status.size() != labels.size() || labels.size() > kMostCells)
      return damaged("its cells are none");
    const auto starts = take_times(labels.size());
    const auto ends = take_times(labels.size());
    if (!starts || !ends) return damaged("its cells have no times");
    for (size_t i = 0; i < labels.size(); ++i) {
      auto cell = std::make_shared<cells::Cell>();
      cell->index = *first + i;
      cell->source = labels[i].text;
      cell->start_ns = (*starts)[i];
      cell->end_ns = (*ends)[i];
      cell->wall_start_ns = data_.origin_wall_ns + cell->start_ns;
      cell->wall_end_ns = data_.origin_wall_ns + cell->end_ns;
      cell->status = status[i] == 'e'   ? cells::CellStatus::kError
                     : status[i] == 'i' ? cells::CellStatus::kInterrupted
                                        : cells::CellStatus::kOk;
      if (cell->end_ns < cell->start_ns) return damaged("a cell ends before it begins");
      data_.cells.push_back(std::move(cell));
    }
    return base::Done{};
  }

  base::Status read_level(const Json& json) {
    const std::string& name = json.at("name").text;
    const auto scope = metric::find_scope(has_views_ ? json.at("scope").text : name);
    const auto points = count(json.at("points"), kMostPoints);
    if (!points) return damaged("a level has no number of points");
    analysis::PlotLevel level;
    if (scope) level.scope = *scope;
    if (has_views_) level.view = short_name(name);
    if (!json.at("memory_limit").is_null()) {
      level.memory_limit_bytes = number(json.at("memory_limit"), 0, kMostValue);
      if (!level.memory_limit_bytes) return damaged("a limit of memory is none");
    }
    if (!json.at("cpus").is_null()) {
      const auto cpus = number(json.at("cpus"), 0, kMostValue);
      if (!cpus) return damaged("its number of CPUs is none");
      level.cpus = *cpus;
    }
    auto times = take_times(*points);
    if (!times) return damaged("a level has no times in order");
    level.times_ns = std::move(*times);
    for (const Json& curve : json.at("curves").items) {
      if (const auto read = read_curve(curve, level); !read) return read.error();
    }
    level.is_start.assign(*points, true);  // unless there is any value
    for (const analysis::PlotCurve& curve : level.curves) {
      for (size_t i = 0; i < *points; ++i) {
        if (!metric::is_absent(curve.mean[i])) level.is_start[i] = false;
      }
    }
    const bool is_new = std::ranges::none_of(data_.levels, [&](const auto& other) {
      return other.scope == level.scope && other.view == level.view;
    });
    if (scope && is_new) data_.levels.push_back(std::move(level));
    return base::Done{};
  }

  base::Status read_curve(const Json& json, analysis::PlotLevel& level) {
    const size_t points = level.times_ns.size();
    const auto panel = count(json.at("panel"), 1000);
    const auto place = count(json.at("curve"), 1000);
    const auto step = number(json.at("step"), 0, kMostValue);
    const auto lowest = number(json.at("base"), -kMostValue, kMostValue);
    if (!panel || *panel >= panels_.size() || !place || !step ||
        (!lowest && !json.at("base").is_null()))
      return damaged("a curve is none");
    const auto to_values = [&](const std::vector<int64_t>& numbers) {
      std::vector<double> values;
      values.reserve(numbers.size());
      for (const int64_t number : numbers) {
        values.push_back(number == kAbsentNumber || !lowest
                             ? metric::kAbsent
                             : *lowest + static_cast<double>(number) * *step);
      }
      return values;
    };
    auto means = take(points);
    if (!means) return damaged("a curve has too few values");
    analysis::PlotCurve curve{0, *place, to_values(*means), {}, {}, {}};
    if (may_be_labelled(*panel) && json.at("label").is_text())
      curve.label = short_name(json.at("label").text);
    if (json.at("extremes").truth) {
      auto below = take(points);
      auto above = take(points);
      if (!below || !above) return damaged("a curve has too few extremes");
      for (size_t i = 0; i < points; ++i) {
        const bool is_absent = (*means)[i] == kAbsentNumber;
        for (auto* extreme : {&*below, &*above}) {
          if (is_absent || (*extreme)[i] < 0) (*extreme)[i] = is_absent ? kAbsentNumber : 0;
        }
        if (is_absent) continue;
        (*below)[i] = (*means)[i] - (*below)[i];
        (*above)[i] = (*means)[i] + (*above)[i];
      }
      curve.low = to_values(*below);
      curve.high = to_values(*above);
    }
    const auto known = curve.label.empty() ? known_curve(*panel, *place) : line_in(*panel, *place);
    if (!known) return base::Done{};
    curve.panel = known->first;
    curve.curve = known->second;
    level.curves.push_back(std::move(curve));
    return base::Done{};
  }

  [[nodiscard]] bool may_be_labelled(size_t panel) const {
    const auto& known = panels_[panel].known;
    return has_views_ || (known && analysis::plot_panels()[*known].is_per_card);
  }

  // Where the curve of that panel stands here.
  [[nodiscard]] std::optional<std::pair<size_t, size_t>> known_curve(size_t panel,
                                                                     size_t place) const {
    const auto& [known, json] = panels_[panel];
    const Json& label = json->at("curves").at(place);
    if (!known || !label.is_text()) return std::nullopt;
    const auto& curves = analysis::plot_panels()[*known].curves;
    for (size_t i = 0; i < curves.size(); ++i) {
      if (curves.at(i) && curves.at(i)->label == label.text) return std::pair(*known, i);
    }
    return std::nullopt;
  }

  // The line of a node or a GPU, in a panel that is known.
  [[nodiscard]] std::optional<std::pair<size_t, size_t>> line_in(size_t panel, size_t place) const {
    const auto& known = panels_[panel].known;
    if (!known || place >= kMostLines) return std::nullopt;
    return std::pair(*known, place);
  }

  [[nodiscard]] std::optional<metric::Scope> scope_of_view(std::string_view name) const {
    for (const Json& level : json_.at("levels").items) {
      if (level.at("name").text == name) return metric::find_scope(level.at("scope").text);
    }
    return std::nullopt;
  }

  std::optional<int64_t> time(const Json& ticks) const {
    const double most = kMostSeconds * 1e9 / tick_ns_;
    const auto found = number(ticks, -most, most);
    return found ? std::optional<int64_t>(std::llround(*found * tick_ns_)) : std::nullopt;
  }

  std::optional<std::vector<int64_t>> take(size_t points) {
    numbers_ += points;
    return numbers_ > kMostNumbers ? std::nullopt : take_column(bytes_, points);
  }

  // In order; a tick is what two of them may be apart.
  std::optional<std::vector<int64_t>> take_times(size_t points) {
    auto times = take(points);
    if (!times) return std::nullopt;
    double ticks = 0;
    for (int64_t& step : *times) {
      if (step == kAbsentNumber) return std::nullopt;
      if (&step != &times->front() && step < 0) return std::nullopt;
      ticks += static_cast<double>(step);
      if (!(std::abs(ticks * tick_ns_) <= kMostSeconds * 1e9)) return std::nullopt;
      step = std::llround(ticks * tick_ns_);
    }
    return times;
  }

  struct PanelEntry {
    std::optional<size_t> known;
    const Json* json;
  };

  const Json& json_;
  std::span<const uint8_t> bytes_;
  std::vector<PanelEntry> panels_;
  analysis::PlotData data_;
  bool has_views_ = false;  // of nodes
  double tick_ns_ = 1;
  size_t numbers_ = 0;
};

}  // namespace

base::Result<analysis::PlotData> read_plot_document(std::string_view json) {
  const auto document = base::parse_json(json);
  if (!document) return base::bad_input("not a plot of JUmPER's: " + document.error().message);
  if (document->at("format").text != kPlotFormat)
    return base::bad_input("not a plot of JUmPER's: nothing in it says so");
  const auto version = number(document->at("version"), 0, 1e9);
  if (!version || *version != kPlotVersion) {
    return base::bad_input("a plot of another version than " + std::to_string(kPlotVersion) +
                           ", which is known here");
  }
  return DocumentReader(*document).read();
}

}  // namespace jumper::report
