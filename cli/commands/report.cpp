// SPDX-License-Identifier: BSD-3-Clause
// jumper report: what a recorded session cost.

#include <cstdio>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/session_file.h"
#include "jumper/monitor/level.h"
#include "jumper/monitor/monitor.h"
#include "jumper/report/nodes.h"
#include "jumper/report/report.h"

namespace jumper::cli {
namespace {

struct ReportOptions {
  std::string file;
  std::optional<std::string> cells;
  std::optional<metric::Scope> level;
  std::optional<std::string> node;
  bool as_json = false;
};

base::Result<ReportOptions> parse_options(const Arguments& arguments) {
  const auto parsed =
      parse_arguments(arguments, {"report",
                                  1,
                                  {"--cell", "--level", "--node"},
                                  {"--json"},
                                  "SESSION [--cell RANGE] [--level LEVEL] [--node NODE|all] "
                                  "[--json]"});
  if (!parsed) return parsed.error();
  ReportOptions options;
  options.file = parsed->files[0];
  for (const auto& [name, value] : parsed->options) {
    if (name == "--json") {
      options.as_json = true;
    } else if (name == "--cell") {
      options.cells = value;
    } else if (name == "--node") {
      options.node = value;
    } else {
      const auto level = monitor::parse_level(value);
      if (!level) return level.error();
      options.level = *level;
    }
  }
  return options;
}

template <typename AnyReport>
std::string rendered(const AnyReport& report, bool as_json) {
  return as_json ? report::to_json(report) + "\n" : report::to_text(report);
}

base::Result<std::string> report_of(const ReportOptions& options) {
  auto session = read_session(options.file);
  if (!session) return session.error();
  if (options.node && *options.node != kAllNodes) {
    session = session->node(*options.node);
    if (!session) return session.error();
  }
  std::optional<cells::CellRange> range;
  if (options.cells) {
    const auto resolved = session->resolve_cells(*options.cells);
    if (!resolved) return resolved.error();
    range = *resolved;
  }
  if (options.node == kAllNodes) {
    const auto report = session->nodes_report(range, options.level);
    if (!report) return report.error();
    return rendered(*report, options.as_json);
  }
  const metric::Scope level = options.level.value_or(session->default_level());
  if (const auto found = session->find_level(metric::scope_name(level)); !found)
    return found.error();
  const auto report = session->report(range, level);
  if (!report) return report.error();
  return rendered(*report, options.as_json);
}

}  // namespace

int report_command(const Arguments& arguments) {
  const auto options = parse_options(arguments);
  if (!options) {
    complain(options.error().message);
    return kExitUsage;
  }
  const auto report = report_of(*options);
  if (!report) {
    complain(report.error().message);
    return kExitUsage;
  }
  std::string text;
  if (!options->as_json) {
    for (const std::string& line : death_lines(options->file)) text += line + "\n";
  }
  text += *report;
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace jumper::cli
