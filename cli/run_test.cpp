// SPDX-License-Identifier: BSD-3-Clause
// The jumper command as its users have it: started, with pipes at its ends, looked at from outside.
// With "--act" this program is one of the programs that jumper is to run (see act()).

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cli/jumper_process.h"
#include "jumper/base/fd.h"
#include "testing/json_check.h"
#include "testing/sanitizers.h"
#include "testing/temp_folder.h"

namespace jumper::cli {
namespace {

using jumper::testing::parse_json;
using jumper::testing::read_file;
using jumper::testing::TempFolder;

// ---- the programs that jumper runs ---------------------------------------------------------

// Works until the calling process has used this much CPU time, its start included.
void burn(double seconds) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  while (now() < seconds) continue;
}

// A grandchild works, after its parent has ended; this process waits for it only by way of a pipe.
void burn_in_orphan(double seconds) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) std::_Exit(99);
  const pid_t child = ::fork();
  if (child == 0) {
    const pid_t parent = ::getpid();
    if (::fork() == 0) {
      while (::getppid() == parent) ::usleep(1000);  // not before it is an orphan
      burn(seconds);
    }
    std::_Exit(0);
  }
  ::close(ends[1]);
  ::waitpid(child, nullptr, 0);
  char nothing = 0;
  static_cast<void>(::read(ends[0], &nothing, 1) == 0);
}

// What a program inherits over exec, besides arguments: its signal mask, ignored signals,
// descriptors. Without the two signals between 31 and SIGRTMIN: the C library takes them for its
// threads in any program that has some, and no program can use them.
void print_inheritance() {
  constexpr uint64_t kOfTheCLibrary = uint64_t{3} << 31U;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("SigBlk:") && !line.starts_with("SigIgn:")) continue;
    const uint64_t signals = std::stoull(line.substr(7), nullptr, 16) & ~kOfTheCLibrary;
    std::printf("%s %llx\n", line.substr(0, 7).c_str(), static_cast<unsigned long long>(signals));
  }
  for (int fd = 0; fd < 100; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) std::printf("fd %d\n", fd);
  }
}

int act(const std::string& what, double seconds) {
  if (what == "burn") burn(seconds);
  if (what == "orphan") burn_in_orphan(seconds);
  if (what == "inheritance") print_inheritance();
  return 0;
}

std::string self() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

