// SPDX-License-Identifier: BSD-3-Clause
// Which rows of a chunk are kept when it is thinned, and which blocks its pyramid then has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "jumper/store/chunk.h"
#include "jumper/store/chunk_pyramid.h"

namespace jumper::store {

// Of each kThinning rows the one with the most values; the first and the last; all that are not
// periodic; and both sides of each reset of a counter, so that no difference is lost.
[[nodiscard]] std::vector<uint16_t> rows_to_keep(const Chunk& chunk, size_t rows);

// Ends of blocks of at most kThinnedBlockRows rows that begin and end where cells do: then what is
// known of them is exact for cells, also where their rows are not kept.
inline constexpr size_t kThinnedBlockRows = 256;
[[nodiscard]] std::vector<uint16_t> blocks_between_edges(std::span<const metric::TickKind> kinds);

// How many rows are kept before each end.
[[nodiscard]] std::vector<uint16_t> count_kept(std::span<const uint16_t> kept,
                                               std::span<const uint16_t> ends);

// The pyramid of a chunk that is thinned again: up to kThinning blocks become one, within the edges
// of cells. `kinds` are of the chunk's rows, `kept` those that stay.
[[nodiscard]] ChunkPyramid merge_blocks(const ChunkPyramid& pyramid,
                                        std::span<const metric::TickKind> kinds,
                                        std::span<const uint16_t> kept);

}  // namespace jumper::store
