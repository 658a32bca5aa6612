// SPDX-License-Identifier: BSD-3-Clause
// jumper advice: what a recorded session asked for, what it used, and what would have been enough.

#include <cstdio>
#include <string>

#include "cli/arguments.h"
#include "cli/session_file.h"
#include "jumper/report/advice.h"

namespace jumper::cli {

int advice_command(const Arguments& arguments) {
  const auto parsed = parse_arguments(arguments, {"advice", 1, {}, {"--json"}, "SESSION [--json]"});
  if (!parsed) {
    complain(parsed.error().message);
    return kExitUsage;
  }
  const auto session = read_session(parsed->files[0]);
  if (!session) {
    complain(session.error().message);
    return kExitUsage;
  }
  const auto advice = session->advice();
  if (!advice) {
    complain(advice.error().message);
    return kExitUsage;
  }
  const bool as_json = !parsed->options.empty();
  const std::string text = as_json ? report::to_json(*advice) + "\n" : report::to_text(*advice);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace jumper::cli
