// SPDX-License-Identifier: BSD-3-Clause
// Rows as they are appended: a fixed number, each series a plain array of doubles. The newest chunk
// of a store is of this kind; once it is full it is sealed (sealed_chunk.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "jumper/metric/sample.h"

namespace jumper::store {

// The last value of a series before a chunk begins: what the chunk's first rate reaches back to.
// Absent where there is none, or where the monitor was restarted since.
struct Carry {
  double value = metric::kAbsent;
  int64_t time_ns = 0;
};

// Columns lie one behind the other in one block.
struct Chunk {
  static constexpr size_t kRows = 4096;

  Chunk(std::shared_ptr<const metric::Schema> chunk_schema, std::vector<Carry> carries)
      : schema(std::move(chunk_schema)),
        before(std::move(carries)),
        times_ns(std::make_unique_for_overwrite<int64_t[]>(kRows)),
        kinds(std::make_unique_for_overwrite<metric::TickKind[]>(kRows)),
        values(std::make_unique_for_overwrite<double[]>(kRows * schema->size())) {}

  [[nodiscard]] const double* column(size_t index) const { return values.get() + index * kRows; }
  [[nodiscard]] double* column(size_t index) { return values.get() + index * kRows; }

  std::shared_ptr<const metric::Schema> schema;
  std::vector<Carry> before;  // one per series
  std::unique_ptr<int64_t[]> times_ns;
  std::unique_ptr<metric::TickKind[]> kinds;
  std::unique_ptr<double[]> values;
};

}  // namespace jumper::store
