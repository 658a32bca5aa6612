// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/oom_guard.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <utility>

#include "jumper/base/clock.h"
#include "jumper/base/text.h"

namespace jumper::monitor {
namespace {

using metric::Metric;
using metric::Scope;
using metric::TickKind;

constexpr double kUrgentSeconds = 1.5;
constexpr double kUrgentSteps = 2;
constexpr double kUrgentShare = 0.9;  // of the limit in use
// A forecast is no longer one when nothing was read for so long.
constexpr int64_t kStaleNs = 2 * base::kNanosPerSecond;

std::string gigabytes(double bytes) {
  return base::fixed(bytes / (1024.0 * 1024 * 1024), 2);
}

std::string seconds_text(double seconds) {
  if (seconds < 1) return "less than 1 s";
  const double rounded = seconds < 20 ? std::round(seconds) : std::round(seconds / 5) * 5;
  return "about " + base::fixed(rounded, 0) + " s";
}

std::string reason_text(const MemoryForecast& told) {
  const analysis::Forecast& forecast = told.forecast;
  const double percent = forecast.used_bytes / forecast.limit_bytes * 100;
  return "interrupted by --oom-guard: " + gigabytes(forecast.used_bytes) + " of " +
         gigabytes(forecast.limit_bytes) + " GB (" + base::fixed(percent, 0) + " %) " +
         (told.is_machine ? "of the machine's memory" : "of the memory limit") +
         " were in use, growing by " + base::fixed(forecast.bytes_per_second / (1024.0 * 1024), 0) +
         " MB/s: it would have been reached in " + seconds_text(forecast.seconds_left);
}

}  // namespace

std::string MemoryForecast::text() const {
  const std::string what =
      is_machine ? "the machine's memory is full in " : "memory limit reached in ";
  return what + seconds_text(forecast.seconds_left);
}

bool interrupt_main_thread() {
  struct sigaction action{};
  if (::sigaction(SIGINT, nullptr, &action) != 0) return false;
  const bool is_handled = (action.sa_flags & SA_SIGINFO) != 0 ||
                          (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
  if (!is_handled) return false;
  const pid_t pid = ::getpid();
  return ::syscall(SYS_tgkill, pid, pid, SIGINT) == 0;
}

void OomGuard::prepare(const Limits& limits, bool is_armed) {
  const auto as_double = [](const std::optional<uint64_t>& bytes) {
    return bytes ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
  };
  const std::scoped_lock lock(mutex_);
  is_armed_ = is_armed;
  group_ = {};
  machine_ = {};
  group_.limit_bytes = as_double(limits.group_bytes);
  machine_.limit_bytes = as_double(limits.machine_bytes);
  in_cell_ = was_interrupted_ = false;
  reason_.reset();
}

void OomGuard::begin(const std::shared_ptr<const metric::Schema>& schema) {
  const std::scoped_lock lock(mutex_);
  group_.series = schema->find({Metric::kMemoryAgainstLimit, Scope::kProcess, metric::kWhole});
  machine_.series = schema->find({Metric::kMemory, Scope::kSystem, metric::kWhole});
}

void OomGuard::append(const metric::Tick& tick) {
  const std::scoped_lock lock(mutex_);
  if (tick.kind == TickKind::kCellStart) {
    in_cell_ = true;
    was_interrupted_ = false;
    reason_.reset();
    for (Watched* watched : {&group_, &machine_}) {
      watched->cell_trend.clear();
      watched->cell_forecast.reset();
    }
  }
  if (tick.kind == TickKind::kCellEnd) in_cell_ = false;
  read(group_, tick);
  read(machine_, tick);
  guard(group_, false);
  guard(machine_, true);
}

void OomGuard::read(Watched& watched, const metric::Tick& tick) {
  if (!watched.series || !watched.limit_bytes) return;
  const double used = tick.values[*watched.series];
  if (metric::is_absent(used)) return;
  watched.step_ns = watched.read_ns != 0 ? tick.time_ns - watched.read_ns : 0;
  watched.read_ns = tick.time_ns;
  watched.trend.add({tick.time_ns, used});
  watched.forecast = watched.trend.forecast(*watched.limit_bytes);
  if (!is_armed_) return;
  watched.cell_trend.add({tick.time_ns, used});
  watched.cell_forecast = watched.cell_trend.forecast(*watched.limit_bytes);
}

void OomGuard::guard(const Watched& watched, bool is_machine) {
  if (!is_armed_ || !in_cell_ || was_interrupted_ || !watched.cell_forecast) return;
  const analysis::Forecast& forecast = *watched.cell_forecast;
  const double steps_seconds = kUrgentSteps * base::seconds(watched.step_ns);
  const bool is_near = forecast.seconds_left <= std::max(kUrgentSeconds, steps_seconds);
  const bool is_full = forecast.used_bytes >= kUrgentShare * forecast.limit_bytes;
  if (!is_near || (!is_full && forecast.seconds_left > steps_seconds)) return;
  if (!interrupt_()) return;
  was_interrupted_ = true;
  reason_ = reason_text({forecast, is_machine});
}

std::optional<MemoryForecast> OomGuard::forecast(int64_t now_ns) const {
  const std::scoped_lock lock(mutex_);
  std::optional<MemoryForecast> soonest;
  for (const Watched* watched : {&group_, &machine_}) {
    const int64_t age_ns = now_ns - watched->read_ns;
    if (!watched->forecast || age_ns > kStaleNs + 2 * watched->step_ns) continue;
    MemoryForecast told{*watched->forecast, watched == &machine_};
    told.forecast.seconds_left = std::max(told.forecast.seconds_left - base::seconds(age_ns), 0.0);
    if (!soonest || told.forecast.seconds_left < soonest->forecast.seconds_left) soonest = told;
  }
  return soonest;
}

std::optional<std::string> OomGuard::take_reason() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(reason_, std::nullopt);
}

}  // namespace jumper::monitor
