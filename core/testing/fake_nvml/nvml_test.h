// SPDX-License-Identifier: BSD-3-Clause
// What tests of NVIDIA's cards share: the back-end on the fake library, in the first pid namespace,
// with clocks that stand still until the test moves them.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jumper/gpu/nvml_backend.h"
#include "testing/fake_clock.h"
#include "testing/fake_nvml/paths.h"
#include "testing/fake_nvml/scenario_file.h"
#include "testing/temp_root.h"

namespace jumper::testing {

class NvmlTest : public ::testing::Test {
 protected:
  NvmlTest() { root_files_.link("proc/self/ns/pid", "pid:[4026531836]"); }

  // Opens the library with a scenario; the cards' time stands at `seconds`.
  gpu::Found open(std::string_view scenario, double seconds = 100) {
    backend_.reset();
    file_.reset();  // before the next one sets the variable that it clears
    text_ = scenario;
    file_ = std::make_unique<ScenarioFile>(at(seconds));
    backend_ = gpu::make_nvml_backend(
        root_,
        [this](const char* name) {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::nullopt : std::optional(found->second);
        },
        library_, &clock_);
    seconds_ = seconds;
    return backend_->open();
  }
  // Time passes for the cards, the driver and us.
  void pass(double seconds) {
    clock_.advance_ns(static_cast<int64_t>(seconds * 1e9));
    seconds_ += seconds;
    file_->write(at(seconds_));
  }
  void change(std::string_view scenario) {
    text_ = scenario;
    file_->write(at(seconds_));
  }
  const gpu::Reading& read(gpu::Depth depth = gpu::Depth::kFull) {
    backend_->read(depth, {}, reading_);
    return reading_;
  }
  const gpu::CardReading& card(size_t place) { return reading_.cards.at(place); }
  [[nodiscard]] const gpu::ProcessReading* process(size_t place, pid_t pid) const {
    for (const gpu::ProcessReading& one : reading_.processes) {
      if (one.card == place && one.pid == pid) return &one;
    }
    return nullptr;
  }
  // Why something is absent on a card; empty where it is not.
  [[nodiscard]] std::string why(size_t place, std::string_view what) const {
    std::string whys;
    for (const gpu::Absence& absence : backend_->cards()[place].absent) {
      if (absence.what == what) whys += absence.why + ";";
    }
    return whys;
  }

  std::string at(double seconds) const {
    return text_ + "\nclock " + std::to_string(seconds) + "\n";
  }

  std::string library_ = fake_nvml_library();
  std::map<std::string, std::string, std::less<>> variables_;
  TempRoot root_files_;
  kernfs::KernelRoot root_ = root_files_.open();
  FakeClock clock_;
  std::string text_;
  double seconds_ = 0;
  std::unique_ptr<ScenarioFile> file_;
  std::unique_ptr<gpu::Backend> backend_;
  gpu::Reading reading_;
};

}  // namespace jumper::testing
