// SPDX-License-Identifier: BSD-3-Clause
// Rows [begin, end) of a snapshot.
#pragma once

#include <cstddef>

namespace jumper::store {

struct RowRange {
  size_t begin = 0;
  size_t end = 0;

  bool operator==(const RowRange&) const = default;
  [[nodiscard]] size_t size() const { return empty() ? 0 : end - begin; }
  [[nodiscard]] bool empty() const { return begin >= end; }
};

}  // namespace jumper::store
