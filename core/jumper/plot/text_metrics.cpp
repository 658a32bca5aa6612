// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/text_metrics.h"

#include <array>
#include <cstddef>
#include <utility>

#include "jumper/base/text.h"

namespace jumper::plot {
namespace {

constexpr size_t kLongestText = 400;

// Of U+0020 to U+007E, in thousandths of the size.
constexpr std::array<uint16_t, 95> kWidths = {
    278,  278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,  // space to /
    556,  556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,  // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,  // @ to O
    667,  778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,  // P to _
    333,  556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,  // ` to o
    556,  556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,       // p to ~
};

uint32_t code_width(uint32_t code) {
  if (code >= 0x20 && code < 0x7F) return kWidths[code - 0x20];
  if (code == 0xB0) return 400;
  if (code == 0xB7) return 278;
  return 556;
}

// The code point that begins at `at`, which is moved past it. The text is valid UTF-8.
uint32_t next_code(std::string_view text, size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  uint32_t code = lead & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more && at < text.size(); ++i) {
    code = (code << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  }
  return code;
}

// Typographic signs that Latin-1 lacks.
char latin1_of(uint32_t code) {
  constexpr std::array<std::pair<uint32_t, char>, 9> kLikenesses = {{{0x2010, '-'},
                                                                     {0x2011, '-'},
                                                                     {0x2013, '-'},
                                                                     {0x2014, '-'},
                                                                     {0x2018, '\''},
                                                                     {0x2019, '\''},
                                                                     {0x201C, '"'},
                                                                     {0x201D, '"'},
                                                                     {0x3BC, '\xB5'}}};
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return ' ';
  if (code < 0x100) return static_cast<char>(static_cast<unsigned char>(code));
  for (const auto& [from, to] : kLikenesses) {
    if (from == code) return to;
  }
  return '?';
}

}  // namespace

double text_width(std::string_view utf8, double size_px) {
  const std::string text = base::valid_utf8(utf8);
  double thousandths = 0;
  for (size_t at = 0; at < text.size();) thousandths += code_width(next_code(text, at));
  return thousandths * size_px / 1000;
}

std::string to_latin1(std::string_view utf8) {
  const std::string text = base::valid_utf8(utf8);
  std::string latin1;
  for (size_t at = 0; at < text.size();) latin1 += latin1_of(next_code(text, at));
  return latin1;
}

std::string fitted(std::string_view utf8, double size_px, double width_px) {
  // Up to four bytes make a code point, so nothing is lost that could be shown.
  const bool is_cut = utf8.size() > 4 * kLongestText;
  const std::string text = base::valid_utf8(utf8.substr(0, 4 * kLongestText));
  const double dots = text_width("...", size_px);
  double thousandths = 0;
  size_t fits_with_dots = 0;
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) {
    if (thousandths * size_px / 1000 + dots <= width_px) fits_with_dots = at;
    thousandths += code_width(next_code(text, at));
    if (count >= kLongestText || thousandths * size_px / 1000 > width_px) {
      return fits_with_dots == 0 ? "" : text.substr(0, fits_with_dots) + "...";
    }
  }
  return is_cut ? text.substr(0, fits_with_dots) + "..." : text;
}

}  // namespace jumper::plot
