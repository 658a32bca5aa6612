// SPDX-License-Identifier: BSD-3-Clause
// Performance data and cell history as CSV and JSON, with the columns of JUmPER's contract.
#pragma once

#include <span>
#include <string>

#include "jumper/analysis/cell_cost.h"
#include "jumper/analysis/perf_table.h"
#include "jumper/base/result.h"

namespace jumper::session {

enum class FileFormat {
  kCsv,
  kJson,
  kTrace,  // .trace.json: of performance data, see trace.h
};

// By the suffix of the file's name; the error names the suffixes there are.
[[nodiscard]] base::Result<FileFormat> format_of(std::string_view path);

// Absent values are empty in CSV and null in JSON. Where the rows are of nodes, the first column is
// "node".
[[nodiscard]] std::string to_csv(const analysis::PerfTable& table);
[[nodiscard]] std::string to_json(const analysis::PerfTable& table);

[[nodiscard]] std::string history_to_csv(std::span<const analysis::CellCost> costs);
[[nodiscard]] std::string history_to_json(std::span<const analysis::CellCost> costs);

[[nodiscard]] base::Status export_perf(const std::string& path, const analysis::PerfTable& table);
// The same with the cells, which a trace shows; other formats have no place for them.
[[nodiscard]] base::Status export_perf(const std::string& path, const analysis::PerfTable& table,
                                       std::span<const analysis::CellCost> costs,
                                       metric::Scope level);
[[nodiscard]] base::Status export_history(const std::string& path,
                                          std::span<const analysis::CellCost> costs);

}  // namespace jumper::session
