// SPDX-License-Identifier: BSD-3-Clause
// Which readings a tick can have besides the process tree. Each has a period of its own; when not
// all that are due can be paid, the most overdue comes first and the others wait, so that nothing
// starves. Pure: times and costs are passed in.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "jumper/sampler/budget.h"

namespace jumper::sampler {

struct Tier {
  std::string_view name;
  int64_t period_ns = 0;  // not read more often than this at the ticks of the interval
  int64_t read_ns = 0;    // the last time; 0 is never
  CostEstimate cost{};
  bool is_chosen = false;  // by the last choice
  uint64_t left_out = 0;   // of the choices it was due at, those that could not pay for it
};

class Tiers {
 public:
  // In the order of `index` below.
  void add(std::string_view name, int64_t period_ns) {
    tiers_.push_back({.name = name, .period_ns = period_ns});
  }
  void clear() { tiers_.clear(); }

  // Chooses what is due and can be paid with `allowance_ns`; ticks come every `interval_ns`.
  void choose(int64_t now_ns, int64_t interval_ns, int64_t allowance_ns);
  void choose_all();
  // Of those that are chosen, keeps the cheapest, as long as they can be paid with `allowance_ns`.
  void keep_cheapest(int64_t allowance_ns);
  void choose_none();

  [[nodiscard]] bool is_chosen(size_t index) const { return tiers_[index].is_chosen; }
  void set_chosen(size_t index, bool chosen) { tiers_[index].is_chosen = chosen; }
  [[nodiscard]] int64_t read_ns(size_t index) const { return tiers_[index].read_ns; }
  void was_read(size_t index, int64_t now_ns) { tiers_[index].read_ns = now_ns; }
  void cost_was(size_t index, int64_t cost_ns) { tiers_[index].cost.add(cost_ns); }
  [[nodiscard]] const std::vector<Tier>& all() const { return tiers_; }

 private:
  [[nodiscard]] Tier* most_overdue(int64_t now_ns, int64_t interval_ns);

  std::vector<Tier> tiers_;
};

}  // namespace jumper::sampler
