// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/kernfs/kernel_root.h"

#include <fcntl.h>

#include <cerrno>

namespace jumper::kernfs {
namespace {

base::Result<base::UniqueFd> open_folder(const std::string& path) {
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return base::errno_error("cannot open folder", path, errno);
  return fd;
}

}  // namespace

base::Result<KernelRoot> KernelRoot::open(std::string proc_path, std::string sys_path) {
  KernelRoot root;
  auto proc = open_folder(proc_path);
  if (!proc) return proc.error();
  root.proc_ = std::move(*proc);
  // A container may hide /sys: what is read there is then absent, and the rest goes on.
  if (auto sys = open_folder(sys_path)) root.sys_ = std::move(*sys);
  root.live_ = proc_path == "/proc";
  root.proc_path_ = std::move(proc_path);
  root.sys_path_ = std::move(sys_path);
  return root;
}

}  // namespace jumper::kernfs
