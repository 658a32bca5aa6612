// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/block_signals.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace jumper::base {
namespace {

sigset_t blocked_now() {
  sigset_t blocked;
  ::sigemptyset(&blocked);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  return blocked;
}

bool is_blocked(const sigset_t& signals, int number) {
  return ::sigismember(&signals, number) == 1;
}

TEST(BlockSignals, AThreadTakesNoneButThoseOfItsOwnMistakes) {
  // GIVEN
  const sigset_t before = blocked_now();
  sigset_t of_thread = before;
  // WHEN a thread begins meanwhile
  std::optional<std::thread> thread;
  {
    const BlockSignals block;
    thread.emplace([&] { of_thread = blocked_now(); });
  }
  thread->join();
  // THEN
  for (const int number : {SIGINT, SIGTERM, SIGCHLD, SIGUSR1, SIGALRM, SIGPROF, SIGPIPE})
    EXPECT_TRUE(is_blocked(of_thread, number)) << number;
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT})
    EXPECT_FALSE(is_blocked(of_thread, number)) << number;
  // and the one that started it is as before
  const sigset_t after = blocked_now();
  for (int number = 1; number < 32; ++number)
    EXPECT_EQ(is_blocked(after, number), is_blocked(before, number)) << number;
}

}  // namespace
}  // namespace jumper::base
