// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/presence.h"

#include <algorithm>
#include <bit>

namespace jumper::store {

uint16_t PresencePatterns::add(std::span<const uint64_t> pattern) {
  const auto count = static_cast<uint16_t>(size());
  for (uint16_t i = 0; i < count; ++i) {
    if (std::ranges::equal((*this)[i], pattern)) return i;
  }
  words_.insert(words_.end(), pattern.begin(), pattern.end());
  return count;
}

size_t PresencePatterns::rank(uint16_t pattern, size_t row) const {
  if (pattern == kEveryRow) return row;
  const std::span<const uint64_t> words = (*this)[pattern];
  size_t count = 0;
  for (size_t i = 0; i < row / 64; ++i) count += static_cast<size_t>(std::popcount(words[i]));
  if (row % 64 != 0)
    count += static_cast<size_t>(std::popcount(words[row / 64] << (64 - row % 64)));
  return count;
}

void Densifier::begin(size_t rows) {
  rows_ = rows;
  patterns_ = PresencePatterns(rows);
}

DenseColumn Densifier::take(const double* column) {
  bool any_absent = false;
  for (size_t row = 0; row < rows_; ++row) any_absent |= metric::is_absent(column[row]);
  if (!any_absent) return {{column, rows_}, PresencePatterns::kEveryRow};

  size_t count = 0;
  for (size_t start = 0; start < rows_; start += 64) {
    const size_t end = std::min(start + 64, rows_);
    uint64_t bits = 0;
    for (size_t row = start; row < end; ++row) {
      const bool present = !metric::is_absent(column[row]);
      values_[count] = column[row];
      count += present ? 1 : 0;
      bits |= uint64_t{present} << (row - start);
    }
    pattern_[start / 64] = bits;
  }
  return {{values_.data(), count}, patterns_.add(std::span(pattern_).first((rows_ + 63) / 64))};
}

}  // namespace jumper::store
