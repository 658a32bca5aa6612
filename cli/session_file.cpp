// SPDX-License-Identifier: BSD-3-Clause
#include "cli/session_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/monitor/open_session.h"
#include "jumper/monitor/stored_sessions.h"

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

std::vector<std::string> death_lines(const std::string& path) {
  const auto root = kernfs::KernelRoot::open();
  if (!root || path.ends_with(".zip")) return {};
  std::string journal = path;
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    const auto folder = monitor::open_journal_folder("");
    if (!folder) return {};
    const auto found = folder->find(path);
    if (!found) return {};
    journal = found->path;
  }
  const auto death = monitor::post_mortem_of(journal, *root, base::SystemClock().wall_ns());
  if (!death || !*death) return {};
  return (*death)->lines("The session");
}

base::Result<monitor::Session> read_session(const std::string& path) {
  auto recording = monitor::open_session(path);
  if (!recording) return recording.error();
  return monitor::Session(std::move(*recording));
}

}  // namespace jumper::cli
