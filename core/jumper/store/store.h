// SPDX-License-Identifier: BSD-3-Clause
// Everything that was sampled, in columns. One writer appends; any number of readers take
// snapshots, which never change and cost a list of pointers.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "jumper/metric/sample.h"
#include "jumper/store/snapshot.h"

namespace jumper::store {

class Store final : public metric::TickSink {
 public:
  void begin(const std::shared_ptr<const metric::Schema>& schema) override;
  void append(const metric::Tick& tick) override;

  [[nodiscard]] Snapshot snapshot() const;

 private:
  mutable std::mutex mutex_;  // guards all below; rows already published are read without it
  std::shared_ptr<const metric::Schema> schema_;
  std::vector<std::shared_ptr<Chunk>> chunks_;
  size_t rows_in_last_ = 0;
  size_t rows_ = 0;
};

}  // namespace jumper::store
