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

namespace jumper::store {

// A fixed number of rows. Columns lie one behind the other in one block.
struct Chunk {
  static constexpr size_t kRows = 4096;

  Chunk(std::shared_ptr<const metric::Schema> chunk_schema, size_t first)
      : schema(std::move(chunk_schema)),
        first_row(first),
        times_ns(std::make_unique_for_overwrite<int64_t[]>(kRows)),
        kinds(std::make_unique_for_overwrite<metric::TickKind[]>(kRows)),
        values(std::make_unique_for_overwrite<double[]>(kRows * schema->size())) {}

  [[nodiscard]] const double* column(size_t index) const { return values.get() + index * kRows; }
  [[nodiscard]] double* column(size_t index) { return values.get() + index * kRows; }

  std::shared_ptr<const metric::Schema> schema;
  size_t first_row;
  std::unique_ptr<int64_t[]> times_ns;
  std::unique_ptr<metric::TickKind[]> kinds;
  std::unique_ptr<double[]> values;
};

// Rows [begin, end) of a snapshot.
struct RowRange {
  size_t begin = 0;
  size_t end = 0;

  bool operator==(const RowRange&) const = default;
  [[nodiscard]] size_t size() const { return end - begin; }
  [[nodiscard]] bool empty() const { return begin >= end; }
};

class Snapshot {
 public:
  // A run of rows that lie in one chunk. `values` is empty where the chunk has no such series.
  struct Part {
    size_t first_row = 0;
    std::span<const int64_t> times_ns;
    std::span<const metric::TickKind> kinds;
    std::span<const double> values;
  };

  Snapshot() = default;
  Snapshot(std::vector<std::shared_ptr<const Chunk>> chunks, std::vector<size_t> ends)
      : chunks_(std::move(chunks)), ends_(std::move(ends)) {}

  [[nodiscard]] size_t rows() const { return ends_.empty() ? 0 : ends_.back(); }
  [[nodiscard]] bool empty() const { return rows() == 0; }
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

  // Calls visit(Part) for each run of rows in one chunk.
  template <typename Visit>
  void for_each_part(const metric::SeriesKey& key, RowRange range, Visit visit) const {
    for (size_t row = range.begin; row < range.end;) {
      const size_t at = chunk_of(row);
      const Chunk& chunk = *chunks_[at];
      const size_t offset = row - chunk.first_row;
      const size_t count = std::min(ends_[at], range.end) - row;
      Part part{row, {chunk.times_ns.get() + offset, count}, {chunk.kinds.get() + offset, count}, {}};
      if (const auto column = chunk.schema->find(key)) part.values = {chunk.column(*column) + offset, count};
      visit(part);
      row += count;
    }
  }

 private:
  [[nodiscard]] size_t chunk_of(size_t row) const;

  std::vector<std::shared_ptr<const Chunk>> chunks_;
  std::vector<size_t> ends_;  // one past the last row of each chunk
};

}  // namespace jumper::store
