// SPDX-License-Identifier: BSD-3-Clause
// A kernel of our own making: processes that fork, work, write, end and are waited for, shown as
// the files of a fake /proc and as CPU clocks, with the rules of the real one about who inherits
// what. A hook on the clocks lets things happen in the middle of an update. For tests only.
#pragma once

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "jumper/base/clock.h"
#include "testing/temp_root.h"

namespace jumper::testing {

class FakeKernel final : public base::ProcessClocks, public base::Clock {
 public:
  struct Usage {
    int64_t cpu_ns = 0;
    uint64_t written_bytes = 0;
    uint64_t write_calls = 0;
    bool operator==(const Usage&) const = default;
    Usage& operator+=(const Usage& other) {
      cpu_ns += other.cpu_ns;
      written_bytes += other.written_bytes;
      write_calls += other.write_calls;
      return *this;
    }
  };
  struct Process {
    pid_t parent = 0;
    pid_t session = 1;
    uint64_t start_ticks = 0;
    std::string name = "process";
    char state = 'S';
    bool ignores_child_exit = false;
    bool adopts_orphans = false;
    bool is_kernel_thread = false;
    bool is_forked = true;  // and runs its parent's program still
    uint64_t anonymous_pages = 50;
    uint64_t mapped_pages = 50;
    bool was_inherited = false;  // by the parent, and its pid is still there
    int family = 0;              // passed on by fork(), so that a test knows who belongs together
    Usage own;
    Usage reaped;
  };

  static constexpr pid_t kInit = 1;
  // What it costs to fork, to write, to end and to wait: a tick of /proc/PID/stat, so that nothing
  // is cut off.
  static constexpr int64_t kCallNs = 10'000'000;

  // There is a process 1, whose children nobody has to wait for.
  explicit FakeKernel(pid_t pid_max = 32768) : pid_max_(pid_max) {
    processes_[kInit].ignores_child_exit = true;
    show(kInit);
    show_last_pid();
  }

  [[nodiscard]] kernfs::KernelRoot root() const { return files_.open(); }
  [[nodiscard]] const TempRoot& files() const { return files_; }
  [[nodiscard]] const std::map<pid_t, Process>& processes() const { return processes_; }
  [[nodiscard]] bool has(pid_t pid) const { return processes_.contains(pid); }

  // ---- what processes do -------------------------------------------------------------------

  pid_t fork(pid_t parent) {
    work(parent, kCallNs);
    const pid_t pid = next_free_pid();
    last_pid_ = pid;
    Process child;
    child.parent = parent;
    child.start_ticks = ticks_;
    child.name = at(parent).name;
    child.session = at(parent).session;
    child.family = at(parent).family;
    child.ignores_child_exit = at(parent).ignores_child_exit && parent != kInit;
    processes_[pid] = child;
    show(pid);
    show_last_pid();
    if (time_passes_) ++ticks_;
    return pid;
  }
  // setsid(2): its children to come are in the session, too.
  void found_session(pid_t pid) {
    at(pid).session = pid;
    show(pid);
  }
  void work(pid_t pid, int64_t cpu_ns) { spend(pid, {cpu_ns, 0, 0}); }
  void write(pid_t pid, uint64_t bytes) { spend(pid, {kCallNs, bytes, 1}); }
  // It becomes a zombie, or vanishes at once when its parent does not want to know.
  void end(pid_t pid) {
    spend(pid, {kCallNs, 0, 0});
    at(pid).state = 'Z';
    for (auto& [child_pid, child] : processes_) {
      if (child.parent != pid) continue;
      child.parent = adopter_of(pid);
      show(child_pid);
    }
    const std::vector<pid_t> left = zombies_nobody_waits_for();
    show(pid);
    for (const pid_t zombie : left) vanish(zombie);
  }
  // Its parent waits for it.
  void reap(pid_t pid) {
    begin_reap(pid);
    vanish(pid);
  }
  // The same, seen in slow motion: it is dead first, then inherited, then gone.
  void begin_dying(pid_t pid) {
    at(pid).state = 'X';
    show(pid);
  }
  void begin_reap(pid_t pid) {
    Process& process = at(pid);
    if (process.was_inherited) return;
    process.was_inherited = true;
    process.state = 'X';
    Usage& heritage = at(process.parent).reaped;
    heritage += process.own;
    heritage += process.reaped;
    show(pid);
    work(process.parent, kCallNs);
  }
  void vanish(pid_t pid) {
    const std::string folder = "proc/" + std::to_string(pid);
    // One who holds the files open reads nothing from now on.
    for (const char* file : {"/stat", "/statm", "/io"}) put(folder + file, "");
    files_.remove(folder);
    processes_.erase(pid);
  }

  // A process that comes by another way than fork().
  void appear(pid_t pid, const Process& process) {
    processes_[pid] = process;
    show(pid);
  }

  Process& at(pid_t pid) {
    const auto found = processes_.find(pid);
    if (found == processes_.end()) throw std::out_of_range("no process " + std::to_string(pid));
    return found->second;
  }
  // Shows what was changed through at().
  void show(pid_t pid) {
    const Process& process = at(pid);
    const std::string folder = "proc/" + std::to_string(pid) + "/";
    put(folder + "stat", stat_of(pid, process));
    const bool has_memory =
        !process.is_kernel_thread && process.state != 'Z' && process.state != 'X';
    put(folder + "statm", has_memory ? statm_of(process) : "0 0 0 0 0 0 0\n");
    Usage all = process.own;
    all += process.reaped;
    put(folder + "io", io_of(all));
    if (pid == self_pid_) put(folder + "task/" + std::to_string(pid) + "/io", io_of(process.own));
  }
  // All that the processes of a family ever used, whatever became of them.
  [[nodiscard]] const Usage& used_by_family(int family) { return families_[family]; }

