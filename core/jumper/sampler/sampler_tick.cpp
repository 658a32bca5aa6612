// SPDX-License-Identifier: BSD-3-Clause
// The sampler's part that takes a tick: what it reads, in which order, and what is chosen for it.
#include <algorithm>
#include <array>

#include "jumper/cgroup/memory_limit.h"
#include "jumper/sampler/sampler.h"
#include "jumper/source/group_counters.h"
#include "jumper/source/group_events.h"
#include "jumper/source/limit_memory.h"
#include "jumper/source/system_activity.h"
#include "jumper/source/system_cpu.h"
#include "jumper/source/system_disk.h"
#include "jumper/source/system_memory.h"
#include "jumper/source/system_network.h"
#include "jumper/source/system_pressure.h"

namespace jumper::sampler {

using metric::Metric;
using metric::Scope;
using metric::TickKind;

namespace {

// A tick at the edge of a cell that costs less than this reads everything, whatever the budget.
constexpr int64_t kCheapEdgeNs = 1'000'000;

// The kernel counts for the whole machine in steps of up to 10 ms. At the edges of a cell such
// counters are not read again before that; nor what is looked at more slowly, for ten such steps.
constexpr int64_t kKernelStepNs = 10'000'000;
constexpr int64_t kSlowFreshNs = 10 * kKernelStepNs;

// Of the machine as a whole, what is looked at, and what changes slowly or is dear for what it
// tells; of the user's other processes.
constexpr int64_t kSystemPeriodNs = 100'000'000;
constexpr int64_t kSlowPeriodNs = 250'000'000;
constexpr int64_t kUserPeriodNs = 20'000'000;

constexpr size_t kUserTier = 0;
constexpr size_t kTreeMemory = 1;  // in the order of kGroupMetrics

constexpr std::array kGroupMetrics = {
    Metric::kCpuTime,      Metric::kMemory,      Metric::kMemoryResident, Metric::kIoReadCalls,
    Metric::kIoWriteCalls, Metric::kIoReadBytes, Metric::kIoWriteBytes,   Metric::kIoReadChars,
    Metric::kIoWriteChars, Metric::kProcesses,
};

// In the order of kGroupMetrics.
void fill_group(const GroupTotals& totals, std::span<double> values) {
  const auto put = [&](size_t at, auto value) { values[at] = static_cast<double>(value); };
  put(0, totals.cpu_ns);
  put(1, totals.memory_bytes);
  put(2, totals.resident_bytes);
  put(9, totals.processes);
  // With no process whose I/O we may read there is nothing to say, and 0 would be a lie.
  if (totals.processes > 0 && totals.io_unreadable == totals.processes) {
    std::ranges::fill(values.subspan(3, 6), metric::kAbsent);
    return;
  }
  put(3, totals.io.read_calls);
  put(4, totals.io.write_calls);
  put(5, totals.io.read_bytes);
  put(6, totals.io.write_bytes);
  put(7, totals.io.read_chars);
  put(8, totals.io.write_chars);
}

}  // namespace

// Every source there is, and the series of all.
std::vector<metric::SeriesKey> Sampler::make_sources() {
  std::vector<metric::SeriesKey> series;
  for (const Scope scope : {Scope::kProcess, Scope::kUser}) {
    for (const Metric metric : kGroupMetrics) series.push_back({metric, scope, metric::kWhole});
  }
  sources_.clear();
  tiers_.clear();
  followed_.clear();
  tiers_.add("user level", kUserPeriodNs);
  const auto add = [&](std::unique_ptr<source::Source> source, int64_t period_ns) {
    add_source(std::move(source), period_ns, series);
  };
  add(std::make_unique<source::SystemCpu>(root_), kSystemPeriodNs);
  add(std::make_unique<source::SystemMemory>(root_), kSystemPeriodNs);
  add(std::make_unique<source::SystemDisk>(root_), kSystemPeriodNs);
  add(std::make_unique<source::SystemNetwork>(root_), kSystemPeriodNs);
  add(std::make_unique<source::SystemPressure>(root_), kSlowPeriodNs);
  add(std::make_unique<source::SystemActivity>(root_), kSlowPeriodNs);
  if (settings_.watch_limit) {
    const auto limited = cgroup::find_limited_group(root_);
    add(std::make_unique<source::LimitMemory>(root_, limited), kSystemPeriodNs);
    add(std::make_unique<source::GroupOomKills>(root_, limited), kSlowPeriodNs);
  }
  if (settings_.container) add_group_level(*settings_.container, series);
  if (settings_.slurm) add_group_level(*settings_.slurm, series);
  return series;
}

Sampler::PlacedSource& Sampler::add_source(std::unique_ptr<source::Source> source,
                                           int64_t period_ns,
                                           std::vector<metric::SeriesKey>& series) {
  const std::vector<metric::SeriesKey> keys = source->series();
  const size_t tier = tiers_.all().size();
  tiers_.add(source->name(), period_ns);
  const size_t first = series.size();
  series.insert(series.end(), keys.begin(), keys.end());
  PlacedSource& placed = sources_.emplace_back();
  placed.source = std::move(source);
  placed.tier = tier;
  placed.first = first;
  placed.count = keys.size();
  return placed;
}

// What the level's groups count, and of its processes what they do not.
void Sampler::add_group_level(const source::GroupLevel& level,
                              std::vector<metric::SeriesKey>& series) {
  const size_t first = series.size();
  const auto add = [&](std::unique_ptr<source::Source> source, int64_t period_ns) {
    if (!source->series().empty()) add_source(std::move(source), period_ns, series).is_fine = true;
  };
  if (level.groups) {
    add(std::make_unique<source::GroupCounters>(root_, *level.groups, level.scope), kUserPeriodNs);
    add(std::make_unique<source::GroupEvents>(root_, *level.groups, level.scope), kSlowPeriodNs);
  }
  const std::vector<metric::SeriesKey> counted(series.begin() + static_cast<std::ptrdiff_t>(first),
                                               series.end());
  const bool is_job = level.scope == Scope::kSlurm;
  auto followed = std::make_unique<FollowedLevel>(FollowedLevel{
      Membership(level), is_job ? Group::kJob : Group::kContainer, series.size(), {}});
  for (size_t at = 0; at < kGroupMetrics.size(); ++at) {
    const metric::SeriesKey key{kGroupMetrics.at(at), level.scope, metric::kWhole};
    if (std::ranges::find(counted, key) != counted.end()) continue;
    followed->metrics.push_back(at);
    series.push_back(key);
  }
  followed_.push_back(std::move(followed));
}

void Sampler::fill_followed(bool is_read) {
  for (const auto& level : followed_) {
    std::array<double, kGroupMetrics.size()> all{};
    if (is_read) {
      fill_group(processes_->totals(level->group), all);
    } else {
      all.fill(metric::kAbsent);
    }
    for (size_t i = 0; i < level->metrics.size(); ++i)
      values_[level->first + i] = all.at(level->metrics[i]);
  }
}

// Edges are what makes cells exact: the tree is read whatever it costs, the rest unless it is dear;
// then what is cheap, so that a level does not end with what was read long before.
void Sampler::choose_for_edge(int64_t now_ns) {
  tiers_.choose_all();
  for (const PlacedSource& placed : sources_) {
    if (is_fresh(placed, now_ns)) tiers_.set_chosen(placed.tier, false);
  }
  int64_t cost_ns = base_cost_.ns();
  for (const Tier& tier : tiers_.all()) {
    if (tier.is_chosen) cost_ns += tier.cost.ns();
  }
  if (cost_ns > kCheapEdgeNs && !budget_.affords(cost_ns))
    tiers_.keep_cheapest(kCheapEdgeNs - base_cost_.ns());
}

bool Sampler::is_fresh(const PlacedSource& placed, int64_t now_ns) const {
  if (placed.is_fine) return false;
  const int64_t read_ns = tiers_.read_ns(placed.tier);
  const bool is_slow = tiers_.all()[placed.tier].period_ns >= kSlowPeriodNs;
  return read_ns != 0 && now_ns - read_ns < (is_slow ? kSlowFreshNs : kKernelStepNs);
}

// Chooses what a tick of the thread reads; false where even the tree is too dear. What an interval
// earns can always be spent at its end: the curves of cells live on savings, and cannot starve it.
bool Sampler::choose_affordable(int64_t now_ns, bool is_at_interval) {
  int64_t allowance_ns = budget_.available_ns();
  if (is_at_interval) allowance_ns = std::max(allowance_ns, interval_earnings_ns());
  if (base_cost_.ns() > allowance_ns) return false;
  if (is_at_interval) {
    tiers_.choose(now_ns, settings_.interval_ns, allowance_ns - base_cost_.ns());
  } else {
    tiers_.choose_none();
  }
  return true;
}

// What is near its limit and grows is read at every tick.
void Sampler::choose_watched() {
  for (const PlacedSource& placed : sources_) {
    if (placed.watch.wants(values_[kTreeMemory])) tiers_.set_chosen(placed.tier, true);
  }
}

void Sampler::read_sources(TickKind kind) {
  const bool is_start = kind == TickKind::kCellStart;
  const bool is_end = kind == TickKind::kCellEnd;
  for (PlacedSource& placed : sources_) {
    const std::span<double> values = std::span(values_).subspan(placed.first, placed.count);
    const std::span<double> last = std::span(last_values_).subspan(placed.first, placed.count);
    const int64_t now_ns = clock_.monotonic_ns();
    if (tiers_.is_chosen(placed.tier)) {
      placed.source->read(buffer_, values);
      std::ranges::copy(values, last.begin());
      const int64_t cost_ns = clock_.monotonic_ns() - now_ns;
      tiers_.was_read(placed.tier, now_ns);
      if (const auto limit = placed.source->limit(); limit && !metric::is_absent(values[0]))
        placed.watch.was_read(now_ns, values[0], *limit, values_[kTreeMemory]);
      // The first reading of all opens files and finds everybody: it tells nothing of the others.
      if (kind != TickKind::kStart) tiers_.cost_was(placed.tier, cost_ns);
      extra_cost_ns_ += cost_ns;
      continue;
    }
    // A cell starts with what was just read. It must not end with what was read before it started:
    // that would tell of a cell in which the machine did nothing.
    const bool is_of_cell = cell_start_ns_ && tiers_.read_ns(placed.tier) >= *cell_start_ns_;
    if (is_fresh(placed, now_ns) && (is_start || (is_end && is_of_cell))) {
      std::ranges::copy(last, values.begin());
    } else {
      std::ranges::fill(values, metric::kAbsent);
    }
  }
}

ProcessTable::Pass Sampler::read_processes(TickKind kind, ProcessTable::Moment moment) {
  const bool has_user = tiers_.is_chosen(kUserTier);
  const int64_t before_ns = clock_.monotonic_ns();
  const ProcessTable::Pass pass = processes_->update(
      buffer_, moment, has_user ? ProcessTable::Reach::kAll : ProcessTable::Reach::kTree);
  const int64_t cost_ns = clock_.monotonic_ns() - before_ns;
  const std::span<double> values(values_);
  const std::span<double> user_values = values.subspan(kGroupMetrics.size(), kGroupMetrics.size());
  const GroupTotals& tree = processes_->totals(Group::kTree);
  fill_group(tree, values.subspan(0, kGroupMetrics.size()));
  stats_.io_unreadable = tree.io_unreadable;
  stats_.shared_in_full = tree.shared_in_full;
  if (has_user) {
    const GroupTotals& user = processes_->totals(Group::kUser);
    fill_group(user, user_values);
    stats_.user_io_unreadable = user.io_unreadable;
    stats_.user_shared_in_full = user.shared_in_full;
    const int64_t user_cost_ns = std::max<int64_t>(cost_ns - tree_update_cost_.ns(), 0);
    tiers_.was_read(kUserTier, before_ns);
    if (kind != TickKind::kStart) tiers_.cost_was(kUserTier, user_cost_ns);
    extra_cost_ns_ += user_cost_ns;
  } else {
    tree_update_cost_.add(cost_ns);
    std::ranges::fill(user_values, metric::kAbsent);
  }
  fill_followed(has_user);
  return pass;
}

int64_t Sampler::take_tick(TickKind kind, Delivery delivery) {
  deliver_held(nullptr);
  extra_cost_ns_ = 0;
  // What the tick itself costs is to fall outside the cell: so its start is read last, its end
  // first. The first tick of all has to look at every process there is.
  ProcessTable::Pass pass;
  if (kind == TickKind::kCellStart || kind == TickKind::kStart) {
    read_sources(kind);
    pass = read_processes(kind, ProcessTable::Moment::kLast);
  } else {
    const bool is_end = kind == TickKind::kCellEnd;
    pass =
        read_processes(kind, is_end ? ProcessTable::Moment::kFirst : ProcessTable::Moment::kClocks);
    choose_watched();
    read_sources(kind);
  }
  // Two ticks never share a time: a rate between them could not be told.
  last_time_ns_ = std::max(pass.time_ns, last_time_ns_ + 1);
  put_waiting_gpu_values();
  if (delivery == Delivery::kWhenGpusAnswer) {
    held_ = HeldTick{last_time_ns_, values_};
  } else {
    sink_.append({last_time_ns_, kind, values_});
  }
  return last_time_ns_;
}

}  // namespace jumper::sampler
