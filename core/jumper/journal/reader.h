// SPDX-License-Identifier: BSD-3-Clause
// Reads a journal back: the samples and cells it has, whole to the last tick that was written,
// whatever happened to its end. Files come from outside, and are taken for hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/journal/frame.h"
#include "jumper/journal/recording.h"
#include "jumper/journal/records.h"
#include "jumper/journal/signal_frame.h"
#include "jumper/journal/vitals.h"

namespace jumper::journal {

// How a journal ends.
struct Ending {
  // True when it was stopped or ended on purpose, and nothing came after.
  bool is_clean = false;
  std::optional<size_t> open_cell;  // the place among the cells of the one that was running
  int64_t last_ns = 0;              // of what was written last
  // What the process got last, unless more followed than its other threads can have written until
  // it was gone: then it has survived that.
  std::optional<SignalWords> signal;
  std::optional<Vitals> vitals;  // the last ones
  std::vector<Note> notes;
};

struct Journal {
  Recording recording;
  Ending ending;
  size_t skipped_bytes = 0;  // that belong to no whole frame
  bool has_gap = false;      // some of them in the middle
};

struct ReadOptions {
  // The process that writes it is alive: the open cell is running, not killed.
  bool is_live = false;
  // Not 0: of a larger file only about so much of its end is read, and cells keep the numbers that
  // they had: enough to tell how it ended.
  size_t end_bytes = 0;
};

inline constexpr size_t kMostJournalBytes = size_t{1} << 30;

// What the bytes hold; an error where not even one header is whole, or of a newer format.
[[nodiscard]] base::Result<Journal> read_journal(std::string_view bytes,
                                                 const ReadOptions& options = {});
[[nodiscard]] base::Result<Journal> read_journal_file(const std::string& path,
                                                      const ReadOptions& options = {});
// The first header alone: quick.
[[nodiscard]] base::Result<Header> read_journal_header(const std::string& path);

// Whether the last frame is one that ends a session or stops monitoring. Reads the end of the file
// alone; where that has anything else, reading all of it may still tell otherwise.
[[nodiscard]] bool ends_on_purpose(const std::string& path);

// A recording as a journal.
[[nodiscard]] std::string to_journal(const Recording& recording);

}  // namespace jumper::journal
