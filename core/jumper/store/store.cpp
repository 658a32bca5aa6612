// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/store.h"

#include <algorithm>
#include <optional>

namespace jumper::store {
namespace {

// The carries of the series that two schemas share.
std::vector<Carry> carry_to(const metric::Schema& to, const metric::Schema& from,
                            const std::vector<Carry>& carries) {
  std::vector<Carry> carried;
  carried.reserve(to.size());
  for (const metric::SeriesKey& key : to.series()) {
    const auto column = from.find(key);
    carried.push_back(column ? carries[*column] : Carry{});
  }
  return carried;
}

}  // namespace

void Store::begin(const std::shared_ptr<const metric::Schema>& schema) {
  if (schema_ && std::ranges::equal(schema_->series(), schema->series())) return;
  if (open_) seal();
  carries_ = schema_ ? carry_to(*schema, *schema_, carries_) : std::vector<Carry>(schema->size());
  schema_ = schema;
}

void Store::append(const metric::Tick& tick) {
  if (!schema_) return;
  if (!open_) {
    auto chunk = std::make_shared<Chunk>(schema_, carries_);
    const std::scoped_lock lock(mutex_);
    open_ = std::move(chunk);
    open_rows_ = 0;
  }
  // Rows behind those that were published belong to the writer.
  const size_t row = open_rows_;
  const size_t given = std::min(tick.values.size(), schema_->size());
  open_->times_ns[row] = tick.time_ns;
  open_->kinds[row] = tick.kind;
  for (size_t i = 0; i < given; ++i) open_->column(i)[row] = tick.values[i];
  for (size_t i = given; i < schema_->size(); ++i) open_->column(i)[row] = metric::kAbsent;
  {
    const std::scoped_lock lock(mutex_);
    ++open_rows_;
  }
  if (open_rows_ == Chunk::kRows) {
    seal();
  } else {
    save_memory();
  }
}

void Store::seal() {
  auto sealed = sealer_.seal(*open_, open_rows_);
  carries_ = Sealer::carry_over(*open_, open_rows_);
  const size_t bytes = sealed->bytes();
  ChunkList list = sealed_.with(std::move(sealed));
  const std::scoped_lock lock(mutex_);
  sealed_ = std::move(list);
  open_.reset();
  open_rows_ = 0;
  ++levels_[0].chunks;
  levels_[0].bytes += bytes;
}

// One step at a time, so that no tick is held up for long.
void Store::save_memory() {
  if (total_bytes() <= limits_.max_bytes) return;
  // Half of the memory is for what is whole, a quarter each for what is thinned once and twice.
  for (size_t level = 0; level + 1 < kLevels; ++level) {
    if (levels_[level].bytes > limits_.max_bytes >> (level + 1)) return thin(level);
  }
  forget();
}

void Store::thin(size_t level) {
  // What is thinner comes before it.
  size_t at = 0;
  for (size_t thinner = level + 1; thinner < kLevels; ++thinner) at += levels_[thinner].chunks;
  const std::shared_ptr<const SealedChunk> before = sealed_.shared(at);
  auto after = sealer_.thin(*before);
  const size_t bytes = after->bytes();
  ChunkList list = sealed_.with_replaced(at, std::move(after));
  const std::scoped_lock lock(mutex_);
  sealed_ = std::move(list);
  --levels_[level].chunks;
  levels_[level].bytes -= before->bytes();
  ++levels_[level + 1].chunks;
  levels_[level + 1].bytes += bytes;
}

void Store::forget() {
  const std::shared_ptr<const SealedChunk> oldest = sealed_.shared(0);
  ChunkList list = sealed_.without_first();
  const std::scoped_lock lock(mutex_);
  sealed_ = std::move(list);
  for (size_t level = kLevels; level-- > 0;) {
    if (levels_[level].chunks == 0) continue;
    --levels_[level].chunks;
    levels_[level].bytes -= oldest->bytes();
    break;
  }
  ++forgotten_;
}

size_t Store::total_bytes() const {
  size_t bytes = 0;
  for (const Level& level : levels_) bytes += level.bytes;
  return bytes;
}

Snapshot Store::snapshot() const {
  const std::scoped_lock lock(mutex_);
  return {sealed_, open_, open_rows_};
}

StoreUsage Store::usage() const {
  const std::scoped_lock lock(mutex_);
  StoreUsage usage;
  usage.bytes = total_bytes();
  if (open_)
    usage.open_bytes =
        Chunk::kRows * (open_->schema->size() * sizeof(double) + sizeof(int64_t) + 1);
  usage.chunks = sealed_.size();
  usage.thinned_chunks = usage.chunks - levels_[0].chunks;
  usage.forgotten_chunks = forgotten_;
  return usage;
}

}  // namespace jumper::store
