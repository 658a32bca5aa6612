// SPDX-License-Identifier: BSD-3-Clause
// Makes a journal that became too large smaller: the ticks of its older half are thinned, the rest
// stays as it is. In small steps, while the journal is being written; the thinner copy takes its
// place at the end, so that a journal is whole at any time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/fd.h"
#include "jumper/base/result.h"
#include "jumper/journal/frame.h"
#include "jumper/journal/records.h"
#include "jumper/journal/tick_codec.h"

namespace jumper::journal {

class Compaction {
 public:
  // Of the journal open as `file`, which now has so many bytes. An error where no copy can be made.
  static base::Result<std::unique_ptr<Compaction>> begin(int file, const std::string& path,
                                                         uint64_t bytes, uint64_t key_bytes);
  ~Compaction();
  Compaction(const Compaction&) = delete;
  Compaction& operator=(const Compaction&) = delete;

  // Goes on; true when the copy has all of the journal, which has so many bytes by now.
  base::Result<bool> step(uint64_t bytes);
  // Puts the copy in the place of the journal, and lets `file` be the copy: the number of the
  // descriptor stays. Returns the size; none where that failed and the journal is as it was.
  std::optional<uint64_t> replace(int file);

 private:
  // Of so many periodic ticks in a row, the first and those where the process's memory is lowest
  // and highest are kept; edges of cells always.
  static constexpr size_t kGroup = 16;

  struct Row {
    int64_t time_ns = 0;
    metric::TickKind kind = metric::TickKind::kPeriodic;
    std::vector<double> values;
  };

  Compaction(int file, base::UniqueFd copy, std::string path, uint64_t bytes, uint64_t key_bytes);
  void take(const Frame& frame, uint64_t at);
  void take_tick(const Frame& frame, bool thins);
  void put_group();
  void put_row(const Row& row);
  void put_key();
  [[nodiscard]] base::Status write_out();

  const int file_;
  base::UniqueFd copy_;
  const std::string path_;  // of the copy
  const std::string journal_path_;
  const uint64_t thin_until_;
  const uint64_t key_bytes_;
  uint64_t read_ = 0;   // of the journal
  std::string unread_;  // what was read and is no whole frame yet
  std::string header_;  // the payload of the last one
  size_t memory_series_ = 0;
  TickDecoder decoder_;
  TickEncoder encoder_;
  bool has_key_ = false;  // the copy: one that the coming ticks can follow
  bool can_decode_ = false;
  std::vector<Row> group_;
  std::string out_;
  uint64_t since_key_ = 0;
  uint64_t written_ = 0;
};

}  // namespace jumper::journal
