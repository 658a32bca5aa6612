// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "jumper/base/clock.h"
#include "jumper/base/fd.h"
#include "jumper/base/text.h"

namespace jumper::base {
namespace {

constexpr size_t kShownPathColumns = 4096;

Error write_error(const std::string& path, int sys_errno) {
  return errno_error("cannot write", one_line(path, kShownPathColumns), sys_errno);
}

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

// Network file systems may tell only here that the content did not fit. 0 on success, else the
// errno.
int close_checked(UniqueFd& fd) {
  const int failed = ::close(fd.release()) == 0 ? 0 : errno;
  return failed == EINTR ? 0 : failed;  // Linux has closed it all the same
}

Status write_in_place(const std::string& path, std::string_view content) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd.valid()) return write_error(path, errno);
  if (const int failed = write_all(fd.get(), content)) return write_error(path, failed);
  if (const int failed = close_checked(fd)) return write_error(path, failed);
  return Done{};
}

// A new file beside `path`, under a short name that nobody has, with the mode that open() gives:
// asking for the umask would mean setting it, for all threads of the process.
UniqueFd make_temporary(const std::string& path, mode_t mode, std::string& name) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string stem = folder + ".jumper-" + std::to_string(::getpid()) + "-";
  for (int64_t number = SystemClock().monotonic_ns();; ++number) {
    name = stem + std::to_string(number);
    UniqueFd fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (fd.valid() || errno != EEXIST) return fd;
  }
}

// Where the links of `path` lead; `path` itself when they lead nowhere yet.
std::string follow_links(const std::string& path) {
  const std::unique_ptr<char, decltype([](char* text) { std::free(text); })> target(
      ::realpath(path.c_str(), nullptr));
  return target ? target.get() : path;
}

constexpr mode_t kPrivate = 0600;
constexpr mode_t kUsual = 0666;

// `mode` is for a new file, less the umask; one that exists keeps its own unless it is private.
Status replace(const std::string& path, std::string_view content, mode_t mode,
               const struct stat* existing) {
  std::string temporary;
  UniqueFd fd = make_temporary(path, mode, temporary);
  if (!fd.valid()) return write_error(path, errno);
  int failed = write_all(fd.get(), content);
  const bool keeps_mode = existing != nullptr && mode != kPrivate;
  if (failed == 0 && keeps_mode && ::fchmod(fd.get(), existing->st_mode & 07777U) != 0)
    failed = errno;
  if (const int not_closed = close_checked(fd); failed == 0) failed = not_closed;
  if (failed == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) failed = errno;
  if (failed == 0) return Done{};
  ::unlink(temporary.c_str());
  return write_error(path, failed);
}

Status write_with_mode(const std::string& path, std::string_view content, mode_t mode) {
  if (path.find('\0') != std::string::npos) {
    return bad_input("'" + one_line(path, kShownPathColumns) +
                     "' is no name of a file: there is a NUL in it");
  }
  struct stat existing{};
  const bool exists = ::stat(path.c_str(), &existing) == 0;
  if (exists && S_ISDIR(existing.st_mode)) {
    return bad_input("'" + one_line(path, kShownPathColumns) +
                     "' is a folder: give the name of a file in it");
  }
  // A device or a pipe is to be written to, not replaced; a link stays one.
  if (exists && !S_ISREG(existing.st_mode)) return write_in_place(path, content);
  if (exists) return replace(follow_links(path), content, mode, &existing);
  struct stat link{};
  if (::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode))
    return write_in_place(path, content);
  return replace(path, content, mode, nullptr);
}

}  // namespace

Status write_file(const std::string& path, std::string_view content) {
  return write_with_mode(path, content, kUsual);
}

Status write_private_file(const std::string& path, std::string_view content) {
  return write_with_mode(path, content, kPrivate);
}

}  // namespace jumper::base
