// SPDX-License-Identifier: BSD-3-Clause
// Ticks as payloads: each tells what changed since the tick before. Both sides start anew at a
// header, so that a reader can begin at any of them. docs/journal.md has the bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/metric/sample.h"

namespace jumper::journal {

// Values of a series are mostly multiples of this: pages, sectors, the kernel's clock ticks.
// Written into the header, so that readers need not know the rule.
[[nodiscard]] uint32_t quantum_of(const metric::SeriesKey& key);

// More are not written, and not believed: 256 CPUs with ten series each.
inline constexpr size_t kMostSeries = 4096;

// What both sides remember of the ticks since the header.
class TickState {
 public:
  TickState() = default;
  explicit TickState(std::vector<uint32_t> quanta);

 protected:
  // Which series a tick has. Most ticks have those that one before had: patterns are numbered.
  using Pattern = std::vector<uint16_t>;
  static constexpr size_t kMostPatterns = 127;

  std::vector<uint32_t> quanta_;
  std::vector<Pattern> patterns_;
  std::vector<double> last_;         // of each series, when it was there last; 0 before
  std::vector<int64_t> last_whole_;  // the last that was a whole number
  int64_t last_time_ns_ = 0;
  int64_t last_step_ns_ = 0;
};

class TickEncoder : public TickState {
 public:
  using TickState::TickState;
  // Appends the payload. A tick has one value for each series.
  void encode(const metric::Tick& tick, std::string& payload);

 private:
  [[nodiscard]] size_t find_pattern(std::span<const double> values);
  void put_value(size_t series, double value, std::string& payload);

  Pattern present_;   // of this tick; kept for its memory
  size_t guess_ = 0;  // the pattern of the tick before
};

class TickDecoder : public TickState {
 public:
  using TickState::TickState;
  // False where the payload is not a tick; what comes up to the next header means nothing then.
  // The tick's values are valid until the next call.
  [[nodiscard]] bool decode(std::string_view payload, metric::Tick& tick);

 private:
  std::vector<double> values_;
};

}  // namespace jumper::journal
