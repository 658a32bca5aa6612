// SPDX-License-Identifier: BSD-3-Clause
// A back-end whose cards do what a test says, without any driver.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "jumper/gpu/backend.h"

namespace jumper::testing {

// Shared by a test and the back-end, which may live longer.
struct FakeGpu {
  std::vector<gpu::Card> cards;
  gpu::Found found{true, ""};
  std::function<void(gpu::Depth depth, gpu::Reading& reading)> read;

  // Calls wait while it hangs.
  void hang() {
    const std::scoped_lock lock(mutex);
    hangs = true;
  }
  void answer_again() {
    const std::scoped_lock lock(mutex);
    hangs = false;
    changed.notify_all();
  }
  void wait_while_hanging() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !hangs; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool hangs = false;
  std::atomic<int> opened = 0;
  std::atomic<int> full_readings = 0;
  std::atomic<int> edge_readings = 0;
  std::vector<pid_t> asked_for;  // at the last reading; guarded by mutex
};

class FakeGpuBackend final : public gpu::Backend {
 public:
  explicit FakeGpuBackend(std::shared_ptr<FakeGpu> fake) : fake_(std::move(fake)) {}

  [[nodiscard]] std::string_view name() const override { return "fake"; }
  gpu::Found open() override {
    fake_->wait_while_hanging();
    ++fake_->opened;
    return fake_->found;
  }
  [[nodiscard]] std::span<const gpu::Card> cards() const override { return fake_->cards; }
  void read(gpu::Depth depth, std::span<const pid_t> processes, gpu::Reading& reading) override {
    fake_->wait_while_hanging();
    {
      const std::scoped_lock lock(fake_->mutex);
      fake_->asked_for.assign(processes.begin(), processes.end());
    }
    reading = {};
    reading.cards.resize(fake_->cards.size());
    if (fake_->read) fake_->read(depth, reading);
    ++(depth == gpu::Depth::kEdge ? fake_->edge_readings : fake_->full_readings);
  }
  [[nodiscard]] const char* current_call() const override { return "fakeRead"; }

 private:
  std::shared_ptr<FakeGpu> fake_;
};

inline gpu::Card fake_card(std::string name, uint64_t memory_bytes) {
  gpu::Card card;
  card.name = std::move(name);
  card.memory_bytes = memory_bytes;
  return card;
}

}  // namespace jumper::testing
