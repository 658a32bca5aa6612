// SPDX-License-Identifier: BSD-3-Clause
// A CSV file as columns: numbers where they are, text elsewhere.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "jumper/base/result.h"

namespace jumper::session {

struct CsvColumn {
  std::string name;
  bool is_text = false;
  std::vector<double> numbers;     // NaN where there is none; of a column that is no text
  std::vector<std::string> texts;  // UTF-8; of a column that is one
};

// Columns named in `texts` are text whatever they hold, those in `numbers` must be numbers, and any
// other is text where it is not all numbers. The error is one line that says where it is wrong.
[[nodiscard]] base::Result<std::vector<CsvColumn>> read_csv_table(
    const std::string& path, std::span<const std::string> texts,
    std::span<const std::string> numbers);

}  // namespace jumper::session
