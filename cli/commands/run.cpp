// SPDX-License-Identifier: BSD-3-Clause
// jumper run: starts a program, monitors everything that descends from it, reports when it ends.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "cli/arguments.h"
#include "cli/numbers.h"
#include "jumper/base/atomic_file.h"
#include "jumper/monitor/level.h"
#include "jumper/monitor/monitor.h"
#include "jumper/report/advice.h"
#include "jumper/report/nodes.h"
#include "jumper/session/export.h"

namespace jumper::cli {
namespace {

struct RunOptions {
  monitor::StartOptions start;
  metric::Scope level = metric::Scope::kProcess;
  std::string json_path;
  std::string csv_path;
  bool wants_advice = false;  // in a Slurm job, without being asked
  Arguments command;
};

constexpr std::string_view kTaken =
    "it takes --interval S, --level LEVEL, --budget PERCENT, --nodes NODES, --json FILE, --csv "
    "FILE, --advice, "
    "then -- COMMAND";

// This program, as the other nodes of a job see it, too.
std::string own_path() {
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::string("jumper") : path.string();
}

base::Status take_option(RunOptions& options, const std::string& name, const std::string& value) {
  if (name == "--interval") {
    const auto seconds = parse_interval(value);
    if (!seconds) return seconds.error();
    options.start.interval_seconds = *seconds;
  } else if (name == "--budget") {
    const auto percent = parse_budget(value);
    if (!percent) return percent.error();
    options.start.budget_percent = *percent;
  } else if (name == "--level") {
    const auto level = monitor::parse_level(value);
    if (!level) return level.error();
    options.level = *level;
  } else if (name == "--nodes") {
    options.start.nodes = {value, own_path()};
  } else if (name == "--json") {
    options.json_path = value;
  } else {
    if (const auto format = session::format_of(value); !format) return format.error();
    options.csv_path = value;
  }
  return base::Done{};
}

bool is_option(std::string_view name) {
  return name == "--interval" || name == "--budget" || name == "--level" || name == "--json" ||
         name == "--nodes" || name == "--csv";
}

base::Result<RunOptions> parse_options(const Arguments& arguments) {
  RunOptions options;
  size_t at = 0;
  for (; at < arguments.size() && arguments[at] != "--" && arguments[at].starts_with('-'); ++at) {
    if (arguments[at] == "--advice") {
      options.wants_advice = true;
      continue;
    }
    const size_t equals = arguments[at].find('=');
    const std::string name = arguments[at].substr(0, equals);
    if (!is_option(name))
      return base::bad_input("run does not take '" + arguments[at] + "': " + std::string(kTaken));
    std::string value;
    if (equals != std::string::npos) {
      value = arguments[at].substr(equals + 1);
    } else if (at + 1 < arguments.size() && arguments[at + 1] != "--") {
      value = arguments[++at];
    }
    if (value.empty()) return base::bad_input("option " + name + " needs a value");
    if (auto taken = take_option(options, name, value); !taken) return taken.error();
  }
  if (at < arguments.size() && arguments[at] == "--") ++at;
  options.command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
  if (options.command.empty())
    return base::bad_input("run needs a command: jumper run -- COMMAND ARGUMENTS");
  return options;
}

// The started child, or the errno of the exec that failed.
struct Started {
  pid_t pid = -1;
  int exec_errno = 0;
};

// What jumper was started with, and what the program is to inherit.
struct SignalState {
  sigset_t mask{};
  struct sigaction child_ended{};
};

// The signals in `waited_for` stay pending until they are waited for.
SignalState take_over_signals(const sigset_t& waited_for) {
  SignalState before;
  ::sigprocmask(SIG_BLOCK, &waited_for, &before.mask);
  // Where our parent ignores SIGCHLD, we would inherit that: our children would vanish unseen.
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &standard, &before.child_ended);
  return before;
}

// The program gets the signal mask and dispositions that jumper itself was started with.
base::Result<Started> start_program(const Arguments& command, const SignalState& signals) {
  std::array<int, 2> failure_pipe{};
  if (::pipe2(failure_pipe.data(), O_CLOEXEC) != 0)
    return base::errno_error("cannot make a pipe for", command[0], errno);
  base::UniqueFd read_end(failure_pipe[0]);
  base::UniqueFd write_end(failure_pipe[1]);
  std::vector<char*> argv;
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  const pid_t pid = ::fork();
  if (pid < 0) return base::errno_error("cannot start", command[0], errno);
  if (pid == 0) {
    // Between fork and exec only calls that are safe in a signal handler.
    ::sigaction(SIGCHLD, &signals.child_ended, nullptr);
    ::sigprocmask(SIG_SETMASK, &signals.mask, nullptr);
    ::execvp(argv[0], argv.data());
    const int failed = errno;
    static_cast<void>(::write(write_end.get(), &failed, sizeof failed) == sizeof failed);
    ::_exit(failed == ENOENT ? kExitNotFound : kExitCannotExecute);
  }
  write_end.reset();
  Started started{pid, 0};
  // Ends when the exec succeeds and closes the pipe.
  ssize_t got = 0;
  do {
    got = ::read(read_end.get(), &started.exec_errno, sizeof started.exec_errno);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof started.exec_errno) started.exec_errno = 0;
  return started;
}

// Waits for the program; signals that we get meanwhile are passed on to it, so that stopping
// jumper stops what it runs. What a terminal sends reaches both anyway. Returns the wait status.
int wait_for(pid_t pid, const sigset_t& passed_on) {
  for (;;) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&passed_on, &info);
    if (signal < 0) continue;
    if (signal != SIGCHLD) {
      if (info.si_code <= 0) ::kill(pid, signal);  // sent by a process, not by the terminal
      continue;
    }
    // Orphans come to us as well, for we adopt them: only the program's own end ends the run.
    int status = 0;
    int program_status = 0;
    bool program_ended = false;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (ended == pid) {
        program_ended = true;
        program_status = status;
      }
    }
    if (program_ended) return program_status;
  }
}

