// SPDX-License-Identifier: BSD-3-Clause
// Writes a session down while it is measured: every tick and every edge of a cell by one write(2),
// so that a process that is killed has lost nothing that was whole. What fails is told, and tried
// again later; measuring goes on meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "jumper/base/clock.h"
#include "jumper/base/fd.h"
#include "jumper/base/own_work.h"
#include "jumper/base/result.h"
#include "jumper/journal/compaction.h"
#include "jumper/journal/frame.h"
#include "jumper/journal/records.h"
#include "jumper/journal/tick_codec.h"

namespace jumper::journal {

struct WriterOptions {
  // Beyond this the older half of the file is thinned.
  uint64_t max_bytes = uint64_t{256} << 20;
  // So often a header is repeated, from which a reader can start.
  uint64_t key_bytes = uint64_t{256} << 10;
  bool keeps_source = true;  // of cells; they may hold secrets
};

// Where a journal goes that is no file.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // 0, or the errno of what went wrong.
  [[nodiscard]] virtual int write(std::string_view bytes) = 0;
};

// Safe to call from any thread.
class Writer final : public metric::TickSink {
 public:
  // `file` is open for reading and appending, or a pipe; `path` is its name, for thinning and for
  // what is said of it. The clock must outlive the writer.
  // `count`, where given, is told what is written; it must outlive the writer, too.
  Writer(base::UniqueFd file, std::string path, const WriterOptions& options,
         const base::Clock& clock, base::OwnWork* count = nullptr);

  // Into `out`, which must outlive the writer, too.
  Writer(ByteSink& out, const WriterOptions& options, const base::Clock& clock);

  // What the next header says; to be given before the first tick of each start.
  void set_facts(const Facts& facts);
  void begin(const std::shared_ptr<const metric::Schema>& schema) override;
  void append(const metric::Tick& tick) override;

  // With what the monitor did so far.
  void begin_cell(const cells::Cell& cell, const sampler::SamplerStats& stats);
  void end_cell(const cells::Cell& cell, const sampler::SamplerStats& stats);
  void discard_cell(size_t index);
  // A cell that is over, from before the journal was begun.
  void add_cell(const cells::Cell& cell);
  void stop(const Moment& moment, const sampler::SamplerStats& stats);
  void end(const Moment& moment);
  // A header will stand before what comes next: somebody starts reading there.
  void repeat_header();
  // A frame that others made.
  void put(FrameType type, std::string_view payload);

  // Where writing fails: why. An error that is over is not told any more.
  [[nodiscard]] base::Status status() const;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] uint64_t bytes() const;
  // Stays the same, also when the file is thinned; of the writer.
  [[nodiscard]] int fd() const { return file_.get(); }

 private:
  void flush();
  [[nodiscard]] ssize_t write_out();
  [[nodiscard]] bool may_write();
  void count_write(uint64_t bytes);
  void put_header();
  void compact();

  const WriterOptions options_;
  const base::Clock& clock_;
  const std::string path_;
  const base::UniqueFd file_;
  ByteSink* const out_ = nullptr;  // instead of the file
  base::OwnWork* const count_ = nullptr;

  mutable std::mutex mutex_;  // guards all below
  Facts facts_;
  std::shared_ptr<const metric::Schema> schema_;
  TickEncoder encoder_;
  bool needs_key_ = true;
  std::string open_cell_;  // the payload that tells of it, again behind each header; empty: none
  std::string buffer_;     // what is written next
  std::string payload_;    // of one frame; kept for its memory
  uint64_t bytes_ = 0;     // of the file
  uint64_t bytes_since_key_ = 0;
  bool is_stored_ = false;     // the file system keeps it on storage, not in memory
  int64_t page_dirty_ns_ = 0;  // since when the file's last page waits to be stored
  std::optional<base::Error> failure_;
  int64_t next_try_ns_ = 0;
  std::unique_ptr<Compaction> compaction_;  // while one is going on
  uint64_t next_compaction_bytes_ = 0;
};

}  // namespace jumper::journal
