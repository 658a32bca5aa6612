// SPDX-License-Identifier: BSD-3-Clause
// jumper report: what a recorded session cost.

#include <cstdio>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/session_file.h"
#include "jumper/monitor/level.h"
#include "jumper/monitor/monitor.h"
#include "jumper/report/report.h"

namespace jumper::cli {
namespace {

struct ReportOptions {
  std::string file;
  std::optional<std::string> cells;
  metric::Scope level = metric::Scope::kProcess;
  bool as_json = false;
};

base::Result<ReportOptions> parse_options(const Arguments& arguments) {
  const auto parsed =
      parse_arguments(arguments, {"report",
                                  1,
                                  {"--cell", "--level"},
                                  {"--json"},
                                  "SESSION [--cell RANGE] [--level LEVEL] [--json]"});
  if (!parsed) return parsed.error();
  ReportOptions options;
  options.file = parsed->files[0];
  for (const auto& [name, value] : parsed->options) {
    if (name == "--json") {
      options.as_json = true;
    } else if (name == "--cell") {
      options.cells = value;
    } else {
      const auto level = monitor::parse_level(value);
      if (!level) return level.error();
      options.level = *level;
    }
  }
  return options;
}

base::Result<report::Report> report_of(const ReportOptions& options) {
  const auto session = read_session(options.file);
  if (!session) return session.error();
  if (const auto level = session->find_level(metric::scope_name(options.level)); !level)
    return level.error();
  std::optional<cells::CellRange> range;
  if (options.cells) {
    const auto resolved = session->resolve_cells(*options.cells);
    if (!resolved) return resolved.error();
    range = *resolved;
  }
  return session->report(range, options.level);
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
  if (options->as_json) {
    text = report::to_json(*report) + "\n";
  } else {
    for (const std::string& line : death_lines(options->file)) text += line + "\n";
    text += report::to_text(*report);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace jumper::cli
