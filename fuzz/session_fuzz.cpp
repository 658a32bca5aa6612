// SPDX-License-Identifier: BSD-3-Clause
// The files of an exported session may come from anyone: what is read of them is sensible.
#include <cmath>

#include "jumper/metric/sample.h"
#include "jumper/session/cell_rows.h"
#include "jumper/session/level_rows.h"
#include "jumper/session/manifest.h"
#include "target.h"

namespace {

using jumper::fuzz::require;

void require_one_line(const jumper::base::Error& error) {
  require(!error.message.empty() && error.message.find('\n') == std::string::npos);
}

void check_cells(const jumper::base::Result<jumper::session::CellRows>& rows) {
  if (!rows) return require_one_line(rows.error());
  int64_t end_ns = 0;
  for (const auto& cell : rows->cells) {
    require(cell->start_ns >= end_ns && cell->end_ns >= cell->start_ns);
    end_ns = cell->end_ns;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = jumper::fuzz::as_text(data, size);
  const auto manifest = jumper::session::read_manifest(text);
  if (!manifest) require_one_line(manifest.error());
  check_cells(jumper::session::cells_from_csv(text, 5));
  check_cells(jumper::session::cells_from_json(text, std::nullopt));
  const auto rows = jumper::session::level_rows_from_csv(text, jumper::metric::Scope::kSystem, 2);
  if (!rows) {
    require_one_line(rows.error());
    return 0;
  }
  for (size_t i = 1; i < rows->times_ns.size(); ++i)
    require(rows->times_ns[i] > rows->times_ns[i - 1]);
  for (const auto& series : rows->series) {
    require(series.values.size() == rows->times_ns.size());
    for (const double value : series.values)
      require(jumper::metric::is_absent(value) || (value >= 0 && value == std::floor(value)));
  }
  return 0;
}
