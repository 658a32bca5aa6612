// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/snapshot.h"

#include <algorithm>

namespace jumper::store {

size_t Snapshot::chunk_of(size_t row) const {
  return static_cast<size_t>(std::ranges::upper_bound(ends_, row) - ends_.begin());
}

int64_t Snapshot::time_ns(size_t row) const {
  const Chunk& chunk = *chunks_[chunk_of(row)];
  return chunk.times_ns[row - chunk.first_row];
}

metric::TickKind Snapshot::kind(size_t row) const {
  const Chunk& chunk = *chunks_[chunk_of(row)];
  return chunk.kinds[row - chunk.first_row];
}

std::optional<double> Snapshot::value(const metric::SeriesKey& key, size_t row) const {
  const Chunk& chunk = *chunks_[chunk_of(row)];
  const auto column = chunk.schema->find(key);
  if (!column) return std::nullopt;
  return metric::maybe(chunk.column(*column)[row - chunk.first_row]);
}

std::vector<metric::SeriesKey> Snapshot::series() const {
  std::vector<metric::SeriesKey> keys;
  const metric::Schema* last = nullptr;
  for (const auto& chunk : chunks_) {
    if (chunk->schema.get() == last) continue;
    last = chunk->schema.get();
    for (const metric::SeriesKey& key : last->series()) {
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

size_t Snapshot::lower_bound(int64_t time_ns) const {
  // The first chunk whose last row is not before the time holds the answer.
  size_t low = 0;
  size_t high = chunks_.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (this->time_ns(ends_[middle] - 1) < time_ns) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == chunks_.size()) return rows();
  const Chunk& chunk = *chunks_[low];
  const std::span<const int64_t> times(chunk.times_ns.get(), ends_[low] - chunk.first_row);
  return chunk.first_row + static_cast<size_t>(std::ranges::lower_bound(times, time_ns) - times.begin());
}

size_t Snapshot::upper_bound(int64_t time_ns) const { return lower_bound(time_ns + 1); }

}  // namespace jumper::store
