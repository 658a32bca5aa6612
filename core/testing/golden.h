// SPDX-License-Identifier: BSD-3-Clause
// Comparing what a report says with the file that tells what it should say.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/testdata.h"

namespace jumper::testing {

// `actual` must be the bytes of core/testdata/golden/`name`; the failure shows the lines that
// differ.
inline void expect_golden(std::string_view name, const std::string& actual) {
  std::string path = "golden/";
  path += name;
  EXPECT_EQ(actual, read_testdata(path)) << "differs from core/testdata/" << path;
}

// HTML without the style sheet, which says nothing about the content.
[[nodiscard]] inline std::string without_style(std::string html) {
  const size_t begin = html.find("<style>");
  const size_t end = html.find("</style>");
  if (begin != std::string::npos && end != std::string::npos) {
    html.erase(begin, end + std::string_view("</style>").size() - begin);
  }
  return html;
}

}  // namespace jumper::testing
