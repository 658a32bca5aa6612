// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/csv_table.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "jumper/base/fd.h"
#include "jumper/base/text.h"
#include "jumper/session/csv_reader.h"
#include "jumper/session/session_files.h"

namespace jumper::session {
namespace {

constexpr size_t kShownPathColumns = 200;

bool is_among(std::span<const std::string> names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Calls visit(row) for each row, with the reader at it; the first error ends that.
template <typename Visit>
base::Status for_each_row(std::string_view text, Visit visit) {
  auto reader = CsvReader::open(text);
  if (!reader) return reader.error();
  for (;;) {
    const auto has_row = reader->next();
    if (!has_row) return has_row.error();
    if (!*has_row) return base::Done{};
    if (auto visited = visit(*reader); !visited) return visited;
  }
}

base::Result<std::vector<CsvColumn>> columns_of(std::string_view text,
                                                std::span<const std::string> texts,
                                                std::span<const std::string> numbers) {
  const auto head = CsvReader::open(text);
  if (!head) return head.error();
  std::vector<CsvColumn> columns;
  for (const std::string& name : head->names())
    columns.push_back({name, is_among(texts, name), {}, {}});
  // First which columns are text, then what they hold.
  auto done = for_each_row(text, [&](const CsvReader& reader) -> base::Status {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].is_text) continue;
      const auto number = reader.number(i);
      if (!number && is_among(numbers, columns[i].name)) return number.error();
      columns[i].is_text = !number;
    }
    return base::Done{};
  });
  if (!done) return done.error();
  done = for_each_row(text, [&](const CsvReader& reader) -> base::Status {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].is_text) {
        columns[i].texts.push_back(base::valid_utf8(reader.field(i)));
      } else {
        columns[i].numbers.push_back(*reader.number(i));
      }
    }
    return base::Done{};
  });
  if (!done) return done.error();
  for (CsvColumn& column : columns) column.name = base::valid_utf8(column.name);
  return columns;
}

}  // namespace

base::Result<std::vector<CsvColumn>> read_csv_table(const std::string& path,
                                                    std::span<const std::string> texts,
                                                    std::span<const std::string> numbers) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) {
    return base::errno_error("cannot read", base::one_line(path, kShownPathColumns), errno);
  }
  const auto text = read_bounded(fd.get(), path, kMostFileBytes);
  if (!text) return text.error();
  auto columns = columns_of(*text, texts, numbers);
  if (columns) return columns;
  return base::bad_input("'" + base::one_line(path, kShownPathColumns) +
                         "' is not a CSV table: " + columns.error().message);
}

}  // namespace jumper::session
