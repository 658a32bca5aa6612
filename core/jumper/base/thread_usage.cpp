// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/thread_usage.h"

#include <sys/resource.h>

#include "jumper/base/clock.h"

namespace jumper::base {

ThreadUsage thread_usage() {
  // What getrusage tells of a running thread is as old as the kernel's last tick, up to 10 ms.
  // Reading the thread's clock brings it up to date.
  static_cast<void>(thread_cpu_ns());
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto nanos = [](const timeval& time) {
    return time.tv_sec * kNanosPerSecond + time.tv_usec * 1000;
  };
  return {nanos(usage.ru_utime), nanos(usage.ru_stime), static_cast<uint64_t>(usage.ru_majflt),
          static_cast<uint64_t>(usage.ru_nvcsw), static_cast<uint64_t>(usage.ru_nivcsw)};
}

}  // namespace jumper::base
