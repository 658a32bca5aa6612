// SPDX-License-Identifier: BSD-3-Clause
// A series as a plot needs it: extremes and means over equal stretches of time, from what every
// sealed chunk knows of its rows (chunk_pyramid.h), so that a long session costs little more than a
// short one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "jumper/store/snapshot.h"

namespace jumper::store {

// What happened from `from_ns` on, before `to_ns`; the last bucket has its end in it. Of a gauge
// the levels, of a counter the rates per nanosecond between successive samples, each at the later
// one.
struct Bucket {
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  double minimum = metric::kAbsent;  // absent without samples
  double maximum = metric::kAbsent;
  double mean =
      metric::kAbsent;   // of levels, each counting the same; of rates, the change over the time
  uint64_t samples = 0;  // levels, or rates

  bool operator==(const Bucket&) const = default;
};

// `count` buckets over [from_ns, to_ns], equally long but for this: where a bucket is longer than
// two blocks of 64 rows, the edges between buckets move to the nearest edge of a block. They tell
// where they are. What lies in a sealed chunk has the precision of a float then, otherwise it is
// exact. Of thinned chunks, buckets shorter than a block know the rows that are left.
[[nodiscard]] std::vector<Bucket> buckets(const Snapshot& snapshot, const metric::SeriesKey& key,
                                          int64_t from_ns, int64_t to_ns, size_t count);

}  // namespace jumper::store
