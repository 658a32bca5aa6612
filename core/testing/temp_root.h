// SPDX-License-Identifier: BSD-3-Clause
// A fake /proc and /sys in a temporary folder, made in one expression and removed with the object:
//   TempRoot root{{"proc/stat", "cpu  1 2 3 4 5 6 7 8\n"}, {"sys/block/vda/stat", ""}};
// For tests only; what fails here throws, and so fails the test.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::testing {

struct FakeFile {
  std::string_view path;  // "proc/..." or "sys/...", parents are made
  std::string_view text;
};

class TempRoot {
 public:
  TempRoot(std::initializer_list<FakeFile> files = {});  // NOLINT: implicit by design
  TempRoot(const TempRoot&) = delete;
  TempRoot& operator=(const TempRoot&) = delete;
  ~TempRoot();

  // The two folders as a KernelRoot; it may be opened more than once.
  [[nodiscard]] kernfs::KernelRoot open() const;

  // Makes the file, or replaces what is in it. The file stays the same file, so one that is held
  // open shows the new text on its next read, as kernel files do.
  void write(std::string_view path, std::string_view text) const;
  // Removes a file, or a folder with all that is in it. Unlike a file of an ended process, one that
  // is held open can still be read.
  void remove(std::string_view path) const;
  // An empty folder, as /sys/block/vda/slaves often is.
  void make_folder(std::string_view path) const;
  // A symbolic link, as /proc/PID/exe and most of /sys are.
  void link(std::string_view path, std::string_view target) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  [[nodiscard]] std::filesystem::path inside(std::string_view path) const;

  std::filesystem::path path_;
};

}  // namespace jumper::testing
