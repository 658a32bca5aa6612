// SPDX-License-Identifier: BSD-3-Clause
// What the parsers of this folder share: columns of numbers, lines of "Key: number", and the error
// for bytes that are not what the kernel documents. Not for other folders.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "jumper/base/parse.h"
#include "jumper/base/result.h"

namespace jumper::procfs::detail {

// "cannot parse /proc/meminfo: MemTotal is missing or garbled". The bytes themselves are not in the
// message: they may hold anything.
[[nodiscard]] base::Error parse_error(std::string_view file, std::string_view what);

// Reads one column after the other; after the first that is missing, garbled or too large for its
// type nothing more is read and ok() is false. Columns past the last one asked for are ignored:
// newer kernels append some.
class Columns {
 public:
  explicit Columns(std::string_view text) : text_(text) {}

  template <std::integral Number>
  Columns& take(Number& into) {
    const std::optional<Number> number = ok_ ? base::next_number<Number>(text_) : std::nullopt;
    ok_ = number.has_value();
    if (number) into = *number;
    return *this;
  }
  Columns& skip(int count);

  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view text_;
  bool ok_ = true;
};

// The value of the first word of `text`, and for memory of the "kB" that must follow it, which the
// kernel uses for 1024 bytes. Absent when garbled or when the bytes do not fit.
[[nodiscard]] std::optional<uint64_t> parse_count(std::string_view text);
[[nodiscard]] std::optional<uint64_t> parse_kilobytes(std::string_view text);

struct Line {
  std::string_view key;   // up to the colon
  std::string_view rest;  // behind it, untrimmed
};

// Takes the next line off the front of `text`; the key is empty when there is no colon in it.
[[nodiscard]] Line next_keyed_line(std::string_view& text);

struct Field {
  std::string_view key;
  std::optional<uint64_t> value;
};

// Fills the fields from lines of "Key: number", each read by `parse`; lines with other keys are
// passed over, and of two lines with one key the last counts. Returns the first field whose line
// is garbled, or null.
template <typename Parse>
[[nodiscard]] const Field* read_fields(std::string_view text, std::span<Field> fields,
                                       Parse parse) {
  while (!text.empty()) {
    const Line line = next_keyed_line(text);
    for (Field& field : fields) {
      if (field.key != line.key) continue;
      field.value = parse(line.rest);
      if (!field.value) return &field;
      break;
    }
  }
  return nullptr;
}

// The first of the fields that is absent, or null.
[[nodiscard]] const Field* first_absent(std::span<const Field> fields);

}  // namespace jumper::procfs::detail
