// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/chunk_pyramid.h"

#include <algorithm>

namespace jumper::store {

void Stats::add(double value, double value_weight) {
  minimum = std::min(minimum, value);
  maximum = std::max(maximum, value);
  weighted += value * value_weight;
  weight += value_weight;
  ++samples;
}

void Stats::add(const Stats& other) {
  minimum = std::min(minimum, other.minimum);
  maximum = std::max(maximum, other.maximum);
  weighted += other.weighted;
  weight += other.weight;
  samples += other.samples;
}

ChunkPyramid::Extent ChunkPyramid::to_extent(const Stats& stats) {
  if (stats.samples == 0)
    return {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), 0};
  return {static_cast<float>(stats.minimum), static_cast<float>(stats.maximum),
          static_cast<float>(stats.weighted)};
}

Stats ChunkPyramid::amount(const Column& column, size_t begin, size_t end) const {
  const Cover* covers = covers_.data() + column.cover * blocks_.size();
  const Cover before = begin == 0 ? Cover{} : covers[begin - 1];
  const Cover& last = covers[end - 1];
  const bool is_gauge = column.kind == metric::Kind::kGauge;
  Stats stats;
  stats.samples =
      static_cast<uint64_t>(is_gauge ? last.levels - before.levels : last.rates - before.rates);
  stats.weight = is_gauge ? static_cast<double>(stats.samples)
                          : static_cast<double>(last.time_ns - before.time_ns);
  return stats;
}

Stats ChunkPyramid::of_blocks(size_t column_index, size_t begin, size_t end) const {
  if (begin >= end) return {};
  const Column& column = columns_[column_index];
  Stats stats = amount(column, begin, end);
  if (stats.samples == 0) return stats;
  if (column.extents == Column::kFlat) {
    stats.minimum = column.minimum;
    stats.maximum = column.maximum;
    stats.weighted = column.minimum * stats.weight;
    return stats;
  }
  // What is not there is neither the least nor the most, and adds nothing.
  for (const Extent& extent : std::span(extents_).subspan(column.extents + begin, end - begin)) {
    stats.minimum = std::min<double>(stats.minimum, extent.minimum);
    stats.maximum = std::max<double>(stats.maximum, extent.maximum);
    stats.weighted += extent.sum;
  }
  return stats;
}

Stats ChunkPyramid::of_chunk(size_t column_index) const {
  const Column& column = columns_[column_index];
  Stats stats = amount(column, 0, blocks_.size());
  if (stats.samples == 0) return stats;
  stats.minimum = column.minimum;
  stats.maximum = column.maximum;
  stats.weighted = column.sum;
  return stats;
}

size_t ChunkPyramid::heap_bytes() const {
  return blocks_.capacity() * sizeof(Block) + columns_.capacity() * sizeof(Column) +
         extents_.capacity() * sizeof(Extent) + covers_.capacity() * sizeof(Cover);
}

// Blocks [block_ends[i-1], block_ends[i]) of `fine` become one each, whose rows end at row_ends[i].
ChunkPyramid coarser(const ChunkPyramid& fine, std::span<const uint16_t> row_ends,
                     std::span<const size_t> block_ends) {
  ChunkPyramid made;
  made.columns_ = fine.columns_;
  const size_t fine_count = fine.blocks_.size();
  made.blocks_.reserve(block_ends.size());
  for (size_t i = 0, begin = 0; i < block_ends.size(); begin = block_ends[i++]) {
    made.blocks_.push_back(
        {fine.blocks_[begin].first_ns, fine.blocks_[block_ends[i] - 1].last_ns, row_ends[i]});
  }
  made.covers_.reserve(fine.covers_.size() / fine_count * block_ends.size());
  for (size_t cover = 0; cover < fine.covers_.size(); cover += fine_count) {
    for (const size_t end : block_ends) made.covers_.push_back(fine.covers_[cover + end - 1]);
  }
  for (size_t index = 0; index < made.columns_.size(); ++index) {
    ChunkPyramid::Column& column = made.columns_[index];
    if (column.extents == ChunkPyramid::Column::kFlat) continue;
    column.extents = static_cast<uint32_t>(made.extents_.size());
    for (size_t i = 0, begin = 0; i < block_ends.size(); begin = block_ends[i++]) {
      made.extents_.push_back(ChunkPyramid::to_extent(fine.of_blocks(index, begin, block_ends[i])));
    }
  }
  made.extents_.shrink_to_fit();
  return made;
}

}  // namespace jumper::store
