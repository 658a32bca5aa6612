// SPDX-License-Identifier: BSD-3-Clause
// The rows of a sealed chunk: times, kinds and columns, encoded without loss. Immutable. A time, a
// kind and a row by time are found without decoding more than 64 rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "jumper/store/column_codec.h"
#include "jumper/store/presence.h"

namespace jumper::store {

class EncodedRows {
 public:
  [[nodiscard]] size_t size() const { return rows_; }

  [[nodiscard]] int64_t time_ns(size_t row) const;
  [[nodiscard]] metric::TickKind kind(size_t row) const;
  // Absent where not measured.
  [[nodiscard]] double value(size_t column, size_t row) const;
  // The first row at or after `time_ns`.
  [[nodiscard]] size_t lower_bound(int64_t time_ns) const;

  // Whether one of rows [from, to) is of the kind.
  [[nodiscard]] bool has_kind(metric::TickKind kind, size_t from, size_t to) const;

  // Rows [from, to), to out[0] and on.
  void copy_times(size_t from, size_t to, int64_t* out) const;
  void copy_kinds(size_t from, size_t to, metric::TickKind* out) const;
  void copy_column(size_t column, size_t from, size_t to, double* out) const;

  // True where the column has nothing but whole numbers of at most 2^53 and absent values.
  [[nodiscard]] bool is_whole(size_t column) const;

  [[nodiscard]] size_t heap_bytes() const;

 private:
  friend class RowsEncoder;

  struct TimeBlock {  // kBlockRows of them
    int64_t first_ns = 0;
    uint32_t offset = 0;  // into codes_.bytes: the steps from each to the next
  };
  struct KindRun {
    uint16_t end = 0;  // one past its last row
    metric::TickKind kind = metric::TickKind::kPeriodic;
  };

  size_t rows_ = 0;
  std::vector<TimeBlock> time_blocks_;
  std::vector<KindRun> kind_runs_;
  PresencePatterns patterns_;
  std::vector<ColumnCode> columns_;
  CodeStore codes_;
};

// Makes them. Its buffers are kept from one chunk to the next.
class RowsEncoder {
 public:
  void begin(std::span<const int64_t> times_ns, std::span<const metric::TickKind> kinds,
             size_t columns);
  void add(const DenseColumn& column) {
    rows_.columns_.push_back(encoder_.encode(column.values, rows_.codes_));
    rows_.columns_.back().presence = column.presence;
  }
  [[nodiscard]] EncodedRows finish(const PresencePatterns& patterns);

 private:
  void put_times(std::span<const int64_t> times_ns);
  void put_kinds(std::span<const metric::TickKind> kinds);

  EncodedRows rows_;
  ColumnEncoder encoder_;
};

}  // namespace jumper::store
