// SPDX-License-Identifier: BSD-3-Clause
// Reads CSV (RFC 4180) row by row, whoever wrote it: fields in quotes, line ends of any kind and a
// byte order mark are taken; what is not a table is an error that says in which line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"

namespace jumper::session {

struct CsvLimits {
  size_t most_columns = 10'000;
  size_t most_rows = 20'000'000;
  size_t most_field_bytes = size_t{16} << 20;
};

class CsvReader {
 public:
  // `text` outlives the reader. Its first row names the columns; each name comes once.
  static base::Result<CsvReader> open(std::string_view text, const CsvLimits& limits = {});

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::optional<size_t> column(std::string_view name) const;

  // Goes to the next row; false at the end. Lines with nothing in them are passed over.
  [[nodiscard]] base::Result<bool> next();
  // Of the row it is at; as many as there are names.
  [[nodiscard]] const std::string& field(size_t column) const { return fields_[column]; }
  // Where the row begins; the first line is 1.
  [[nodiscard]] size_t line() const { return row_line_; }
  // The field as a number; absent (NaN) where it is empty or not finite.
  [[nodiscard]] base::Result<double> number(size_t column) const;

 private:
  CsvReader(std::string_view text, const CsvLimits& limits) : left_(text), limits_(limits) {}

  [[nodiscard]] base::Result<bool> read_row();
  [[nodiscard]] const char* read_field(std::string& field);
  [[nodiscard]] const char* read_quoted(std::string& field);
  void end_line();
  [[nodiscard]] base::Error error(const std::string& what) const;

  std::string_view left_;
  CsvLimits limits_;
  std::vector<std::string> names_;
  std::vector<std::string> fields_;
  size_t count_ = 0;  // fields of this row
  size_t rows_ = 0;
  size_t line_ = 1;
  size_t row_line_ = 1;
};

}  // namespace jumper::session
