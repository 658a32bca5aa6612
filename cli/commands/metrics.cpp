// SPDX-License-Identifier: BSD-3-Clause
// jumper metrics: what is measured, as the documentation has it.

#include <cstdio>

#include "cli/arguments.h"
#include "jumper/report/metric_docs.h"

namespace jumper::cli {

int metrics_command(const Arguments& arguments) {
  if (!arguments.empty()) {
    complain("metrics takes no arguments");
    return kExitUsage;
  }
  const std::string text = report::metric_docs();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace jumper::cli
