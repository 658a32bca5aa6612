// SPDX-License-Identifier: BSD-3-Clause
// The limits of control groups that the test makes on this machine, as a process inside them reads
// them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/cgroup/mounts.h"
#include "jumper/source/resources.h"

namespace jumper::source {
namespace {

namespace fs = std::filesystem;

bool write_text(const fs::path& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool is_written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return is_written;
}

// A group below ours in the hierarchy of one controller, removed with the object.
class OwnGroup {
 public:
  OwnGroup(const kernfs::KernelRoot& root, const char* controller) {
    const auto own = cgroup::find_own_folders(root, controller);
    if (!own) return;
    version_ = own->version;
    path_ = fs::path("/sys") / own->folders.front() /
            ("jumper_limits_test_" + std::to_string(::getpid()));
    std::error_code error;
    is_made_ = fs::create_directory(path_, error);
  }
  ~OwnGroup() {
    if (is_made_) ::rmdir(path_.c_str());
  }
  OwnGroup(const OwnGroup&) = delete;
  OwnGroup& operator=(const OwnGroup&) = delete;

  [[nodiscard]] bool is_made() const { return is_made_; }
  [[nodiscard]] int version() const { return version_; }
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] bool write(const char* file, std::string_view text) const {
    return is_made_ && write_text(path_ / file, text);
  }

 private:
  fs::path path_;
  int version_ = 0;
  bool is_made_ = false;
};

// What a process in the group reads: one line. Absent where it cannot be moved there.
std::optional<std::string> read_inside(const OwnGroup& group,
                                       const std::function<std::string()>& read) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return std::nullopt;
  const pid_t pid = ::fork();
  if (pid == 0) {
    const bool is_inside =
        write_text(group.path() / "cgroup.procs", std::to_string(::getpid()) + "\n");
    const std::string line = is_inside ? read() : "";
    const bool is_told =
        ::write(pipe[1], line.data(), line.size()) == static_cast<ssize_t>(line.size());
    ::_exit(is_told ? 0 : 1);
  }
  ::close(pipe[1]);
  std::array<char, 4096> bytes{};
  const ssize_t count = pid > 0 ? ::read(pipe[0], bytes.data(), bytes.size()) : -1;
  ::close(pipe[0]);
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  return count > 0 ? std::optional(std::string(bytes.data(), static_cast<size_t>(count)))
                   : std::nullopt;
}

std::string lowest(const std::vector<Limit>& limits) {
  return limits.empty() ? "none"
                        : std::to_string(limits.front().amount) + " " + limits.front().reason;
}

const Variables kNothingSaid = [](const char*) { return std::nullopt; };

TEST(LimitsLive, OfAMemoryGroupAreRead) {
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root.ok());
  const OwnGroup group(*root, "memory");
  if (!group.is_made()) GTEST_SKIP() << "no memory group can be made here";
  const char* const file = group.version() == 1 ? "memory.limit_in_bytes" : "memory.max";
  if (!group.write(file, "536870912\n")) GTEST_SKIP() << "no memory limit can be set here";
  const auto read =
      read_inside(group, [&] { return lowest(read_resources(*root, kNothingSaid).memory_limits); });
  if (!read) GTEST_SKIP() << "no process can be moved into a group of ours";
  EXPECT_EQ(*read, "536870912.000000 cgroup v" + std::to_string(group.version()) + " " +
                       (group.path() / file).string());
}

TEST(LimitsLive, OfACpuGroupAreRead) {
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root.ok());
  const OwnGroup group(*root, "cpu");
  if (!group.is_made()) GTEST_SKIP() << "no cpu group can be made here";
  const bool is_set = group.version() == 1 ? group.write("cpu.cfs_period_us", "100000\n") &&
                                                 group.write("cpu.cfs_quota_us", "50000\n")
                                           : group.write("cpu.max", "50000 100000\n");
  if (!is_set) GTEST_SKIP() << "no CPU quota can be set here";
  const auto read =
      read_inside(group, [&] { return lowest(read_resources(*root, kNothingSaid).cpu_limits); });
  if (!read) GTEST_SKIP() << "no process can be moved into a group of ours";
  const char* const file = group.version() == 1 ? "cpu.cfs_quota_us" : "cpu.max";
  EXPECT_EQ(*read, "0.500000 cgroup v" + std::to_string(group.version()) + " " +
                       (group.path() / file).string());
}

TEST(LimitsLive, OfACpusetAreReadAndItsAffinityIsNotTakenForAnother) {
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root.ok());
  const OwnGroup group(*root, "cpuset");
  if (!group.is_made()) GTEST_SKIP() << "no cpuset can be made here";
  const Resources outside = read_resources(*root, kNothingSaid);
  if (outside.usable_cpus.size() < 2) GTEST_SKIP() << "there is one CPU only";
  const bool is_set = (group.version() == 2 || group.write("cpuset.mems", "0\n")) &&
                      group.write("cpuset.cpus", std::to_string(outside.usable_cpus[1]) + "\n");
  if (!is_set) GTEST_SKIP() << "no cpuset can be set here";
  const auto read = read_inside(group, [&] {
    const Resources inside = read_resources(*root, kNothingSaid);
    return std::to_string(inside.usable_cpus.size()) + " " + lowest(inside.cpu_limits);
  });
  if (!read) GTEST_SKIP() << "no process can be moved into a group of ours";
  EXPECT_TRUE(read->starts_with("1 1.000000 cgroup v" + std::to_string(group.version()) + " " +
                                group.path().string()))
      << *read;
}

}  // namespace
}  // namespace jumper::source
