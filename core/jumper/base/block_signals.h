// SPDX-License-Identifier: BSD-3-Clause
// A library's thread must not be the one that gets the process's signals: threads started while
// this lives take none but those of their own mistakes. Blocked, these would end the process
// without a word of whoever handles them.
#pragma once

#include <pthread.h>

#include <csignal>
#include <initializer_list>

namespace jumper::base {

class BlockSignals {
 public:
  BlockSignals() {
    sigset_t all;
    ::sigfillset(&all);
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT})
      ::sigdelset(&all, number);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace jumper::base
