// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/history_table.h"

#include <algorithm>
#include <array>

#include "jumper/base/clock.h"
#include "jumper/base/parse.h"
#include "jumper/base/text.h"
#include "jumper/report/gpu_words.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

using analysis::CellCost;

constexpr std::string_view kAbsentText = "-";

// One measured column: how its number is got, written and sorted by.
struct Measure {
  HistoryColumn column;
  std::optional<double> (*value)(const CellCost&);
  std::string (*text)(double);
  int decimals = 0;  // of the number that it is sorted by
  bool is_shown_if_zero = true;
  bool is_of_gpus = false;  // shown where any cell has numbers of GPUs
};

constexpr std::array kMeasures = {
    Measure{{"CPU time", "of the kernel and all its child processes"},
            [](const CellCost& cost) { return cost.summary.cpu_seconds; },
            &duration_text,
            6},
    Measure{{"Cores", "CPUs busy on average; the bar: of the CPUs there are"},
            [](const CellCost& cost) { return cost.summary.cores_used(); },
            [](double cores) { return base::fixed(cores, 2); },
            4},
    Measure{{"Peak", "the most memory that was in use"},
            [](const CellCost& cost) { return cost.peak_bytes; },
            &bytes_text},
    Measure{{"Kept", "memory at the end less memory at the start"},
            [](const CellCost& cost) { return cost.summary.memory_change_bytes; },
            &change_text},
    Measure{{"Read", "from storage"},
            [](const CellCost& cost) { return cost.summary.io_read_bytes; },
            &bytes_text,
            0,
            false},
    Measure{{"Written", "to storage"},
            [](const CellCost& cost) { return cost.summary.io_write_bytes; },
            &bytes_text,
            0,
            false},
    Measure{{"GPU", "how busy the GPUs were on average with what this kernel ran"},
            [](const CellCost& cost) { return cost.summary.gpu_utilization; },
            &percent_text,
            4,
            true,
            true},
    Measure{{"GPU peak", "the most memory in use on any one GPU"},
            [](const CellCost& cost) { return cost.summary.gpu_memory_peak_bytes; },
            &bytes_text,
            0,
            true,
            true},
    Measure{{"GPU energy", "of the whole cards that this kernel was on"},
            [](const CellCost& cost) { return cost.summary.gpu_energy_joules; },
            &energy_text,
            3,
            true,
            true},
};

// Whether the local date of the first start is not that of the last.
bool spans_days(std::span<const CellCost> costs) {
  constexpr size_t kDateLength = 10;
  return date_text(costs.front().cell->wall_start_ns).substr(0, kDateLength) !=
         date_text(costs.back().cell->wall_start_ns).substr(0, kDateLength);
}

void add_times(HistoryTable& table, std::span<const CellCost> costs) {
  table.columns = {{"Cell", "its number, as --cell takes it"},
                   {"Start", "by the local clock"},
                   {"Duration", "by the clock on the wall"},
                   {"Status", "how it ended", true}};
  const bool has_dates = spans_days(costs);
  int64_t longest_ns = 1;
  for (const CellCost& cost : costs) longest_ns = std::max(longest_ns, cost.cell->duration_ns());
  for (const CellCost& cost : costs) {
    const cells::Cell& cell = *cost.cell;
    const double share = static_cast<double>(cell.duration_ns()) / static_cast<double>(longest_ns);
    table.rows.push_back(
        {&cell,
         {{std::to_string(cell.index), "", {}},
          {has_dates ? date_text(cell.wall_start_ns) : clock_text(cell.wall_start_ns),
           base::fixed(base::seconds(cell.wall_start_ns), 3),
           {}},
          {duration_text(base::seconds(cell.duration_ns())),
           base::fixed(base::seconds(cell.duration_ns()), 6), share},
          {std::string(cells::status_name(cell.status)), "", {}}}});
  }
}

void add_measure(HistoryTable& table, std::span<const CellCost> costs, const Measure& measure) {
  double largest = 0;
  bool is_said = false;
  for (const CellCost& cost : costs) {
    const auto value = measure.value(cost);
    if (!value) continue;
    is_said = is_said || measure.is_shown_if_zero || *value != 0;
    largest = std::max(largest, measure.column.heading == "Cores" ? cost.summary.cpus
                                : measure.column.heading == "GPU" ? 1.0
                                                                  : *value);
  }
  if (!is_said && !measure.is_shown_if_zero) return;
  table.columns.push_back(measure.column);
  for (size_t row = 0; row < costs.size(); ++row) {
    const auto value = measure.value(costs[row]);
    HistoryField field{std::string(kAbsentText), "", {}};
    if (value) {
      field = {measure.text(*value), base::fixed(*value, measure.decimals), {}};
      if (largest > 0) field.share = std::clamp(*value / largest, 0.0, 1.0);
    }
    table.rows[row].fields.push_back(std::move(field));
  }
}

}  // namespace

HistoryTable history_table(std::span<const CellCost> costs, size_t most_rows) {
  HistoryTable table;
  if (costs.empty()) return table;
  const size_t all = costs.size();
  costs = costs.last(std::min(all, most_rows));
  if (costs.size() < all) {
    table.note = "the last " + std::to_string(costs.size()) + " of " + base::count_of(all, "cell") +
                 ": %perfmonitor_export_cell_history cells.csv writes all of them";
  }
  add_times(table, costs);
  const bool with_gpus = analysis::have_gpus(costs);
  for (const Measure& measure : kMeasures) {
    if (!measure.is_of_gpus || with_gpus) add_measure(table, costs, measure);
  }
  return table;
}

std::string_view first_line(std::string_view source) {
  source = base::trim(source);
  return base::trim(base::next_line(source));
}

}  // namespace jumper::report
