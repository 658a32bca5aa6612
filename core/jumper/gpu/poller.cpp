// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/poller.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "jumper/base/block_signals.h"
#include "jumper/base/parse.h"

namespace jumper::gpu {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// steady_clock is CLOCK_MONOTONIC.
SteadyTime time_of(int64_t monotonic_ns) {
  return SteadyTime(std::chrono::nanoseconds(monotonic_ns));
}

int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

ReadCalls parse_thread_io(std::string_view text) {
  ReadCalls io;
  while (!text.empty()) {
    std::string_view line = base::next_line(text);
    const std::string_view key = base::next_word(line);
    const auto number = base::next_number<uint64_t>(line);
    if (key == "rchar:") io.chars = number.value_or(0);
    if (key == "syscr:") io.calls = number.value_or(0);
  }
  return io;
}

// A driver that takes long is asked less often: a twentieth of the time at most.
constexpr int64_t kRestPerReading = 20;

}  // namespace

// Shared with the thread, which may be left to itself within a driver's call.
struct Poller::State {
  State(kernfs::KernelRoot kernel_root, MakeBackends make, const Options& how)
      : root(std::move(kernel_root)), make_backends(std::move(make)), options(how) {}

  static void run(const std::shared_ptr<State>& state);
  void find_cards();
  void poll();
  [[nodiscard]] Readout read(Depth depth, const std::vector<pid_t>& wanted);
  void publish(const Readout& readout, uint64_t edges_before, int64_t took_ns);
  void note_cards(std::vector<Card> cards);
  void note_troubles(const Reading& reading);
  void update_read_calls(kernfs::ReadBuffer& buffer);

  const kernfs::KernelRoot root;
  const MakeBackends make_backends;
  const Options options;

  // Of the thread alone, but for calls of current_call() through `called`.
  std::vector<std::unique_ptr<Backend>> backends;
  std::atomic<const Backend*> called = nullptr;

  std::mutex listener_mutex;  // held while the listener is called; taken before `mutex`
  Listener listener;

  mutable std::mutex mutex;  // guards all below
  mutable std::condition_variable changed;
  Status status;
  bool is_stopping = false;
  bool has_ended = false;
  bool has_listener = false;
  int64_t due_ns = 0;  // of the next full reading
  std::vector<pid_t> processes;
  std::optional<int64_t> call_since_ns;
  uint64_t edges_asked = 0;
  uint64_t edges_read = 0;
  size_t edges_awaited = 0;
  std::optional<Readout> edge;  // the last one
  bool is_edge_newest = false;  // nothing was read since
  int64_t edge_took_ns = 0;
  clockid_t thread_clock{};
  bool has_thread_clock = false;
  int64_t cpu_ns_at_end = 0;
  kernfs::File thread_io;
  ReadCalls read_calls;  // as last seen
};

// ---- on the thread -------------------------------------------------------------------------

void Poller::State::run(const std::shared_ptr<State>& state) {
  ::pthread_setname_np(::pthread_self(), "jumper-gpu");
  {
    const std::scoped_lock lock(state->mutex);
    state->has_thread_clock = ::pthread_getcpuclockid(::pthread_self(), &state->thread_clock) == 0;
    // A process of captured files has no such thread.
    auto io = kernfs::File::open(state->root.proc_fd(), "thread-self/io");
    if (io) state->thread_io = std::move(*io);
  }
  state->find_cards();
  state->poll();
  {
    const std::scoped_lock lock(state->mutex);
    state->called = nullptr;
  }
  state->backends.clear();  // here: what ends them may call the driver, too
  const std::scoped_lock lock(state->mutex);
  kernfs::ReadBuffer buffer(512);
  state->update_read_calls(buffer);
  state->thread_io = {};
  state->cpu_ns_at_end = base::thread_cpu_ns();
  state->has_thread_clock = false;
  state->has_ended = true;
  state->changed.notify_all();
}

