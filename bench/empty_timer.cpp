// SPDX-License-Identifier: BSD-3-Clause
// A thread that wakes up at a rate and does nothing: the floor under everything that samples.
// Commands come as lines on standard input, answers are JSON: `start SECONDS`, `count`, `stop`.

#include <sys/prctl.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosPerSecond + now.tv_nsec;
}

class Timer {
 public:
  ~Timer() { stop(); }
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(double seconds) {
    stop();
    stopping_ = false;
    const auto interval_ns = static_cast<int64_t>(seconds * static_cast<double>(kNanosPerSecond));
    thread_ = std::thread([this, interval_ns] { run(interval_ns); });
  }
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] uint64_t wakes() const { return wakes_; }

 private:
  void run(int64_t interval_ns) {
    // As the sampler has it: without the kernel's 50 us of slack.
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    int64_t due_ns = now_ns();
    while (!stopping_) {
      // The next deadline of the grid that still lies ahead.
      due_ns += interval_ns * ((now_ns() - due_ns) / interval_ns + 1);
      const timespec due{due_ns / kNanosPerSecond, due_ns % kNanosPerSecond};
      while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr) != 0) {
      }
      wakes_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  std::thread thread_;
  std::atomic<bool> stopping_ = true;
  std::atomic<uint64_t> wakes_ = 0;
};

}  // namespace

int main() {
  Timer timer;
  std::string line;
  std::cout << "{\"ready\": true}" << std::endl;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command;
    double seconds = 0;
    words >> command >> seconds;
    if (command == "start" && seconds > 0) {
      timer.start(seconds);
    } else if (command == "stop") {
      timer.stop();
    } else if (command != "count") {
      std::cerr << "empty_timer: unknown command '" << line << "'\n";
      return EXIT_FAILURE;
    }
    std::cout << "{\"samples\": " << timer.wakes() << "}" << std::endl;
  }
  return EXIT_SUCCESS;
}
