// SPDX-License-Identifier: BSD-3-Clause
// A journal may come from anyone, and be damaged in any way; what is read from one is in order, and
// can be written and read again.
#include "jumper/journal/reader.h"

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jumper::fuzz::require;
  namespace journal = jumper::journal;
  const std::string_view bytes = jumper::fuzz::as_text(data, size);
  const auto read = journal::read_journal(bytes);
  if (!read) {
    require(read.error().message.find('\n') == std::string::npos);
    return 0;
  }
  require(read->skipped_bytes <= size);
  const auto& samples = read->recording.samples;
  for (size_t row = 1; row < samples.rows(); ++row)
    require(samples.time_ns(row - 1) < samples.time_ns(row));
  const auto& cells = read->recording.cells;
  for (size_t i = 0; i < cells.size(); ++i) {
    require(cells[i]->index == i);
    require(cells[i]->end_ns >= cells[i]->start_ns);
  }
  const auto again = journal::read_journal(journal::to_journal(read->recording));
  require(again.ok());
  require(again->recording.samples.rows() == samples.rows());
  require(again->recording.cells.size() == cells.size());
  return 0;
}
