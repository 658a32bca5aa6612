// SPDX-License-Identifier: BSD-3-Clause
#include "testing/testdata.h"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace jumper::testing {
namespace {

// Given by the build: the folder core/testdata.
std::string absolute(std::string_view path) {
  std::string full = JUMPER_TESTDATA_DIR "/";
  full += path;
  return full;
}

}  // namespace

std::string read_testdata(std::string_view path) {
  std::ifstream stream(absolute(path), std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  // A folder opens, too, but does not read.
  if (!stream.is_open() || stream.bad()) {
    throw std::runtime_error("no test data at " + absolute(path));
  }
  return text;
}

kernfs::KernelRoot open_testdata(std::string_view machine) {
  auto root = kernfs::KernelRoot::open(absolute(machine) + "/proc", absolute(machine) + "/sys");
  if (!root) throw std::runtime_error(root.error().message);
  return std::move(root).value();
}

}  // namespace jumper::testing
