// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cells/range.h"

#include <cstdint>
#include <optional>
#include <string>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"

namespace jumper::cells {
namespace {

std::string valid_cells(size_t count) {
  if (count == 1) return "there is one cell so far: 0";
  return "valid cells are 0 to " + std::to_string(count - 1);
}

base::Error wrong(std::string_view text, std::string_view why, size_t count) {
  std::string message = "cell range '" + base::one_line(text, 40) + "' ";
  message += why;
  message += "; " + valid_cells(count) + " (write 5, 2:8, :5, 3: or -3:-1)";
  return base::bad_input(std::move(message));
}

// A cell number counted from the end becomes one counted from the start; it may lie outside.
std::optional<int64_t> parse_index(std::string_view text, size_t count) {
  text = base::trim(text);
  const bool has_plus = text.starts_with('+');
  if (has_plus) text.remove_prefix(1);
  const auto number = base::parse_number<int64_t>(text);
  if (!number || (has_plus && text.starts_with('-'))) return std::nullopt;
  return *number < 0 ? *number + static_cast<int64_t>(count) : *number;
}

}  // namespace

base::Result<CellRange> parse_range(std::string_view text, size_t count) {
  if (count == 0)
    return base::bad_input("no cell has finished yet, so there is no range to choose from");
  const std::string_view trimmed = base::trim(text);
  if (trimmed.empty()) return wrong(text, "is empty", count);

  std::string_view from = trimmed;
  std::string_view to = trimmed;
  if (const size_t colon = trimmed.find(':'); colon != std::string_view::npos) {
    from = base::trim(trimmed.substr(0, colon));
    to = base::trim(trimmed.substr(colon + 1));
  }
  const auto last_cell = static_cast<int64_t>(count) - 1;
  const auto first = from.empty() ? std::optional<int64_t>(0) : parse_index(from, count);
  const auto last = to.empty() ? std::optional<int64_t>(last_cell) : parse_index(to, count);
  if (!first || !last)
    return wrong(text, "is not a cell number or two of them with a colon", count);
  if (*first < 0 || *last < 0) return wrong(text, "begins before the first cell", count);
  if (*first > last_cell || *last > last_cell) return wrong(text, "goes past the last cell", count);
  if (*first > *last) return wrong(text, "ends before it begins", count);
  return CellRange{static_cast<size_t>(*first), static_cast<size_t>(*last)};
}

}  // namespace jumper::cells
