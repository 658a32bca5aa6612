// SPDX-License-Identifier: BSD-3-Clause
// The state of the fake NVIDIA driver: which scenario holds now, what time it is for the cards, and
// what their counters have counted.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "jumper/gpu/nvml_abi.h"
#include "testing/fake_nvml/scenario.h"

namespace jumper::testing::fake_nvml {

// What a call is about, at one moment.
struct Target {
  std::shared_ptr<const Scenario> scenario;
  size_t index = 0;  // of the card
  const Card* card = nullptr;
  const Instance* instance = nullptr;  // null: the card itself
  double now = 0;                      // seconds

  [[nodiscard]] const Curves& curves() const { return instance ? instance->curves : card->curves; }
};

class Driver {
 public:
  [[nodiscard]] static Driver& the();

  // Does what a call of that name does before its work: waits, hangs, fails. Nothing: it works.
  std::optional<Code> before(const char* function, std::optional<size_t> card,
                             std::optional<uint32_t> instance);
  // The same for a call about a card; then `work` says what comes of it.
  Code about(const char* function, gpu::nvml::Handle handle,
             const std::function<Code(const Target&)>& work);

  [[nodiscard]] std::shared_ptr<const Scenario> scenario();
  [[nodiscard]] double now();
  // What the cards' clock is behind the wall clock.
  [[nodiscard]] double wall_offset();
  // What flowed until now at the rate that the curve of that name says, whatever it said before.
  [[nodiscard]] double total(const Target& target, const std::string& curve);

  // A handle holds until the library is shut down.
  [[nodiscard]] gpu::nvml::Handle handle_of(size_t card, std::optional<uint32_t> instance);
  void count_init(int change);
  [[nodiscard]] bool is_initialized();

 private:
  struct Total {
    double value = 0;
    double until = 0;
  };

  void load();
  void add_up(double until);
  [[nodiscard]] double time_of(const Scenario& scenario) const;
  [[nodiscard]] std::optional<Rule> rule_for(const char* function, std::optional<size_t> card,
                                             std::optional<uint32_t> instance, Rule::Kind kind);

  std::mutex mutex_;  // guards all below
  std::shared_ptr<const Scenario> scenario_ = std::make_shared<Scenario>();
  std::string path_;
  struct stat seen_ = {};
  bool is_there_ = false;
  int inits_ = 0;
  size_t generation_ = 0;  // how often it was initialized anew
  double start_ = 0;       // of the first initialization, which is when "after" begins
  std::map<std::pair<size_t, std::string>, Total> totals_;
};

}  // namespace jumper::testing::fake_nvml
