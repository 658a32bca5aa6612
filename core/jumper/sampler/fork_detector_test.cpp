// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/fork_detector.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "testing/temp_root.h"

namespace jumper::sampler {
namespace {

using jumper::testing::TempRoot;

std::string loadavg(pid_t last_pid) {
  return "0.27 0.28 0.15 1/84 " + std::to_string(last_pid) + "\n";
}

class ForkDetectorTest : public ::testing::Test {
 protected:
  bool look() { return forks_.look(buffer_); }
  bool look_after(pid_t last_pid) {
    files_.write("proc/loadavg", loadavg(last_pid));
    return look();
  }

  TempRoot files_{{"proc/loadavg", loadavg(1000)}};
  kernfs::KernelRoot root_ = files_.open();
  kernfs::ReadBuffer buffer_;
  ForkDetector forks_{root_};
};

TEST_F(ForkDetectorTest, TheFirstLookKnowsNothing) {
  EXPECT_TRUE(look());
  EXPECT_TRUE(forks_.may_have_given_out(1));
  EXPECT_TRUE(forks_.may_have_given_out(4'000'000));
}

TEST_F(ForkDetectorTest, SaysNothingWhenNothingForked) {
  // GIVEN
  look();

  // WHEN
  const bool forked = look();

  // THEN
  EXPECT_FALSE(forked);
  for (const pid_t pid : {1, 999, 1000, 1001}) EXPECT_FALSE(forks_.may_have_given_out(pid)) << pid;
}

TEST_F(ForkDetectorTest, KnowsWhichPidsWereGivenOut) {
  // GIVEN
  look();

  // WHEN
  EXPECT_TRUE(look_after(1003));

  // THEN
  for (const pid_t pid : {1, 999, 1000, 1004}) EXPECT_FALSE(forks_.may_have_given_out(pid)) << pid;
  for (const pid_t pid : {1001, 1002, 1003}) EXPECT_TRUE(forks_.may_have_given_out(pid)) << pid;
}

TEST_F(ForkDetectorTest, KnowsWhichPidsWereGivenOutAroundTheEnd) {
  // GIVEN
  look();

  // WHEN pids started anew
  EXPECT_TRUE(look_after(310));

  // THEN
  for (const pid_t pid : {1, 300, 310, 1001, 32767, 4'000'000})
    EXPECT_TRUE(forks_.may_have_given_out(pid)) << pid;
  for (const pid_t pid : {311, 999, 1000}) EXPECT_FALSE(forks_.may_have_given_out(pid)) << pid;

  // WHEN they go on from there
  EXPECT_TRUE(look_after(400));

  // THEN
  EXPECT_FALSE(forks_.may_have_given_out(310));
  EXPECT_TRUE(forks_.may_have_given_out(311));
}

TEST_F(ForkDetectorTest, ForgetsWhatItKnewWhenTheFileTurnsToGarbage) {
  // GIVEN
  look();
  look();

  // WHEN
  files_.write("proc/loadavg", "0.1 0.2 nothing\n");

  // THEN each look says that something may have forked, and that any pid may be new
  EXPECT_TRUE(look());
  EXPECT_TRUE(look());
  EXPECT_TRUE(forks_.may_have_given_out(5));

  // WHEN it can be read again: what happened in between is unknown
  EXPECT_TRUE(look_after(1000));
  EXPECT_TRUE(forks_.may_have_given_out(5));
  EXPECT_FALSE(look());
  EXPECT_FALSE(forks_.may_have_given_out(5));
}

TEST(ForkDetector, WithoutTheFileEveryLookSaysSo) {
  // GIVEN
  const TempRoot files;
  const kernfs::KernelRoot root = files.open();
  ForkDetector forks(root);
  kernfs::ReadBuffer buffer;

  // THEN
  EXPECT_TRUE(forks.look(buffer));
  EXPECT_TRUE(forks.look(buffer));
  EXPECT_TRUE(forks.may_have_given_out(1));
}

TEST(ForkDetector, SeesAForkOfTheLiveKernel) {
  // GIVEN
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root.ok());
  ForkDetector forks(*root);
  kernfs::ReadBuffer buffer;
  static_cast<void>(forks.look(buffer));

  // WHEN
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  ::waitpid(pid, nullptr, 0);

  // THEN
  EXPECT_TRUE(forks.look(buffer));
  EXPECT_TRUE(forks.may_have_given_out(pid));
}

}  // namespace
}  // namespace jumper::sampler
