// SPDX-License-Identifier: BSD-3-Clause
#include "testing/fake_nvml/paths.h"

#include "testing/temp_folder.h"

namespace jumper::testing {

std::string fake_nvml_library() {
  return JUMPER_FAKE_NVML;
}

std::string old_fake_nvml_library() {
  return JUMPER_FAKE_NVML_OLD;
}

std::string fake_nvml_scenario(std::string_view name) {
  return read_file(std::string(JUMPER_FAKE_NVML_SCENARIOS) + "/" + std::string(name) + ".txt");
}

}  // namespace jumper::testing
