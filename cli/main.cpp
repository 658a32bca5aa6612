// SPDX-License-Identifier: BSD-3-Clause
// jumper: the monitor without Python.

#include <cstdio>
#include <string>

#include "cli/arguments.h"

namespace jumper::cli {

void complain(std::string_view message) {
  const std::string line = "jumper: " + std::string(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

namespace {

constexpr const char* kUsage =
    "usage: jumper COMMAND [ARGUMENTS]\n"
    "\n"
    "  run [--interval S] [--level LEVEL] [--budget PERCENT] [--json FILE] [--csv FILE] "
    "[--advice]\n"
    "      [--nodes all|N|NAMES] -- COMMAND [ARGUMENTS]\n"
    "        run a program and report what it and its descendants cost; inside a Slurm job, also\n"
    "        what the job used on its other nodes\n"
    "  record -o FILE|- [--interval S] [--budget PERCENT]\n"
    "        write what this machine and this user's processes use to a journal until it is "
    "interrupted\n"
    "  report SESSION [--cell RANGE] [--level LEVEL] [--node NODE|all] [--json]\n"
    "        report what the cells of a recorded session cost; on another node of its job, or\n"
    "        on all of them, compared\n"
    "  advice SESSION [--json]\n"
    "        what a recorded session's job asked for, what it used, and what would have been "
    "enough\n"
    "  compare A B [--fail-if CONDITION]... [--json FILE]\n"
    "        compare two recorded sessions; exit with 1 where a condition is met, for example\n"
    "        \"duration>+10%\", \"peak_memory>2GB\" or, of each cell, \"cell:cpu_seconds>+5%+1s\"\n"
    "  export SESSION OUT [--level LEVEL | --cells] [--node NODE|all]\n"
    "        write a recorded session: its samples or its cells as .csv or .json; a trace for\n"
    "        Perfetto as .trace.json; the whole as a .zip or a folder\n"
    "  info [--json]\n"
    "        show the CPUs and memory this process may use, and which limits say so\n"
    "  metrics\n"
    "        list what is measured, as Markdown\n"
    "\n"
    "  SESSION, A and B are journals, exported folders or .zip files, or ids of sessions\n"
    "\n"
    "  --version\n"
    "  --help\n";

int dispatch(const Arguments& arguments) {
  if (arguments.empty()) {
    std::fputs(kUsage, stderr);
    return kExitUsage;
  }
  const std::string& command = arguments.front();
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (command == "run") return run_command(rest);
  if (command == "record") return record_command(rest);
  if (command == "report") return report_command(rest);
  if (command == "advice") return advice_command(rest);
  if (command == "compare") return compare_command(rest);
  if (command == "export") return export_command(rest);
  if (command == "info") return info_command(rest);
  if (command == "metrics") return metrics_command(rest);
  if (command == "--help" || command == "-h" || command == "help") {
    std::fputs(kUsage, stdout);
    return kExitOk;
  }
  if (command == "--version") {
    std::puts("jumper " JUMPER_VERSION);
    return kExitOk;
  }
  complain(
      "unknown command '" + command +
      "': the commands are run, record, report, advice, compare, export, info and metrics (see "
      "jumper "
      "--help)");
  return kExitUsage;
}

}  // namespace

int run_main(int argc, char** argv) {
  return dispatch(Arguments(argv + 1, argv + argc));
}

}  // namespace jumper::cli

int main(int argc, char** argv) {
  return jumper::cli::run_main(argc, argv);
}
