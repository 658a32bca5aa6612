// SPDX-License-Identifier: BSD-3-Clause
// Makes the pyramid of a chunk from its rows, column by column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "jumper/store/chunk_pyramid.h"

namespace jumper::store {

class PyramidBuilder {
 public:
  // `block_ends`: one past the last row of each block; the last one is the number of rows. The
  // referents must outlive finish().
  void begin(std::span<const int64_t> times_ns, std::span<const metric::TickKind> kinds,
             std::span<const uint16_t> block_ends, const PresencePatterns& patterns);
  void add(const DenseColumn& column, metric::Kind kind, const Carry& before);
  // `row_ends`: as block_ends, counted among the rows that are kept.
  [[nodiscard]] ChunkPyramid finish(std::span<const uint16_t> row_ends);

 private:
  // What columns with values in the same rows share.
  struct Plan {
    uint16_t presence = 0;
    bool has_before = false;
    int64_t before_ns = 0;
    bool is_shared = true;       // false: made for one column, whose counter was reset
    std::vector<uint16_t> ends;  // of blocks, among the rows with a value
    std::vector<double> per_ns;  // one over the time since the value before; NaN: makes no rate
    std::vector<double> counts;  // 1, or 0 where it makes no rate
    std::vector<ChunkPyramid::Cover> covers;
  };

  [[nodiscard]] size_t plan_for(const DenseColumn& column, const Carry& before);
  void fill(Plan& plan) const;
  void exclude_resets(Plan& plan, std::span<const double> values, double before) const;
  void add_levels(std::span<const double> values, size_t plan);
  // False: there is a reset among them, which the plan does not know.
  [[nodiscard]] bool add_rates(std::span<const double> values, double before, size_t plan);
  void add_column(metric::Kind kind, size_t plan);

  std::span<const int64_t> times_ns_;
  std::span<const metric::TickKind> kinds_;
  std::span<const uint16_t> block_ends_;
  const PresencePatterns* patterns_ = nullptr;
  std::vector<Plan> plans_;
  size_t plan_count_ = 0;     // the others are kept for their memory
  std::vector<Stats> stats_;  // of the blocks of one column
  ChunkPyramid made_;
};

}  // namespace jumper::store
