// SPDX-License-Identifier: BSD-3-Clause
// Takes ticks on files that stand still, for callgrind to count: the sampler with the store, on a
// made tree of processes and a captured machine. So two runs of K and of 2 K ticks differ by K
// ticks of the steady state, to the instruction.
//
//     tick_cost TREE OTHERS light|full|cell TICKS
//     tick_cost --compiler
//
// TREE processes that all run, and OTHERS of the same user that do not. A light tick is the process
// table's part of one that takes the tree only, when no process ran; `cell` is the two ends of one.

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "jumper/kernfs/kernel_root.h"
#include "jumper/sampler/process_table.h"
#include "jumper/sampler/sampler.h"
#include "jumper/store/store.h"

namespace {

using namespace jumper;
namespace fs = std::filesystem;

constexpr pid_t kRootPid = 1'000;
constexpr int64_t kIntervalNs = 100'000'000;
constexpr int64_t kHourNs = 3'600 * base::kNanosPerSecond;

// The files that the sources read, of two captures of the same kind of machine, and processes.
class MadeRoot {
 public:
  MadeRoot(int tree, int others) {
    std::string made = (fs::temp_directory_path() / "jumper-tick-XXXXXX").string();
    if (::mkdtemp(made.data()) == nullptr)
      throw fs::filesystem_error("mkdtemp", made, std::error_code(errno, std::generic_category()));
    path_ = made;
    copy_machine("debian12-2cpu");
    copy_machine("debian12-2cpu-busy");
    fs::create_directories(path_ / "sys");
    for (int i = 0; i < tree; ++i) make_process(kRootPid + i, i == 0 ? 1 : kRootPid);
    for (int i = 0; i < others; ++i) make_process(kRootPid + tree + i, 1);
    make_self();
  }
  ~MadeRoot() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  MadeRoot(const MadeRoot&) = delete;
  MadeRoot& operator=(const MadeRoot&) = delete;

  [[nodiscard]] std::string proc() const { return path_ / "proc"; }
  [[nodiscard]] std::string sys() const { return path_ / "sys"; }

 private:
  void copy_machine(const char* name) const {
    const fs::path from = fs::path(JUMPER_TESTDATA_DIR) / name;
    fs::copy(from, path_,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                 fs::copy_options::overwrite_existing);
    // Its own processes would be strangers to the tree.
    std::vector<fs::path> strangers;
    for (const auto& entry : fs::directory_iterator(path_ / "proc")) {
      const char first = entry.path().filename().string().front();
      if (first >= '0' && first <= '9') strangers.push_back(entry.path());
    }
    for (const fs::path& stranger : strangers) fs::remove_all(stranger);
  }

  void make_process(pid_t pid, pid_t parent) const {
    const fs::path folder = path_ / "proc" / std::to_string(pid);
    fs::create_directory(folder);
    write(folder / "stat",
          std::to_string(pid) + " (python3) S " + std::to_string(parent) +
              " 6065 4458 0 -1 4194624 16128 1930 0 0 16 23 33 1 20 0 4 0 117274 245280768 2963 "
              "18446744073709551615 94609766531072 94609766531413 140724203532080 0 0 0 0 16781312 "
              "2 0 0 "
              "0 17 1 0 0 0 0 0 94609766542768 94609766543384 94610032648192 140724203534527 "
              "140724203534579 140724203534579 140724203536335 0\n");
    write(folder / "statm", "59883 2989 1011 1 0 8645 0\n");
    write(folder / "io",
          "rchar: 1353168\nwchar: 63963137\nsyscr: 136\nsyscw: 3\nread_bytes: 4096\nwrite_bytes: "
          "63979520\n"
          "cancelled_write_bytes: 1048576\n");
  }

  // What the ends of a cell read and write of the process and the thread that they run in.
  void make_self() const {
    const fs::path folder = path_ / "proc" / "self";
    const fs::path thread = folder / "task" / std::to_string(::getpid());
    fs::create_directories(thread);
    write(folder / "clear_refs", "");
    write(folder / "status",
          "Name:\tpython3\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t1000\nVmPeak:\t  239532 "
          "kB\nVmSize:\t  239532 kB\nVmHWM:\t   11956 kB\nVmRSS:\t   11852 kB\n");
    write(thread / "schedstat", "230000000 4100000 117\n");
  }

  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  fs::path path_;
};

// Moves from tick to tick only, so that nothing depends on how fast the ticks are. It is ahead of
// the true one: the sampling thread, which waits for moments of this one, sleeps through it all.
class TickClock final : public base::Clock {
 public:
  [[nodiscard]] int64_t monotonic_ns() const override { return now_ns_; }
  [[nodiscard]] int64_t wall_ns() const override { return now_ns_; }
  void advance() { now_ns_ += kIntervalNs; }

