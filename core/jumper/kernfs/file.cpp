// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/kernfs/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace jumper::kernfs {

base::Result<std::string_view> ReadBuffer::fill_until(int fd, size_t last_part_below) {
  size_t length = 0;
  for (;;) {
    if (length == bytes_.size()) bytes_.resize(bytes_.size() * 2);
    const ssize_t got =
        ::pread(fd, bytes_.data() + length, bytes_.size() - length, static_cast<off_t>(length));
    if (got < 0) {
      const int sys_errno = errno;
      count_call(0);  // a call that fails is booked as well
      if (sys_errno == EINTR) continue;
      return base::errno_error("cannot read", "kernel file", sys_errno);
    }
    count_call(static_cast<uint64_t>(got));
    if (got == 0) break;
    const bool filled = length + static_cast<size_t>(got) == bytes_.size();
    length += static_cast<size_t>(got);
    // A file of many records (diskstats, net/dev) comes in parts of almost a page, however large
    // the buffer; a part well below that is the last. So short files cost one call, long ones
    // reach the end.
    if (!filled && static_cast<size_t>(got) < last_part_below) break;
  }
  return std::string_view(bytes_.data(), length);
}

base::Result<File> File::open(int folder_fd, const char* path) {
  // A folder that could not be opened (KernelRoot without /sys) holds nothing.
  if (folder_fd == -1) return base::errno_error("cannot open", path, ENOENT);
  base::UniqueFd fd(::openat(folder_fd, path, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return base::errno_error("cannot open", path, errno);
  return File(std::move(fd));
}

base::Result<std::string_view> File::read(ReadBuffer& buffer) const {
  return buffer.fill(fd_.get());
}

base::Result<std::string_view> File::read_to_end(ReadBuffer& buffer) const {
  return buffer.fill_to_end(fd_.get());
}

base::Result<std::string> read_once(int folder_fd, const char* path) {
  auto file = File::open(folder_fd, path);
  if (!file) return file.error();
  ReadBuffer buffer;
  auto content = file->read_to_end(buffer);
  if (!content) return base::errno_error("cannot read", path, content.error().sys_errno);
  return std::string(*content);
}

}  // namespace jumper::kernfs
