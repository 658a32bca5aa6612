// SPDX-License-Identifier: BSD-3-Clause
#include "testing/temp_root.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace jumper::testing {
namespace {

std::filesystem::path make_temporary_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "jumper-root-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + path);
  }
  return path;
}

}  // namespace

TempRoot::TempRoot(std::initializer_list<FakeFile> files) : path_(make_temporary_folder()) {
  make_folder("proc");
  make_folder("sys");
  for (const FakeFile& file : files) write(file.path, file.text);
}

TempRoot::~TempRoot() {
  std::error_code ignored;  // a destructor must not throw; at worst a folder stays in /tmp
  std::filesystem::remove_all(path_, ignored);
}

kernfs::KernelRoot TempRoot::open() const {
  auto root = kernfs::KernelRoot::open((path_ / "proc").string(), (path_ / "sys").string());
  if (!root) throw std::runtime_error(root.error().message);
  return std::move(root).value();
}

void TempRoot::write(std::string_view path, std::string_view text) const {
  const std::filesystem::path file = inside(path);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

void TempRoot::remove(std::string_view path) const {
  const std::filesystem::path file = inside(path);
  if (std::filesystem::remove_all(file) == 0) {
    throw std::runtime_error("nothing to remove at " + file.string());
  }
}

void TempRoot::make_folder(std::string_view path) const {
  std::filesystem::create_directories(inside(path));
}

void TempRoot::link(std::string_view path, std::string_view target) const {
  const std::filesystem::path file = inside(path);
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::create_symlink(target, file);
}

// Only what lies in the folder itself: a test with a wrong path must not touch the machine.
std::filesystem::path TempRoot::inside(std::string_view path) const {
  const std::filesystem::path relative = std::filesystem::path(path).lexically_normal();
  const std::string first = relative.empty() ? "" : relative.begin()->string();
  if (first != "proc" && first != "sys") {
    throw std::invalid_argument("not in proc/ or sys/: " + std::string(path));
  }
  return path_ / relative;
}

}  // namespace jumper::testing