Arguments run_of(const Arguments& command) {
  Arguments all = jumper({"run", "--"});
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

Outcome run(const Arguments& command) {
  return Process(run_of(command)).finish();
}
Outcome shell(const std::string& script) {
  return run({"/bin/sh", "-c", script});
}

bool is_report(std::string_view text) {
  return text.find("\nPerformance Report\n") != std::string_view::npos;
}

double cpu_seconds_of(const Arguments& command) {
  const TempFolder folder;
  Arguments arguments = {"run", "--json", folder.file("r.json"), "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  const Outcome outcome = Process(jumper(arguments)).finish();
  EXPECT_EQ(outcome.status(), 0) << outcome.err;
  const auto json = parse_json(read_file(folder.file("r.json")));
  EXPECT_TRUE(json.ok());
  return json->at("cpu_seconds").number;
}

// ---- exit status ---------------------------------------------------------------------------

TEST(Run, PassesTheExitStatusOn) {
  for (const int status : {0, 1, 2, 3, 42, 126, 127, 128, 255}) {
    const Outcome outcome = shell("exit " + std::to_string(status));
    EXPECT_EQ(outcome.status(), status);
    EXPECT_TRUE(is_report(outcome.err)) << outcome.err;
  }
}

TEST(Run, TellsOfASignalAsAShellDoes) {
  for (const int signal : {SIGTERM, SIGKILL, SIGINT, SIGUSR1, SIGABRT}) {
    const Outcome outcome = shell("kill -" + std::to_string(signal) + " $$");
    EXPECT_EQ(outcome.status(), 128 + signal);
    EXPECT_TRUE(is_report(outcome.err)) << outcome.err;
  }
}

TEST(Run, ACommandThatIsNotThereIs127) {
  for (const char* command : {"jumper-no-such-command", "/no/such/file", "./no-such-file"}) {
    const Outcome outcome = run({command});
    EXPECT_EQ(outcome.status(), 127);
    expect_one_line(outcome, command);
    EXPECT_NE(outcome.err.find("No such file or directory"), std::string::npos);
  }
}

TEST(Run, ACommandThatCannotBeExecutedIs126) {
  // GIVEN a file without the permission, and a folder
  const TempFolder folder;
  std::ofstream(folder.file("text")) << "#!/bin/sh\n";

  // THEN
  for (const std::string& command : {folder.file("text"), folder.path().string()}) {
    const Outcome outcome = run({command});
    EXPECT_EQ(outcome.status(), 126);
    expect_one_line(outcome, command);
  }
}

TEST(Run, AScriptWithoutAFirstLineIsTheShells) {
  const TempFolder folder;
  std::ofstream(folder.file("script")) << "exit 5\n";
  std::filesystem::permissions(folder.file("script"), std::filesystem::perms(0755));
  EXPECT_EQ(run({folder.file("script")}).status(), 5);
}

// ---- what goes in and out ------------------------------------------------------------------

TEST(Run, LeavesStandardInputAndOutputToTheProgram) {
  // GIVEN every byte there is
  std::string bytes;
  for (int i = 0; i < 256 * 100; ++i) bytes += static_cast<char>(i);

  // WHEN
  const Outcome outcome = Process(run_of({"/bin/cat"})).finish(bytes);

  // THEN
  EXPECT_EQ(outcome.status(), 0);
  EXPECT_TRUE(outcome.out == bytes);
  EXPECT_TRUE(outcome.err.starts_with(std::string(40, '-') + "\nPerformance Report\n" +
                                      std::string(40, '-') + "\nDuration: "))
      << outcome.err;
}

TEST(Run, TheReportComesAfterWhatTheProgramSaid) {
  const Outcome outcome = shell("echo to-out; echo to-err >&2");
  EXPECT_EQ(outcome.out, "to-out\n");
  EXPECT_TRUE(
      outcome.err.starts_with("to-err\n" + std::string(40, '-') + "\nPerformance Report\n"));
}

TEST(Run, TakesTheProgramsArgumentsForTheProgram) {
  EXPECT_EQ(run({"/bin/echo", "--json", "x", "--", "-h"}).out, "--json x -- -h\n");
  EXPECT_EQ(Process(jumper({"run", "/bin/echo", "--csv", "x"})).finish().out, "--csv x\n");
  EXPECT_EQ(run({"/bin/sh", "-c", "printf '%s|' \"$@\"", "sh", "", "a b", "*"}).out, "|a b|*|");
}

TEST(Run, AProgramNamedLikeAnOptionIsAProgram) {
  EXPECT_EQ(run({"--json"}).status(), 127);
}

TEST(Run, LeavesEnvironmentAndFolderAlone) {
  const TempFolder folder;
  const Outcome outcome = Process(run_of({"/bin/sh", "-c", "echo $JUMPER_TEST; pwd"}), [&] {
                            ::setenv("JUMPER_TEST", "here", 1);
                            if (::chdir(folder.path().c_str()) != 0) std::_Exit(97);
                          }).finish();
  EXPECT_EQ(outcome.out, "here\n" + std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST(Run, WritesJson) {
  // GIVEN
  const TempFolder folder;
  for (const Arguments& option :
       {Arguments{"--json", folder.file("a.json")}, Arguments{"--json=" + folder.file("a.json")}}) {
    Arguments arguments = {"run"};
    arguments.insert(arguments.end(), option.begin(), option.end());
    arguments.insert(arguments.end(), {"--", "/bin/true"});

    // WHEN
    const Outcome outcome = Process(jumper(arguments)).finish();

    // THEN
    ASSERT_EQ(outcome.status(), 0) << outcome.err;
    const auto json = parse_json(read_file(folder.file("a.json")));
    ASSERT_TRUE(json.ok()) << json.error().message;
    EXPECT_EQ(json->at("level").text, "process");
    EXPECT_EQ(json->at("cells").number, 1);
    EXPECT_GE(json->at("duration_seconds").number, 0);
    std::filesystem::remove(folder.file("a.json"));
  }
}

TEST(Run, WritesCsv) {
  // GIVEN
  const TempFolder folder;

  // WHEN
  const Outcome outcome =
      Process(jumper({"run", "--interval", "0.01", "--csv", folder.file("a.csv"), "--level=system",
                      "--", "/bin/true"}))
          .finish();

  // THEN a header, the start, both ends of the program and the end
  ASSERT_EQ(outcome.status(), 0) << outcome.err;
  const std::string csv = read_file(folder.file("a.csv"));
  EXPECT_TRUE(csv.starts_with("time,timestamp,cell_index,cpu_util_avg,")) << csv;
  EXPECT_GE(lines_in(csv), 4U);
  EXPECT_NE(outcome.err.find("level system: the whole machine"), std::string::npos);
}

TEST(Run, AResultThatCannotBeWrittenIsAFailureOfOurs) {
  const std::string nowhere = "/proc/self/task/a.json";
  const Outcome good = Process(jumper({"run", "--json", nowhere, "--", "/bin/true"})).finish();
  EXPECT_EQ(good.status(), 1);
  EXPECT_NE(good.err.find("\njumper: cannot write '" + nowhere + "'"), std::string::npos)
      << good.err;
  EXPECT_TRUE(is_report(good.err));

  // But the program's own failure says more.
  EXPECT_EQ(Process(jumper({"run", "--json", nowhere, "--", "/bin/sh", "-c", "exit 9"}))
                .finish()
                .status(),
            9);
}

// ---- bad options ---------------------------------------------------------------------------

TEST(Run, AMistakeIsOneLineAndRunsNothing) {
  // GIVEN
  struct Mistake {
    Arguments options;
    std::string_view says;
  };
  const std::vector<Mistake> mistakes = {
      {{"--interval", "0"}, "between 0.001 and 86400"},
      {{"--interval", "-1"}, "between 0.001 and 86400"},
      {{"--interval", "nan"}, "between 0.001 and 86400"},
      {{"--interval", "inf"}, "between 0.001 and 86400"},
      {{"--interval", "1e-4"}, "between 0.001 and 86400"},
      {{"--interval", "1e6"}, "between 0.001 and 86400"},
      {{"--interval=soon"}, "'soon' is not a number of seconds"},
      {{"--interval", "1s"}, "'1s' is not a number of seconds"},
      {{"--interval="}, "--interval needs a value"},
      {{"--interval"}, "--interval needs a value"},
      {{"--level", "thread"}, "choose process, user or system"},
      {{"--level", "slurm"}, "choose process, user or system"},
      {{"--csv", "table.txt"}, "should end in .csv or .json"},
      {{"--csv"}, "--csv needs a value"},
      {{"--json"}, "--json needs a value"},
      {{"--jsonx", "a"}, "run does not take '--jsonx'"},
      {{"-v"}, "run does not take '-v'"},
      {{"--help"}, "run does not take '--help'"},
  };
  const TempFolder folder;
  for (const Mistake& mistake : mistakes) {
    Arguments arguments = {"run"};
    arguments.insert(arguments.end(), mistake.options.begin(), mistake.options.end());
    arguments.insert(arguments.end(), {"--", "/bin/sh", "-c", "echo ran >" + folder.file("ran")});

    // WHEN
    const Outcome outcome = Process(jumper(arguments), [] { ::unsetenv("SLURM_JOB_ID"); }).finish();

    // THEN
    EXPECT_EQ(outcome.status(), 2) << mistake.options[0];
    expect_one_line(outcome, mistake.says);
    EXPECT_EQ(folder.entries(), 0U) << mistake.options[0];
  }
}

TEST(Run, NeedsACommand) {
  for (const Arguments& arguments :
       {Arguments{"run"}, Arguments{"run", "--"}, Arguments{"run", "--interval", "1", "--"}}) {
    const Outcome outcome = Process(jumper(arguments)).finish();
    EXPECT_EQ(outcome.status(), 2);
    expect_one_line(outcome, "run needs a command");
  }
}

TEST(Jumper, TellsHowItIsUsed) {
  const Outcome nothing = Process(jumper({})).finish();
  EXPECT_EQ(nothing.status(), 2);
  EXPECT_TRUE(nothing.err.starts_with("usage: jumper COMMAND"));
  EXPECT_EQ(nothing.out, "");

  for (const char* argument : {"--help", "-h", "help"}) {
    const Outcome help = Process(jumper({argument})).finish();
    EXPECT_EQ(help.status(), 0);
    EXPECT_TRUE(help.out.starts_with("usage: jumper COMMAND"));
    EXPECT_EQ(help.err, "");
  }
  EXPECT_TRUE(Process(jumper({"--version"})).finish().out.starts_with("jumper "));

  const Outcome unknown = Process(jumper({"runn"})).finish();
  EXPECT_EQ(unknown.status(), 2);
  expect_one_line(unknown, "unknown command 'runn'");
}

TEST(Info, TellsOfTheMachine) {
  const Outcome text = Process(jumper({"info"})).finish();
  EXPECT_EQ(text.status(), 0);
  EXPECT_TRUE(text.out.starts_with("Resources this process may use\n  CPUs ")) << text.out;
  EXPECT_EQ(text.err, "");

  const Outcome as_json = Process(jumper({"info", "--json"})).finish();
  const auto json = parse_json(as_json.out);
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_GE(json->at("online_cpus").number, 1);
  EXPECT_FALSE(json->at("usable_cpus").items.empty());
}

TEST(Info, RefusesWhatItDoesNotKnow) {
  const Outcome outcome = Process(jumper({"info", "--yaml"})).finish();
  EXPECT_EQ(outcome.status(), 2);
  expect_one_line(outcome, "info does not take '--yaml'");
}

// ---- signals -------------------------------------------------------------------------------

TEST(Run, PassesSignalsOn) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
    // GIVEN a program that waits for the signal, with a child that is to end with it
    const std::string number = std::to_string(signal);
    Process process(run_of({"/bin/sh", "-c",
                            "trap 'echo got " + number + "; kill $!; exit 7' " + number +
                                "; sleep 100 >/dev/null 2>&1 & echo ready; wait"}));
    process.wait_for_output("ready");

    // WHEN
    ASSERT_EQ(::kill(process.pid(), signal), 0);
    const Outcome outcome = process.finish();

    // THEN
    EXPECT_EQ(outcome.out, "ready\ngot " + number + "\n");
    EXPECT_EQ(outcome.status(), 7);
    EXPECT_TRUE(is_report(outcome.err));
  }
}

TEST(Run, EndsWithAProgramThatTheSignalEnds) {
  Process process(run_of({"/bin/sh", "-c", "echo ready; exec sleep 100"}));
  process.wait_for_output("ready");
  ASSERT_EQ(::kill(process.pid(), SIGTERM), 0);
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.status(), 128 + SIGTERM);
  EXPECT_TRUE(is_report(outcome.err));
}

TEST(Run, AProgramThatIgnoresTheSignalGoesOn) {
  Process process(run_of({"/bin/sh", "-c",
                          "trap '' TERM; trap 'echo end; kill $!; exit 0' USR1; sleep 100 "
                          ">/dev/null 2>&1 & echo ready; wait"}));
  process.wait_for_output("ready");
  ASSERT_EQ(::kill(process.pid(), SIGTERM), 0);
  ASSERT_EQ(::kill(process.pid(), SIGUSR1), 0);
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.out, "ready\nend\n");
  EXPECT_EQ(outcome.status(), 0);
}

