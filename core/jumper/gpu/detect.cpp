// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/detect.h"

#include <unistd.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "jumper/gpu/amd_backend.h"
#include "jumper/gpu/drm_backend.h"
#include "jumper/gpu/nvml_backend.h"

namespace jumper::gpu {
namespace {

// Stands in for all others where nothing is to be measured.
class Disabled final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "none"; }
  Found open() override { return {false, "not looked for: JUMPER_GPU=0 is set"}; }
  [[nodiscard]] std::span<const Card> cards() const override { return {}; }
  void read(Depth /*depth*/, std::span<const pid_t> /*processes*/, Reading& reading) override {
    reading = {};
  }
  [[nodiscard]] const char* current_call() const override { return nullptr; }
};

}  // namespace

std::vector<std::unique_ptr<Backend>> all_backends(const kernfs::KernelRoot& root,
                                                   const Variables& variables,
                                                   const Places& places) {
  std::vector<std::unique_ptr<Backend>> backends;
  if (variables("JUMPER_GPU") == "0") {
    backends.push_back(std::make_unique<Disabled>());
    return backends;
  }
  backends.push_back(make_nvml_backend(root, variables, places.nvml));
  backends.push_back(make_amd_backend(root, variables, places.amd_smi, places.rocm_smi));
  backends.push_back(make_drm_backend(root, variables));
  return backends;
}

Variables variables_now() {
  std::map<std::string, std::string, std::less<>> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(std::string_view(name));
    return found != variables.end() ? std::optional(found->second) : std::nullopt;
  };
}

std::unique_ptr<Poller> start_poller(const kernfs::KernelRoot& root) {
  auto own_root = kernfs::KernelRoot::open(root.proc_path(), root.sys_path());
  if (!own_root) return nullptr;
  return std::make_unique<Poller>(std::move(*own_root),
                                  [variables = variables_now()](const kernfs::KernelRoot& polled) {
                                    return all_backends(polled, variables, Places());
                                  });
}

Status look_for_cards(const kernfs::KernelRoot& root) {
  const auto poller = start_poller(root);
  if (!poller) return {};
  poller->wait_until_known(kLongestLookNs);
  return poller->status();
}

}  // namespace jumper::gpu
