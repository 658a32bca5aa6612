// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/pyramid.h"

#include <algorithm>
#include <optional>
#include <span>

namespace jumper::store {
namespace {

// One column of a chunk, row by row.
struct Rows {
  std::span<const int64_t> times_ns;
  std::span<const metric::TickKind> kinds;
  std::span<const double> values;
  Carry before;  // the first row
};

class Collector {
 public:
  Collector(const metric::SeriesKey& key, int64_t from_ns, int64_t to_ns, size_t count)
      : key_(key),
        is_counter_(metric::info(key.metric).kind == metric::Kind::kCounter),
        from_ns_(from_ns),
        to_ns_(to_ns),
        edges_ns_(count + 1),
        stats_(count) {
    // In unsigned numbers: from the first to the last time there is, it does not fit otherwise.
    const auto span = static_cast<uint64_t>(to_ns) - static_cast<uint64_t>(from_ns);
    for (size_t i = 0; i <= count; ++i) {
      const uint64_t offset = span / count * i + span % count * i / count;
      edges_ns_[i] = static_cast<int64_t>(static_cast<uint64_t>(from_ns) + offset);
    }
    longest_to_snap_ns_ = span / count / 2;
  }

  void add(const SealedChunk& chunk);
  void add(const Chunk& chunk, size_t rows);
  [[nodiscard]] std::vector<Bucket> take() const;

 private:
  [[nodiscard]] std::optional<size_t> column_in(const metric::Schema& schema);
  [[nodiscard]] bool is_inside(int64_t first_ns, int64_t last_ns) const {
    return first_ns >= from_ns_ && last_ns <= to_ns_;
  }
  // Searches from bucket `start` on, which must not be behind the time.
  [[nodiscard]] size_t bucket_of(int64_t time_ns, size_t start) const {
    while (start + 1 < stats_.size() && time_ns >= edges_ns_[start + 1]) ++start;
    return start;
  }
  [[nodiscard]] size_t end_of_run(std::span<const ChunkPyramid::Block> blocks, size_t block);
  void add_across(const SealedChunk& chunk, size_t column, size_t block);
  void add_rows(const Rows& rows, size_t begin, size_t end);
  [[nodiscard]] const Rows& decoded(const SealedChunk& chunk, size_t column);

  metric::SeriesKey key_;
  bool is_counter_;
  int64_t from_ns_;
  int64_t to_ns_;
  uint64_t longest_to_snap_ns_ = 0;
  std::vector<int64_t> edges_ns_;
  std::vector<Stats> stats_;
  size_t at_ = 0;  // the bucket of the last time that was added