TEST(Run, WhatTheTerminalSendsReachesTheProgramOnce) {
  // GIVEN a terminal, which sends SIGINT to jumper and to its program
  const base::UniqueFd terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid() || ::grantpt(terminal.get()) != 0 || ::unlockpt(terminal.get()) != 0) {
    GTEST_SKIP() << "no terminal to be had here";
  }
  const std::string name = ::ptsname(terminal.get());
  Process process(run_of({"/bin/sh", "-c",
                          "trap 'echo int' INT; trap 'echo end; kill $!; exit 0' USR1; sleep 100 "
                          ">/dev/null 2>&1 & "
                          "echo ready; while :; do wait; done"}),
                  [&] {
                    ::setsid();
                    if (::dup2(::open(name.c_str(), O_RDWR), 0) != 0) std::_Exit(97);
                  });
  process.wait_for_output("ready");

  // WHEN somebody types Control-C, and a process ends the program
  ASSERT_EQ(::write(terminal.get(), "\x03", 1), 1);
  process.wait_for_output("int");
  ASSERT_EQ(::kill(process.pid(), SIGUSR1), 0);
  const Outcome outcome = process.finish();

  // THEN
  EXPECT_EQ(outcome.out, "ready\nint\nend\n");
  EXPECT_EQ(outcome.status(), 0);
}

