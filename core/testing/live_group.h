// SPDX-License-Identifier: BSD-3-Clause
// A control group of this machine, made for a test and removed with the object; who is still in it
// then is ended. For tests only.
#pragma once

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "jumper/cgroup/cpu_usage.h"
#include "jumper/cgroup/groups.h"
#include "jumper/kernfs/file.h"

namespace jumper::testing {

class LiveGroup {
 public:
  // Below the group of this process, in the hierarchy of that version; not made where this machine
  // has none, or we may not.
  explicit LiveGroup(int version) : version_(version) {
    std::ifstream file("/proc/self/cgroup");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto own = cgroup::parse_group(text, version == 1 ? "cpuacct" : "");
    if (!own || own->version != version) return;
    const std::string name = "/jumper-test-" + std::to_string(::getpid());
    for (const char* mount : {"cpuacct", "unified", "."}) {
      const std::string folder = std::string("/sys/fs/cgroup/") + mount + own->path;
      const bool is_version1 = std::filesystem::exists(folder + "/cpuacct.usage");
      if (!std::filesystem::exists(folder + "/cgroup.procs") || is_version1 != (version == 1))
        continue;
      if (::mkdir((folder + name).c_str(), 0755) != 0) continue;
      path_ = folder + name;
      return;
    }
  }
  ~LiveGroup() {
    if (!is_made()) return;
    for (int i = 0; i < 500 && ::rmdir(path_.c_str()) != 0; ++i) {
      std::ifstream procs(path_ + "/cgroup.procs");
      for (pid_t pid = 0; procs >> pid;) {
        if (pid > 0 && pid != ::getpid()) ::kill(pid, SIGKILL);
      }
      ::usleep(10'000);
    }
  }
  LiveGroup(const LiveGroup&) = delete;
  LiveGroup& operator=(const LiveGroup&) = delete;

  [[nodiscard]] bool is_made() const { return !path_.empty(); }
  // Puts the calling process into it.
  [[nodiscard]] bool enter() const {
    std::ofstream procs(path_ + "/cgroup.procs");
    procs << ::getpid() << std::flush;
    return procs.good();
  }
  // What the kernel has counted for it.
  [[nodiscard]] std::optional<int64_t> usage_ns() const {
    std::ifstream file(path_ + (version_ == 1 ? "/cpuacct.usage" : "/cpu.stat"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return cgroup::parse_usage_ns(text, version_);
  }

 private:
  int version_;
  std::string path_;
};

}  // namespace jumper::testing