  const metric::Schema* schema_ = nullptr;  // whose column is:
  std::optional<size_t> column_;
  const SealedChunk* decoded_chunk_ = nullptr;
  Rows decoded_;
  std::vector<int64_t> times_ns_;
  std::vector<metric::TickKind> kinds_;
  std::vector<double> values_;
};

std::optional<size_t> Collector::column_in(const metric::Schema& schema) {
  if (&schema != schema_) {
    schema_ = &schema;
    column_ = schema.find(key_);
  }
  return column_;
}

void Collector::add(const SealedChunk& chunk) {
  const auto column = column_in(*chunk.schema);
  if (!column) return;
  if (is_inside(chunk.first_ns, chunk.last_ns)) {
    const size_t first = bucket_of(chunk.first_ns, at_);
    if (first + 1 == stats_.size() || chunk.last_ns < edges_ns_[first + 1]) {
      at_ = first;
      stats_[at_].add(chunk.pyramid.of_chunk(*column));
      return;
    }
  }
  const std::span<const ChunkPyramid::Block> blocks = chunk.pyramid.blocks();
  const auto after = std::ranges::upper_bound(blocks, to_ns_, {}, &ChunkPyramid::Block::first_ns);
  const auto end = static_cast<size_t>(after - blocks.begin());
  auto block = static_cast<size_t>(
      std::ranges::lower_bound(blocks, from_ns_, {}, &ChunkPyramid::Block::last_ns) -
      blocks.begin());
  while (block < end) {
    const size_t run_end = end_of_run(blocks.first(end), block);
    if (run_end == block) {
      add_across(chunk, *column, block++);
    } else {
      stats_[at_].add(chunk.pyramid.of_blocks(*column, block, run_end));
      block = run_end;
    }
  }
}

// One past the blocks from `block` on that lie in one bucket, which becomes at_: `block` if it does
// not itself.
size_t Collector::end_of_run(std::span<const ChunkPyramid::Block> blocks, size_t block) {
  if (blocks[block].first_ns < from_ns_) return block;
  at_ = bucket_of(blocks[block].first_ns, at_);
  const bool is_last = at_ + 1 == stats_.size();
  const int64_t last_ns = is_last ? to_ns_ : edges_ns_[at_ + 1] - 1;
  const auto end =
      std::ranges::upper_bound(blocks.subspan(block), last_ns, {}, &ChunkPyramid::Block::last_ns);
  return static_cast<size_t>(end - blocks.begin());
}

// A block that has the edge of a bucket in it, or one that is partly outside of all.
void Collector::add_across(const SealedChunk& chunk, size_t column, size_t block) {
  const ChunkPyramid::Block& times = chunk.pyramid.blocks()[block];
  const size_t first = bucket_of(times.first_ns, at_);
  const size_t last = bucket_of(times.last_ns, first);
  const auto length_ns =
      static_cast<uint64_t>(times.last_ns) - static_cast<uint64_t>(times.first_ns);
  if (first == last || !is_inside(times.first_ns, times.last_ns) ||
      length_ns > longest_to_snap_ns_) {
    add_rows(decoded(chunk, column), chunk.pyramid.row_begin(block), times.row_end);
    return;
  }
  // As it is no longer than half a bucket, there is one edge in it, which moves to the nearer end.
  int64_t& edge_ns = edges_ns_[last];
  const bool is_mostly_before = edge_ns - times.first_ns > times.last_ns - edge_ns;
  edge_ns = is_mostly_before ? times.last_ns + 1 : times.first_ns;
  at_ = is_mostly_before ? first : last;
  stats_[at_].add(chunk.pyramid.of_blocks(column, block, block + 1));
}

void Collector::add(const Chunk& chunk, size_t rows) {
  const auto column = column_in(*chunk.schema);
  if (!column) return;
  add_rows({{chunk.times_ns.get(), rows},
            {chunk.kinds.get(), rows},
            {chunk.column(*column), rows},
            chunk.before[*column]},
           0, rows);
}

const Rows& Collector::decoded(const SealedChunk& chunk, size_t column) {
  if (&chunk == decoded_chunk_) return decoded_;
  decoded_chunk_ = &chunk;
  const size_t rows = chunk.rows.size();
  times_ns_.resize(Chunk::kRows);
  kinds_.resize(Chunk::kRows);
  values_.resize(Chunk::kRows);
  chunk.rows.copy_times(0, rows, times_ns_.data());
  chunk.rows.copy_kinds(0, rows, kinds_.data());
  chunk.rows.copy_column(column, 0, rows, values_.data());
  decoded_ = {std::span(times_ns_).first(rows), std::span(kinds_).first(rows),
              std::span(values_).first(rows), chunk.before[column]};
  return decoded_;
}

void Collector::add_rows(const Rows& rows, size_t begin, size_t end) {
  Carry before = rows.before;
  for (size_t row = begin; row-- > 0;) {
    const bool present = !metric::is_absent(rows.values[row]);
    if (!present && rows.kinds[row] != metric::TickKind::kStart) continue;
    before = present ? Carry{rows.values[row], rows.times_ns[row]} : Carry{};
    break;
  }
  for (size_t row = begin; row < end && rows.times_ns[row] <= to_ns_; ++row) {
    if (rows.kinds[row] == metric::TickKind::kStart) before = {};
    const double value = rows.values[row];
    if (metric::is_absent(value)) continue;
    const int64_t time_ns = rows.times_ns[row];
    if (time_ns >= from_ns_) {
      at_ = bucket_of(time_ns, at_);
      if (!is_counter_) {
        stats_[at_].add(value, 1);
      } else if (value >= before.value && time_ns > before.time_ns) {  // false where none is before
        const auto length_ns = static_cast<double>(time_ns - before.time_ns);
        stats_[at_].add((value - before.value) / length_ns, length_ns);
      }
    }
    before = {value, time_ns};
  }
}

std::vector<Bucket> Collector::take() const {
  std::vector<Bucket> made(stats_.size());
  for (size_t i = 0; i < made.size(); ++i) {
    Bucket& bucket = made[i];
    bucket.from_ns = edges_ns_[i];
    bucket.to_ns = edges_ns_[i + 1];
    const Stats& stats = stats_[i];
    if (stats.samples == 0) continue;
    bucket.minimum = stats.minimum;
    bucket.maximum = stats.maximum;
    bucket.mean = stats.mean();
    bucket.samples = stats.samples;
  }
  return made;
}

}  // namespace

std::vector<Bucket> buckets(const Snapshot& snapshot, const metric::SeriesKey& key, int64_t from_ns,
                            int64_t to_ns, size_t count) {
  if (count == 0 || to_ns < from_ns) return {};
  Collector collector(key, from_ns, to_ns, count);
  const ChunkList& sealed = snapshot.sealed();
  sealed.for_each_from(sealed.chunk_at_time(from_ns), [&](const SealedChunk& chunk) {
    if (chunk.first_ns > to_ns) return false;
    collector.add(chunk);
    return true;
  });
  if (snapshot.open()) collector.add(*snapshot.open(), snapshot.open_rows());
  return collector.take();
}

}  // namespace jumper::store
