// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/collector.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include "jumper/base/text.h"
#include "jumper/nodes/line.h"

namespace jumper::nodes {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;
constexpr int kMostReadsAtOnce = 16;
constexpr size_t kMostPending = size_t{64} << 10;
constexpr int64_t kMarkPeriodNs = 50'000'000;
// Stopping: collectors that answer end in milliseconds. One that does not makes srun wait for ever.
constexpr int64_t kEndNs = 2 * base::kNanosPerSecond;
constexpr int64_t kTermNs = base::kNanosPerSecond / 2;

struct Pipe {
  base::UniqueFd read_end;
  base::UniqueFd write_end;
};

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return base::errno_error("cannot make a pipe for", "srun", errno);
  return Pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

// A socket, because writing to one whose other end is gone can do without a signal.
base::Result<Pipe> make_input() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::errno_error("cannot make a socket for", "srun", errno);
  ::shutdown(ends[0], SHUT_WR);
  return Pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

void set_nonblocking(int file) {
  ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) | O_NONBLOCK);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

// What a program is started with: its own session, so that no key of a terminal and no signal to
// our group reaches it, and the signals as they are by default.
class SpawnSettings {
 public:
  SpawnSettings(int in, int out, int error) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_adddup2(&files_, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files_, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files_, error, STDERR_FILENO);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  [[nodiscard]] const posix_spawn_file_actions_t* files() const { return &files_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

Streams make_streams(const Collector::Options& options, const std::string& secret,
                     const base::Clock& clock) {
  return Streams({.secret = secret,
                  .expected = options.launch.expected,
                  .node_count = options.launch.node_count,
                  .interval_seconds = options.interval_seconds,
                  .started_ns = clock.monotonic_ns()},
                 options.listener);
}

}  // namespace

Collector::Collector(const Options& options, const base::Clock& clock, base::OwnWork& work)
    : clock_(clock),
      work_(work),
      secret_(make_secret()),
      streams_(make_streams(options, secret_, clock)) {}

base::Result<std::unique_ptr<Collector>> Collector::start(const Options& options,
                                                          const base::Clock& clock,
                                                          base::OwnWork& work) {
  std::unique_ptr<Collector> collector(new Collector(options, clock, work));
  base::Status spawned = base::Done{};
  const auto spawn = [&] { spawned = collector->spawn(options.launch); };
  if (options.while_unseen) {
    options.while_unseen(spawn);
  } else {
    spawn();
  }
  if (!spawned) return spawned.error();
  collector->say("hello " + collector->secret_ + "\n");
  try {
    collector->thread_ = std::thread(&Collector::run, collector.get());
  } catch (const std::system_error& error) {
    return base::Error{
        base::ErrorCode::kIo,
        "cannot start the thread that reads what nodes send: " + error.code().message(),
        error.code().value()};
  }
  return collector;
}

Collector::~Collector() {
  stop();
}

base::Status Collector::spawn(const Launch& launch) {
  auto in = make_input();
  auto out = make_pipe();
  auto error = make_pipe();
  if (!in || !out || !error) return !in ? in.error() : !out ? out.error() : error.error();
  wake_ = base::UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const SpawnSettings settings(in->read_end.get(), out->write_end.get(), error->write_end.get());
  const std::vector<char*> arguments = pointers(launch.arguments);
  const std::vector<char*> environment = pointers(launch.environment);
  const int failed = ::posix_spawnp(&pid_, arguments[0], settings.files(), settings.attributes(),
                                    arguments.data(), environment.data());
  if (failed != 0) {
    pid_ = -1;
    return base::Error{base::ErrorCode::kIo,
                       "cannot start " + launch.arguments[0] + ": " + std::strerror(failed),
                       failed};
  }
  work_.helper_pid = pid_;
  process_ = base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  input_ = std::move(in->write_end);
  output_ = std::move(out->read_end);
  complaints_ = std::move(error->read_end);
  for (const int file : {input_.get(), output_.get(), complaints_.get()}) set_nonblocking(file);
  return base::Done{};
}

// ---- on the caller's thread ----------------------------------------------------------------

void Collector::stop() {
  const std::scoped_lock one_at_a_time(stop_mutex_);
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
    stopping_ns_ = clock_.monotonic_ns();
    // The end of their input ends the collectors, also where a forked child has it open as well.
    if (input_.valid()) ::shutdown(input_.get(), SHUT_WR);
    input_.reset();
  }
  const uint64_t one = 1;
  static_cast<void>(::write(wake_.get(), &one, sizeof one) == sizeof one);
  thread_.join();
}

void Collector::mark(bool is_end) {
  const std::scoped_lock lock(mutex_);
  const int64_t now_ns = clock_.monotonic_ns();
  if (now_ns - marked_ns_ < kMarkPeriodNs) return;
  marked_ns_ = now_ns;
  say(is_end ? "tick E\n" : "tick B\n");
}

std::vector<journal::NodeRecording> Collector::nodes() const {
  const std::scoped_lock lock(mutex_);
  return streams_.recordings(clock_.monotonic_ns());
}

