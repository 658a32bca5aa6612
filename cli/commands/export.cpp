// SPDX-License-Identifier: BSD-3-Clause
// jumper export: a recorded session as files for others.

#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/session_file.h"
#include "jumper/monitor/level.h"
#include "jumper/monitor/monitor.h"
#include "jumper/session/export_session.h"

namespace jumper::cli {
namespace {

struct ExportOptions {
  std::string file;
  std::string out;
  std::optional<metric::Scope> level;
  bool is_of_cells = false;
  std::optional<std::string> node;
};

bool is_table(const std::string& path) {
  return path.ends_with(".csv") || path.ends_with(".json");
}

base::Result<ExportOptions> parse_options(const Arguments& arguments) {
  const auto parsed =
      parse_arguments(arguments, {"export",
                                  2,
                                  {"--level", "--node"},
                                  {"--cells"},
                                  "SESSION OUT [--level LEVEL | --cells] [--node NODE|all]"});
  if (!parsed) return parsed.error();
  ExportOptions options{parsed->files[0], parsed->files[1], std::nullopt, false, std::nullopt};
  for (const auto& [name, value] : parsed->options) {
    if (name == "--cells") {
      options.is_of_cells = true;
      continue;
    }
    if (name == "--node") {
      options.node = value;
      continue;
    }
    const auto level = monitor::parse_level(value);
    if (!level) return level.error();
    options.level = *level;
  }
  if ((options.level || options.is_of_cells || options.node) && !is_table(options.out))
    return base::bad_input("--level, --cells and --node are for a .csv or .json: '" + options.out +
                           "' gets the whole session");
  if (options.level && options.is_of_cells)
    return base::bad_input("--cells are of no level: give one of --level and --cells");
  return options;
}

base::Status write_session(const ExportOptions& options) {
  auto session = read_session(options.file);
  if (!session) return session.error();
  if (options.node == kAllNodes) {
    if (options.is_of_cells)
      return base::bad_input("--cells are of one node: name it, or give --node all without them");
    return session->export_nodes(options.out, options.level);
  }
  if (options.node) {
    session = session->node(*options.node);
    if (!session) return session.error();
  }
  if (!is_table(options.out)) return session::export_session(options.out, session->recording());
  if (options.is_of_cells) return session->export_history(options.out);
  const metric::Scope level = options.level.value_or(session->default_level());
  if (const auto found = session->find_level(metric::scope_name(level)); !found)
    return found.error();
  return session->export_perf(options.out, level);
}

}  // namespace

int export_command(const Arguments& arguments) {
  const auto options = parse_options(arguments);
  if (!options) {
    complain(options.error().message);
    return kExitUsage;
  }
  if (auto written = write_session(*options); !written) {
    complain(written.error().message);
    return kExitUsage;
  }
  return kExitOk;
}

}  // namespace jumper::cli
