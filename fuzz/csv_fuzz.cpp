// SPDX-License-Identifier: BSD-3-Clause
// A table may come from anyone: every row has as many fields as there are columns, or is an error.
#include "jumper/session/csv_reader.h"

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jumper::fuzz::require;
  constexpr jumper::session::CsvLimits kLimits = {
      .most_columns = 50, .most_rows = 1000, .most_field_bytes = 1000};
  auto reader = jumper::session::CsvReader::open(jumper::fuzz::as_text(data, size), kLimits);
  if (!reader) {
    require(reader.error().message.find('\n') == std::string::npos);
    return 0;
  }
  size_t line = reader->line();
  for (;;) {
    const auto has_row = reader->next();
    require(has_row || has_row.error().message.find('\n') == std::string::npos);
    if (!has_row || !*has_row) return 0;
    require(reader->line() > line);
    line = reader->line();
    for (size_t i = 0; i < reader->names().size(); ++i) {
      require(reader->field(i).size() <= kLimits.most_field_bytes);
      (void)reader->number(i);
    }
  }
}
