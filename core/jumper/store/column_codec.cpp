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
// Whole numbers up to here are exact in a double; of larger ones nobody counts the ones.
constexpr double kLargestNumber = 0x1p53;

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
    if (!(std::abs(number) <= kLargestNumber)) return false;
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

template <bool kInThousandths>
void decode_numbers(const ColumnCode& code, const CodeStore& store, size_t from, size_t to,
                    double* out) {
  const uint64_t* words = store.words.data() + code.words;
  const uint64_t all_changed = words[0];
  const uint64_t some_changed = words[1];
  const uint8_t* at = store.bytes.data() + code.bytes;
  auto number = static_cast<uint64_t>(code.first);
  size_t block = 0;
  if (code.marks != ColumnCode::kNoMarks && from >= kMarkEvery) {
    const CodeStore::Mark& mark = store.marks[code.marks + from / kMarkEvery - 1];
    number = static_cast<uint64_t>(mark.number);
    at += mark.offset;
    block = from / kMarkEvery * (kMarkEvery / kBlockRows);
  }
  words += 2 + std::popcount(some_changed & low_bits(block));
  const auto change = [&] {
    number += static_cast<uint64_t>(unzigzag(get_varint(at))) * code.factor;
  };
  const auto value = [&] { return to_value<kInThousandths>(static_cast<int64_t>(number)); };

  for (size_t start = block * kBlockRows; start < to; start += kBlockRows, ++block) {
    uint64_t bits = 0;
    if ((all_changed >> block & 1) != 0) {
      bits = ~uint64_t{0};
    } else if ((some_changed >> block & 1) != 0) {
      bits = *words++;
    }
    const size_t first = std::min(std::max(start, from) - start, kBlockRows);
    const size_t last = std::min(to - start, kBlockRows);
    for (int skipped = std::popcount(bits & low_bits(first)); skipped > 0; --skipped) change();
    if (bits == ~uint64_t{0}) {
      for (size_t i = first; i < last; ++i) {
        change();
        *out++ = value();
      }
      continue;
    }
    size_t next = first;
    for (bits &= low_bits(last) & ~low_bits(first); bits != 0; bits &= bits - 1) {
      const auto changed = static_cast<size_t>(std::countr_zero(bits));
      out = std::fill_n(out, changed - next, value());
      change();
      *out++ = value();
      next = changed + 1;
    }
    if (next < last) out = std::fill_n(out, last - next, value());
  }
}

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
      decode_numbers<false>(code, store, from, to, out);
      break;
    case ColumnCode::Kind::kThousandths:
      decode_numbers<true>(code, store, from, to, out);
      break;
    case ColumnCode::Kind::kRaw:
      std::memcpy(out, store.words.data() + code.words + from, (to - from) * sizeof(double));
      break;
  }
}

}  // namespace jumper::store
