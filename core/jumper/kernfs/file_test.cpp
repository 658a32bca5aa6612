// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/kernfs/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "jumper/base/parse.h"
#include "testing/temp_root.h"

namespace jumper::kernfs {
namespace {

using base::ErrorCode;
using jumper::testing::TempRoot;

// `size` bytes that differ from place to place.
std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t at = 0; at < size; ++at) text[at] = static_cast<char>('a' + (at * 7 + at / 26) % 26);
  return text;
}

TEST(File, ReadsAFileAsOftenAsAsked) {
  // GIVEN
  const TempRoot files{{"proc/stat", "one"}};
  const KernelRoot root = files.open();
  auto file = File::open(root.proc_fd(), "stat");
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_TRUE(file->is_open());
  ReadBuffer buffer;

  // THEN each reading begins at the start
  EXPECT_EQ(*file->read(buffer), "one");
  EXPECT_EQ(*file->read(buffer), "one");
  files.write("proc/stat", "three");
  EXPECT_EQ(*file->read(buffer), "three");
}

TEST(File, ReadsFilesOfEverySizeAroundItsBuffer) {
  const TempRoot files;
  const KernelRoot root = files.open();
  for (const size_t size : {0U, 1U, 15U, 16U, 17U, 31U, 32U, 33U, 2047U, 2048U, 4096U, 100000U}) {
    for (const size_t capacity : {0U, 1U, 16U, 4096U}) {
      // GIVEN
      const std::string text = pattern(size);
      files.write("proc/x", text);
      const auto file = File::open(root.proc_fd(), "x");
      ASSERT_TRUE(file.ok());

      // WHEN
      ReadBuffer buffer(capacity);

      // THEN
      EXPECT_EQ(*file->read(buffer), text) << size << " in " << capacity;
      EXPECT_EQ(*file->read_to_end(buffer), text) << size << " in " << capacity;
    }
  }
}

TEST(File, AShortFileCostsOneCall) {
  // GIVEN
  const TempRoot files{{"proc/loadavg", "0.27 0.28 0.15 1/84 6109\n"}};
  const KernelRoot root = files.open();
  const auto file = File::open(root.proc_fd(), "loadavg");
  ReadBuffer buffer;

  // WHEN
  ASSERT_TRUE(file->read(buffer).ok());

  // THEN
  EXPECT_EQ(buffer.read_calls(), 1U);
  EXPECT_EQ(buffer.bytes_read(), 25U);

  // WHEN it is read to the end, THEN one more call has to find it
  ASSERT_TRUE(file->read_to_end(buffer).ok());
  EXPECT_EQ(buffer.read_calls(), 3U);
  EXPECT_EQ(buffer.bytes_read(), 50U);
}

TEST(File, SaysWhatCannotBeOpened) {
  // GIVEN
  const TempRoot files;
  const KernelRoot root = files.open();

  // WHEN
  const auto file = File::open(root.proc_fd(), "7/stat");

  // THEN
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(file.error().sys_errno, ENOENT);
  EXPECT_NE(file.error().message.find("7/stat"), std::string::npos);
}

TEST(File, SaysWhatCannotBeRead) {
  // GIVEN a folder, which opens but does not read
  const TempRoot files{{"proc/7/stat", ""}};
  const KernelRoot root = files.open();
  const auto folder = File::open(root.proc_fd(), "7");
  ASSERT_TRUE(folder.ok());
  ReadBuffer buffer;

  // THEN
  EXPECT_EQ(folder->read(buffer).error().code, ErrorCode::kIo);
  EXPECT_EQ(folder->read(buffer).error().sys_errno, EISDIR);
  EXPECT_NE(read_once(root.proc_fd(), "7").error().message.find("'7'"), std::string::npos);
}

TEST(File, IsClosedUnlessOpened) {
  const File file;
  ReadBuffer buffer;
  EXPECT_FALSE(file.is_open());
  EXPECT_EQ(file.read(buffer).error().sys_errno, EBADF);
}

TEST(File, InAFolderThatIsNotThereIsNotFound) {
  EXPECT_EQ(File::open(-1, "stat").error().code, ErrorCode::kNotFound);
}

TEST(LiveKernel, AProcessThatEndedIsNotFound) {
  // GIVEN an open file of a child
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  ASSERT_GT(child, 0);
  const auto root = KernelRoot::open();
  const auto file = File::open(root->proc_fd(), (std::to_string(child) + "/stat").c_str());
  ReadBuffer buffer;
  EXPECT_TRUE(file.ok() && file->read(buffer).ok());

  // WHEN the child is gone
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);

  // THEN
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->read(buffer).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(file->read(buffer).error().sys_errno, ESRCH);
}

