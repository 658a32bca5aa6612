// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/metric_docs.h"

#include <string_view>

#include "jumper/metric/metric.h"

namespace jumper::report {
namespace {

constexpr std::string_view kIntroduction = R"(# Metrics and columns

This page is made from the catalogue of metrics: `jumper metrics > docs/metrics.md`.

## Columns of performance data

One row per sample, in the DataFrame of `%perfmonitor_export_perfdata`, in CSV and in JSON. What was not measured is NaN,
empty, or null; a 0 was measured. Besides the samples at the interval there is one at each end of every cell, and
a few inside it: while a cell is young they are close together, so that a short cell has a curve, too.

| column | unit | meaning |
|---|---|---|
| `time` | s | CLOCK_MONOTONIC, the same as `time.perf_counter()` |
| `timestamp` | s | since the epoch |
| `cell_index` | | the cell in which the time since the row before lies; empty outside cells. The row at a cell's start speaks of the time before it |
| `cpu_util_avg` | % | mean since the row before; 100 is all CPUs the process may use, at level `system` all CPUs there are, at `container` and `slurm` those of the group ([levels.md](levels.md)) |
| `cpu_util_min`, `cpu_util_max` | % | over the CPUs at level `system`; elsewhere equal to the average |
| `cpu_util_0` ... | % | of each CPU; at level `system` only |
| `io_read_mb`, `io_write_mb` | 2^20 bytes | `io_read` and `io_write` in larger units |
| `gpu_util_avg`, `gpu_util_min`, `gpu_util_max` | % | over the GPUs that the level may use; at other levels than `system` what its own processes ran |
| `gpu_band_avg`, `gpu_band_min`, `gpu_band_max` | % | the same of the time in which memory of GPUs was read or written |
| `gpu_mem_avg`, `gpu_mem_min`, `gpu_mem_max` | 2^30 bytes | the same of memory in use |
| `gpu_util_0`, `gpu_band_0`, `gpu_mem_0` ... | as above | of each GPU |

Columns of GPUs are there where GPUs were measured. They are read about once a second: a row has what was read last, if
that is no older than 2.5 s. Energy and memory are read at the ends of cells, too.

All other columns are metrics. Counters are totals since monitoring started; they go on over a stop and a restart.
Columns of ratios are in percent; those of GPUs have the GPU's number behind their names where they are of one GPU.

## Metrics

`Name` is the name inside (base units, as in OpenMetrics), `column` that of exported data. Memory columns `memory`,
`memory_rss` and `gpu_mem` are in GB of 2^30 bytes.

| name | column | kind | meaning |
|---|---|---|---|
)";

constexpr std::string_view kHistory = R"(
## Columns of the cell history

`cell_index`, `raw_cell`, `start_time`, `end_time`, `duration` (s, CLOCK_MONOTONIC), `wallclock_start_time`,
`wallclock_end_time` (s since the epoch), `cell_magics`, `status` (`ok`, `error` or `interrupted`), and what the cell cost
the process and its descendants: `cpu_seconds`, `memory_peak`, `memory_retained` (GB of 2^30 bytes), `io_read_mb`, `io_write_mb`
(2^20 bytes). Where GPUs were measured also `gpu_util_avg` (%, of what the process and its descendants ran, over the
GPUs they may use), `gpu_mem_peak` (2^30 bytes, the most on any one GPU) and `gpu_energy` (J, of the whole GPUs that they
were on). CSV leaves NUL characters of a source out, because readers of CSV stop at them; JSON has them.
)";

}  // namespace

std::string metric_docs() {
  std::string text(kIntroduction);
  for (const metric::MetricInfo& info : metric::catalog()) {
    text += "| `" + std::string(info.name) + "` | `" + std::string(info.column) + "` | ";
    text += info.kind == metric::Kind::kCounter ? "counter" : "gauge";
    text += " | " + std::string(info.help) + " |\n";
  }
  return text + std::string(kHistory);
}

}  // namespace jumper::report
