// SPDX-License-Identifier: BSD-3-Clause
// The samples of one level of an exported session, from its CSV table back to our series: what
// analysis/perf_table.h makes, the other way round.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/metric/sample.h"
#include "jumper/session/io_totals.h"

namespace jumper::session {

struct LevelRows {
  metric::Scope level = metric::Scope::kProcess;
  std::vector<int64_t> times_ns;  // rising
  struct Series {
    metric::SeriesKey key;
    std::vector<double> values;  // one per time
  };
  std::vector<Series> series;

  // What is to be said of them.
  bool has_cpu_seconds = false;  // else CPU time was made from percentages
  bool has_gpu_columns = false;
  bool is_gpu_bandwidth_left_out = false;  // it was 0 throughout
  IoKind io_kind = IoKind::kTotals;
  size_t io_values = 0;
  size_t io_values_lost = 0;   // no total could be made of them
  size_t values_left_out = 0;  // negative ones, and those beyond 2^53
};

// `cpus` is what 100 % of cpu_util_avg stands for. The error names the file, and the line.
[[nodiscard]] base::Result<LevelRows> level_rows_from_csv(std::string_view text,
                                                          metric::Scope level, double cpus);

}  // namespace jumper::session