TEST(Run, TheProgramInheritsWhatWeWereStartedWith) {
  const auto ignore = [](int signal) { ::signal(signal, SIG_IGN); };
  const auto block = [](int signal) {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, signal);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
  };
  const std::vector<std::function<void()>> starts = {
      [] {},
      [&] { ignore(SIGINT), ignore(SIGHUP), ignore(SIGPIPE); },
      [&] { block(SIGUSR1), block(SIGTERM); },
      [&] { ignore(SIGCHLD); },
      [&] { block(SIGCHLD); },
  };
  for (size_t i = 0; i < starts.size(); ++i) {
    // GIVEN what it has without jumper
    const Outcome alone = Process({self(), "--act", "inheritance", "0"}, starts[i]).finish();
    ASSERT_NE(alone.out, "");

    // WHEN
    const Outcome outcome =
        Process(run_of({self(), "--act", "inheritance", "0"}), starts[i]).finish();

    // THEN
    EXPECT_EQ(outcome.out, alone.out) << "start " << i;
    EXPECT_EQ(outcome.status(), 0) << "start " << i;
    EXPECT_TRUE(is_report(outcome.err)) << "start " << i;
  }
}

TEST(Run, ALostTerminalOutputIsNoReasonToHang) {
  // GIVEN nobody who reads standard error, and SIGPIPE at its default
  Process process(run_of({"/bin/sh", "-c", "exit 3"}), [] { ::close(2); });
  EXPECT_EQ(process.finish().status(), 3);
}

