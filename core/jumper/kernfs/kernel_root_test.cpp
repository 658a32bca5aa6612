// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/kernfs/kernel_root.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

#include "jumper/kernfs/file.h"
#include "testing/temp_root.h"

namespace jumper::kernfs {
namespace {

using jumper::testing::TempRoot;

TEST(KernelRoot, OpensTheLiveKernel) {
  // WHEN
  const auto root = KernelRoot::open();

  // THEN
  ASSERT_TRUE(root.ok()) << root.error().message;
  EXPECT_TRUE(root->is_live());
  EXPECT_EQ(root->proc_path(), "/proc");
  EXPECT_TRUE(read_once(root->proc_fd(), "self/stat").ok());
}

TEST(KernelRoot, OpensCapturedFiles) {
  // GIVEN
  const TempRoot files{{"proc/stat", "p"}, {"sys/x", "s"}};
  const std::string proc = (files.path() / "proc").string();
  const std::string sys = (files.path() / "sys").string();

  // WHEN
  const auto root = KernelRoot::open(proc, sys);

  // THEN
  ASSERT_TRUE(root.ok()) << root.error().message;
  EXPECT_FALSE(root->is_live());
  EXPECT_EQ(root->proc_path(), proc);
  EXPECT_EQ(root->sys_path(), sys);
  EXPECT_EQ(*read_once(root->proc_fd(), "stat"), "p");
  EXPECT_EQ(*read_once(root->sys_fd(), "x"), "s");
}

TEST(KernelRoot, NeedsProc) {
  // GIVEN
  const TempRoot files{{"proc/stat", ""}};
  const std::string missing = (files.path() / "none").string();
  const std::string no_folder = (files.path() / "proc/stat").string();

  // THEN
  EXPECT_EQ(KernelRoot::open(missing).error().code, base::ErrorCode::kNotFound);
  EXPECT_NE(KernelRoot::open(missing).error().message.find(missing), std::string::npos);
  EXPECT_EQ(KernelRoot::open(no_folder).error().code, base::ErrorCode::kNotFound);
}

TEST(KernelRoot, GoesOnWithoutSys) {
  // GIVEN a container that hides /sys
  const TempRoot files{{"proc/stat", "p"}};

  // WHEN
  const auto root =
      KernelRoot::open((files.path() / "proc").string(), (files.path() / "none").string());

  // THEN what would be there is absent
  ASSERT_TRUE(root.ok()) << root.error().message;
  EXPECT_EQ(*read_once(root->proc_fd(), "stat"), "p");
  EXPECT_LT(root->sys_fd(), 0);
  EXPECT_EQ(read_once(root->sys_fd(), "block/vda/stat").error().code, base::ErrorCode::kNotFound);
}

TEST(KernelRoot, ItsFoldersAreNotInheritedByPrograms) {
  const TempRoot files;
  const KernelRoot root = files.open();
  EXPECT_EQ(::fcntl(root.proc_fd(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(root.sys_fd(), F_GETFD), FD_CLOEXEC);
}

TEST(KernelRoot, IsMovedWithItsFolders) {
  // GIVEN
  const TempRoot files{{"proc/stat", "p"}};
  KernelRoot first = files.open();
  const int proc_fd = first.proc_fd();

  // WHEN
  const KernelRoot second = std::move(first);

  // THEN
  EXPECT_EQ(second.proc_fd(), proc_fd);
  EXPECT_EQ(*read_once(second.proc_fd(), "stat"), "p");
}

}  // namespace
}  // namespace jumper::kernfs
