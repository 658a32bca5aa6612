// SPDX-License-Identifier: BSD-3-Clause
// Extremes and means of the columns of one sealed chunk, per block of 64 rows and of the whole
// chunk: of a gauge's levels, and of a counter's rates (per nanosecond) between successive rows
// that have a value. A rate lies at the later of its rows, and never reaches over a restart of the
// monitor or a reset of the counter. Immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "jumper/store/presence.h"

namespace jumper::store {

// Extremes and mean of some levels or rates. Levels weigh the same each in the mean, rates as long
// as they lasted: so it is the change over the time.
struct Stats {
  double minimum = std::numeric_limits<double>::infinity();
  double maximum = -std::numeric_limits<double>::infinity();
  double weighted = 0;  // value times weight, summed
  double weight = 0;    // levels: how many; rates: nanoseconds
  uint64_t samples = 0;

  void add(double value, double value_weight);
  void add(const Stats& other);
  [[nodiscard]] double mean() const { return weighted / weight; }
};

class ChunkPyramid {
 public:
  struct Block {
    int64_t first_ns = 0;  // of its rows, those included that are not kept any more
    int64_t last_ns = 0;
    uint16_t row_end = 0;  // one past its last row among those that are kept
  };

  [[nodiscard]] std::span<const Block> blocks() const { return blocks_; }
  [[nodiscard]] size_t row_begin(size_t block) const {
    return block == 0 ? 0 : blocks_[block - 1].row_end;
  }
  // Of blocks [begin, end).
  [[nodiscard]] Stats of_blocks(size_t column, size_t begin, size_t end) const;
  [[nodiscard]] Stats of_chunk(size_t column) const;

  [[nodiscard]] size_t heap_bytes() const;

 private:
  friend class PyramidBuilder;
  friend ChunkPyramid coarser(const ChunkPyramid& fine, std::span<const uint16_t> row_ends,
                              std::span<const size_t> block_ends);

  // How much there is in the blocks up to and with this one. The same for all columns read
  // together.
  struct Cover {
    int64_t time_ns = 0;  // that rates lasted
    uint16_t levels = 0;
    uint16_t rates = 0;
  };
  struct Extent {
    float minimum = 0;
    float maximum = 0;
    float sum = 0;  // of levels, or of changes
  };
  struct Column {
    static constexpr uint32_t kFlat = std::numeric_limits<uint32_t>::max();

    double minimum = 0;
    double maximum = 0;
    double sum = 0;
    uint32_t extents = kFlat;  // where its blocks begin; none are kept where all are the same
    uint16_t cover = 0;
    metric::Kind kind = metric::Kind::kGauge;
  };

  [[nodiscard]] static Extent to_extent(const Stats& stats);
  // How much of a column there is in blocks [begin, end).
  [[nodiscard]] Stats amount(const Column& column, size_t begin, size_t end) const;

  std::vector<Block> blocks_;
  std::vector<Column> columns_;
  std::vector<Extent> extents_;
  std::vector<Cover> covers_;  // blocks_.size() for each set of columns read together
};

}  // namespace jumper::store
