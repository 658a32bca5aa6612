// SPDX-License-Identifier: BSD-3-Clause
#include "testing/temp_root.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <stdexcept>

#include "jumper/kernfs/file.h"

namespace jumper::testing {
namespace {

TEST(TempRoot, HoldsTheFilesItWasMadeWith) {
  // GIVEN
  const TempRoot root{{"proc/stat", "cpu 1\n"}, {"sys/block/vda/stat", ""}};

  // WHEN
  const kernfs::KernelRoot kernel = root.open();

  // THEN
  EXPECT_EQ(*kernfs::read_once(kernel.proc_fd(), "stat"), "cpu 1\n");
  EXPECT_EQ(*kernfs::read_once(kernel.sys_fd(), "block/vda/stat"), "");
  EXPECT_FALSE(kernel.is_live());
}

TEST(TempRoot, OneFileIsAFileNotACopy) {
  const TempRoot root{{"proc/loadavg", "x"}};
  EXPECT_EQ(*kernfs::read_once(root.open().proc_fd(), "loadavg"), "x");
}

TEST(TempRoot, AnOpenFileShowsWhatIsWrittenLater) {
  // GIVEN
  const TempRoot root{{"proc/stat", "a longer text"}};
  const kernfs::KernelRoot kernel = root.open();
  const auto file = kernfs::File::open(kernel.proc_fd(), "stat");
  ASSERT_TRUE(file.ok());

  // WHEN
  root.write("proc/stat", "short");

  // THEN
  kernfs::ReadBuffer buffer;
  EXPECT_EQ(*file->read(buffer), "short");
}

TEST(TempRoot, RemovesFoldersWhole) {
  // GIVEN
  const TempRoot root{{"proc/7/stat", "7"}, {"proc/7/io", ""}, {"proc/8/stat", "8"}};

  // WHEN
  root.remove("proc/7");

  // THEN
  EXPECT_FALSE(std::filesystem::exists(root.path() / "proc/7"));
  EXPECT_TRUE(std::filesystem::exists(root.path() / "proc/8/stat"));
  EXPECT_THROW(root.remove("proc/7"), std::runtime_error);
}

TEST(TempRoot, MakesFoldersAndLinks) {
  // GIVEN
  const TempRoot root;

  // WHEN
  root.make_folder("sys/devices/vda/slaves");
  root.link("sys/block/vda", "../devices/vda");

  // THEN
  EXPECT_TRUE(std::filesystem::is_directory(root.path() / "sys/block/vda/slaves"));
}

TEST(TempRoot, LeavesTheMachineAlone) {
  const TempRoot root;
  for (const char* path : {"/etc/passwd", "proc/../../x", "..", "", "etc/passwd"}) {
    EXPECT_THROW(root.write(path, "x"), std::invalid_argument) << path;
  }
}

TEST(TempRoot, IsGoneWithTheObject) {
  // GIVEN
  std::optional<TempRoot> root;
  root.emplace();
  const std::filesystem::path path = root->path();
  ASSERT_TRUE(std::filesystem::exists(path));

  // WHEN
  root.reset();

  // THEN
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace jumper::testing
