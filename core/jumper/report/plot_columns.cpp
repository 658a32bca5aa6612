// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/plot_columns.h"

namespace jumper::report {
namespace {

void append_code(std::vector<uint8_t>& bytes, uint64_t code) {
  constexpr uint64_t kMore = 0x80;
  while (code >= kMore) {
    bytes.push_back(static_cast<uint8_t>(code | kMore));
    code >>= 7;
  }
  bytes.push_back(static_cast<uint8_t>(code));
}

}  // namespace

void append_column(std::vector<uint8_t>& bytes, std::span<const int64_t> numbers) {
  constexpr uint64_t kRepeat = 0;
  constexpr uint64_t kAbsent = 1;
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

}  // namespace jumper::report
