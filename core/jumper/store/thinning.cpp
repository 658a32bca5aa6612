// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/thinning.h"

#include <algorithm>
#include <array>

#include "jumper/store/sealed_chunk.h"

namespace jumper::store {
namespace {

using metric::TickKind;

bool ends_stretch(TickKind kind) {
  return kind == TickKind::kStop || kind == TickKind::kCellEnd;
}
bool begins_stretch(TickKind kind) {
  return kind == TickKind::kStart || kind == TickKind::kCellStart;
}

void mark_resets(std::span<const double> values, std::vector<bool>& keep) {
  size_t before = values.size();
  for (size_t row = 0; row < values.size(); ++row) {
    if (metric::is_absent(values[row])) continue;
    if (before < values.size() && values[row] < values[before]) keep[before] = keep[row] = true;
    before = row;
  }
}

}  // namespace

std::vector<uint16_t> rows_to_keep(const Chunk& chunk, size_t rows) {
  std::vector<bool> keep(rows);
  std::array<uint16_t, Chunk::kRows> present{};
  for (size_t column = 0; column < chunk.schema->size(); ++column) {
    const std::span values(chunk.column(column), rows);
    for (size_t row = 0; row < rows; ++row) {
      present[row] = static_cast<uint16_t>(present[row] + (metric::is_absent(values[row]) ? 0 : 1));
    }
    const metric::Metric metric = chunk.schema->series()[column].metric;
    if (metric::info(metric).kind == metric::Kind::kCounter) mark_resets(values, keep);
  }
  for (size_t start = 0; start < rows; start += kThinning) {
    const auto group = std::span(present).subspan(start, std::min<size_t>(kThinning, rows - start));
    keep[start + static_cast<size_t>(std::ranges::max_element(group) - group.begin())] = true;
  }
  keep.front() = keep.back() = true;
  std::vector<uint16_t> kept;
  for (size_t row = 0; row < rows; ++row) {
    if (keep[row] || chunk.kinds[row] != TickKind::kPeriodic)
      kept.push_back(static_cast<uint16_t>(row));
  }
  return kept;
}

std::vector<uint16_t> blocks_between_edges(std::span<const TickKind> kinds) {
  std::vector<uint16_t> ends;
  for (size_t row = 0; row < kinds.size(); ++row) {
    const size_t next = row + 1;
    const bool is_edge =
        ends_stretch(kinds[row]) || (next < kinds.size() && begins_stretch(kinds[next]));
    if (next % kThinnedBlockRows == 0 || next == kinds.size() || is_edge)
      ends.push_back(static_cast<uint16_t>(next));
  }
  return ends;
}

std::vector<uint16_t> count_kept(std::span<const uint16_t> kept, std::span<const uint16_t> ends) {
  std::vector<uint16_t> counts;
  counts.reserve(ends.size());
  size_t count = 0;
  for (const uint16_t end : ends) {
    while (count < kept.size() && kept[count] < end) ++count;
    counts.push_back(static_cast<uint16_t>(count));
  }
  return counts;
}

ChunkPyramid merge_blocks(const ChunkPyramid& pyramid, std::span<const TickKind> kinds,
                          std::span<const uint16_t> kept) {
  const std::span<const ChunkPyramid::Block> blocks = pyramid.blocks();
  std::vector<size_t> block_ends;
  std::vector<uint16_t> row_ends;
  size_t merged = 0;
  for (size_t block = 0; block < blocks.size(); ++block) {
    const size_t row_end = blocks[block].row_end;
    // Rows at edges are kept, so they are the neighbours of the boundary if it is one.
    const bool is_edge = (row_end > 0 && ends_stretch(kinds[row_end - 1])) ||
                         (row_end < kinds.size() && begins_stretch(kinds[row_end]));
    if (++merged < kThinning && block + 1 < blocks.size() && !is_edge) continue;
    merged = 0;
    block_ends.push_back(block + 1);
    row_ends.push_back(static_cast<uint16_t>(row_end));
  }
  return coarser(pyramid, count_kept(kept, row_ends), block_ends);
}

}  // namespace jumper::store