void write_advice(const monitor::Monitor& monitor, const RunOptions& options,
                  bool is_whole_program) {
  const auto session = monitor.session();
  if (!session || (!options.wants_advice && !session->facts().job)) return;
  const auto advice = session->advice(is_whole_program);
  const std::string text =
      advice ? "\n" + report::to_text(*advice) : "jumper: " + advice.error().message + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

// What the nodes of the job did, compared.
void write_nodes(const monitor::Monitor& monitor, const RunOptions& options) {
  const auto session = monitor.session();
  if (!session) return complain(session.error().message);
  const bool is_default = options.level == metric::Scope::kProcess;
  const auto report =
      session->nodes_report(std::nullopt, is_default ? std::nullopt : std::optional(options.level));
  if (!report) return complain(report.error().message);
  const std::string text = "\n" + report::to_text(*report);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int write_results(const monitor::Monitor& monitor, const RunOptions& options,
                  bool is_whole_program) {
  const auto report = monitor.report(std::nullopt, options.level);
  if (!report) {
    complain(report.error().message);
    return kExitFailure;
  }
  const std::string text = report::to_text(*report);
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (options.start.nodes) write_nodes(monitor, options);
  write_advice(monitor, options, is_whole_program);
  int result = kExitOk;
  if (!options.json_path.empty()) {
    if (auto written = base::write_file(options.json_path, report::to_json(*report) + "\n");
        !written) {
      complain(written.error().message);
      result = kExitFailure;
    }
  }
  if (!options.csv_path.empty()) {
    if (auto written = monitor.export_perf(options.csv_path, options.level); !written) {
      complain(written.error().message);
      result = kExitFailure;
    }
  }
  return result;
}

}  // namespace

int run_command(const Arguments& arguments) {
  const auto options = parse_options(arguments);
  if (!options) {
    complain(options.error().message);
    return kExitUsage;
  }
  auto monitor =
      monitor::Monitor::create({.proc_path = "/proc", .sys_path = "/sys", .count_self = false});
  if (!monitor) {
    complain(monitor.error().message);
    return kExitFailure;
  }
  if (const auto level = (*monitor)->find_level(metric::scope_name(options->level)); !level) {
    complain(level.error().message);
    return kExitUsage;
  }
  // Descendants whose parent ends come to us instead of to init, and stay in the tree.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
  sigset_t passed_on;
  ::sigemptyset(&passed_on);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2})
    ::sigaddset(&passed_on, signal);
  const SignalState before = take_over_signals(passed_on);

  if (auto running = (*monitor)->start(options->start); !running) {
    complain(running.error().message);
    return kExitFailure;
  }
  const auto index = (*monitor)->begin_cell(options->command[0], {});
  const auto started = start_program(options->command, before);
  if (!started) {
    complain(started.error().message);
    return kExitFailure;
  }
  if (started->exec_errno != 0) {
    complain("cannot run '" + options->command[0] + "': " + std::strerror(started->exec_errno));
    return started->exec_errno == ENOENT ? kExitNotFound : kExitCannotExecute;
  }
  const int status = wait_for(started->pid, passed_on);
  const bool succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (index)
    static_cast<void>(
        (*monitor)->end_cell(succeeded ? cells::CellStatus::kOk : cells::CellStatus::kError).ok());
  static_cast<void>((*monitor)->stop().ok());
  const int written = write_results(**monitor, *options, succeeded);
  // The program's own failure says more than ours.
  if (WIFSIGNALED(status)) return kExitSignalBase + WTERMSIG(status);
  return succeeded ? written : WEXITSTATUS(status);
}

}  // namespace jumper::cli
