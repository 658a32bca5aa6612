// SPDX-License-Identifier: BSD-3-Clause
// Where the kernel's file systems are: /proc and /sys of this machine, or a folder of captured
// files. Every reader gets its files through a KernelRoot, so every reader can be tested.
#pragma once

#include <string>
#include <string_view>

#include "jumper/base/fd.h"
#include "jumper/base/result.h"

namespace jumper::kernfs {

class KernelRoot {
 public:
  // Opens both folders once; files are then opened relative to them.
  static base::Result<KernelRoot> open(std::string proc_path = "/proc",
                                       std::string sys_path = "/sys");

  [[nodiscard]] int proc_fd() const { return proc_.get(); }
  [[nodiscard]] int sys_fd() const { return sys_.get(); }
  [[nodiscard]] const std::string& proc_path() const { return proc_path_; }
  [[nodiscard]] const std::string& sys_path() const { return sys_path_; }
  // True for the live kernel. Clocks and system calls answer for the live kernel only, so with
  // captured files the sources that need them stay silent.
  [[nodiscard]] bool is_live() const { return live_; }

 private:
  KernelRoot() = default;
  std::string proc_path_;
  std::string sys_path_;
  base::UniqueFd proc_;
  base::UniqueFd sys_;
  bool live_ = false;
};

}  // namespace jumper::kernfs