void Poller::State::find_cards() {
  Status found;
  found.is_known = true;
  backends = make_backends(root);
  for (const auto& backend : backends) {
    {
      const std::scoped_lock lock(mutex);
      call_since_ns = now_ns();
      called = backend.get();
    }
    const Found outcome = backend->open();
    const auto cards = backend->cards();
    const auto offset = static_cast<uint32_t>(found.cards.size());
    for (Card card : cards) {
      if (card.part_of) *card.part_of += offset;
      found.cards.push_back(std::move(card));
    }
    if (found.why_none.empty()) found.why_none = outcome.why_none;
  }
  const std::scoped_lock lock(mutex);
  call_since_ns.reset();
  called = nullptr;
  status = std::move(found);
  changed.notify_all();
}

void Poller::State::poll() {
  std::unique_lock lock(mutex);
  while (!is_stopping && !status.cards.empty()) {
    const bool wants_edge = edges_asked > edges_read;
    if (!has_listener) {
      changed.wait(lock);
      continue;
    }
    const int64_t begin_ns = now_ns();
    if (!wants_edge && begin_ns < due_ns) {
      changed.wait_until(lock, time_of(due_ns));
      continue;
    }
    const Depth depth = wants_edge ? Depth::kEdge : Depth::kFull;
    const uint64_t edges_before = edges_asked;
    const std::vector<pid_t> wanted = processes;
    if (depth == Depth::kFull) due_ns = begin_ns + options.period_ns;
    call_since_ns = begin_ns;
    lock.unlock();
    const Readout readout = read(depth, wanted);
    const int64_t took_ns = readout.time_ns - begin_ns;
    publish(readout, edges_before, took_ns);
    lock.lock();
    if (depth == Depth::kFull) due_ns = std::max(due_ns, begin_ns + kRestPerReading * took_ns);
  }
}

Readout Poller::State::read(Depth depth, const std::vector<pid_t>& wanted) {
  Readout readout;
  readout.depth = depth;
  Reading part;
  std::vector<Card> cards;
  for (const auto& backend : backends) {
    called = backend.get();
    backend->read(depth, wanted, part);
    const size_t offset = readout.reading.cards.size();
    const size_t count = backend->cards().size();
    part.cards.resize(count);
    std::ranges::move(part.cards, std::back_inserter(readout.reading.cards));
    for (ProcessReading process : part.processes) {
      if (process.card >= count) continue;
      process.card += offset;
      readout.reading.processes.push_back(process);
    }
    for (Card card : backend->cards()) {
      if (card.part_of) *card.part_of += static_cast<uint32_t>(offset);
      cards.push_back(std::move(card));
    }
  }
  called = nullptr;
  readout.time_ns = now_ns();
  const std::scoped_lock lock(mutex);
  call_since_ns.reset();
  status.cards = std::move(cards);
  if (depth == Depth::kFull) note_troubles(readout.reading);
  return readout;
}

void Poller::State::note_troubles(const Reading& reading) {
  status.troubles.clear();
  for (size_t card = 0; card < reading.cards.size(); ++card) {
    if (!reading.cards[card].trouble.empty())
      status.troubles.push_back("card " + std::to_string(card) + ": " +
                                reading.cards[card].trouble);
  }
}

// The reading at an edge goes to who waits for it; where nobody does any more, it is heard of like
// any other.
void Poller::State::publish(const Readout& readout, uint64_t edges_before, int64_t took_ns) {
  if (readout.depth == Depth::kEdge) {
    const std::scoped_lock lock(mutex);
    edges_read = edges_before;
    edge_took_ns = took_ns;
    edge = readout;
    is_edge_newest = true;
    changed.notify_all();
    if (edges_awaited > 0) return;
  } else {
    const std::scoped_lock lock(mutex);
    is_edge_newest = false;
  }
  const std::scoped_lock lock(listener_mutex);
  if (listener) listener(readout);
}

// With the mutex held.
void Poller::State::update_read_calls(kernfs::ReadBuffer& buffer) {
  if (!thread_io.is_open()) return;
  const auto text = thread_io.read(buffer);
  if (text) read_calls = parse_thread_io(*text);
}

// ---- on other threads ----------------------------------------------------------------------

Poller::Poller(kernfs::KernelRoot root, MakeBackends make_backends)
    : Poller(std::move(root), std::move(make_backends), Options()) {}

