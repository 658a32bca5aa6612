// SPDX-License-Identifier: BSD-3-Clause
// For fuzz targets: stops where a property does not hold, in every build.
#pragma once

#include <cstdio>
#include <cstdlib>

#define JUMPER_REQUIRE(condition)                                                    \
  do {                                                                               \
    if (!(condition)) {                                                              \
      std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                  \
    }                                                                                \
  } while (false)
