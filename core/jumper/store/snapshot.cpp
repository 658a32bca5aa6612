// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/snapshot.h"

#include <limits>

namespace jumper::store {

int64_t Snapshot::time_ns(size_t row) const {
  if (row >= sealed_.rows()) return open_->times_ns[row - sealed_.rows()];
  const ChunkList::Place place = sealed_.at(sealed_.chunk_of_row(row));
  return place.chunk->rows.time_ns(row - place.first_row);
}

metric::TickKind Snapshot::kind(size_t row) const {
  if (row >= sealed_.rows()) return open_->kinds[row - sealed_.rows()];
  const ChunkList::Place place = sealed_.at(sealed_.chunk_of_row(row));
  return place.chunk->rows.kind(row - place.first_row);
}

std::optional<double> Snapshot::value(const metric::SeriesKey& key, size_t row) const {
  if (row >= sealed_.rows()) {
    const auto column = open_->schema->find(key);
    if (!column) return std::nullopt;
    return metric::maybe(open_->column(*column)[row - sealed_.rows()]);
  }
  const ChunkList::Place place = sealed_.at(sealed_.chunk_of_row(row));
  const auto column = place.chunk->schema->find(key);
  if (!column) return std::nullopt;
  return metric::maybe(place.chunk->rows.value(*column, row - place.first_row));
}

std::vector<metric::SeriesKey> Snapshot::series() const {
  std::vector<metric::SeriesKey> keys;
  const metric::Schema* last = nullptr;
  const auto add = [&](const metric::Schema& schema) {
    if (&schema == last) return;
    last = &schema;
    for (const metric::SeriesKey& key : schema.series()) {
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    }
  };
  sealed_.for_each_from(0, [&](const SealedChunk& chunk) {
    add(*chunk.schema);
    return true;
  });
  if (open_) add(*open_->schema);
  return keys;
}

size_t Snapshot::lower_bound(int64_t time_ns) const {
  const size_t chunk = sealed_.chunk_at_time(time_ns);
  if (chunk < sealed_.size()) {
    const ChunkList::Place place = sealed_.at(chunk);
    return place.first_row + place.chunk->rows.lower_bound(time_ns);
  }
  if (!open_) return sealed_.rows();
  const std::span<const int64_t> times(open_->times_ns.get(), open_rows_);
  return sealed_.rows() +
         static_cast<size_t>(std::ranges::lower_bound(times, time_ns) - times.begin());
}

size_t Snapshot::upper_bound(int64_t time_ns) const {
  return time_ns == std::numeric_limits<int64_t>::max() ? rows() : lower_bound(time_ns + 1);
}

std::optional<int64_t> Snapshot::thinned_until_ns() const {
  // The oldest are thinned first.
  size_t low = 0;
  size_t high = sealed_.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (sealed_.at(middle).chunk->keeps_every > 1) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? std::nullopt : std::optional(sealed_.at(low - 1).chunk->last_ns);
}

}  // namespace jumper::store