  // ---- the machine -------------------------------------------------------------------------

  // The pids that fork() gives out go on behind this one.
  void set_last_pid(pid_t pid) {
    last_pid_ = pid;
    show_last_pid();
  }
  // Whether processes made one after the other differ in their start time.
  void let_time_pass(bool passes) { time_passes_ = passes; }
  // The process that own_reaped_cpu_ns() and /proc/self are about.
  void set_self(pid_t pid) {
    self_pid_ = pid;
    files_.link("proc/self", std::to_string(pid));
    show(pid);
  }
  // Any other file. Never cuts one to nothing first: many file systems then wait for the disk.
  void put(const std::string& path, const std::string& text) const {
    const std::string full = (files_.path() / path).string();
    const int fd = ::open(full.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return files_.write(path, text);  // makes the folders
    const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                      ::ftruncate(fd, static_cast<off_t>(text.size())) == 0;
    ::close(fd);
    if (!done) throw std::runtime_error("cannot write " + full);
  }
  void advance_ns(int64_t nanos) { now_ns_ += nanos; }
  // Called before each reading of any clock. What happens in it calls no hook.
  void on_clock_reading(std::function<void()> hook) { hook_ = std::move(hook); }

  [[nodiscard]] int64_t monotonic_ns() const override {
    call_hook();
    return now_ns_;
  }
  [[nodiscard]] int64_t wall_ns() const override { return now_ns_; }
  [[nodiscard]] std::optional<int64_t> process_cpu_ns(pid_t pid) const override {
    call_hook();
    const auto found = processes_.find(pid);
    if (found == processes_.end()) return std::nullopt;
    return found->second.own.cpu_ns;
  }
  [[nodiscard]] int64_t own_reaped_cpu_ns() const override {
    const auto found = processes_.find(self_pid_);
    return found == processes_.end() ? 0 : found->second.reaped.cpu_ns;
  }

 private:
  void call_hook() const {
    if (!hook_ || in_hook_) return;
    in_hook_ = true;
    hook_();
    in_hook_ = false;
  }
  void spend(pid_t pid, const Usage& usage) {
    at(pid).own += usage;
    families_[at(pid).family] += usage;
    show(pid);
  }
  pid_t next_free_pid() const {
    for (pid_t pid = last_pid_;;) {
      pid = pid + 1 < pid_max_ ? pid + 1 : kFirstPid;
      if (!processes_.contains(pid)) return pid;
    }
  }
  pid_t adopter_of(pid_t ended) {
    for (pid_t pid = at(ended).parent; pid > kInit; pid = at(pid).parent) {
      if (at(pid).adopts_orphans && at(pid).state == 'S') return pid;
    }
    return kInit;
  }
  std::vector<pid_t> zombies_nobody_waits_for() {
    std::vector<pid_t> pids;
    for (const auto& [pid, process] : processes_) {
      if (process.state == 'Z' && at(process.parent).ignores_child_exit) pids.push_back(pid);
    }
    return pids;
  }
  void show_last_pid() const {
    put("proc/loadavg", "0.50 0.40 0.30 1/90 " + std::to_string(last_pid_) + "\n");
  }

  [[nodiscard]] static std::string stat_of(pid_t pid, const Process& process) {
    const int64_t tick_ns = base::kNanosPerSecond / ::sysconf(_SC_CLK_TCK);
    const std::string ignored = process.ignores_child_exit ? "65536" : "0";  // bit 16: SIGCHLD
    std::string text = std::to_string(pid) + " (" + process.name + ") " + process.state + " ";
    text += std::to_string(process.parent) + " 1 ";                            // 4-5
    text += std::to_string(process.session) + " 0 -1 ";                        // 6-8
    text += process.is_forked ? "64 0 0 0 0 " : "0 0 0 0 0 ";                  // 9-13
    text += std::to_string(process.own.cpu_ns / tick_ns) + " 0 ";              // 14-15
    text += std::to_string(process.reaped.cpu_ns / tick_ns) + " 0 20 0 1 0 ";  // 16-21
    text += std::to_string(process.start_ticks);                               // 22
    text += process.is_kernel_thread ? " 0 0" : " 8192000 100";                // 23-24
    text += " 0 0 0 0 0 0 0 0 " + ignored + " 0 0 0 0 17 0 0 0 0 0 0\n";       // 25-44
    return text;
  }
  [[nodiscard]] static std::string statm_of(const Process& process) {
    return "2000 " + std::to_string(process.anonymous_pages + process.mapped_pages) + " " +
           std::to_string(process.mapped_pages) + " 1 0 300 0\n";
  }
  [[nodiscard]] static std::string io_of(const Usage& all) {
    const std::string bytes = std::to_string(all.written_bytes);
    return "rchar: 0\nwchar: " + bytes + "\nsyscr: 0\nsyscw: " + std::to_string(all.write_calls) +
           "\nread_bytes: 0\nwrite_bytes: " + bytes + "\ncancelled_write_bytes: 0\n";
  }

  static constexpr pid_t kFirstPid = 300;

  TempRoot files_;
  std::map<pid_t, Process> processes_;
  std::map<int, Usage> families_;
  pid_t pid_max_;
  pid_t last_pid_ = kFirstPid;
  pid_t self_pid_ = 0;
  uint64_t ticks_ = 1000;
  bool time_passes_ = true;
  int64_t now_ns_ = base::kNanosPerSecond;
  std::function<void()> hook_;
  mutable bool in_hook_ = false;
};

}  // namespace jumper::testing
