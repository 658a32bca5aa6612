// SPDX-License-Identifier: BSD-3-Clause
// What the commands that look at sessions share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "jumper/base/result.h"
#include "jumper/monitor/session.h"

namespace jumper::cli {

// Of a command: its files, and its options with their values, in the order given.
struct ParsedArguments {
  struct Option {
    std::string name;
    std::string value;  // empty of a switch
  };
  Arguments files;
  std::vector<Option> options;
};

struct CommandForm {
  std::string name;
  size_t files = 1;
  Arguments with_value;  // options
  Arguments switches;
  std::string usage;  // after "it takes "
};

// "--name value" and "--name=value"; what follows "--" are files. The error is one line.
[[nodiscard]] base::Result<ParsedArguments> parse_arguments(const Arguments& arguments,
                                                            const CommandForm& form);

// How the session of that journal or id died, in lines; none where it is alive, ended on purpose or
// is kept in another form.
[[nodiscard]] std::vector<std::string> death_lines(const std::string& path);

inline constexpr std::string_view kAllNodes = "all";  // after --node

// A journal, an exported session's folder or archive, or a session's id.
[[nodiscard]] base::Result<monitor::Session> read_session(const std::string& path);

}  // namespace jumper::cli
