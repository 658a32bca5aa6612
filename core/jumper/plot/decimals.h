// SPDX-License-Identifier: BSD-3-Clause
// Coordinates as short text.
#pragma once

#include <string>

#include "jumper/base/text.h"

namespace jumper::plot {

// At most two decimals, no zeros at the end: "12.5", "3", "-0.25".
[[nodiscard]] inline std::string coordinate(double value) {
  std::string text = base::fixed(value, 2);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace jumper::plot
