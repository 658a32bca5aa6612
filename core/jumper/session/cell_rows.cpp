// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/cell_rows.h"

#include <array>
#include <memory>
#include <utility>

#include "jumper/base/json_reader.h"
#include "jumper/base/text.h"
#include "jumper/metric/sample.h"
#include "jumper/session/csv_reader.h"
#include "jumper/session/moment.h"

namespace jumper::session {
namespace {

// The numbers of one cell as a file has them; NaN where it has none.
struct CellTimes {
  double index = metric::kAbsent;
  double start = metric::kAbsent;
  double end = metric::kAbsent;
  double wall_start = metric::kAbsent;
  double wall_end = metric::kAbsent;
};
constexpr std::array<std::pair<std::string_view, double CellTimes::*>, 5> kTimes = {
    {{"cell_index", &CellTimes::index},
     {"start_time", &CellTimes::start},
     {"end_time", &CellTimes::end},
     {"wallclock_start_time", &CellTimes::wall_start},
     {"wallclock_end_time", &CellTimes::wall_end}}};
constexpr size_t kNeededTimes = 3;  // the first so many

std::optional<cells::CellStatus> find_status(std::string_view name) {
  using cells::CellStatus;
  for (const CellStatus status :
       {CellStatus::kRunning, CellStatus::kOk, CellStatus::kError, CellStatus::kInterrupted}) {
    if (name == cells::status_name(status)) return status;
  }
  return std::nullopt;
}

// Puts cells together; each gives what is wrong with it, or nothing.
class Collector {
 public:
  explicit Collector(std::optional<int64_t> wall_minus_monotonic_ns)
      : wall_offset_ns_(wall_minus_monotonic_ns) {}

  std::string_view add(const CellTimes& times, std::string_view source,
                       const std::vector<std::string>& magics, std::string_view status) {
    const auto start_ns = to_nanos(times.start);
    const auto end_ns = to_nanos(times.end);
    if (!start_ns || !end_ns) return "a cell has no sensible start_time and end_time";
    if (*end_ns < *start_ns) return "a cell ends before it starts";
    cells::CellList& cells = rows_.cells;
    if (!cells.empty() && *start_ns < cells.back()->end_ns)
      return "a cell starts before the one before it ended: these are not the cells of one session";
    auto cell = std::make_shared<cells::Cell>();
    cell->index = cells.size();
    if (times.index != static_cast<double>(cells.size())) rows_.were_renumbered = true;
    cell->source = base::valid_utf8(source);
    for (const std::string& magic : magics) cell->magics.push_back(base::valid_utf8(magic));
    cell->start_ns = *start_ns;
    cell->end_ns = *end_ns;
    cell->wall_start_ns =
        to_nanos(times.wall_start).value_or(*start_ns + wall_offset_ns_.value_or(0));
    cell->wall_end_ns =
        to_nanos(times.wall_end).value_or(cell->wall_start_ns + cell->duration_ns());
    const auto known = find_status(status);
    rows_.has_status = rows_.has_status || known.has_value();
    cell->status = known.value_or(cells::CellStatus::kOk);
    cells.push_back(std::move(cell));
    return "";
  }
  CellRows take() { return std::move(rows_); }

 private:
  std::optional<int64_t> wall_offset_ns_;
  CellRows rows_;
};

base::Error wrong(std::string_view file, const std::string& what) {
  return base::bad_input(std::string(file) + ": " + what);
}

std::string missing_columns(const std::vector<std::string_view>& names) {
  std::string text = "it lacks the columns ";
  for (size_t i = 0; i < names.size(); ++i) text += (i > 0 ? ", " : "") + std::string(names[i]);
  return text;
}

}  // namespace

base::Result<CellRows> cells_from_csv(std::string_view text,
                                      std::optional<int64_t> wall_minus_monotonic_ns) {
  constexpr std::string_view kFile = "cell_history.csv";
  auto reader = CsvReader::open(text);
  if (!reader) return wrong(kFile, reader.error().message);
  std::array<std::optional<size_t>, kTimes.size()> columns;
  for (size_t i = 0; i < kTimes.size(); ++i) columns.at(i) = reader->column(kTimes.at(i).first);
  if (!columns[0]) columns[0] = reader->column("index");  // as its first versions called it
  const auto source = reader->column("raw_cell");
  const auto magics = reader->column("cell_magics");
  const auto status = reader->column("status");
  std::vector<std::string_view> missing;
  for (size_t i = 0; i < kNeededTimes; ++i) {
    if (!columns.at(i)) missing.push_back(kTimes.at(i).first);
  }
  if (!source) missing.emplace_back("raw_cell");
  if (!missing.empty()) return wrong(kFile, missing_columns(missing));
  Collector cells(wall_minus_monotonic_ns);
  for (;;) {
    const auto has_row = reader->next();
    if (!has_row) return wrong(kFile, has_row.error().message);
    if (!*has_row) return cells.take();
    CellTimes times;
    for (size_t i = 0; i < kTimes.size(); ++i) {
      if (!columns.at(i)) continue;
      const auto number = reader->number(*columns.at(i));
      if (!number) return wrong(kFile, number.error().message);
      times.*kTimes.at(i).second = *number;
    }
    const std::string_view problem =
        cells.add(times, reader->field(*source),
                  magics ? python_strings(reader->field(*magics)) : std::vector<std::string>(),
                  status ? std::string_view(reader->field(*status)) : "");
    if (!problem.empty())
      return wrong(kFile, "line " + std::to_string(reader->line()) + ": " + std::string(problem));
  }
}

base::Result<CellRows> cells_from_json(std::string_view text,
                                       std::optional<int64_t> wall_minus_monotonic_ns) {
  constexpr std::string_view kFile = "cell_history.json";
  const auto document = base::parse_json(text);
  if (!document) return wrong(kFile, document.error().message);
  if (!document->is_array()) return wrong(kFile, "it is no list of cells");
  Collector cells(wall_minus_monotonic_ns);
  for (const base::Json& record : document->items) {
    const std::string where = "cell " + std::to_string(&record - document->items.data()) + ": ";
    CellTimes times;
    for (size_t i = 0; i < kTimes.size(); ++i) {
      const auto& [name, member] = kTimes.at(i);
      const base::Json* value = &record.at(name);
      if (i == 0 && value->is_null()) value = &record.at("index");
      if (!value->is_null() && !value->is_number())
        return wrong(kFile, where + "'" + std::string(name) + "' should be a number");
      if (value->is_number()) times.*member = value->number;
    }
    const base::Json& source = record.at("raw_cell");
    if (!source.is_text()) return wrong(kFile, where + "'raw_cell' should be text");
    std::vector<std::string> magics;
    for (const base::Json& magic : record.at("cell_magics").items) magics.push_back(magic.text);
    const std::string_view problem =
        cells.add(times, source.text, magics, record.at("status").text);
    if (!problem.empty()) return wrong(kFile, where + std::string(problem));
  }
  return cells.take();
}

}  // namespace jumper::session
