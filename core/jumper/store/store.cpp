// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/store.h"

namespace jumper::store {

void Store::begin(const std::shared_ptr<const metric::Schema>& schema) {
  const std::scoped_lock lock(mutex_);
  schema_ = schema;
  rows_in_last_ = Chunk::kRows;  // the next row opens a chunk of this schema
}

void Store::append(const metric::Tick& tick) {
  const std::scoped_lock lock(mutex_);
  if (rows_in_last_ == Chunk::kRows) {
    chunks_.push_back(std::make_shared<Chunk>(schema_, rows_));
    rows_in_last_ = 0;
  }
  Chunk& chunk = *chunks_.back();
  chunk.times_ns[rows_in_last_] = tick.time_ns;
  chunk.kinds[rows_in_last_] = tick.kind;
  for (size_t i = 0; i < tick.values.size(); ++i) chunk.column(i)[rows_in_last_] = tick.values[i];
  ++rows_in_last_;
  ++rows_;
}

Snapshot Store::snapshot() const {
  const std::scoped_lock lock(mutex_);
  std::vector<size_t> ends;
  ends.reserve(chunks_.size());
  for (size_t i = 0; i < chunks_.size(); ++i) {
    ends.push_back(i + 1 < chunks_.size() ? chunks_[i + 1]->first_row : rows_);
  }
  return Snapshot({chunks_.begin(), chunks_.end()}, std::move(ends));
}

}  // namespace jumper::store
