// SPDX-License-Identifier: BSD-3-Clause
// Hands every tick to several sinks, in order.
#pragma once

#include <memory>
#include <vector>

#include "jumper/metric/sample.h"

namespace jumper::monitor {

class TickTee final : public metric::TickSink {
 public:
  // Only while nothing is sampled. The sinks must outlive it.
  void set_sinks(std::vector<metric::TickSink*> sinks) { sinks_ = std::move(sinks); }

  void begin(const std::shared_ptr<const metric::Schema>& schema) override {
    for (metric::TickSink* const sink : sinks_) sink->begin(schema);
  }
  void append(const metric::Tick& tick) override {
    for (metric::TickSink* const sink : sinks_) sink->append(tick);
  }

 private:
  std::vector<metric::TickSink*> sinks_;
};

}  // namespace jumper::monitor
