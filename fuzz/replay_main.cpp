// SPDX-License-Identifier: BSD-3-Clause
// Runs a fuzz target over the files given as arguments, and over those in the folders given, so
// that targets build and corpora are replayed without libFuzzer. Fails when there is nothing to
// run.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "target.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs(int count, char** arguments) {
  std::vector<fs::path> paths;
  for (int at = 1; at < count; ++at) {
    std::error_code not_a_folder;
    const fs::recursive_directory_iterator folder(arguments[at], not_a_folder);
    if (not_a_folder) {
      paths.emplace_back(arguments[at]);
      continue;
    }
    for (const fs::directory_entry& entry : folder) {
      if (entry.is_regular_file()) paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

bool run(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) return false;
  // Memory of exactly the size, without the string's terminator: the address sanitizer then sees a
  // target that reads on.
  const auto bytes = std::make_unique<uint8_t[]>(content.size());
  std::ranges::copy(content, bytes.get());
  LLVMFuzzerTestOneInput(bytes.get(), content.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<fs::path> paths = inputs(argc, argv);
  if (paths.empty()) {
    std::fprintf(stderr, "usage: %s FILE_OR_FOLDER...\n", argv[0]);
    return 2;
  }
  for (const fs::path& path : paths) {
    if (!run(path)) {
      std::fprintf(stderr, "cannot read %s\n", path.c_str());
      return 1;
    }
  }
  std::printf("%zu inputs\n", paths.size());
  return 0;
}