// ---- descendants ---------------------------------------------------------------------------

// What it costs to start this very program, once: a sanitizer makes that much.
constexpr double kStartSeconds = testing::kIsSanitized ? 0.15 : 0.03;

TEST(Run, CountsTheCpuTimeOfTheProgram) {
  EXPECT_NEAR(cpu_seconds_of({self(), "--act", "burn", "0.5"}), 0.5, kStartSeconds);
}

TEST(Run, CountsTheCpuTimeOfChildren) {
  const std::string burn_once = self() + " --act burn 0.25";
  EXPECT_NEAR(cpu_seconds_of({"/bin/sh", "-c", burn_once + "; " + burn_once + " & wait"}), 0.5,
              2 * kStartSeconds);
}

TEST(Run, CountsTheCpuTimeOfOrphans) {
  EXPECT_NEAR(cpu_seconds_of({self(), "--act", "orphan", "0.5"}), 0.5, kStartSeconds);
}

TEST(Run, DoesNotWaitForWhatGoesOnBehindIt) {
  // WHEN a program leaves a child behind
  const Outcome outcome = shell("sleep 100 >/dev/null 2>&1 & echo $!");

  // THEN the run is over, and the child is not
  EXPECT_EQ(outcome.status(), 0);
  const auto child = static_cast<pid_t>(std::stol(outcome.out));
  EXPECT_EQ(::kill(child, 0), 0);
  ::kill(child, SIGKILL);
}

TEST(Run, ManyShortChildrenAreNoTrouble) {
  const Outcome outcome =
      shell("i=0; while [ $i -lt 300 ]; do (exit 1) & i=$((i+1)); done; wait; echo $i");
  EXPECT_EQ(outcome.status(), 0);
  EXPECT_EQ(outcome.out, "300\n");
  EXPECT_TRUE(is_report(outcome.err));
}

}  // namespace
}  // namespace jumper::cli

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--act")
    return jumper::cli::act(argv[2], std::atof(argv[3]));
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
