// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/last_words.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <string_view>
#include <utility>

#include "jumper/base/clock.h"
#include "jumper/journal/signal_frame.h"

namespace jumper::journal {
namespace {

// Of each signal so many are written at once, then one a second: who handles faults thousands of
// times a second shall not fill the disk.
constexpr int kMostAtOnce = 4;
constexpr size_t kStackBytes = size_t{64} << 10U;

struct Handled {
  int number = 0;
  // Whoever handles it already means something by it: then it ends nothing, and is left alone.
  bool only_where_default = false;
  struct sigaction before = {};
  std::atomic<bool> was_installed = false;
  std::atomic<int> words_left = kMostAtOnce;
  std::atomic<int64_t> written_ns = 0;
};

// The kernel calls a handler with nothing of ours in hand: what it needs has to be global. All of
// it is there before any signal, is only read by handlers, and stays when nothing is installed any
// more: who was installed after us may still call us.
struct State {
  std::atomic<pid_t> owner = 0;  // the process whose journal it is; 0: nobody's
  std::atomic<int> fd = -1;
  std::array<char, 4096> path{};  // of the journal; ends with a 0
  std::atomic<bool> stack_taken = false;
  std::array<Handled, 9> signals = {{{SIGSEGV},
                                     {SIGBUS},
                                     {SIGFPE},
                                     {SIGILL},
                                     {SIGABRT},
                                     {SIGTERM},
                                     {SIGHUP, true},
                                     {SIGQUIT, true},
                                     {SIGXCPU, true}}};
};
constinit State state;
alignas(64) constinit std::array<char, kStackBytes> overflow_stack{};

static_assert(std::atomic<int64_t>::is_always_lock_free);

// From here to on_signal(): called in signal handlers, so only what signal-safety(7) allows, and
// system calls.

Handled* find(int number) {
  for (Handled& handled : state.signals) {
    if (handled.number == number) return &handled;
  }
  return nullptr;
}

int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * base::kNanosPerSecond + now.tv_nsec;
}

bool may_write(Handled& handled, int64_t time_ns) {
  if (handled.words_left.fetch_sub(1) > 0) {
    handled.written_ns = time_ns;
    return true;
  }
  handled.words_left = 0;  // so that it does not wrap around
  int64_t written_ns = handled.written_ns;
  return time_ns - written_ns >= base::kNanosPerSecond &&
         handled.written_ns.compare_exchange_strong(written_ns, time_ns);
}

// Who closes all descriptors may have another file under that number now. The journal's own file
// changes when it is thinned, and its name with it.
bool is_still_the_journal(int fd) {
  struct stat open{};
  struct stat named{};
  return ::fstat(fd, &open) == 0 && ::stat(state.path.data(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

void read_comm(pid_t pid, std::array<char, 16>& name) {
  std::array<char, 32> path{};  // ends with a 0, as there is more of it than is used
  constexpr std::string_view kBefore = "/proc/";
  constexpr std::string_view kBehind = "/comm";
  char* at = std::ranges::copy(kBefore, path.begin()).out;
  at = std::to_chars(at, path.data() + 20, pid).ptr;
  std::ranges::copy(kBehind, at);
  const int fd = ::open(path.data(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t count = ::read(fd, name.data(), name.size());
  ::close(fd);
  for (ssize_t i = 0; i < count; ++i) {
    if (name[static_cast<size_t>(i)] == '\n') name[static_cast<size_t>(i)] = '\0';
  }
}

void write_words(const siginfo_t& info, int fd, int64_t time_ns) {
  SignalWords words;
  words.time_ns = time_ns;
  words.number = info.si_signo;
  words.code = info.si_code;
  if (words.is_sent()) {
    words.sender_pid = info.si_pid;
    words.sender_uid = info.si_uid;
    words.is_from_parent = info.si_pid != 0 && info.si_pid == ::getppid();
    if (info.si_pid > 0) read_comm(info.si_pid, words.sender_name);
  } else {
    words.address = reinterpret_cast<uintptr_t>(info.si_addr);
  }
  std::array<char, kMostSignalFrame> bytes{};
  const size_t length = write_signal_frame(words, bytes);
  // Whatever comes of it: there is nobody left to tell.
  [[maybe_unused]] const ssize_t put = ::write(fd, bytes.data(), length);
}

// The signal again, now by default, as soon as our handler returns; until then it is blocked. With
// the same words about it, for whoever reads the core file.
void end_by_default(int number, siginfo_t* info) {
  struct sigaction by_default = {};
  by_default.sa_handler = SIG_DFL;
  ::sigaction(number, &by_default, nullptr);
  const auto thread = static_cast<pid_t>(::syscall(SYS_gettid));
  if (::syscall(SYS_rt_tgsigqueueinfo, ::getpid(), thread, number, info) != 0) ::raise(number);
}

void pass_on(const Handled& handled, siginfo_t* info, void* context) {
  const struct sigaction& before = handled.before;
  if ((before.sa_flags & SA_SIGINFO) != 0)
    return before.sa_sigaction(handled.number, info, context);
  if (before.sa_handler == SIG_DFL) return end_by_default(handled.number, info);
  if (before.sa_handler != SIG_IGN) before.sa_handler(handled.number);
}

void on_signal(int number, siginfo_t* info, void* context) {
  const int errno_before = errno;
  Handled* const handled = find(number);
  if (handled == nullptr) return;
  // A child has our memory and our descriptors, but the journal is not about it.
  if (state.owner == ::getpid()) {
    const int64_t time_ns = now_ns();
    const int fd = state.fd;
    if (is_still_the_journal(fd) && may_write(*handled, time_ns)) write_words(*info, fd, time_ns);
  }
  errno = errno_before;
  pass_on(*handled, info, context);
}

// End of what handlers call.

bool is_ours(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == &on_signal;
}

bool is_fault(int number) {
  return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL;
}

void install_one(Handled& handled) {
  struct sigaction now = {};
  if (::sigaction(handled.number, nullptr, &now) != 0 || is_ours(now)) return;
  const bool has_handler = (now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler != SIG_DFL;
  if ((now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_IGN) return;
  if (handled.only_where_default && has_handler) return;
  // Who took our place may call us as the one before: above it we would go round in circles.
  if (handled.was_installed && has_handler) return;
  handled.before = now;
  handled.was_installed = true;
  struct sigaction ours = {};
  ours.sa_sigaction = &on_signal;
  // What a handler wants of the kernel (to restart calls, to be called once, ...) it still gets.
  ours.sa_mask = now.sa_mask;
  ours.sa_flags = now.sa_flags | SA_SIGINFO | (is_fault(handled.number) ? SA_ONSTACK : 0);
  ::sigaction(handled.number, &ours, nullptr);
}

// A stack that has overflown is nothing to handle that on.
void give_stack() {
  stack_t now{};
  if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
  if (state.stack_taken.exchange(true)) return;
  stack_t ours{};
  ours.ss_sp = overflow_stack.data();
  ours.ss_size = overflow_stack.size();
  ::sigaltstack(&ours, nullptr);
}

}  // namespace

base::Result<LastWords> LastWords::install(int journal_fd, const std::string& path) {
  if (path.size() >= state.path.size())
    return base::bad_input("the name of the journal is too long to write last words to");
  const pid_t self = ::getpid();
  pid_t owner = state.owner;
  if (owner == self || !state.owner.compare_exchange_strong(owner, self)) {
    return base::Error{base::ErrorCode::kState,
                       "another monitor of this process writes down its signals", 0};
  }
  state.fd = -1;  // for handlers that run now
  *std::ranges::copy(path, state.path.begin()).out = '\0';
  state.fd = journal_fd;
  give_stack();
  for (Handled& handled : state.signals) {
    handled.words_left = kMostAtOnce;
    install_one(handled);
  }
  return LastWords(self);
}

LastWords::LastWords(LastWords&& other) noexcept : owner_(std::exchange(other.owner_, 0)) {}

LastWords& LastWords::operator=(LastWords&& other) noexcept {
  std::swap(owner_, other.owner_);
  return *this;
}

LastWords::~LastWords() {
  if (owner_ == 0 || owner_ != ::getpid()) return;
  for (Handled& handled : state.signals) {
    struct sigaction now = {};
    if (::sigaction(handled.number, nullptr, &now) != 0 || !is_ours(now)) continue;
    ::sigaction(handled.number, &handled.before, nullptr);
    handled.was_installed = false;
  }
  state.fd = -1;
  state.owner = 0;
}

}  // namespace jumper::journal
