// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/plot_columns.h"

namespace jumper::report {
namespace {

constexpr uint64_t kRepeat = 0;
constexpr uint64_t kAbsent = 1;
// What a double holds exactly, as the browser has no other numbers.
constexpr int64_t kLargest = int64_t{1} << 53U;

void append_code(std::vector<uint8_t>& bytes, uint64_t code) {
  constexpr uint64_t kMore = 0x80;
  while (code >= kMore) {
    bytes.push_back(static_cast<uint8_t>(code | kMore));
    code >>= 7;
  }
  bytes.push_back(static_cast<uint8_t>(code));
}

std::optional<uint64_t> take_code(std::span<const uint8_t>& bytes) {
  uint64_t code = 0;
  for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const uint64_t byte = bytes.front();
    bytes = bytes.subspan(1);
    code |= (byte & 0x7FU) << shift;
    if (byte < 0x80U) return code;
  }
  return std::nullopt;
}

}  // namespace

void append_column(std::vector<uint8_t>& bytes, std::span<const int64_t> numbers) {
  int64_t before = 0;
  for (size_t i = 0; i < numbers.size();) {
    const int64_t number = numbers[i];
    size_t end = i + 1;
    if (number == kAbsentNumber || number == before) {
      while (end < numbers.size() && numbers[end] == number) ++end;
      append_code(bytes, number == before ? kRepeat : kAbsent);
      append_code(bytes, end - i);
    } else {
      const int64_t change = number - before;
      const auto size = static_cast<uint64_t>(change > 0 ? change : -change);
      append_code(bytes, (change > 0 ? 2 * size : 2 * size - 1) + 1);
      before = number;
    }
    i = end;
  }
}

std::optional<std::vector<int64_t>> take_column(std::span<const uint8_t>& bytes, size_t count) {
  std::vector<int64_t> numbers;
  numbers.reserve(count);
  int64_t before = 0;
  while (numbers.size() < count) {
    const auto code = take_code(bytes);
    if (!code) return std::nullopt;
    if (*code == kRepeat || *code == kAbsent) {
      const auto times = take_code(bytes);
      if (!times || *times == 0 || *times > count - numbers.size()) return std::nullopt;
      numbers.insert(numbers.end(), *times, *code == kRepeat ? before : kAbsentNumber);
      continue;
    }
    const auto size = static_cast<int64_t>(*code / 2);
    before += *code % 2 == 0 ? -size : size;
    if (size > kLargest || before > kLargest || before < -kLargest) return std::nullopt;
    numbers.push_back(before);
  }
  return numbers;
}

}  // namespace jumper::report
