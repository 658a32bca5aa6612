// SPDX-License-Identifier: BSD-3-Clause
// Reading kernel files: opened once, read with pread from offset 0 to the end into a buffer that
// is reused. The kernel makes the content anew for each read from the start (proc(5)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jumper/base/fd.h"
#include "jumper/base/result.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::kernfs {

// The buffer that reads fill, and a count of what reading itself did: those read calls are
// booked by the kernel on the monitored process, and so have to be taken off its I/O again.
class ReadBuffer {
 public:
  explicit ReadBuffer(size_t capacity = 16 * 1024) : bytes_(capacity > 0 ? capacity : 1) {}

  [[nodiscard]] uint64_t read_calls() const { return read_calls_; }
  [[nodiscard]] uint64_t bytes_read() const { return bytes_read_; }

  // Everything in `fd` from its start. The view is valid until the next fill. Saves the last call
  // where the kernel's part was short, which is right for files whose records are below 2 KiB.
  base::Result<std::string_view> fill(int fd) { return fill_until(fd, kShortPart); }
  // The same for any file, up to a read that gives nothing: a record may be as long as a page (a
  // line of mountinfo with an overlay of many layers), and the part before it as short as a line.
  base::Result<std::string_view> fill_to_end(int fd) { return fill_until(fd, 0); }

  // For read calls made elsewhere. Only those: the kernel books read and pread in /proc/PID/io, but
  // not getdents64, which lists a folder.
  void count_call(uint64_t bytes) { count_calls(1, bytes); }
  void count_calls(uint64_t calls, uint64_t bytes) {
    read_calls_ += calls;
    bytes_read_ += bytes;
  }

 private:
  static constexpr size_t kShortPart = 2048;
  base::Result<std::string_view> fill_until(int fd, size_t last_part_below);

  std::vector<char> bytes_;
  uint64_t read_calls_ = 0;
  uint64_t bytes_read_ = 0;
};

class File {
 public:
  File() = default;
  // `path` is relative to the folder `folder_fd`.
  static base::Result<File> open(int folder_fd, const char* path);

  [[nodiscard]] bool is_open() const { return fd_.valid(); }
  base::Result<std::string_view> read(ReadBuffer& buffer) const;
  base::Result<std::string_view> read_to_end(ReadBuffer& buffer) const;

 private:
  explicit File(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

// Opens, reads to the very end and closes: for what is read once.
base::Result<std::string> read_once(int folder_fd, const char* path);

}  // namespace jumper::kernfs
