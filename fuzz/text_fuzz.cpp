// SPDX-License-Identifier: BSD-3-Clause
// Cell sources, process names and messages of others go through these on their way to a terminal,
// a page or a file.
#include "jumper/base/text.h"

#include "jumper/base/json.h"
#include "target.h"

namespace {

using jumper::base::code_points;
using jumper::base::valid_utf8;
using jumper::fuzz::require;

bool is_valid(std::string_view text) {
  return valid_utf8(text) == text;
}

bool has_control(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

void check_html(std::string_view bytes) {
  const std::string html = jumper::base::escape_html(bytes);
  require(is_valid(html));
  require(html.find_first_of("<>\"'\x1B") == std::string::npos);
}

void check_one_line(std::string_view bytes) {
  for (const size_t width : {0U, 1U, 2U, 7U, 80U}) {
    const std::string line = jumper::base::one_line(bytes, width);
    require(is_valid(line) && !has_control(line));
    require(code_points(line) <= width);
  }
}

void check_json(std::string_view bytes) {
  jumper::base::JsonWriter json(0);
  json.value(bytes);
  const std::string& text = json.text();
  require(is_valid(text) && !has_control(text));
  require(text.size() >= 2 && text.front() == '"' && text.back() == '"');
  // No quote within, unless escaped.
  bool escaped = false;
  for (size_t at = 1; at + 1 < text.size(); ++at) {
    require(escaped || text[at] != '"');
    escaped = !escaped && text[at] == '\\';
  }
  require(!escaped);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = jumper::fuzz::as_text(data, size);
  const std::string valid = valid_utf8(bytes);
  require(is_valid(valid));
  require(code_points(valid) == code_points(bytes));
  check_html(bytes);
  check_one_line(bytes);
  check_json(bytes);
  return 0;
}
