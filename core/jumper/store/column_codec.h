// SPDX-License-Identifier: BSD-3-Clause
// How the values of a column are kept in a sealed chunk: without loss, in far fewer than 8 bytes
// each. Columns are nearly always whole numbers that change now and then, by multiples of something
// (pages, sectors, clock ticks): what is kept is which of them changed, and by how much.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "jumper/store/chunk.h"

namespace jumper::store {

// What codes point into. One serves all columns of a chunk.
struct CodeStore {
  struct Mark {          // where decoding may begin
    int64_t number = 0;  // just before
    uint32_t offset = 0;
  };

  std::vector<uint64_t> words;
  std::vector<uint8_t> bytes;  // kVarintReach more than what is used
  std::vector<Mark> marks;     // each kMarkEvery values of a column that changes a lot

  [[nodiscard]] size_t heap_bytes() const {
    return words.capacity() * sizeof(uint64_t) + bytes.capacity() + marks.capacity() * sizeof(Mark);
  }
};

struct ColumnCode {
  enum class Kind : uint8_t {
    kNothing,      // no value at all
    kConstant,     // `first` holds the bits of the double
    kWhole,        // numbers, changes by multiples of `factor`
    kThousandths,  // the same, a thousand times as large as the values
    kRaw,          // doubles as they are
  };
  static constexpr uint32_t kNoMarks = std::numeric_limits<uint32_t>::max();

  Kind kind = Kind::kNothing;
  uint16_t presence = 0;  // which rows have a value: a pattern of the chunk
  uint32_t words = 0;     // where its part of the CodeStore begins
  uint32_t bytes = 0;
  uint32_t marks = kNoMarks;
  int64_t first = 0;
  uint64_t factor = 1;
};

// Whole numbers up to here are exact in a double; of larger ones nobody counts the ones.
inline constexpr double kLargestWhole = 0x1p53;
inline constexpr size_t kBlockRows = 64;  // as many as a word has bits
inline constexpr size_t kMarkEvery = 512;
static_assert(Chunk::kRows == kBlockRows * 64, "one word has a bit for each block of a chunk");

class ColumnEncoder {
 public:
  // `values` are those that are there: none is absent. At most Chunk::kRows.
  [[nodiscard]] ColumnCode encode(std::span<const double> values, CodeStore& to);

 private:
  void find_changes(size_t count);
  [[nodiscard]] ColumnCode encode_numbers(ColumnCode::Kind kind, size_t count, CodeStore& to);
  void put_changes(size_t count, const ColumnCode& code, CodeStore& to);

  std::array<int64_t, Chunk::kRows> numbers_{};
  std::array<int64_t, Chunk::kRows> changes_{};  // number less the one before
  std::array<uint64_t, kBlockRows> changed_{};   // a bit per value: did it change?
  std::array<uint8_t, Chunk::kRows * sizeof(uint64_t) + 16> bytes_{};
  size_t changed_count_ = 0;
};

// Values [from, to) of the encoded column, to out[0] and on.
void decode(const ColumnCode& code, const CodeStore& store, size_t from, size_t to, double* out);

}  // namespace jumper::store
