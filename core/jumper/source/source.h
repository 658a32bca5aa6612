// SPDX-License-Identifier: BSD-3-Clause
// A source turns readings of kernel files into values of series. Each says which series it has,
// and fills one value for each on every reading; what it cannot read is absent.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "jumper/kernfs/file.h"
#include "jumper/metric/sample.h"

namespace jumper::source {

class Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Fixed for the life of the source.
  [[nodiscard]] virtual std::vector<metric::SeriesKey> series() const = 0;
  // `values` has one place for each of series().
  virtual void read(kernfs::ReadBuffer& buffer, std::span<double> values) = 0;
  // Of memory, what its one value can be at most, as far as was read; absent for all else.
  [[nodiscard]] virtual std::optional<double> limit() const { return std::nullopt; }
};

}  // namespace jumper::source
