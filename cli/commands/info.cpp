// SPDX-License-Identifier: BSD-3-Clause
// jumper info: the resources and limits that hold here.

#include <cstdio>

#include "cli/arguments.h"
#include "jumper/gpu/detect.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/report/resources.h"
#include "jumper/source/resources.h"

namespace jumper::cli {

int info_command(const Arguments& arguments) {
  bool as_json = false;
  for (const std::string& argument : arguments) {
    if (argument == "--json") {
      as_json = true;
    } else {
      complain("info does not take '" + argument + "': it takes --json or nothing");
      return kExitUsage;
    }
  }
  const auto root = kernfs::KernelRoot::open();
  if (!root) {
    complain(root.error().message);
    return kExitFailure;
  }
  source::Resources resources = source::read_resources(*root);
  resources.gpu = gpu::look_for_cards(*root);
  const std::string text = as_json ? report::to_json(resources) + "\n" : report::to_text(resources);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace jumper::cli
