// SPDX-License-Identifier: BSD-3-Clause
// A chunk that no row is added to any more: encoded, with its pyramid. When memory runs short it is
// thinned: of 16 rows the one that knows most is kept, and all rows that are not periodic, so
// that what happened between the edges of a cell stays exact; the pyramid still knows the others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "jumper/store/chunk.h"
#include "jumper/store/encoded_rows.h"
#include "jumper/store/pyramid_builder.h"

namespace jumper::store {

struct SealedChunk {
  std::shared_ptr<const metric::Schema> schema;
  std::vector<Carry> before;  // one per series
  EncodedRows rows;
  ChunkPyramid pyramid;
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  uint32_t keeps_every = 1;  // one of so many periodic rows

  // Memory in all, what the allocator adds included as far as it can be told.
  [[nodiscard]] size_t bytes() const;
};

inline constexpr uint32_t kThinning = 16;
inline constexpr uint32_t kThinnest =
    kThinning * kThinning;  // what is thinner is not worth its headers

// Seals and thins. Its buffers are kept from one chunk to the next.
class Sealer {
 public:
  // `rows` are how many of the chunk's are filled; at least one.
  [[nodiscard]] std::shared_ptr<const SealedChunk> seal(const Chunk& chunk, size_t rows);
  // The chunk with one periodic row of kThinning.
  [[nodiscard]] std::shared_ptr<const SealedChunk> thin(const SealedChunk& chunk);

  // What the chunk after this one reaches back to.
  [[nodiscard]] static std::vector<Carry> carry_over(const Chunk& chunk, size_t rows);

 private:
  RowsEncoder encoder_;
  PyramidBuilder builder_;
  Densifier densifier_;
};

}  // namespace jumper::store
