// SPDX-License-Identifier: BSD-3-Clause
// The monitor's plots that move on while cells run.
#include <algorithm>
#include <cmath>

#include "jumper/monitor/monitor.h"

namespace jumper::monitor {
namespace {

constexpr size_t kMostPoints = 20'000;

base::Error nothing_measured() {
  return {base::ErrorCode::kState,
          "nothing was measured yet: start the monitor with %perfmonitor_start", 0};
}

// Without levels, and what they are made from.
analysis::PlotData recent_data(const Session& session, int64_t most_ns) {
  const store::Snapshot& samples = session.recording().samples;
  analysis::PlotData data;
  data.origin_ns = *session.facts().start_ns;
  data.origin_wall_ns = *session.facts().wall_start_ns;
  data.to_ns = samples.empty() ? data.origin_ns : samples.time_ns(samples.rows() - 1);
  data.from_ns = std::max(data.origin_ns, data.to_ns - most_ns);
  data.look_for_gpus(samples);
  return data;
}

}  // namespace

base::Result<Plot> Monitor::recent_plot(metric::Scope level, int64_t most_ns) const {
  const auto now = session();
  if (!now) return now.error();
  if (!now->started()) return nothing_measured();
  const store::Snapshot& snapshot = now->recording().samples;
  analysis::PlotData data = recent_data(*now, most_ns);
  data.cells = timeline_.since(data.from_ns, data.to_ns);
  data.shown_level = level;
  for (const metric::Scope scope : levels()) {
    analysis::PlotLevelOptions options = now->plot_options(scope);
    options.from_ns = data.from_ns;
    data.levels.push_back(analysis::make_plot_level(snapshot, options, kMostPoints));
  }
  return Plot(std::move(data));
}

base::Result<report::PlotDocument> Monitor::plot_after(int64_t after_ns, int64_t most_ns) const {
  // The last points of a plot can still change: rates span some samples, and processes of others
  // are read less often.
  constexpr int64_t kUnsettledNs = 300'000'000;
  // A rate reaches back to the sample before, which a stretched interval puts this far away.
  constexpr int64_t kLeadNs = 10'000'000'000;
  constexpr double kPointsPerSecond = 60;
  const auto now = session();
  if (!now) return now.error();
  if (!now->started()) return nothing_measured();
  const store::Snapshot& snapshot = now->recording().samples;
  analysis::PlotData data = recent_data(*now, most_ns);
  // In whole ticks, so that the receiver and we agree on what comes after.
  const int64_t since_origin_ns =
      std::clamp<int64_t>(after_ns - kUnsettledNs, data.from_ns - data.origin_ns,
                          data.to_ns - data.origin_ns) /
      report::kPlotTickNs * report::kPlotTickNs;
  data.from_ns = data.origin_ns + since_origin_ns;
  data.cells = timeline_.since(data.from_ns, data.to_ns);
  const auto lead_ns = std::max<int64_t>(kLeadNs, std::llround(interval_seconds() * 3e9));
  const double points = 60 + base::seconds(data.to_ns - data.from_ns) * kPointsPerSecond;
  for (const metric::Scope scope : levels()) {
    analysis::PlotLevelOptions options = now->plot_options(scope);
    options.from_ns = data.from_ns - lead_ns;
    auto level = analysis::make_plot_level(snapshot, options, analysis::kMostRowsRead);
    level = analysis::points_from(std::move(level), data.from_ns + report::kPlotTickNs);
    data.levels.push_back(
        analysis::thinned(level, static_cast<size_t>(std::min<double>(points, kMostPoints))));
  }
  return report::plot_document(data, report::kPlotBytes, report::PlotPart::kTail);
}

}  // namespace jumper::monitor
