// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/column_reader.h"

#include <algorithm>

#include "jumper/store/snapshot.h"

namespace jumper::store {

ColumnReader::ColumnReader(const Snapshot& snapshot, const std::vector<metric::SeriesKey>& keys)
    : snapshot_(snapshot) {
  columns_.reserve(keys.size());
  for (const metric::SeriesKey& key : keys) columns_.push_back({key, std::nullopt, {}});
}

void ColumnReader::enter(const SealedChunk* chunk, const metric::Schema& schema) {
  chunk_ = chunk;
  times_ns_.range = {};
  kinds_.range = {};
  for (Column& column : columns_) column.values.range = {};
  if (&schema == schema_) return;
  schema_ = &schema;
  for (Column& column : columns_) column.index = schema.find(column.key);
}

RowRange ColumnReader::move_to(RowRange range) {
  const ChunkList& sealed = snapshot_.sealed();
  if (range.begin >= sealed.rows()) {
    if (chunk_ != nullptr || schema_ == nullptr) enter(nullptr, *snapshot_.open()->schema);
    rows_ = {range.begin - sealed.rows(), range.end - sealed.rows()};
    return range;
  }
  if (chunk_ == nullptr || range.begin < place_.first_row || range.begin >= place_.end_row) {
    place_ = sealed.at(sealed.chunk_of_row(range.begin));
    enter(place_.chunk, *place_.chunk->schema);
  }
  range.end = std::min(range.end, place_.end_row);
  rows_ = {range.begin - place_.first_row, range.end - place_.first_row};
  return range;
}

template <typename Value, typename Copy>
std::span<const Value> ColumnReader::decoded(Decoded<Value>& kept, Copy copy) {
  if (!kept.rows) kept.rows = std::make_unique_for_overwrite<Value[]>(Chunk::kRows);
  if (rows_.begin < kept.range.begin || rows_.end > kept.range.end) {
    // Decoding can begin at such rows only, and the neighbours of these rows are likely next.
    const size_t begin = rows_.begin / kMarkEvery * kMarkEvery;
    const size_t end = (rows_.end + kMarkEvery - 1) / kMarkEvery * kMarkEvery;
    const size_t rows = chunk_->rows.size();
    const bool reads_on =
        !kept.range.empty() && begin >= kept.range.begin && begin <= kept.range.end;
    // Who reads on will want the rest as well, and many rows at once are decoded faster.
    const RowRange wanted =
        reads_on ? RowRange{kept.range.end, rows} : RowRange{begin, std::min(end, rows)};
    copy(wanted.begin, wanted.end, kept.rows.get() + wanted.begin);
    kept.range = {reads_on ? kept.range.begin : begin, wanted.end};
  }
  return {kept.rows.get() + rows_.begin, rows_.size()};
}

std::span<const int64_t> ColumnReader::times_ns() {
  if (chunk_ == nullptr) return {snapshot_.open()->times_ns.get() + rows_.begin, rows_.size()};
  return decoded(times_ns_, [&](size_t from, size_t to, int64_t* out) {
    chunk_->rows.copy_times(from, to, out);
  });
}

std::span<const metric::TickKind> ColumnReader::kinds() {
  if (chunk_ == nullptr) return {snapshot_.open()->kinds.get() + rows_.begin, rows_.size()};
  return decoded(kinds_, [&](size_t from, size_t to, metric::TickKind* out) {
    chunk_->rows.copy_kinds(from, to, out);
  });
}

bool ColumnReader::has_start() {
  if (chunk_ == nullptr)
    return std::ranges::find(kinds(), metric::TickKind::kStart) != kinds().end();
  return chunk_->rows.has_kind(metric::TickKind::kStart, rows_.begin, rows_.end);
}

std::span<const double> ColumnReader::values(size_t key) {
  Column& column = columns_[key];
  if (!column.index) return {};
  if (chunk_ == nullptr)
    return {snapshot_.open()->column(*column.index) + rows_.begin, rows_.size()};
  return decoded(column.values, [&](size_t from, size_t to, double* out) {
    chunk_->rows.copy_column(*column.index, from, to, out);
  });
}

bool ColumnReader::is_whole(size_t key) {
  const Column& column = columns_[key];
  return chunk_ != nullptr && column.index && chunk_->rows.is_whole(*column.index);
}

}  // namespace jumper::store
