// SPDX-License-Identifier: BSD-3-Clause
// What the fake NVIDIA driver pretends to be: cards, processes on them, and what goes wrong. The
// language it is written in is told at the top of fake_nvml.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/gpu/nvml_abi.h"

namespace jumper::testing::fake_nvml {

using gpu::nvml::Code;

// A number that may move with time.
struct Curve {
  enum class Kind : uint8_t { kNotAvailable, kConstant, kWave, kStep };
  Kind kind = Kind::kConstant;
  double low = 0;
  double high = 0;
  double period = 1;
  double phase = 0;

  [[nodiscard]] bool is_available() const { return kind != Kind::kNotAvailable; }
  [[nodiscard]] double at(double seconds) const;
  // From time 0 on.
  [[nodiscard]] double integral(double seconds) const;
  [[nodiscard]] double mean(double from, double to) const;
};

using Curves = std::map<std::string, Curve, std::less<>>;

struct Instance {
  uint32_t index = 0;
  uint32_t gpu_instance = 0;
  uint32_t compute_instance = 0;
  std::string name;
  std::string uuid;
  Curves curves;
};

struct Card {
  std::string name;
  std::string uuid;
  uint32_t bus = 0;
  bool has_gpm = false;
  bool is_mig = false;
  uint64_t throttle = 0;
  Curves curves;
  std::vector<Instance> instances;
};

// Not available where the scenario does not say.
[[nodiscard]] Curve curve_of(const Curves& curves, std::string_view name);

struct Process {
  size_t card = 0;
  std::optional<uint32_t> instance;  // its index
  std::optional<uint32_t> pid;       // absent: of the calling process
  bool computes = true;
  bool draws = false;
  bool is_mps = false;
  Curve memory;
  Curve util;
  Curve band;
};

struct Rule {
  enum class Kind : uint8_t { kError, kHang, kSlow };
  Kind kind = Kind::kError;
  std::string function;  // "*": each
  Code code = Code::kUnknown;
  std::optional<size_t> card = std::nullopt;
  std::optional<uint32_t> instance = std::nullopt;
  double after = 0;         // seconds
  double milliseconds = 0;  // of kSlow

  [[nodiscard]] bool concerns(std::string_view name) const;
};

struct Scenario {
  std::string driver = "550.54.15";
  std::optional<double> clock;
  bool has_wide_processes = false;
  bool has_separate_samples = false;
  bool has_wrong_counts = false;
  uint32_t garbage_samples = 0;
  std::vector<Card> cards;
  std::vector<Process> processes;
  std::vector<Rule> rules;
  std::string mistake;  // what could not be understood, with its line; empty: nothing
};

[[nodiscard]] Scenario parse_scenario(std::string_view text);

}  // namespace jumper::testing::fake_nvml
