// SPDX-License-Identifier: BSD-3-Clause
// Reads several series of a snapshot side by side, run by run of rows in one chunk. Rows of a
// sealed chunk are decoded when they are asked for, and once: what follows in the same chunk,
// another series or the next cell, finds its times and kinds there. Of one thread; memory for one
// chunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "jumper/metric/sample.h"
#include "jumper/store/chunk_list.h"
#include "jumper/store/row_range.h"

namespace jumper::store {

class Snapshot;

class ColumnReader {
 public:
  // The snapshot must outlive the reader.
  ColumnReader(const Snapshot& snapshot, const std::vector<metric::SeriesKey>& keys);

  // Moves to the rows of the range that lie in the chunk of its first row, and tells which. The
  // range must not be empty, nor reach beyond the snapshot.
  RowRange move_to(RowRange range);

  // Of the rows moved to, valid until the next move.
  [[nodiscard]] std::span<const int64_t> times_ns();
  [[nodiscard]] std::span<const metric::TickKind> kinds();
  [[nodiscard]] bool has_start();
  // Of the key of that number; empty where the chunk has no such series.
  [[nodiscard]] std::span<const double> values(size_t key);
  // True where the values are known to be whole numbers of at most 2^53, absent ones aside: sums
  // and differences of them are exact then, in any order.
  [[nodiscard]] bool is_whole(size_t key);
  [[nodiscard]] uint32_t keeps_every() const { return chunk_ ? chunk_->keeps_every : 1; }

 private:
  // Decoded rows [begin, end) of the chunk, each at its own place.
  template <typename Value>
  struct Decoded {
    std::unique_ptr<Value[]> rows;
    RowRange range;
  };
  struct Column {
    metric::SeriesKey key;
    std::optional<size_t> index;  // in the schema
    Decoded<double> values;
  };

  void enter(const SealedChunk* chunk, const metric::Schema& schema);
  template <typename Value, typename Copy>
  [[nodiscard]] std::span<const Value> decoded(Decoded<Value>& kept, Copy copy);

  const Snapshot& snapshot_;
  const SealedChunk* chunk_ = nullptr;  // null: the open one
  const metric::Schema* schema_ = nullptr;
  RowRange rows_;  // moved to, counted within the chunk
  ChunkList::Place place_;
  Decoded<int64_t> times_ns_;
  Decoded<metric::TickKind> kinds_;
  std::vector<Column> columns_;
};

}  // namespace jumper::store
