// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "jumper/base/fd.h"

namespace jumper::base {
namespace {

Error write_error(const std::string& path, int sys_errno) { return errno_error("cannot write", path, sys_errno); }

// 0 on success, else the errno.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content.remove_prefix(static_cast<size_t>(put));
  }
  return 0;
}

Status write_in_place(const std::string& path, std::string_view content) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd.valid()) return write_error(path, errno);
  if (const int failed = write_all(fd.get(), content)) return write_error(path, failed);
  return Done{};
}

}  // namespace

Status write_file(const std::string& path, std::string_view content) {
  struct stat existing {};
  mode_t mode = 0;
  if (::stat(path.c_str(), &existing) == 0) {
    if (S_ISDIR(existing.st_mode)) return bad_input("'" + path + "' is a folder: give the name of a file in it");
    // A device, a pipe, a link: to be written to, not replaced.
    if (!S_ISREG(existing.st_mode)) return write_in_place(path, content);
    mode = existing.st_mode & 07777U;
  }
  struct stat link {};
  if (::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode)) return write_in_place(path, content);

  std::string temporary = path + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return write_error(path, errno);
  if (mode == 0) {
    // mkostemp makes files for their owner only; a new file gets what open() would give it.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    mode = 0666U & ~mask;
  }
  int failed = write_all(fd.get(), content);
  if (failed == 0 && ::fchmod(fd.get(), mode) != 0) failed = errno;
  fd.reset();
  if (failed == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) failed = errno;
  if (failed != 0) {
    ::unlink(temporary.c_str());
    return write_error(path, failed);
  }
  return Done{};
}

}  // namespace jumper::base
