// SPDX-License-Identifier: BSD-3-Clause
// A scenario for the fake NVIDIA driver, as long as the object lives: what FAKE_NVML names.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "testing/temp_folder.h"

namespace jumper::testing {

class ScenarioFile {
 public:
  explicit ScenarioFile(std::string_view text) {
    write(text);
    ::setenv("FAKE_NVML", path().c_str(), 1);
  }
  ScenarioFile(const ScenarioFile&) = delete;
  ScenarioFile& operator=(const ScenarioFile&) = delete;
  ~ScenarioFile() { ::unsetenv("FAKE_NVML"); }

  // In one step: the driver sees the old text or the new one.
  void write(std::string_view text) const {
    const std::string next = folder_.file("next");
    std::ofstream(next, std::ios::binary) << text;
    std::filesystem::rename(next, path());
  }
  [[nodiscard]] std::string path() const { return folder_.file("scenario"); }

 private:
  TempFolder folder_;
};

}  // namespace jumper::testing
