// SPDX-License-Identifier: BSD-3-Clause
// Keeps as many processes that do nothing as it is told: a number a line on standard input, each
// answered with how many there are. They end with it, and it ends with its input. With a user's
// number as its argument they are that user's, which takes the right to become another.

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::optional<uid_t> number(std::string_view text) {
  uid_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

[[noreturn]] void sleep_for_ever(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Standard input and output are the parent's, and would keep its pipes open after it.
  ::close(STDIN_FILENO);
  ::close(STDOUT_FILENO);
  while (::getppid() == parent) ::pause();
  ::_exit(0);
}

// Ends what is too many, starts what is missing; false when the system allows no more.
bool make_it(size_t count, std::vector<pid_t>& pids) {
  const size_t kept = std::min(count, pids.size());
  for (size_t at = kept; at < pids.size(); ++at) ::kill(pids[at], SIGKILL);
  for (size_t at = kept; at < pids.size(); ++at) ::waitpid(pids[at], nullptr, 0);
  pids.resize(kept);
  const pid_t self = ::getpid();
  while (pids.size() < count) {
    const pid_t pid = ::fork();
    if (pid < 0) return false;
    if (pid == 0) sleep_for_ever(self);
    pids.push_back(pid);
  }
  return true;
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::string_view user = argument_count > 1 ? arguments[1] : "";
  if (!user.empty()) {
    const auto uid = number(user);
    if (!uid || ::setresgid(*uid, *uid, *uid) != 0 || ::setresuid(*uid, *uid, *uid) != 0) {
      std::cerr << "idle_processes: cannot become user " << user << ": " << std::strerror(errno)
                << "\n";
      return 1;
    }
  }
  std::vector<pid_t> pids;
  std::string line;
  int status = 0;
  while (std::getline(std::cin, line)) {
    const auto count = number(line);
    if (!count) {
      std::cerr << "idle_processes: '" << line << "' is no number of processes\n";
      status = 1;
      break;
    }
    if (!make_it(*count, pids)) {
      std::perror("idle_processes: fork");
      status = 1;
      break;
    }
    std::cout << pids.size() << std::endl;  // flushed: somebody waits for it
  }
  make_it(0, pids);
  return status;
}
