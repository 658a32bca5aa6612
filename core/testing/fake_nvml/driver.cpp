// SPDX-License-Identifier: BSD-3-Clause
#include "testing/fake_nvml/driver.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>

namespace jumper::testing::fake_nvml {
namespace {

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void wait_milliseconds(double milliseconds) {
  const auto nanos = static_cast<long>(milliseconds * 1e6);
  timespec time{.tv_sec = nanos / 1'000'000'000, .tv_nsec = nanos % 1'000'000'000};
  while (::nanosleep(&time, &time) != 0) {
  }
}

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_size == other.st_size && one.st_ino == other.st_ino &&
         one.st_mtim.tv_sec == other.st_mtim.tv_sec && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

constexpr const char* kCounted[] = {"power", "nvlink_rx", "nvlink_tx"};

}  // namespace

// 8 bits for the instance, 16 for the card, the rest for the generation.
gpu::nvml::Handle Driver::handle_of(size_t card, std::optional<uint32_t> instance) {
  const std::scoped_lock lock(mutex_);
  const size_t number = generation_ << 24U | (card + 1) << 8U | (instance ? *instance + 1 : 0);
  return reinterpret_cast<gpu::nvml::Handle>(number);
}

Driver& Driver::the() {
  // Never destroyed: a call may hang in it when the process ends.
  static auto* driver = new Driver;
  return *driver;
}

double Driver::time_of(const Scenario& scenario) const {
  return scenario.clock.value_or(seconds_of(CLOCK_MONOTONIC));
}

void Driver::add_up(double until) {
  for (size_t index = 0; index < scenario_->cards.size(); ++index) {
    for (const char* name : kCounted) {
      const Curve curve = curve_of(scenario_->cards[index].curves, name);
      const auto [at, is_new] = totals_.try_emplace({index, name}, Total{0, until});
      Total& total = at->second;
      if (!is_new && curve.is_available() && until > total.until) {
        total.value += curve.integral(until) - curve.integral(total.until);
      }
      total.until = until;
    }
  }
}

// With mutex_ held.
void Driver::load() {
  const char* path = std::getenv("FAKE_NVML");
  struct stat now = {};
  const bool is_there = path != nullptr && ::stat(path, &now) == 0;
  if (is_there && is_there_ && path_ == path && is_same(now, seen_)) return;
  if (!is_there && !is_there_) return;
  add_up(time_of(*scenario_));
  if (is_there && path_ != path) {
    // Another scenario altogether: another machine.
    totals_.clear();
    start_ = seconds_of(CLOCK_MONOTONIC);
  }
  is_there_ = is_there;
  path_ = is_there ? path : "";
  seen_ = now;
  Scenario scenario;
  if (is_there) {
    std::ifstream stream(path_);
    scenario = parse_scenario(std::string(std::istreambuf_iterator<char>(stream), {}));
    if (!scenario.mistake.empty()) {
      std::fprintf(stderr, "fake NVML: %s: %s\n", path, scenario.mistake.c_str());
    }
  }
  scenario_ = std::make_shared<Scenario>(std::move(scenario));
  add_up(time_of(*scenario_));
}

std::shared_ptr<const Scenario> Driver::scenario() {
  const std::scoped_lock lock(mutex_);
  load();
  return scenario_;
}

double Driver::now() {
  const std::scoped_lock lock(mutex_);
  return time_of(*scenario_);
}

double Driver::wall_offset() {
  const std::scoped_lock lock(mutex_);
  return scenario_->clock ? 0 : seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_MONOTONIC);
}

double Driver::total(const Target& target, const std::string& curve) {
  const std::scoped_lock lock(mutex_);
  add_up(target.now);
  return totals_[{target.index, curve}].value;
}

void Driver::count_init(int change) {
  const std::scoped_lock lock(mutex_);
  if (inits_ == 0 && change > 0) {
    start_ = seconds_of(CLOCK_MONOTONIC);
    ++generation_;
  }
  inits_ += change;
}

bool Driver::is_initialized() {
  const std::scoped_lock lock(mutex_);
  return inits_ > 0;
}

std::optional<Rule> Driver::rule_for(const char* function, std::optional<size_t> card,
                                     std::optional<uint32_t> instance, Rule::Kind kind) {
  const std::scoped_lock lock(mutex_);
  load();
  const double since = scenario_->clock.value_or(seconds_of(CLOCK_MONOTONIC) - start_);
  for (const Rule& rule : scenario_->rules) {
    if (rule.kind != kind || !rule.concerns(function) || since < rule.after) continue;
    // "*" is about cards: what is about none goes on.
    if (rule.function == "*" && !card) continue;
    if (rule.card && rule.card != card) continue;
    if (rule.instance && rule.instance != instance) continue;
    return rule;
  }
  return std::nullopt;
}

std::optional<Code> Driver::before(const char* function, std::optional<size_t> card,
                                   std::optional<uint32_t> instance) {
  if (const auto slow = rule_for(function, card, instance, Rule::Kind::kSlow)) {
    wait_milliseconds(slow->milliseconds);
  }
  while (rule_for(function, card, instance, Rule::Kind::kHang)) wait_milliseconds(2);
  const auto error = rule_for(function, card, instance, Rule::Kind::kError);
  if (error) return error->code;
  return std::nullopt;
}

Code Driver::about(const char* function, gpu::nvml::Handle handle,
                   const std::function<Code(const Target&)>& work) {
  const auto number = reinterpret_cast<size_t>(handle);
  const size_t index = (number >> 8U & 0xFFFFU) - 1;
  std::optional<uint32_t> instance;
  if ((number & 0xFFU) != 0) instance = static_cast<uint32_t>(number & 0xFFU) - 1;
  if (!is_initialized()) return Code::kUninitialized;
  if (const auto code = before(function, index, instance)) return *code;
  Target target{.scenario = scenario(), .index = index};
  if (handle != handle_of(index, instance) || index >= target.scenario->cards.size())
    return Code::kInvalidArgument;
  target.card = &target.scenario->cards[index];
  target.now = now();
  if (instance) {
    for (const Instance& one : target.card->instances) {
      if (one.index == *instance) target.instance = &one;
    }
    if (target.instance == nullptr) return Code::kInvalidArgument;
  }
  return work(target);
}

}  // namespace jumper::testing::fake_nvml
