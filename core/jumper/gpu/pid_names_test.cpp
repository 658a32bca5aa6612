// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/pid_names.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"

namespace jumper::gpu {
namespace {

using jumper::testing::TempRoot;
using Pids = std::vector<pid_t>;

class PidNamesTest : public ::testing::Test {
 protected:
  void in_namespace(std::string_view number) {
    files_.link("proc/self/ns/pid", "pid:[" + std::string(number) + "]");
  }
  // A process with a file open.
  void add(pid_t pid, std::string_view file, std::string_view pids, int start = 500) {
    const std::string folder = "proc/" + std::to_string(pid);
    files_.write(folder + "/stat", std::to_string(pid) +
                                       " (a) b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " +
                                       std::to_string(start) + " 0 0\n");
    files_.write(folder + "/status", "Name:\ta\nNSpid:\t" + std::string(pids) + "\n");
    files_.link(folder + "/fd/0", "/dev/null");
    files_.link(folder + "/fd/3", file);
  }

  TempRoot files_;
  kernfs::KernelRoot root_ = files_.open();
};

TEST(NamespacePids, AreReadFromStatus) {
  EXPECT_EQ(parse_namespace_pids("Name:\tx\nPid:\t5\nNSpid:\t57\t12\t3\nNSsid:\t1\n"),
            (Pids{57, 12, 3}));
  EXPECT_EQ(parse_namespace_pids("NSpid:\t57"), (Pids{57}));
  // Of two lines the last counts: a name might hold the first.
  EXPECT_EQ(parse_namespace_pids("NSpid:\t1\nNSpid:\t2\n"), (Pids{2}));
  for (const std::string_view text : {"", "NSpid:", "NSpid:\tx\n", "NSpid:\t-4\n", "NSpid:\t0\n",
                                      "NSpid:\t99999999999\n", "Nspid:\t4\n"}) {
    EXPECT_TRUE(parse_namespace_pids(text).empty()) << text;
  }
}

TEST_F(PidNamesTest, InTheFirstNamespaceAreTheDrivers) {
  in_namespace("4026531836");
  PidNames names(root_, "/dev/nvidia");
  EXPECT_TRUE(names.is_first_namespace());
  EXPECT_EQ(names.ours(4'321), 4'321);
  EXPECT_EQ(names.ours(0), std::nullopt);
  EXPECT_EQ(names.ours(0xFFFF'FFFF), std::nullopt);
}

TEST_F(PidNamesTest, AreTakenWhereThatProcessUsesTheDriver) {
  in_namespace("4026532999");
  add(57, "/dev/nvidiactl", "57");
  add(58, "/home/me/dev/nvidia", "58");
  PidNames names(root_, "/dev/nvidia");
  EXPECT_FALSE(names.is_first_namespace());
  EXPECT_EQ(names.ours(57), 57);
  EXPECT_EQ(names.ours(58), std::nullopt);
  EXPECT_EQ(names.ours(59), std::nullopt);
}

TEST_F(PidNamesTest, AreOursWhereWeAreCalledSo) {
  in_namespace("4026532999");
  add(::getpid(), "/dev/null", "1");
  PidNames names(root_, "/dev/nvidia");
  EXPECT_EQ(names.ours(static_cast<uint32_t>(::getpid())), ::getpid());
}

TEST_F(PidNamesTest, AreFoundInNamespacesWithinOurs) {
  in_namespace("4026532999");
  add(100, "/dev/nvidia0", "100 7");
  add(200, "/dev/nvidia0", "200 8 3");
  add(300, "/dev/null", "300 9");
  PidNames names(root_, "/dev/nvidia");
  EXPECT_EQ(names.ours(7), 100);
  EXPECT_EQ(names.ours(8), 200);
  EXPECT_EQ(names.ours(3), 200);
  EXPECT_EQ(names.ours(9), std::nullopt);  // it does not use the driver
}

TEST_F(PidNamesTest, AreNobodysWhereTwoAreCalledSo) {
  in_namespace("4026532999");
  add(100, "/dev/nvidia0", "100 7");
  add(200, "/dev/nvidia0", "200 7");
  PidNames names(root_, "/dev/nvidia");
  EXPECT_EQ(names.ours(7), std::nullopt);
}

TEST_F(PidNamesTest, AreLookedForAgainNowAndThen) {
  in_namespace("4026532999");
  PidNames names(root_, "/dev/nvidia");
  EXPECT_EQ(names.ours(57), std::nullopt);
  add(57, "/dev/nvidiactl", "57");
  names.next_reading();
  EXPECT_EQ(names.ours(57), std::nullopt);
  for (int reading = 0; reading < 30; ++reading) names.next_reading();
  EXPECT_EQ(names.ours(57), 57);
}

TEST_F(PidNamesTest, AreForgottenWithTheirProcess) {
  in_namespace("4026532999");
  add(57, "/dev/nvidiactl", "57");
  PidNames names(root_, "/dev/nvidia");
  EXPECT_EQ(names.ours(57), 57);
  // WHEN another process gets the number, which does not use the driver
  files_.remove("proc/57");
  add(57, "/dev/null", "57", 900);
  EXPECT_EQ(names.ours(57), 57);  // not within one reading
  names.next_reading();
  EXPECT_EQ(names.ours(57), std::nullopt);
}

}  // namespace
}  // namespace jumper::gpu