 private:
  int64_t now_ns_ = base::SystemClock().monotonic_ns() + kHourNs;
};

// Clocks of processes that do not exist, at the price of those that do: one system call each.
class MadeClocks final : public base::ProcessClocks {
 public:
  MadeClocks(int tree, int others) : tree_(tree), others_(others) {}

  [[nodiscard]] std::optional<int64_t> process_cpu_ns(pid_t pid) const override {
    timespec ignored{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ignored);
    if (pid < kRootPid || pid >= kRootPid + tree_ + others_) return std::nullopt;
    return pid < kRootPid + tree_ ? used_ns_ : base::kNanosPerSecond;
  }
  [[nodiscard]] int64_t own_reaped_cpu_ns() const override { return 0; }
  void advance() { used_ns_ += kIntervalNs / 2; }

 private:
  int tree_;
  int others_;
  int64_t used_ns_ = base::kNanosPerSecond;
};

enum class Kind : uint8_t { kLight, kFull, kCell };

std::optional<Kind> kind_of(std::string_view name) {
  if (name == "light") return Kind::kLight;
  if (name == "full") return Kind::kFull;
  if (name == "cell") return Kind::kCell;
  return std::nullopt;
}

sampler::ProcessTable::Options table_options() {
  return {.root_pid = kRootPid, .root_counts = true, .self_pid = kRootPid, .user = ::getuid()};
}

// Ticks of the tree alone while nothing runs; how many processes it is.
std::optional<uint32_t> take_light_ticks(const kernfs::KernelRoot& root, int tree, int others,
                                         int ticks) {
  using Table = sampler::ProcessTable;
  TickClock clock;
  const MadeClocks clocks(tree, others);
  kernfs::ReadBuffer buffer;
  Table table(root, clock, clocks, table_options());
  for (int i = 0; i < ticks; ++i) {
    clock.advance();
    table.update(buffer, Table::Moment::kClocks, Table::Reach::kTree);
  }
  return table.totals(sampler::Group::kTree).processes;
}

// Ticks, or cells, of a sampler on the caller's thread; how many processes it saw.
std::optional<uint32_t> take_full_ticks(const kernfs::KernelRoot& root, int tree, int others,
                                        int ticks, bool are_cells) {
  TickClock clock;
  MadeClocks clocks(tree, others);
  store::Store store;
  sampler::Sampler sampler(root, clock, clocks, table_options(), store);
  if (!sampler.start({.interval_ns = kIntervalNs, .budget_share = 0})) return std::nullopt;
  // Once the thread runs, its clock is read in each tick: its start must not fall among them.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  for (int i = 0; i < ticks; ++i) {
    clock.advance();
    clocks.advance();
    if (!are_cells) {
      sampler.tick_now(metric::TickKind::kPeriodic);
      continue;
    }
    sampler.begin_cell();
    clock.advance();
    clocks.advance();
    sampler.end_cell();
  }
  sampler.stop();
  const store::Snapshot snapshot = store.snapshot();
  const auto processes = snapshot.value(
      {metric::Metric::kProcesses, metric::Scope::kProcess, metric::kWhole}, snapshot.rows() - 1);
  return processes ? std::optional(static_cast<uint32_t>(*processes)) : std::nullopt;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

int run(int tree, int others, Kind kind, int ticks) {
  const MadeRoot made(tree, others);
  const auto root = kernfs::KernelRoot::open(made.proc(), made.sys());
  if (!root) {
    std::fprintf(stderr, "tick_cost: %s\n", root.error().message.c_str());
    return EXIT_FAILURE;
  }
  const auto processes = kind == Kind::kLight
                             ? take_light_ticks(*root, tree, others, ticks)
                             : take_full_ticks(*root, tree, others, ticks, kind == Kind::kCell);
  if (processes != static_cast<uint32_t>(tree)) {
    std::fprintf(stderr, "tick_cost: found %u processes of %d\n", processes.value_or(0), tree);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  if (words.size() == 1 && words[0] == "--compiler") {
#ifdef __clang__
    std::printf("clang %d\n", __clang_major__);
#else
    std::printf("g++ %d\n", __GNUC__);
#endif
    return EXIT_SUCCESS;
  }
  const bool is_complete = words.size() == 4;
  const auto kind = is_complete ? kind_of(words[2]) : std::nullopt;
  const auto tree = is_complete ? number(words[0]) : std::nullopt;
  const auto others = is_complete ? number(words[1]) : std::nullopt;
  const auto ticks = is_complete ? number(words[3]) : std::nullopt;
  if (!tree || !others || !kind || !ticks) {
    std::fprintf(stderr,
                 "usage: tick_cost TREE OTHERS light|full|cell TICKS, or tick_cost --compiler\n");
    return EXIT_FAILURE;
  }
  return run(*tree, *others, *kind, *ticks);
}
