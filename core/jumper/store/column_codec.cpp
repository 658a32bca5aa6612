// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/column_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

#include "jumper/store/varint.h"

namespace jumper::store {
namespace {

constexpr double kThousand = 1000;

template <bool kInThousandths>
double to_value(int64_t number) {
  const auto value = static_cast<double>(number);
  return kInThousandths ? value / kThousand : value;
}

// False where a value is not such a number, to the last bit: -0.0 is none.
template <bool kInThousandths>
bool to_numbers(std::span<const double> values, int64_t* numbers) {
  uint64_t mismatch = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    const double number = kInThousandths ? std::nearbyint(value * kThousand) : value;
    if (!(std::abs(number) <= kLargestWhole)) return false;
    numbers[i] = static_cast<int64_t>(number);
    mismatch |= std::bit_cast<uint64_t>(to_value<kInThousandths>(numbers[i])) ^
                std::bit_cast<uint64_t>(value);
    if (i % kBlockRows == 0 && mismatch != 0) return false;
  }
  return mismatch == 0;
}

// All bits of one value, `count` of them at the low end.
constexpr uint64_t low_bits(size_t count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

uint64_t magnitude(int64_t number) {
  const auto bits = static_cast<uint64_t>(number);
  return number < 0 ? ~bits + 1 : bits;
}

// Division by a number that is known to divide: multiplication with its inverse modulo 2^64.
class ExactDivision {
 public:
  explicit ExactDivision(uint64_t divisor)
      : shift_(std::countr_zero(divisor)),
        odd_(divisor >> shift_),
        largest_(~uint64_t{0} / odd_),
        inverse_(odd_) {
    // Newton's iteration: 3 bits are right at the start, and each step doubles them.
    for (int step = 0; step < 5; ++step) inverse_ *= 2 - odd_ * inverse_;
  }
  [[nodiscard]] bool divides(uint64_t number) const {
    return std::countr_zero(number) >= shift_ && (number >> shift_) * inverse_ <= largest_;
  }
  [[nodiscard]] int64_t quotient(int64_t number) const {
    return static_cast<int64_t>(static_cast<uint64_t>(number >> shift_) * inverse_);
  }

 private:
  int shift_;
  uint64_t odd_;
  uint64_t largest_;
  uint64_t inverse_;
};

// The largest number that divides all changes.
uint64_t common_factor(std::span<const int64_t> changes, std::span<const uint64_t> changed) {
  uint64_t factor = 0;
  std::optional<ExactDivision> division;
  for (size_t block = 0; block * kBlockRows < changes.size(); ++block) {
    for (uint64_t bits = changed[block]; bits != 0; bits &= bits - 1) {
      const uint64_t change =
          magnitude(changes[block * kBlockRows + static_cast<size_t>(std::countr_zero(bits))]);
      if (division && division->divides(change)) continue;
      factor = std::gcd(factor, change);
      if (factor == 1) return 1;
      division.emplace(factor);
    }
  }
  return factor == 0 ? 1 : factor;
}

// Decodes a column of numbers. Where a number begins is known only once the one before it was read,
// so a single walk mostly waits: stretches from one mark to the next are walked side by side.
template <bool kInThousandths>
class NumberDecoder {
 public:
  NumberDecoder(const ColumnCode& code, const CodeStore& store)
      : code_(code),
        store_(store),
        all_changed_(store.words[code.words]),
        some_changed_(store.words[code.words + 1]) {}

  void decode(size_t from, size_t to, double* out) const {
    if (code_.marks != ColumnCode::kNoMarks) {
      const size_t head = std::min((from + kMarkEvery - 1) / kMarkEvery * kMarkEvery, to);
      out = walk(from, head, out);
      from = head;
      while (to - from >= 4 * kMarkEvery) out = side_by_side<4>(from, out);
      if (to - from >= 2 * kMarkEvery) out = side_by_side<2>(from, out);
    }
    walk(from, to, out);
  }

 private:
  static constexpr size_t kMarkBlocks = kMarkEvery / kBlockRows;
  static constexpr uint64_t kAll = ~uint64_t{0};
  static constexpr int kManyChanges = 32;  // in a block: from here on, skipping none is faster

  struct Walker {  // stands before a block
    const uint8_t* at = nullptr;
    const uint64_t* words = nullptr;
    uint64_t number = 0;

    void change(uint64_t factor) {
      number += static_cast<uint64_t>(unzigzag(get_varint(at))) * factor;
    }
    [[nodiscard]] double value() const {
      return to_value<kInThousandths>(static_cast<int64_t>(number));
    }
  };

  // Before the last mark that is not behind the value.
  [[nodiscard]] Walker start(size_t value) const {
    Walker walker{store_.bytes.data() + code_.bytes, store_.words.data() + code_.words + 2,
                  static_cast<uint64_t>(code_.first)};
    if (code_.marks == ColumnCode::kNoMarks || value < kMarkEvery) return walker;
    const CodeStore::Mark& mark = store_.marks[code_.marks + value / kMarkEvery - 1];
    walker.number = static_cast<uint64_t>(mark.number);
    walker.at += mark.offset;
    walker.words += std::popcount(some_changed_ & low_bits(value / kMarkEvery * kMarkBlocks));
    return walker;
  }

  [[nodiscard]] uint64_t changed_in(size_t block, Walker& walker) const {
    if ((all_changed_ >> block & 1) != 0) return kAll;
    return (some_changed_ >> block & 1) != 0 ? *walker.words++ : 0;
  }

  // Values [first, last) of a block, of which `bits` changed.
  double* walk_block(Walker& walker, uint64_t bits, size_t first, size_t last, double* out) const {
    for (int skipped = std::popcount(bits & low_bits(first)); skipped > 0; --skipped)
      walker.change(code_.factor);
    if (bits == kAll) {
      for (size_t i = first; i < last; ++i) {
        walker.change(code_.factor);
        *out++ = walker.value();
      }
      return out;
    }
    size_t next = first;
    for (bits &= low_bits(last) & ~low_bits(first); bits != 0; bits &= bits - 1) {
      const auto changed = static_cast<size_t>(std::countr_zero(bits));
      out = std::fill_n(out, changed - next, walker.value());
      walker.change(code_.factor);
      *out++ = walker.value();
      next = changed + 1;
    }
    return next < last ? std::fill_n(out, last - next, walker.value()) : out;
  }

  double* walk(size_t from, size_t to, double* out) const {
    if (from >= to) return out;
    Walker walker = start(from);
    size_t block = code_.marks == ColumnCode::kNoMarks ? 0 : from / kMarkEvery * kMarkBlocks;
    for (size_t begin = block * kBlockRows; begin < to; begin += kBlockRows, ++block) {
      const uint64_t bits = changed_in(block, walker);
      const size_t first = std::min(std::max(begin, from) - begin, kBlockRows);
      out = walk_block(walker, bits, first, std::min(to - begin, kBlockRows), out);
    }
    return out;
  }

  // From one mark on, up to kWalkers marks further, to which `from` moves.
  template <size_t kWalkers>
  double* side_by_side(size_t& from, double* out) const {
    std::array<Walker, kWalkers> walkers;
    for (size_t i = 0; i < kWalkers; ++i) walkers[i] = start(from + i * kMarkEvery);
    const size_t first_block = from / kBlockRows;
    for (size_t step = 0; step < kMarkBlocks; ++step, out += kBlockRows) {
      std::array<uint64_t, kWalkers> bits{};
      bool worthwhile = true;
      for (size_t i = 0; i < kWalkers; ++i) {
        bits[i] = changed_in(first_block + i * kMarkBlocks + step, walkers[i]);
        worthwhile = worthwhile && std::popcount(bits[i]) >= kManyChanges;
      }
      if (worthwhile) {
        walk_blocks(walkers, bits, out);
        continue;
      }
      for (size_t i = 0; i < kWalkers; ++i)
        walk_block(walkers[i], bits[i], 0, kBlockRows, out + i * kMarkEvery);
    }
    from += kWalkers * kMarkEvery;
    return out + (kWalkers - 1) * kMarkEvery;
  }

  // One block each, without a branch on what changed.
  template <size_t kWalkers>
  void walk_blocks(std::array<Walker, kWalkers>& shared, const std::array<uint64_t, kWalkers>& bits,
                   double* out) const {
    std::array<Walker, kWalkers> walkers = shared;  // a copy, which can be held in registers
    const uint64_t factor = code_.factor;
    for (size_t row = 0; row < kBlockRows; ++row) {
      for (size_t i = 0; i < kWalkers; ++i) {
        Walker& walker = walkers[i];
        const uint64_t mask = ~(bits[i] >> row & 1) + 1;  // all bits, or none
        const uint8_t* next = walker.at;
        walker.number += static_cast<uint64_t>(unzigzag(get_varint(next))) * factor & mask;
        walker.at += static_cast<uint64_t>(next - walker.at) & mask;
        out[i * kMarkEvery + row] = walker.value();
      }
    }
    shared = walkers;
  }

  const ColumnCode& code_;
  const CodeStore& store_;
  uint64_t all_changed_;
  uint64_t some_changed_;
};

}  // namespace

ColumnCode ColumnEncoder::encode(std::span<const double> values, CodeStore& to) {
  ColumnCode code;
  if (values.empty()) return code;
  const auto bits = [](double value) { return std::bit_cast<uint64_t>(value); };
  const uint64_t first = bits(values.front());
  if (std::ranges::all_of(values, [&](double value) { return bits(value) == first; })) {
    code.kind = ColumnCode::Kind::kConstant;
    code.first = static_cast<int64_t>(first);
    return code;
  }
  if (to_numbers<false>(values, numbers_.data()))
    return encode_numbers(ColumnCode::Kind::kWhole, values.size(), to);
  if (to_numbers<true>(values, numbers_.data()))
    return encode_numbers(ColumnCode::Kind::kThousandths, values.size(), to);
  code.kind = ColumnCode::Kind::kRaw;
  code.words = static_cast<uint32_t>(to.words.size());
  std::ranges::transform(values, std::back_inserter(to.words), bits);
  return code;
}

void ColumnEncoder::find_changes(size_t count) {
  int64_t before = numbers_[0];
  changed_count_ = 0;
  for (size_t start = 0; start < count; start += kBlockRows) {
    const size_t end = std::min(start + kBlockRows, count);
    uint64_t bits = 0;
    for (size_t i = start; i < end; ++i) {
      const int64_t change = numbers_[i] - before;
      before = numbers_[i];
      changes_[i] = change;
      bits |= uint64_t{change != 0} << (i - start);
    }
    changed_[start / kBlockRows] = bits;
    changed_count_ += static_cast<size_t>(std::popcount(bits));
  }
}

ColumnCode ColumnEncoder::encode_numbers(ColumnCode::Kind kind, size_t count, CodeStore& to) {
  find_changes(count);
  ColumnCode code;
  code.kind = kind;
  code.first = numbers_[0];
  code.factor = common_factor(std::span(changes_).first(count), changed_);
  code.words = static_cast<uint32_t>(to.words.size());
  code.bytes = static_cast<uint32_t>(to.bytes.size());
  if (changed_count_ >= kMarkEvery) code.marks = static_cast<uint32_t>(to.marks.size());

  uint64_t all_changed = 0;
  uint64_t some_changed = 0;
  to.words.resize(to.words.size() + 2);
  for (size_t block = 0; block * kBlockRows < count; ++block) {
    const uint64_t bits = changed_[block];
    if (bits == 0) continue;
    if (bits == low_bits(count - block * kBlockRows)) {
      all_changed |= uint64_t{1} << block;
    } else {
      some_changed |= uint64_t{1} << block;
      to.words.push_back(bits);
    }
  }
  to.words[code.words] = all_changed;
  to.words[code.words + 1] = some_changed;
  put_changes(count, code, to);
  return code;
}

void ColumnEncoder::put_changes(size_t count, const ColumnCode& code, CodeStore& to) {
  const ExactDivision division(code.factor);
  uint8_t* at = bytes_.data();
  for (size_t block = 0; block * kBlockRows < count; ++block) {
    const size_t start = block * kBlockRows;
    if (start > 0 && start % kMarkEvery == 0 && code.marks != ColumnCode::kNoMarks) {
      to.marks.push_back({numbers_[start - 1], static_cast<uint32_t>(at - bytes_.data())});
    }
    for (uint64_t bits = changed_[block]; bits != 0; bits &= bits - 1) {
      const int64_t change = changes_[start + static_cast<size_t>(std::countr_zero(bits))];
      at = put_varint(at, zigzag(division.quotient(change)));
    }
  }
  to.bytes.insert(to.bytes.end(), bytes_.data(), at);
}

void decode(const ColumnCode& code, const CodeStore& store, size_t from, size_t to, double* out) {
  if (from >= to) return;
  switch (code.kind) {
    case ColumnCode::Kind::kNothing:
      break;
    case ColumnCode::Kind::kConstant:
      std::fill_n(out, to - from, std::bit_cast<double>(code.first));
      break;
    case ColumnCode::Kind::kWhole:
      NumberDecoder<false>(code, store).decode(from, to, out);
      break;
    case ColumnCode::Kind::kThousandths:
      NumberDecoder<true>(code, store).decode(from, to, out);
      break;
    case ColumnCode::Kind::kRaw:
      std::memcpy(out, store.words.data() + code.words + from, (to - from) * sizeof(double));
      break;
  }
}

}  // namespace jumper::store
