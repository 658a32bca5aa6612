// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/sealed_chunk.h"

#include <algorithm>

#include "jumper/store/thinning.h"

namespace jumper::store {
namespace {

// What malloc keeps beside each block of memory, and shared_ptr beside what it shares.
constexpr size_t kBytesPerAllocation = 16;
constexpr size_t kAllocations = 13;

std::vector<uint16_t> even_blocks(size_t rows) {
  std::vector<uint16_t> ends;
  ends.reserve((rows + kBlockRows - 1) / kBlockRows);
  for (size_t end = kBlockRows; end < rows + kBlockRows; end += kBlockRows) {
    ends.push_back(static_cast<uint16_t>(std::min(end, rows)));
  }
  return ends;
}

metric::Kind kind_of(const metric::Schema& schema, size_t column) {
  return metric::info(schema.series()[column].metric).kind;
}

}  // namespace

size_t SealedChunk::bytes() const {
  return sizeof(SealedChunk) + before.capacity() * sizeof(Carry) + rows.heap_bytes() +
         pyramid.heap_bytes() + kAllocations * kBytesPerAllocation;
}

std::shared_ptr<const SealedChunk> Sealer::seal(const Chunk& chunk, size_t rows) {
  const std::span times(chunk.times_ns.get(), rows);
  const std::span kinds(chunk.kinds.get(), rows);
  const std::vector<uint16_t> blocks = even_blocks(rows);
  const size_t columns = chunk.schema->size();
  densifier_.begin(rows);
  encoder_.begin(times, kinds, columns);
  builder_.begin(times, kinds, blocks, densifier_.patterns());
  for (size_t column = 0; column < columns; ++column) {
    const DenseColumn dense = densifier_.take(chunk.column(column));
    encoder_.add(dense);
    builder_.add(dense, kind_of(*chunk.schema, column), chunk.before[column]);
  }
  auto sealed = std::make_shared<SealedChunk>();
  sealed->schema = chunk.schema;
  sealed->before = chunk.before;
  sealed->rows = encoder_.finish(densifier_.patterns());
  sealed->pyramid = builder_.finish(blocks);
  sealed->first_ns = times.front();
  sealed->last_ns = times.back();
  return sealed;
}

std::vector<Carry> Sealer::carry_over(const Chunk& chunk, size_t rows) {
  // Nothing reaches back over a restart: what was before the last one is forgotten.
  size_t first = rows;
  while (first > 0 && chunk.kinds[first - 1] != metric::TickKind::kStart) --first;
  const bool restarted = first > 0;
  if (restarted) --first;
  std::vector<Carry> carries(chunk.schema->size());
  for (size_t column = 0; column < carries.size(); ++column) {
    if (!restarted) carries[column] = chunk.before[column];
    for (size_t row = rows; row > first; --row) {
      const double value = chunk.column(column)[row - 1];
      if (metric::is_absent(value)) continue;
      carries[column] = {value, chunk.times_ns[row - 1]};
      break;
    }
  }
  return carries;
}

std::shared_ptr<const SealedChunk> Sealer::thin(const SealedChunk& chunk) {
  const size_t columns = chunk.schema->size();
  const size_t rows = chunk.rows.size();
  Chunk decoded(chunk.schema, chunk.before);
  chunk.rows.copy_times(0, rows, decoded.times_ns.get());
  chunk.rows.copy_kinds(0, rows, decoded.kinds.get());
  for (size_t column = 0; column < columns; ++column)
    chunk.rows.copy_column(column, 0, rows, decoded.column(column));
  const std::span times(decoded.times_ns.get(), rows);
  const std::span kinds(decoded.kinds.get(), rows);
  const std::vector<uint16_t> kept = rows_to_keep(decoded, rows);

  auto thinned = std::make_shared<SealedChunk>();
  if (chunk.keeps_every == 1) {
    const std::vector<uint16_t> blocks = blocks_between_edges(kinds);
    densifier_.begin(rows);
    builder_.begin(times, kinds, blocks, densifier_.patterns());
    for (size_t column = 0; column < columns; ++column) {
      const DenseColumn dense = densifier_.take(decoded.column(column));
      builder_.add(dense, kind_of(*chunk.schema, column), chunk.before[column]);
    }
    thinned->pyramid = builder_.finish(count_kept(kept, blocks));
  } else {
    thinned->pyramid = merge_blocks(chunk.pyramid, kinds, kept);
  }

  for (size_t i = 0; i < kept.size(); ++i) {
    decoded.times_ns[i] = decoded.times_ns[kept[i]];
    decoded.kinds[i] = decoded.kinds[kept[i]];
  }
  densifier_.begin(kept.size());
  encoder_.begin(times.first(kept.size()), kinds.first(kept.size()), columns);
  for (size_t column = 0; column < columns; ++column) {
    double* values = decoded.column(column);
    for (size_t i = 0; i < kept.size(); ++i) values[i] = values[kept[i]];
    encoder_.add(densifier_.take(values));
  }
  thinned->schema = chunk.schema;
  thinned->before = chunk.before;
  thinned->rows = encoder_.finish(densifier_.patterns());
  thinned->first_ns = chunk.first_ns;
  thinned->last_ns = chunk.last_ns;
  thinned->keeps_every = chunk.keeps_every * kThinning;
  return thinned;
}

}  // namespace jumper::store
