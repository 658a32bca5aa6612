// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/encoded_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "jumper/store/varint.h"

namespace jumper::store {
namespace {

// Times are kept as changes of the step between them. Unsigned, because it wraps.
class TimeSteps {
 public:
  explicit TimeSteps(int64_t first_ns) : time_(static_cast<uint64_t>(first_ns)) {}

  [[nodiscard]] int64_t advance(const uint8_t*& at) {
    step_ += static_cast<uint64_t>(unzigzag(get_varint(at)));
    time_ += step_;
    return static_cast<int64_t>(time_);
  }
  [[nodiscard]] uint8_t* put(int64_t time_ns, uint8_t* at) {
    const uint64_t step = static_cast<uint64_t>(time_ns) - time_;
    at = put_varint(at, zigzag(static_cast<int64_t>(step - step_)));
    time_ += step;
    step_ = step;
    return at;
  }

 private:
  uint64_t time_;
  uint64_t step_ = 0;
};

template <typename T>
std::vector<T> exact_copy(const std::vector<T>& from) {
  return std::vector<T>(from.begin(), from.end());
}

}  // namespace

int64_t EncodedRows::time_ns(size_t row) const {
  int64_t time_ns = 0;
  copy_times(row, row + 1, &time_ns);
  return time_ns;
}

metric::TickKind EncodedRows::kind(size_t row) const {
  return std::ranges::upper_bound(kind_runs_, row, {}, &KindRun::end)->kind;
}

double EncodedRows::value(size_t column, size_t row) const {
  double value = metric::kAbsent;
  copy_column(column, row, row + 1, &value);
  return value;
}

size_t EncodedRows::lower_bound(int64_t time_ns) const {
  // The last block that begins before the time, or the one after it, holds the answer.
  const auto after = std::ranges::lower_bound(time_blocks_, time_ns, {}, &TimeBlock::first_ns);
  if (after == time_blocks_.begin()) return 0;
  const auto block = static_cast<size_t>(after - time_blocks_.begin()) - 1;
  const size_t end = std::min((block + 1) * kBlockRows, rows_);
  TimeSteps steps(time_blocks_[block].first_ns);
  const uint8_t* at = codes_.bytes.data() + time_blocks_[block].offset;
  size_t row = block * kBlockRows + 1;
  while (row < end && steps.advance(at) < time_ns) ++row;
  return row;
}

void EncodedRows::copy_times(size_t from, size_t to, int64_t* out) const {
  for (size_t block = from / kBlockRows; block * kBlockRows < to; ++block) {
    const size_t start = block * kBlockRows;
    const size_t end = std::min(start + kBlockRows, to);
    int64_t time_ns = time_blocks_[block].first_ns;
    TimeSteps steps(time_ns);
    const uint8_t* at = codes_.bytes.data() + time_blocks_[block].offset;
    if (start >= from) *out++ = time_ns;
    for (size_t row = start + 1; row < end; ++row) {
      time_ns = steps.advance(at);
      if (row >= from) *out++ = time_ns;
    }
  }
}

void EncodedRows::copy_kinds(size_t from, size_t to, metric::TickKind* out) const {
  auto run = std::ranges::upper_bound(kind_runs_, from, {}, &KindRun::end);
  for (size_t row = from; row < to; ++run) {
    const size_t end = std::min<size_t>(run->end, to);
    out = std::fill_n(out, end - row, run->kind);
    row = end;
  }
}

bool EncodedRows::has_kind(metric::TickKind kind, size_t from, size_t to) const {
  auto run = std::ranges::upper_bound(kind_runs_, from, {}, &KindRun::end);
  for (; from < to; from = run++->end) {
    if (run->kind == kind) return true;
  }
  return false;
}

void EncodedRows::copy_column(size_t column, size_t from, size_t to, double* out) const {
  const ColumnCode& code = columns_[column];
  if (code.kind == ColumnCode::Kind::kNothing) {
    std::fill_n(out, to - from, metric::kAbsent);
    return;
  }
  if (code.presence == PresencePatterns::kEveryRow) {
    decode(code, codes_, from, to, out);
    return;
  }
  const size_t dense_from = patterns_.rank(code.presence, from);
  const size_t dense_to = patterns_.rank(code.presence, to);
  // Into the back of the space, to be spread forward from there: that never overtakes itself.
  const double* dense = out + (to - from) - (dense_to - dense_from);
  decode(code, codes_, dense_from, dense_to, out + (to - from) - (dense_to - dense_from));
  const std::span<const uint64_t> words = patterns_[code.presence];
  for (size_t row = from; row < to; ++row) {
    const bool present = (words[row / 64] >> (row % 64) & 1) != 0;
    *out++ = present ? *dense++ : metric::kAbsent;
  }
}

bool EncodedRows::is_whole(size_t column) const {
  const ColumnCode& code = columns_[column];
  if (code.kind != ColumnCode::Kind::kConstant) return code.kind == ColumnCode::Kind::kWhole;
  const auto value = std::bit_cast<double>(code.first);
  return std::abs(value) <= kLargestWhole && std::trunc(value) == value;
}

size_t EncodedRows::heap_bytes() const {
  return time_blocks_.capacity() * sizeof(TimeBlock) + kind_runs_.capacity() * sizeof(KindRun) +
         patterns_.heap_bytes() + columns_.capacity() * sizeof(ColumnCode) + codes_.heap_bytes();
}

void RowsEncoder::begin(std::span<const int64_t> times_ns, std::span<const metric::TickKind> kinds,
                        size_t columns) {
  rows_.rows_ = times_ns.size();
  rows_.time_blocks_.clear();
  rows_.kind_runs_.clear();
  rows_.columns_.clear();
  rows_.columns_.reserve(columns);
  rows_.codes_.words.clear();
  rows_.codes_.bytes.clear();
  rows_.codes_.marks.clear();
  put_times(times_ns);
  put_kinds(kinds);
}

void RowsEncoder::put_times(std::span<const int64_t> times_ns) {
  std::array<uint8_t, kBlockRows * kVarintReach> bytes{};
  std::vector<uint8_t>& to = rows_.codes_.bytes;
  for (size_t start = 0; start < times_ns.size(); start += kBlockRows) {
    const auto block = times_ns.subspan(start, std::min(kBlockRows, times_ns.size() - start));
    rows_.time_blocks_.push_back({block.front(), static_cast<uint32_t>(to.size())});
    TimeSteps steps(block.front());
    uint8_t* at = bytes.data();
    for (const int64_t time_ns : block.subspan(1)) at = steps.put(time_ns, at);
    to.insert(to.end(), bytes.data(), at);
  }
}

void RowsEncoder::put_kinds(std::span<const metric::TickKind> kinds) {
  for (size_t row = 0; row < kinds.size(); ++row) {
    if (rows_.kind_runs_.empty() || rows_.kind_runs_.back().kind != kinds[row]) {
      rows_.kind_runs_.push_back({0, kinds[row]});
    }
    rows_.kind_runs_.back().end = static_cast<uint16_t>(row + 1);
  }
}

EncodedRows RowsEncoder::finish(const PresencePatterns& patterns) {
  rows_.codes_.bytes.resize(rows_.codes_.bytes.size() + kVarintReach);
  EncodedRows made;
  made.rows_ = rows_.rows_;
  made.time_blocks_ = exact_copy(rows_.time_blocks_);
  made.kind_runs_ = exact_copy(rows_.kind_runs_);
  made.patterns_ = patterns;
  made.columns_ = exact_copy(rows_.columns_);
  made.codes_.words = exact_copy(rows_.codes_.words);
  made.codes_.bytes = exact_copy(rows_.codes_.bytes);
  made.codes_.marks = exact_copy(rows_.codes_.marks);
  return made;
}

}  // namespace jumper::store
