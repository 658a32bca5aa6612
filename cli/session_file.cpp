// SPDX-License-Identifier: BSD-3-Clause
#include "cli/session_file.h"

#include <algorithm>
#include <utility>

#include "jumper/base/text.h"
#include "jumper/monitor/open_session.h"

namespace jumper::cli {
namespace {

base::Error wrong(const CommandForm& form, const std::string& what) {
  return base::bad_input(form.name + " " + what + ": it takes " + form.usage);
}

}  // namespace

base::Result<ParsedArguments> parse_arguments(const Arguments& arguments, const CommandForm& form) {
  ParsedArguments parsed;
  bool only_files = false;
  for (size_t at = 0; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    if (!only_files && argument == "--") {
      only_files = true;
      continue;
    }
    if (only_files || !argument.starts_with('-') || argument == "-") {
      parsed.files.push_back(argument);
      continue;
    }
    const size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    const bool has_value = equals != std::string::npos;
    if (!has_value && std::ranges::find(form.switches, name) != form.switches.end()) {
      parsed.options.push_back({std::move(name), ""});
      continue;
    }
    if (std::ranges::find(form.with_value, name) == form.with_value.end())
      return wrong(form, "does not take '" + base::one_line(argument, 60) + "'");
    if (!has_value && at + 1 == arguments.size()) return wrong(form, "needs a value after " + name);
    parsed.options.push_back(
        {std::move(name), has_value ? argument.substr(equals + 1) : arguments[++at]});
  }
  if (parsed.files.size() != form.files)
    return wrong(form, "needs " + base::count_of(form.files, "name") + ", not " +
                           std::to_string(parsed.files.size()));
  return parsed;
}

base::Result<monitor::Session> read_session(const std::string& path) {
  auto recording = monitor::open_session(path);
  if (!recording) return recording.error();
  return monitor::Session(std::move(*recording));
}

}  // namespace jumper::cli
