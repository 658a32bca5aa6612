// SPDX-License-Identifier: BSD-3-Clause
// Takes ticks on files that stand still, for callgrind to count: the process table, all sources of
// the system and the store, as in the sampler, on a made tree of processes and a captured machine.
// So two runs of K and of 2 K ticks differ by K ticks of the steady state, to the instruction.
//
//     tick_cost TREE OTHERS light|full TICKS
//     tick_cost --compiler
//
// TREE processes that all run, and OTHERS of the same user that do not. In a light tick only the
// tree is looked at, and no process ran.

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/kernfs/kernel_root.h"
#include "jumper/sampler/process_table.h"
#include "jumper/source/system_activity.h"
#include "jumper/source/system_cpu.h"
#include "jumper/source/system_disk.h"
#include "jumper/source/system_memory.h"
#include "jumper/source/system_network.h"
#include "jumper/source/system_pressure.h"
#include "jumper/store/store.h"

namespace {

using namespace jumper;
namespace fs = std::filesystem;

constexpr pid_t kRootPid = 1'000;
constexpr int64_t kIntervalNs = 100'000'000;

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

  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  fs::path path_;
};

// Moves from tick to tick only, so that nothing depends on how fast the ticks are.
class TickClock final : public base::Clock {
 public:
  [[nodiscard]] int64_t monotonic_ns() const override { return now_ns_; }
  [[nodiscard]] int64_t wall_ns() const override { return now_ns_; }
  void advance() { now_ns_ += kIntervalNs; }

 private:
  int64_t now_ns_ = 1'000 * base::kNanosPerSecond;
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

// What the sampler has, without its thread.
class Ticks {
 public:
  Ticks(const kernfs::KernelRoot& root, int tree, int others, bool full)
      : full_(full),
        clocks_(tree, others),
        table_(
            root, clock_, clocks_,
            {.root_pid = kRootPid, .root_counts = true, .self_pid = kRootPid, .user = ::getuid()}) {
    add<source::SystemCpu>(root);
    add<source::SystemMemory>(root);
    add<source::SystemDisk>(root);
    add<source::SystemNetwork>(root);
    add<source::SystemPressure>(root);
    add<source::SystemActivity>(root);
    values_.assign(series_.size(), metric::kAbsent);
    store_.begin(std::make_shared<const metric::Schema>(series_));
  }

  void take() {
    clock_.advance();
    if (full_) clocks_.advance();
    using Table = sampler::ProcessTable;
    const auto pass = table_.update(buffer_, Table::Moment::kClocks,
                                    full_ ? Table::Reach::kAll : Table::Reach::kTree);
    if (full_) {
      for (const Placed& placed : sources_)
        placed.source->read(buffer_, std::span(values_).subspan(placed.first, placed.count));
    }
    store_.append({pass.time_ns, metric::TickKind::kPeriodic, values_});
  }
  // How many processes it found.
  [[nodiscard]] uint32_t processes() const {
    return table_.totals(sampler::Group::kTree).processes;
  }

 private:
  struct Placed {
    std::unique_ptr<source::Source> source;
    size_t first = 0;
    size_t count = 0;
  };

  template <typename Kind>
  void add(const kernfs::KernelRoot& root) {
    auto made = std::make_unique<Kind>(root);
    const std::vector<metric::SeriesKey> keys = made->series();
    sources_.push_back({std::move(made), series_.size(), keys.size()});
    series_.insert(series_.end(), keys.begin(), keys.end());
  }

  bool full_;
  TickClock clock_;
  MadeClocks clocks_;
  kernfs::ReadBuffer buffer_;
  sampler::ProcessTable table_;
  std::vector<Placed> sources_;
  std::vector<metric::SeriesKey> series_;
  std::vector<double> values_;
  store::Store store_;
};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

int run(int tree, int others, bool full, int ticks) {
  const MadeRoot made(tree, others);
  const auto root = kernfs::KernelRoot::open(made.proc(), made.sys());
  if (!root) {
    std::fprintf(stderr, "tick_cost: %s\n", root.error().message.c_str());
    return EXIT_FAILURE;
  }
  Ticks all(*root, tree, others, full);
  for (int i = 0; i < ticks; ++i) all.take();
  if (all.processes() != static_cast<uint32_t>(tree)) {
    std::fprintf(stderr, "tick_cost: found %u processes of %d\n", all.processes(), tree);
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
  const bool is_complete = words.size() == 4 && (words[2] == "light" || words[2] == "full");
  const auto tree = is_complete ? number(words[0]) : std::nullopt;
  const auto others = is_complete ? number(words[1]) : std::nullopt;
  const auto ticks = is_complete ? number(words[3]) : std::nullopt;
  if (!tree || !others || !ticks) {
    std::fprintf(stderr,
                 "usage: tick_cost TREE OTHERS light|full TICKS, or tick_cost --compiler\n");
    return EXIT_FAILURE;
  }
  return run(*tree, *others, words[2] == "full", *ticks);
}