Poller::Poller(kernfs::KernelRoot root, MakeBackends make_backends, const Options& options)
    : state_(std::make_shared<State>(std::move(root), std::move(make_backends), options)) {
  try {
    const base::BlockSignals block;
    std::thread(&State::run, state_).detach();
  } catch (const std::system_error& error) {
    const std::scoped_lock lock(state_->mutex);
    state_->status.is_known = true;
    state_->status.why_none =
        "GPUs are not measured: cannot start a thread: " + error.code().message();
    state_->has_ended = true;
  }
}

Poller::~Poller() {
  set_listener(nullptr);
  std::unique_lock lock(state_->mutex);
  state_->is_stopping = true;
  state_->changed.notify_all();
  const SteadyTime end = time_of(now_ns() + state_->options.stop_ns);
  state_->changed.wait_until(lock, end, [&] { return state_->has_ended; });
}

bool Poller::wait_until_known(int64_t most_ns) const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_until(lock, time_of(now_ns() + most_ns),
                             [&] { return state_->status.is_known; });
  return state_->status.is_known;
}

Status Poller::status() const {
  const std::scoped_lock lock(state_->mutex);
  Status status = state_->status;
  if (const auto since_ns = state_->call_since_ns;
      since_ns && now_ns() - *since_ns > state_->options.silent_after_ns) {
    status.silent_since_ns = since_ns;
    if (const Backend* const backend = state_->called.load()) {
      if (const char* const call = backend->current_call()) status.silent_call = call;
    }
  }
  return status;
}

bool Poller::has_cards() const {
  const std::scoped_lock lock(state_->mutex);
  return !state_->status.cards.empty();
}

void Poller::set_listener(Listener listener) {
  const std::scoped_lock listener_lock(state_->listener_mutex);
  state_->listener = std::move(listener);
  const std::scoped_lock lock(state_->mutex);
  state_->has_listener = static_cast<bool>(state_->listener);
  state_->edge.reset();
  state_->due_ns = now_ns() + state_->options.period_ns;
  state_->changed.notify_all();
}

void Poller::read_now() {
  const std::scoped_lock lock(state_->mutex);
  state_->due_ns = 0;
  state_->changed.notify_all();
}

void Poller::set_processes(std::vector<pid_t> processes) {
  const std::scoped_lock lock(state_->mutex);
  state_->processes = std::move(processes);
}

std::optional<uint64_t> Poller::request_edge() {
  const std::scoped_lock lock(state_->mutex);
  if (!state_->has_listener || state_->status.cards.empty() || state_->has_ended)
    return std::nullopt;
  const int64_t now = now_ns();
  ++state_->edges_awaited;
  const bool is_shared = state_->edge && state_->is_edge_newest &&
                         now - state_->edge->time_ns < state_->options.edge_fresh_ns;
  if (is_shared) return state_->edges_read;
  ++state_->edges_asked;
  state_->changed.notify_all();
  return state_->edges_asked;
}

std::optional<Readout> Poller::wait_for_edge(uint64_t request) {
  std::unique_lock lock(state_->mutex);
  const Options& options = state_->options;
  const auto is_read = [&] { return state_->edges_read >= request; };
  // A driver that was too slow the last time is not waited for again, until it was quick.
  if (state_->edge_took_ns <= options.longest_edge_ns) {
    if (!state_->changed.wait_until(lock, time_of(now_ns() + options.longest_edge_ns), is_read))
      state_->edge_took_ns = options.longest_edge_ns + 1;
  }
  --state_->edges_awaited;
  return is_read() ? state_->edge : std::nullopt;
}

int64_t Poller::cpu_ns() const {
  const std::scoped_lock lock(state_->mutex);
  if (!state_->has_thread_clock) return state_->cpu_ns_at_end;
  timespec used{};
  if (::clock_gettime(state_->thread_clock, &used) != 0) return 0;
  return used.tv_sec * base::kNanosPerSecond + used.tv_nsec;
}

ReadCalls Poller::read_calls(kernfs::ReadBuffer& buffer) const {
  const std::scoped_lock lock(state_->mutex);
  state_->update_read_calls(buffer);
  return state_->read_calls;
}

}  // namespace jumper::gpu
