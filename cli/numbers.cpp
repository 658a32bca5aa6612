// SPDX-License-Identifier: BSD-3-Clause
#include "cli/numbers.h"

#include "jumper/base/parse.h"
#include "jumper/monitor/monitor.h"

namespace jumper::cli {

base::Result<double> parse_interval(const std::string& text) {
  const auto number = base::parse_number<double>(text);
  if (!number)
    return base::bad_input("interval '" + text +
                           "' is not a number of seconds: write for example 0.5");
  return monitor::check_interval(*number);
}

base::Result<double> parse_budget(const std::string& text) {
  const auto number = base::parse_number<double>(text);
  if (!number)
    return base::bad_input("budget '" + text +
                           "' is not a number of percent: write for example 0.5");
  return monitor::check_budget(*number);
}

}  // namespace jumper::cli