// A file mapped twice, with `gap` mappings of other kinds before, between and behind.
class MappedTwice {
 public:
  MappedTwice(int fd, size_t gap) : page_(static_cast<size_t>(::sysconf(_SC_PAGESIZE))) {
    size_ = (3 * gap + 2) * page_;
    void* memory = ::mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    start_ = static_cast<char*>(memory);
    // Neighbours must differ, or the kernel makes one mapping of them.
    for (size_t page = 0; page < size_ / page_; page += 2) {
      ::mprotect(start_ + page * page_, page_, PROT_READ);
    }
    for (const size_t page : {gap, 2 * gap + 1}) {
      void* wanted = start_ + page * page_;
      mapped_ += ::mmap(wanted, page_, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == wanted ? 1 : 0;
    }
  }
  MappedTwice(const MappedTwice&) = delete;
  MappedTwice& operator=(const MappedTwice&) = delete;
  ~MappedTwice() {
    if (start_ != nullptr) ::munmap(start_, size_);
  }
  [[nodiscard]] bool good() const { return mapped_ == 2; }

 private:
  size_t page_;
  size_t size_ = 0;
  char* start_ = nullptr;
  int mapped_ = 0;
};

size_t count(std::string_view text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST(LiveKernel, ReadsToTheEndPastAPartCutShortByALongRecord) {
  // GIVEN a file with a path of 3800 bytes. In /proc/self/maps its line fills a page almost alone,
  // so the 24 short lines up to its next one are handed out as a part of less than 2 KiB
  const TempRoot files;
  std::string path = "proc";
  while (files.path().native().size() + path.size() < 3600) path += "/" + std::string(200, 'd');
  files.write(path + "/file", pattern(4096));
  const std::string full = (files.path() / path / "file").string();
  const base::UniqueFd fd(::open(full.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(fd.valid());
  const MappedTwice mapped(fd.get(), 24);
  ASSERT_TRUE(mapped.good());
  const auto root = KernelRoot::open();

  // WHEN
  const auto maps = read_once(root->proc_fd(), "self/maps");

  // THEN it is all there: both mappings, and the stack, which lies behind them
  ASSERT_TRUE(maps.ok()) << maps.error().message;
  EXPECT_EQ(count(*maps, full), 2U);
  EXPECT_EQ(count(*maps, "[stack]"), 1U);
}

// syscr and rchar of this process; what reads them is counted by `buffer`.
std::pair<uint64_t, uint64_t> booked_reads(const File& io, ReadBuffer& buffer) {
  auto text = io.read(buffer);
  uint64_t chars = 0;
  uint64_t calls = 0;
  while (text && !text->empty()) {
    std::string_view line = base::next_line(*text);
    const std::string_view key = base::next_word(line);
    if (key == "rchar:") chars = base::next_number<uint64_t>(line).value_or(0);
    if (key == "syscr:") calls = base::next_number<uint64_t>(line).value_or(0);
  }
  return {calls, chars};
}

TEST(LiveKernel, TheCountIsWhatTheKernelBooks) {
  // GIVEN
  const auto root = KernelRoot::open();
  const auto io = File::open(root->proc_fd(), "self/io");
  if (!io) GTEST_SKIP() << "no /proc/self/io: " << io.error().message;
  const auto stat = File::open(root->proc_fd(), "stat");
  const auto maps = File::open(root->proc_fd(), "self/maps");
  const auto folder = File::open(root->proc_fd(), "self");
  ASSERT_TRUE(stat.ok() && maps.ok() && folder.ok());
  ReadBuffer buffer(512);  // grows, so that there are many calls
  const auto before = booked_reads(*io, buffer);

  // WHEN files are read, one fails to be, and a folder is listed
  ASSERT_TRUE(stat->read(buffer).ok());
  ASSERT_TRUE(maps->read_to_end(buffer).ok());
  ASSERT_FALSE(folder->read(buffer).ok());
  DIR* listing = ::opendir("/proc/self/task");
  ASSERT_NE(listing, nullptr);
  while (::readdir(listing) != nullptr) continue;
  ::closedir(listing);
  const uint64_t calls = buffer.read_calls();
  const uint64_t bytes = buffer.bytes_read();

  // THEN the kernel has booked just the calls that were counted
  const auto after = booked_reads(*io, buffer);
  EXPECT_EQ(after.first - before.first, calls);
  EXPECT_EQ(after.second - before.second, bytes);
}

TEST(ReadOnce, GivesTheText) {
  const TempRoot files{{"proc/x", pattern(70000)}};
  EXPECT_EQ(*read_once(files.open().proc_fd(), "x"), pattern(70000));
}

}  // namespace
}  // namespace jumper::kernfs
