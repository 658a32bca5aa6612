// SPDX-License-Identifier: BSD-3-Clause
// The jumper command as its users have it: started, with pipes at its ends, looked at from outside.
// For tests only.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/fd.h"

namespace jumper::cli {

using Arguments = std::vector<std::string>;

inline constexpr std::chrono::seconds kPatience(60);

struct Outcome {
  int wait_status = 0;
  std::string out;
  std::string err;

  // What a shell would show; -1 when a signal ended it.
  [[nodiscard]] int status() const {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
  }
};

// A program with pipes at its three ends.
class Process {
 public:
  // `prepare` is called in the child, before exec: only what is safe there.
  explicit Process(Arguments arguments, const std::function<void()>& prepare = [] {}) {
    std::array<std::array<int, 2>, 3> pipes{};
    for (auto& pipe : pipes) {
      if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    }
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(pipes[0][0], 0);
      ::dup2(pipes[1][1], 1);
      ::dup2(pipes[2][1], 2);
      prepare();
      ::execv(argv[0], argv.data());
      std::_Exit(98);
    }
    in_ = base::UniqueFd(pipes[0][1]);
    out_ = base::UniqueFd(pipes[1][0]);
    err_ = base::UniqueFd(pipes[2][0]);
    ::close(pipes[0][0]);
    ::close(pipes[1][1]);
    ::close(pipes[2][1]);
  }
  ~Process() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const Outcome& so_far() const { return outcome_; }

  // Reads until `text` stands in its standard output.
  void wait_for_output(std::string_view text) {
    while (outcome_.out.find(text) == std::string::npos) {
      if (!read_some()) {
        ADD_FAILURE() << "no '" << text << "' in: " << outcome_.out << outcome_.err;
        return;
      }
    }
  }

  // Gives it `input`, waits until it has ended and closed its ends.
  Outcome finish(std::string_view input = "") {
    if (!input.empty()) {
      EXPECT_EQ(::write(in_.get(), input.data(), input.size()), static_cast<ssize_t>(input.size()));
    }
    in_.reset();
    while (read_some()) continue;
    if (out_.valid() || err_.valid()) ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &outcome_.wait_status, 0);
    pid_ = -1;
    return outcome_;
  }

 private:
  // False at the end of both, and when nothing comes for a long time.
  bool read_some() {
    std::array<pollfd, 2> ends = {{{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
    if (!out_.valid() && !err_.valid()) return false;
    if (::poll(ends.data(), ends.size(),
               static_cast<int>(std::chrono::milliseconds(kPatience).count())) <= 0) {
      ADD_FAILURE() << "it hangs; so far: " << outcome_.out << outcome_.err;
      return false;
    }
    read_end(ends[0], out_, outcome_.out);
    read_end(ends[1], err_, outcome_.err);
    return true;
  }
  static void read_end(const pollfd& end, base::UniqueFd& fd, std::string& into) {
    if (end.revents == 0) return;
    std::array<char, 65536> part{};
    const ssize_t got = ::read(fd.get(), part.data(), part.size());
    if (got > 0) {
      into.append(part.data(), static_cast<size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      fd.reset();
    }
  }

  pid_t pid_ = -1;
  base::UniqueFd in_;
  base::UniqueFd out_;
  base::UniqueFd err_;
  Outcome outcome_;
};

inline Arguments jumper(const Arguments& arguments) {
  Arguments all = {JUMPER_BINARY};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

inline size_t lines_in(std::string_view text) {
  return static_cast<size_t>(std::ranges::count(text, '\n'));
}

inline void expect_one_line(const Outcome& outcome, std::string_view part) {
  EXPECT_EQ(lines_in(outcome.err), 1U) << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("jumper: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

}  // namespace jumper::cli
