// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/pyramid_builder.h"

#include <algorithm>
#include <cmath>

namespace jumper::store {

void PyramidBuilder::begin(std::span<const int64_t> times_ns,
                           std::span<const metric::TickKind> kinds,
                           std::span<const uint16_t> block_ends, const PresencePatterns& patterns) {
  times_ns_ = times_ns;
  kinds_ = kinds;
  block_ends_ = block_ends;
  patterns_ = &patterns;
  plan_count_ = 0;
  stats_.resize(block_ends.size());
  made_.columns_.clear();
  made_.extents_.clear();
}

void PyramidBuilder::add(const DenseColumn& column, metric::Kind kind, const Carry& before) {
  size_t plan = plan_for(column, before);
  if (kind == metric::Kind::kGauge) {
    add_levels(column.values, plan);
  } else if (!add_rates(column.values, before.value, plan)) {
    if (plan_count_ == plans_.size()) plans_.emplace_back();
    plans_[plan_count_] = plans_[plan];
    plan = plan_count_++;
    exclude_resets(plans_[plan], column.values, before.value);
    static_cast<void>(add_rates(column.values, before.value, plan));
  }
  add_column(kind, plan);
}

size_t PyramidBuilder::plan_for(const DenseColumn& column, const Carry& before) {
  const bool has_before = !metric::is_absent(before.value);
  for (size_t i = 0; i < plan_count_; ++i) {
    const Plan& plan = plans_[i];
    if (plan.is_shared && plan.presence == column.presence && plan.has_before == has_before &&
        (!has_before || plan.before_ns == before.time_ns)) {
      return i;
    }
  }
  if (plan_count_ == plans_.size()) plans_.emplace_back();
  Plan& plan = plans_[plan_count_];
  plan.presence = column.presence;
  plan.has_before = has_before;
  plan.before_ns = before.time_ns;
  fill(plan);
  return plan_count_++;
}

void PyramidBuilder::fill(Plan& plan) const {
  plan.is_shared = true;
  plan.ends.clear();
  plan.per_ns.clear();
  plan.counts.clear();
  plan.covers.clear();
  bool has_before = plan.has_before;
  int64_t before_ns = plan.before_ns;
  size_t row = 0;
  for (const size_t end : block_ends_) {
    ChunkPyramid::Cover cover;
    for (; row < end; ++row) {
      if (kinds_[row] == metric::TickKind::kStart) has_before = false;
      if (!patterns_->has(plan.presence, row)) continue;
      const bool makes_rate = has_before && times_ns_[row] > before_ns;
      const int64_t time_ns = makes_rate ? times_ns_[row] - before_ns : 0;
      plan.per_ns.push_back(makes_rate ? 1 / static_cast<double>(time_ns) : metric::kAbsent);
      plan.counts.push_back(makes_rate ? 1 : 0);
      cover.time_ns += time_ns;
      cover.rates = static_cast<uint16_t>(cover.rates + (makes_rate ? 1 : 0));
      ++cover.levels;
      before_ns = times_ns_[row];
      has_before = true;
    }
    plan.ends.push_back(static_cast<uint16_t>(plan.per_ns.size()));
    plan.covers.push_back(cover);
  }
}

void PyramidBuilder::exclude_resets(Plan& plan, std::span<const double> values,
                                    double before) const {
  plan.is_shared = false;
  size_t at = 0;
  for (size_t block = 0; block < plan.ends.size(); ++block) {
    for (; at < plan.ends[block]; before = values[at++]) {
      if (plan.counts[at] == 0 || !(values[at] < before)) continue;
      ChunkPyramid::Cover& cover = plan.covers[block];
      cover.time_ns -= std::llround(1 / plan.per_ns[at]);
      cover.rates = static_cast<uint16_t>(cover.rates - 1);
      plan.per_ns[at] = metric::kAbsent;
      plan.counts[at] = 0;
    }
  }
}

void PyramidBuilder::add_levels(std::span<const double> values, size_t plan_index) {
  const Plan& plan = plans_[plan_index];
  size_t at = 0;
  for (size_t block = 0; block < stats_.size(); ++block) {
    Stats stats;
    double sum = 0;
    for (; at < plan.ends[block]; ++at) {
      const double value = values[at];
      stats.minimum = value < stats.minimum ? value : stats.minimum;
      stats.maximum = value > stats.maximum ? value : stats.maximum;
      sum += value;
    }
    stats.weighted = sum;
    stats.samples = plan.covers[block].levels;
    stats.weight = static_cast<double>(stats.samples);
    stats_[block] = stats;
  }
}

bool PyramidBuilder::add_rates(std::span<const double> values, double before, size_t plan_index) {
  const Plan& plan = plans_[plan_index];
  double lowest = 0;
  if (metric::is_absent(before)) before = 0;  // what is not there counts 0 times
  size_t at = 0;
  for (size_t block = 0; block < stats_.size(); ++block) {
    Stats stats;
    double sum = 0;
    for (; at < plan.ends[block]; ++at) {
      const double change = values[at] - before;
      before = values[at];
      // Comparisons with NaN are false: what makes no rate is neither the least nor the most.
      const double rate = change * plan.per_ns[at];
      stats.minimum = rate < stats.minimum ? rate : stats.minimum;
      stats.maximum = rate > stats.maximum ? rate : stats.maximum;
      sum += change * plan.counts[at];
    }
    stats.weighted = sum;
    stats.samples = plan.covers[block].rates;
    stats.weight = static_cast<double>(plan.covers[block].time_ns);
    stats_[block] = stats;
    lowest = std::min(lowest, stats.minimum);
  }
  return lowest >= 0;
}

void PyramidBuilder::add_column(metric::Kind kind, size_t plan) {
  Stats all;
  for (const Stats& stats : stats_) all.add(stats);
  ChunkPyramid::Column column;
  column.kind = kind;
  column.cover = static_cast<uint16_t>(plan);
  if (all.samples > 0) {
    column.minimum = all.minimum;
    column.maximum = all.maximum;
    column.sum = all.weighted;
  }
  if (all.samples > 0 && all.minimum < all.maximum) {
    column.extents = static_cast<uint32_t>(made_.extents_.size());
    for (const Stats& stats : stats_) made_.extents_.push_back(ChunkPyramid::to_extent(stats));
  }
  made_.columns_.push_back(column);
}

ChunkPyramid PyramidBuilder::finish(std::span<const uint16_t> row_ends) {
  ChunkPyramid made;
  made.columns_ = std::vector<ChunkPyramid::Column>(made_.columns_.begin(), made_.columns_.end());
  made.extents_ = std::vector<ChunkPyramid::Extent>(made_.extents_.begin(), made_.extents_.end());
  made.blocks_.reserve(block_ends_.size());
  for (size_t block = 0, begin = 0; block < block_ends_.size(); begin = block_ends_[block++]) {
    made.blocks_.push_back({times_ns_[begin], times_ns_[block_ends_[block] - 1U], row_ends[block]});
  }
  made.covers_.reserve(plan_count_ * block_ends_.size());
  for (size_t i = 0; i < plan_count_; ++i) {
    ChunkPyramid::Cover sum;
    for (const ChunkPyramid::Cover& cover : plans_[i].covers) {
      sum.time_ns += cover.time_ns;
      sum.levels = static_cast<uint16_t>(sum.levels + cover.levels);
      sum.rates = static_cast<uint16_t>(sum.rates + cover.rates);
      made.covers_.push_back(sum);
    }
  }
  return made;
}

}  // namespace jumper::store
