// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/detail.h"

#include <limits>
#include <string>

namespace jumper::procfs::detail {

base::Error parse_error(std::string_view file, std::string_view what) {
  std::string message = "cannot parse ";
  message += file;
  message += ": ";
  message += what;
  message += " is missing or garbled";
  return base::Error{base::ErrorCode::kParse, std::move(message), 0};
}

Columns& Columns::skip(int count) {
  for (; ok_ && count > 0; --count) ok_ = !base::next_word(text_).empty();
  return *this;
}

std::optional<uint64_t> parse_count(std::string_view text) {
  return base::next_number<uint64_t>(text);
}

std::optional<uint64_t> parse_kilobytes(std::string_view text) {
  constexpr uint64_t kKilobyte = 1024;
  const auto count = base::next_number<uint64_t>(text);
  if (!count || *count > std::numeric_limits<uint64_t>::max() / kKilobyte) return std::nullopt;
  if (base::next_word(text) != "kB") return std::nullopt;
  return *count * kKilobyte;
}

Line next_keyed_line(std::string_view& text) {
  const std::string_view line = base::next_line(text);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  return {line.substr(0, colon), line.substr(colon + 1)};
}

const Field* first_absent(std::span<const Field> fields) {
  for (const Field& field : fields) {
    if (!field.value) return &field;
  }
  return nullptr;
}

}  // namespace jumper::procfs::detail
