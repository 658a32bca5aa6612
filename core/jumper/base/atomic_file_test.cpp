// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include "jumper/base/fd.h"
#include "testing/temp_folder.h"

namespace jumper::base {
namespace {

using jumper::testing::read_file;
using jumper::testing::TempFolder;

mode_t mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

void put(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

// Files may not grow over this size, as on a disk that is almost full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  sighandler_t handler_;
  rlimit before_{};
};

// Root may write anywhere: such a test runs as nobody for a while.
class NotRoot {
 public:
  NotRoot() : before_(::geteuid()) {
    if (before_ == 0) changed_ = ::seteuid(65534) == 0;
  }
  ~NotRoot() {
    if (changed_ && ::seteuid(before_) != 0) ADD_FAILURE() << "still nobody";
  }
  NotRoot(const NotRoot&) = delete;
  NotRoot& operator=(const NotRoot&) = delete;

 private:
  uid_t before_;
  bool changed_ = false;
};

TEST(WritePrivateFile, IsForItsOwnerAlone) {
  const TempFolder folder;
  const Umask umask(0);
  ASSERT_TRUE(write_private_file(folder.file("new"), "secret").ok());
  EXPECT_EQ(mode_of(folder.file("new")), 0600U);
  // Also where everybody could read what was there before.
  put(folder.file("old"), "x");
  ASSERT_EQ(::chmod(folder.file("old").c_str(), 0644), 0);
  ASSERT_TRUE(write_private_file(folder.file("old"), "secret").ok());
  EXPECT_EQ(mode_of(folder.file("old")), 0600U);
  EXPECT_EQ(read_file(folder.file("old")), "secret");
}

TEST(WriteFile, MakesANewFileWithTheUsualMode) {
  // GIVEN
  const TempFolder folder;
  const Umask mask(027);

  // WHEN
  const Status written = write_file(folder.file("new.csv"), "a,b\n");

  // THEN
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(read_file(folder.file("new.csv")), "a,b\n");
  EXPECT_EQ(mode_of(folder.file("new.csv")), 0640U);
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(WriteFile, ReplacesTheContentAndKeepsTheMode) {
  // GIVEN
  const TempFolder folder;
  put(folder.file("old"), std::string(10'000, 'x'));
  std::filesystem::permissions(folder.file("old"), std::filesystem::perms(0600));

  // WHEN
  const Status written = write_file(folder.file("old"), "short");

  // THEN
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(read_file(folder.file("old")), "short");
  EXPECT_EQ(mode_of(folder.file("old")), 0600U);
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(WriteFile, WritesNothingAndAnythingWhole) {
  const TempFolder folder;
  for (const std::string& content :
       {std::string(), std::string("\0\xFF\n", 3), std::string(9'000'001, 'm')}) {
    ASSERT_TRUE(write_file(folder.file("f"), content).ok());
    EXPECT_EQ(read_file(folder.file("f")) == content, true) << content.size();
  }
}

TEST(WriteFile, AReaderGoesOnWithTheOldContent) {
  // GIVEN a file that somebody has open
  const TempFolder folder;
  put(folder.file("f"), "old");
  std::ifstream reader(folder.file("f"));

  // WHEN
  ASSERT_TRUE(write_file(folder.file("f"), "new content").ok());

  // THEN
  std::string seen;
  std::getline(reader, seen);
  EXPECT_EQ(seen, "old");
}

TEST(WriteFile, AFullDiskLeavesTheOldFileAlone) {
  // GIVEN
  const TempFolder folder;
  put(folder.file("f"), "old");
  const std::string large(100'000, 'x');

  // WHEN
  const Status written = [&] {
    const FileSizeLimit limit(4096);
    return write_file(folder.file("f"), large);
  }();

  // THEN
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().sys_errno, EFBIG);
  EXPECT_NE(written.error().message.find(folder.file("f")), std::string::npos);
  EXPECT_EQ(read_file(folder.file("f")), "old");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(WriteFile, AFullDiskLeavesTheFileBehindALinkAlone) {
  // GIVEN
  const TempFolder folder;
  put(folder.file("f"), "old");
  std::filesystem::create_symlink("f", folder.file("link"));
  const std::string large(100'000, 'x');

  // WHEN
  const Status written = [&] {
    const FileSizeLimit limit(4096);
    return write_file(folder.file("link"), large);
  }();

  // THEN
  EXPECT_FALSE(written.ok());
  EXPECT_EQ(read_file(folder.file("f")), "old");
  EXPECT_EQ(folder.entries(), 2U);
}

TEST(WriteFile, FollowsALink) {
  // GIVEN a link to a file, and one to a file that is not there yet
  const TempFolder folder;
  put(folder.file("target"), "old");
  std::filesystem::create_symlink("target", folder.file("link"));
  std::filesystem::create_symlink("later", folder.file("dangling"));

  // WHEN
  ASSERT_TRUE(write_file(folder.file("link"), "new").ok());
  ASSERT_TRUE(write_file(folder.file("dangling"), "made").ok());

  // THEN
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link")));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("dangling")));
  EXPECT_EQ(read_file(folder.file("target")), "new");
  EXPECT_EQ(read_file(folder.file("later")), "made");
  EXPECT_EQ(folder.entries(), 4U);
}

TEST(WriteFile, AFolderIsTheUsersMistake) {
  // GIVEN
  const TempFolder folder;

  // WHEN
  const Status written = write_file(folder.path().string(), "x");

  // THEN
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kBadInput);
  EXPECT_NE(written.error().message.find("is a folder"), std::string::npos);
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(WriteFile, AMissingFolderIsNamed) {
  const TempFolder folder;
  const Status written = write_file(folder.file("none/f.csv"), "x");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(written.error().sys_errno, ENOENT);
  EXPECT_EQ(written.error().message,
            "cannot write '" + folder.file("none/f.csv") + "': No such file or directory");
}

TEST(WriteFile, AnUnwritableFolderIsDenied) {
  // GIVEN
  const TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  const NotRoot nobody;

  // WHEN
  const Status written = write_file(folder.file("f.csv"), "x");

  // THEN
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(WriteFile, TheMessageIsOneLineWhateverTheName) {
  const TempFolder folder;
  const Status written = write_file(folder.file("no\nne/a\x1B[2J.csv"), "x");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().message.find('\n'), std::string::npos);
  EXPECT_EQ(written.error().message.find('\x1B'), std::string::npos);
}

TEST(WriteFile, RefusesANameWithANul) {
  // GIVEN a name of which the kernel would see only the front
  const TempFolder folder;
  const std::string name = folder.file("secret") + std::string(1, '\0') + ".csv";
  put(folder.file("secret"), "old");

  // WHEN
  const Status written = write_file(name, "x");

  // THEN
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(read_file(folder.file("secret")), "old");
}

TEST(WriteFile, TakesANameAsLongAsTheFileSystemDoes) {
  const TempFolder folder;
  const std::string name = folder.file(std::string(251, 'n') + ".csv");
  const Status written = write_file(name, "x");
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(read_file(name), "x");
}

TEST(WriteFile, WritesToADeviceWithoutReplacingIt) {
  ASSERT_TRUE(write_file("/dev/null", "x").ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(WriteFile, AFullDeviceIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const Status written = write_file("/dev/full", "x");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().sys_errno, ENOSPC);
}

TEST(WriteFile, WritesToAPipeWithoutReplacingIt) {
  // GIVEN a named pipe that somebody reads
  const TempFolder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  const UniqueFd reader(::open(folder.file("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader.valid());

  // WHEN
  ASSERT_TRUE(write_file(folder.file("pipe"), "through").ok());

  // THEN
  std::string got(100, '\0');
  const ssize_t length = ::read(reader.get(), got.data(), got.size());
  ASSERT_GE(length, 0);
  got.resize(static_cast<size_t>(length));
  EXPECT_EQ(got, "through");
}

TEST(WriteFile, ReadersSeeOneContentOrTheOtherWhileManyWrite) {
  // GIVEN
  const TempFolder folder;
  const std::string path = folder.file("f");
  const std::string a(100'000, 'a');
  const std::string b(70'000, 'b');
  ASSERT_TRUE(write_file(path, a).ok());
  std::atomic<int> writing = 2;
  const auto write_often = [&](const std::string& content) {
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(write_file(path, content).ok());
    --writing;
  };

  // WHEN
  std::thread first(write_often, a);
  std::thread second(write_often, b);
  int wrong = 0;
  do {
    const std::string seen = read_file(path);
    if (seen != a && seen != b) ++wrong;
  } while (writing > 0);
  first.join();
  second.join();

  // THEN
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(folder.entries(), 1U);
}

}  // namespace
}  // namespace jumper::base
