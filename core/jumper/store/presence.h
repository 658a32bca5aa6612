// SPDX-License-Identifier: BSD-3-Clause
// Which rows of a chunk have a value of a column. Columns that are read together are absent
// together, so a few patterns serve all of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "jumper/store/chunk.h"

namespace jumper::store {

// A bit per row. The pattern kEveryRow is not written down.
class PresencePatterns {
 public:
  static constexpr uint16_t kEveryRow = std::numeric_limits<uint16_t>::max();

  PresencePatterns() = default;
  explicit PresencePatterns(size_t rows) : words_per_pattern_((rows + 63) / 64) {}

  // The number of this pattern, which is new or not.
  [[nodiscard]] uint16_t add(std::span<const uint64_t> pattern);
  [[nodiscard]] size_t size() const {
    return words_.empty() ? 0 : words_.size() / words_per_pattern_;
  }
  [[nodiscard]] std::span<const uint64_t> operator[](uint16_t pattern) const {
    return std::span(words_).subspan(pattern * words_per_pattern_, words_per_pattern_);
  }
  [[nodiscard]] bool has(uint16_t pattern, size_t row) const {
    return pattern == kEveryRow || ((*this)[pattern][row / 64] >> (row % 64) & 1) != 0;
  }
  // How many rows before `row` have a value.
  [[nodiscard]] size_t rank(uint16_t pattern, size_t row) const;

  [[nodiscard]] size_t heap_bytes() const { return words_.capacity() * sizeof(uint64_t); }

 private:
  size_t words_per_pattern_ = 0;
  std::vector<uint64_t> words_;
};

// The values of a column that are there.
struct DenseColumn {
  std::span<const double> values;
  uint16_t presence = PresencePatterns::kEveryRow;
};

// Takes the absent values out of columns of the same rows.
class Densifier {
 public:
  void begin(size_t rows);
  // Valid until the next call.
  [[nodiscard]] DenseColumn take(const double* column);
  [[nodiscard]] const PresencePatterns& patterns() const { return patterns_; }

 private:
  size_t rows_ = 0;
  PresencePatterns patterns_;
  std::array<uint64_t, Chunk::kRows / 64> pattern_{};
  std::array<double, Chunk::kRows> values_{};
};

}  // namespace jumper::store
