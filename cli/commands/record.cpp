// SPDX-License-Identifier: BSD-3-Clause
// jumper record: samples, and writes a journal to a file or a pipe. With --lines it is what runs on
// each node of a job: the journal goes out in lines, and commands come in (jumper/nodes/agent.h).

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/numbers.h"
#include "jumper/base/fd.h"
#include "jumper/base/parse.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/nodes/agent.h"
#include "jumper/nodes/line.h"

namespace jumper::cli {
namespace {

// Who started us asks for the time every ten seconds. When nobody does for so long, nobody is there
// any more, whatever holds our standard input open.
constexpr int kAloneMilliseconds = 60'000;
// Where what we write is not read any more, ending must not wait for it.
constexpr unsigned kEndSeconds = 2;
constexpr size_t kLongestCommand = 200;

struct RecordOptions {
  nodes::AgentOptions sampling;
  std::string path;  // "-": standard output
  bool in_lines = false;
};

base::Result<RecordOptions> parse_options(const Arguments& arguments) {
  RecordOptions options;
  for (size_t at = 0; at < arguments.size(); ++at) {
    const std::string& name = arguments[at];
    if (name == "--lines") {
      options.in_lines = true;
      continue;
    }
    if (name != "-o" && name != "--interval" && name != "--budget") {
      return base::bad_input("record does not take '" + name +
                             "': it takes -o FILE, or -o - for a pipe, --interval S and --budget "
                             "PERCENT");
    }
    if (++at == arguments.size()) return base::bad_input("option " + name + " needs a value");
    if (name == "-o") {
      options.path = arguments[at];
      continue;
    }
    const auto number =
        name == "--interval" ? parse_interval(arguments[at]) : parse_budget(arguments[at]);
    if (!number) return number.error();
    (name == "--interval" ? options.sampling.interval_seconds : options.sampling.budget_percent) =
        *number;
  }
  if (options.path.empty())
    return base::bad_input("record needs -o FILE, or -o - to write to a pipe");
  if (options.in_lines && options.path != "-")
    return base::bad_input("--lines are written to standard output: give -o -");
  if (options.path == "-" && !options.in_lines && ::isatty(STDOUT_FILENO) == 1)
    return base::bad_input(
        "a journal is not for a terminal: give -o FILE, or pipe it to something");
  options.sampling.program_version = JUMPER_VERSION;
  return options;
}

// Lines of standard input, as they come.
class CommandReader {
 public:
  // Absent at the end, and when nobody said anything for too long.
  std::optional<std::string> next() {
    for (;;) {
      if (const size_t end = bytes_.find('\n'); end != std::string::npos) {
        std::string line = bytes_.substr(0, end);
        bytes_.erase(0, end + 1);
        return line;
      }
      if (bytes_.size() > kLongestCommand) bytes_.clear();
      pollfd input{STDIN_FILENO, POLLIN, 0};
      const int ready = ::poll(&input, 1, kAloneMilliseconds);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return std::nullopt;
      std::array<char, 512> more{};
      const ssize_t got = ::read(STDIN_FILENO, more.data(), more.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return std::nullopt;
      bytes_.append(more.data(), static_cast<size_t>(got));
    }
  }

 private:
  std::string bytes_;
};

uint32_t rank_of_process() {
  const char* const rank = std::getenv("SLURM_PROCID");
  return rank == nullptr ? 0 : base::parse_number<uint32_t>(rank).value_or(0);
}

int record_in_lines(const RecordOptions& options, const kernfs::KernelRoot& root) {
  CommandReader commands;
  constexpr std::string_view kHello = "hello ";
  const std::string hello = commands.next().value_or("");
  const std::string secret = hello.substr(std::min(hello.size(), kHello.size()));
  if (!hello.starts_with(kHello) || !nodes::is_secret(secret)) {
    complain(
        "--lines is for collectors that JUmPER starts: use jumper run --nodes, or record -o FILE");
    return kExitUsage;
  }
  const uint32_t rank = rank_of_process();
  const base::SystemClock clock;
  nodes::LineSink lines(STDOUT_FILENO, secret, rank);
  journal::Writer writer(lines, {}, clock);
  nodes::Agent agent(root, clock, writer);
  if (auto started = agent.start(options.sampling); !started) {
    complain(started.error().message);
    return kExitFailure;
  }
  while (const auto command = commands.next()) agent.take_command(*command, rank);
  ::alarm(kEndSeconds);
  agent.stop();
  return kExitOk;
}

base::Result<base::UniqueFd> open_output(const std::string& path) {
  if (path == "-") return base::UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  base::UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
  if (file.valid()) return file;
  if (errno == EEXIST)
    return base::bad_input(path + " exists already: give the name of a new file");
  return base::errno_error("cannot make", path, errno);
}

// Until a signal ends it, or nobody reads what it writes any more.
int record_until_told(const RecordOptions& options, const kernfs::KernelRoot& root) {
  auto file = open_output(options.path);
  if (!file) {
    complain(file.error().message);
    return kExitFailure;
  }
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&ending, signal);
  ::sigprocmask(SIG_BLOCK, &ending, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const base::SystemClock clock;
  journal::Writer writer(std::move(*file), options.path, {}, clock);
  nodes::Agent agent(root, clock, writer);
  if (auto started = agent.start(options.sampling); !started) {
    complain(started.error().message);
    return kExitFailure;
  }
  const timespec second{1, 0};
  while (::sigtimedwait(&ending, nullptr, &second) < 0) {
    const auto status = writer.status();
    if (status || (status.error().sys_errno != EPIPE && options.path != "-")) continue;
    complain(status.error().message);
    return kExitFailure;
  }
  agent.stop();
  if (auto status = writer.status(); !status) {
    complain(status.error().message);
    return kExitFailure;
  }
  return kExitOk;
}

}  // namespace

int record_command(const Arguments& arguments) {
  const auto options = parse_options(arguments);
  if (!options) {
    complain(options.error().message);
    return kExitUsage;
  }
  const auto root = kernfs::KernelRoot::open();
  if (!root) {
    complain(root.error().message);
    return kExitFailure;
  }
  return options->in_lines ? record_in_lines(*options, *root) : record_until_told(*options, *root);
}

}  // namespace jumper::cli
