// SPDX-License-Identifier: BSD-3-Clause
// Readings of GPUs as values of a plot's points. They come in rows of their own: a point has the
// mean of what was read since the point before it, else what was last read, while that holds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "jumper/analysis/plot_points.h"
#include "jumper/store/pyramid.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// One value per row, as stored; of counters rates per nanosecond. Absent where there is no value
// at all.
[[nodiscard]] std::optional<std::vector<double>> gpu_values(const store::Snapshot& snapshot,
                                                            const metric::SeriesKey& key,
                                                            const PlotRows& rows);

// Buckets without a sample say what the one before them said, while that holds.
void hold_readings(std::span<store::Bucket> buckets);

}  // namespace jumper::analysis
