// SPDX-License-Identifier: BSD-3-Clause
// What the store held at one moment: rows of ticks in order of time, series as columns in chunks.
// The chunks are shared with the store, which only ever writes behind the rows a snapshot knows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "jumper/metric/sample.h"
#include "jumper/store/chunk.h"
#include "jumper/store/chunk_list.h"
#include "jumper/store/column_reader.h"
#include "jumper/store/row_range.h"

namespace jumper::store {

class Snapshot {
 public:
  // A run of rows that lie in one chunk. `values` is empty where the chunk has no such series. What
  // the spans show is valid while the part is visited, no longer: sealed chunks are decoded for the
  // visit.
  struct Part {
    size_t first_row = 0;
    std::span<const int64_t> times_ns;
    std::span<const metric::TickKind> kinds;
    std::span<const double> values;
    uint32_t keeps_every = 1;  // above 1, one of so many periodic rows is left (Store)
  };

  Snapshot() = default;
  Snapshot(ChunkList sealed, std::shared_ptr<const Chunk> open, size_t open_rows)
      : sealed_(std::move(sealed)), open_(std::move(open)), open_rows_(open_rows) {}

  [[nodiscard]] size_t rows() const { return sealed_.rows() + open_rows_; }
  [[nodiscard]] bool empty() const { return rows() == 0; }
  // One row at a time: fine for a few, for_each_part is for many.
  [[nodiscard]] int64_t time_ns(size_t row) const;
  [[nodiscard]] metric::TickKind kind(size_t row) const;
  // Absent when not measured in this row.
  [[nodiscard]] std::optional<double> value(const metric::SeriesKey& key, size_t row) const;

  // Every series that any row has, in the order of their first appearance.
  [[nodiscard]] std::vector<metric::SeriesKey> series() const;
  // The first row at or after / after `time_ns`.
  [[nodiscard]] size_t lower_bound(int64_t time_ns) const;
  [[nodiscard]] size_t upper_bound(int64_t time_ns) const;
  // Rows with from <= time <= to.
  [[nodiscard]] RowRange rows_between(int64_t from_ns, int64_t to_ns) const {
    return {lower_bound(from_ns), upper_bound(to_ns)};
  }
  // Up to here most periodic rows are gone, because memory ran short (Store).
  [[nodiscard]] std::optional<int64_t> thinned_until_ns() const;

  // Calls visit(Part) for each run of rows in one chunk. For several series, or no times, a
  // ColumnReader decodes less.
  template <typename Visit>
  void for_each_part(const metric::SeriesKey& key, RowRange range, Visit visit) const {
    ColumnReader reader(*this, {key});
    const size_t end = std::min(range.end, rows());
    for (size_t row = range.begin; row < end;) {
      const RowRange part = reader.move_to({row, end});
      visit(Part{part.begin, reader.times_ns(), reader.kinds(), reader.values(0),
                 reader.keeps_every()});
      row = part.end;
    }
  }

  // The chunks it is made of: sealed ones, then the first rows of the open one, if there is one.
  [[nodiscard]] const ChunkList& sealed() const { return sealed_; }
  [[nodiscard]] const std::shared_ptr<const Chunk>& open() const { return open_; }
  [[nodiscard]] size_t open_rows() const { return open_rows_; }

 private:
  ChunkList sealed_;
  std::shared_ptr<const Chunk> open_;  // null: none
  size_t open_rows_ = 0;
};

}  // namespace jumper::store
