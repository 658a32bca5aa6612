// SPDX-License-Identifier: BSD-3-Clause
// A library's thread must not be the one that gets the process's signals: threads started while
// this lives take none.
#pragma once

#include <pthread.h>

#include <csignal>

namespace jumper::base {

class BlockSignals {
 public:
  BlockSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace jumper::base
