// SPDX-License-Identifier: BSD-3-Clause
// Sees every tick beside the store: says when memory will reach its limit, and if armed, interrupts
// the cell that runs before that happens, so that the session survives.
//
// A cell is interrupted at most once, when the limit is less than 1.5 s or two sampling steps away,
// and nine tenths of it are in use or it is two steps away.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "jumper/analysis/forecast.h"
#include "jumper/metric/sample.h"

namespace jumper::monitor {

struct MemoryForecast {
  analysis::Forecast forecast;
  bool is_machine = false;  // the machine's memory; else the limit of a control group

  // "memory limit reached in about 9 s"
  [[nodiscard]] std::string text() const;
};

// The signal that Ctrl-C sends, to the main thread of this process. False where the process does
// not handle it, and would end.
bool interrupt_main_thread();

class OomGuard final : public metric::TickSink {
 public:
  using Interrupt = std::function<bool()>;
  explicit OomGuard(Interrupt interrupt = interrupt_main_thread)
      : interrupt_(std::move(interrupt)) {}

  struct Limits {
    std::optional<uint64_t> group_bytes;
    std::optional<uint64_t> machine_bytes;
  };
  // Before the ticks begin.
  void prepare(const Limits& limits, bool is_armed);

  void begin(const std::shared_ptr<const metric::Schema>& schema) override;
  void append(const metric::Tick& tick) override;

  // What holds now; the limit that is reached first.
  [[nodiscard]] std::optional<MemoryForecast> forecast(int64_t now_ns) const;
  // Why the last cell was interrupted, if it was; told once.
  [[nodiscard]] std::optional<std::string> take_reason();

 private:
  struct Watched {
    std::optional<size_t> series;
    std::optional<double> limit_bytes;
    analysis::MemoryTrend trend;
    analysis::MemoryTrend cell_trend;  // since the cell began: it answers for no other's growth
    int64_t read_ns = 0;
    int64_t step_ns = 0;                              // between the last two readings
    std::optional<analysis::Forecast> forecast;       // as of read_ns
    std::optional<analysis::Forecast> cell_forecast;  // where armed
  };

  void read(Watched& watched, const metric::Tick& tick);
  void guard(const Watched& watched, bool is_machine);

  const Interrupt interrupt_;
  mutable std::mutex mutex_;  // guards all below
  bool is_armed_ = false;
  bool in_cell_ = false;
  bool was_interrupted_ = false;  // this cell
  Watched group_;
  Watched machine_;
  std::optional<std::string> reason_;
};

}  // namespace jumper::monitor
