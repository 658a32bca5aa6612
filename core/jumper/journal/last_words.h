// SPDX-License-Identifier: BSD-3-Clause
// A process that dies of a signal writes so into its journal: which signal, where a fault was, or
// who sent it. Then happens exactly what would have happened without us: the handler that was there
// before gets the signal, or the process ends of it, with the same status.
//
// SIGKILL cannot be handled. A fault that somebody survives (a Java machine makes them on purpose)
// is written down like any other: what follows in the journal tells that it was survived.
#pragma once

#include <sys/types.h>

#include <string>

#include "jumper/base/result.h"

namespace jumper::journal {

// Signals are handled while it lives. One per process, because signal handlers are the process's.
class LastWords {
 public:
  // The journal's descriptor has to outlive it; it is written to while it is the file of that
  // name. kState: another one lives. Handlers are for all threads; the calling one also gets a
  // stack to handle its overflow on, if it has none.
  static base::Result<LastWords> install(int journal_fd, const std::string& path);

  LastWords(LastWords&& other) noexcept;
  LastWords& operator=(LastWords&& other) noexcept;
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;
  // Puts back what was there before, where ours is there still. In a child made by fork(), which
  // inherited the object, it does nothing.
  ~LastWords();

 private:
  explicit LastWords(pid_t owner) : owner_(owner) {}

  pid_t owner_ = 0;  // 0: moved from
};

}  // namespace jumper::journal