std::vector<std::string> Collector::notes() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> notes;
  const StreamCounts& counts = streams_.counts();
  if (counts.foreign_lines > 0) {
    notes.push_back(base::count_of(counts.foreign_lines, "line") +
                    " among what the nodes sent came from no collector, or torn, and was left out; "
                    "the last one: " +
                    counts.foreign_example);
  }
  if (counts.gaps > 0) {
    notes.push_back(base::count_of(counts.gaps, "gap") +
                    " in what the nodes sent: samples are missing there");
  }
  return notes;
}

// With the lock held, or before the thread runs.
void Collector::say(std::string_view commands) {
  if (pending_.size() + commands.size() <= kMostPending) pending_ += commands;
  send_pending();
}

void Collector::send_pending() {
  while (!pending_.empty() && input_.valid()) {
    const ssize_t written = ::send(input_.get(), pending_.data(), pending_.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno != EAGAIN) input_.reset();
    if (written <= 0) return;
    ++work_.calls;
    work_.chars += static_cast<uint64_t>(written);
    pending_.erase(0, static_cast<size_t>(written));
  }
}

// ---- on the collector's thread -------------------------------------------------------------

void Collector::run() {
  ::pthread_setname_np(::pthread_self(), "jumper-nodes");
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
  bool was_term_sent = false;
  bool was_kill_sent = false;
  while (output_.valid() || complaints_.valid()) {
    int64_t wait_ns = base::kNanosPerSecond;
    {
      const std::scoped_lock lock(mutex_);
      const int64_t now_ns = clock_.monotonic_ns();
      if (is_stopping_) {
        const int64_t waited_ns = now_ns - stopping_ns_;
        if (waited_ns > kEndNs && !std::exchange(was_term_sent, true)) signal_program(SIGTERM);
        if (waited_ns > kEndNs + kTermNs && !std::exchange(was_kill_sent, true))
          signal_program(SIGKILL);
        // What its children hold open stays open: nothing more is waited for.
        if (waited_ns > kEndNs + 2 * kTermNs) break;
        wait_ns = kTermNs / 5;
      } else {
        if (const std::string requests = streams_.take_requests(now_ns); !requests.empty())
          say(requests);
        send_pending();
        wait_ns = std::clamp<int64_t>(streams_.next_request_ns() - now_ns, 1'000'000, wait_ns);
      }
    }
    std::array<pollfd, 3> files = {pollfd{output_.get(), POLLIN, 0},
                                   pollfd{complaints_.get(), POLLIN, 0},
                                   pollfd{wake_.get(), POLLIN, 0}};
    static_cast<void>(::poll(files.data(), files.size(), static_cast<int>(wait_ns / 1'000'000)));
    if (files[0].revents != 0) read_output();
    if (files[1].revents != 0) read_complaints();
    if (files[2].revents != 0) {
      uint64_t count = 0;
      static_cast<void>(::read(wake_.get(), &count, sizeof count) == sizeof count);
    }
    book();
  }
  const std::string how = wait_for_program();
  const std::scoped_lock lock(mutex_);
  streams_.end(is_stopping_ ? "it was stopped" : how);
  input_.reset();
}

void Collector::read_output() {
  std::array<char, kReadBytes> bytes;
  for (int i = 0; i < kMostReadsAtOnce && output_.valid(); ++i) {
    const ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
    ++work_.read_calls;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      output_.reset();
      return;
    }
    work_.read_chars += static_cast<uint64_t>(got);
    const std::scoped_lock lock(mutex_);
    streams_.take_output({bytes.data(), static_cast<size_t>(got)}, clock_.monotonic_ns());
    if (static_cast<size_t>(got) < bytes.size()) return;
  }
}

void Collector::read_complaints() {
  std::array<char, 4096> bytes{};
  const ssize_t got = ::read(complaints_.get(), bytes.data(), bytes.size());
  ++work_.read_calls;
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    complaints_.reset();
    return;
  }
  work_.read_chars += static_cast<uint64_t>(got);
  const std::scoped_lock lock(mutex_);
  for (const char c : std::string_view(bytes.data(), static_cast<size_t>(got))) {
    if (c != '\n') {
      if (complaint_.size() < bytes.size()) complaint_ += c;
      continue;
    }
    streams_.take_complaint(complaint_);
    complaint_.clear();
  }
}

void Collector::book() {
  work_.cpu_ns = base::thread_cpu_ns();
}

// Somebody else may have waited for it, and its number may be another's by now.
void Collector::signal_program(int signal) const {
  if (process_.valid()) {
    ::syscall(SYS_pidfd_send_signal, process_.get(), signal, nullptr, 0);
  } else {
    ::kill(pid_, signal);
  }
}

// How it ended, in words. Somebody else may have waited for it: then that is not known.
std::string Collector::wait_for_program() {
  int status = 0;
  pid_t ended = 0;
  for (int i = 0; i < 20; ++i) {
    ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended != 0) break;
    const timespec pause{0, 25'000'000};
    ::nanosleep(&pause, nullptr);
  }
  if (ended == 0) {
    signal_program(SIGKILL);
    ended = ::waitpid(pid_, &status, 0);
  }
  work_.helper_pid = 0;
  if (ended != pid_) return "srun ended";
  if (WIFSIGNALED(status)) return "srun was ended by signal " + std::to_string(WTERMSIG(status));
  return "srun ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace jumper::nodes
