// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/liveness.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing/temp_root.h"

namespace jumper::journal {
namespace {

using base::kNanosPerSecond;
using testing::TempRoot;

// GIVEN process 40, which began 1,234 ticks after the boot; it is the machine's own work to say so.
std::string stat_of(char state, int start_ticks) {
  return "40 (py) thon) " + std::string(1, state) +
         " 1 40 40 0 -1 4194304 1 0 0 0 1 1 0 0 20 0 1 0 " + std::to_string(start_ticks) +
         " 1000 100 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n";
}

TempRoot machine_with(char state) {
  return TempRoot{{"proc/40/stat", stat_of(state, 1234)},
                  {"proc/sys/kernel/random/boot_id", "boot-one\n"},
                  {"proc/stat", "cpu  1 2 3 4\nbtime 1700000000\nprocesses 5\n"}};
}

Origin origin_on(const Machine& machine) {
  Origin origin;
  origin.host = machine.host;
  origin.boot_id = machine.boot_id;
  origin.pid = 40;
  origin.pid_start_ticks = 1234;
  return origin;
}

TEST(Liveness, KnowsTheMachine) {
  const TempRoot files = machine_with('S');
  const kernfs::KernelRoot root = files.open();
  const Machine machine = read_machine(root);
  EXPECT_EQ(machine.boot_id, "boot-one");
  EXPECT_EQ(machine.booted_wall_ns, 1'700'000'000 * kNanosPerSecond);
  EXPECT_FALSE(machine.host.empty());
}

TEST(Liveness, AProcessIsKnownByPidAndStartTime) {
  const TempRoot files = machine_with('S');
  const kernfs::KernelRoot root = files.open();
  const Machine here = read_machine(root);
  Origin origin = origin_on(here);
  EXPECT_TRUE(is_alive(origin, 1, 3600 * kNanosPerSecond, here, root));
  // Another process that has got the number since.
  origin.pid_start_ticks = 1233;
  EXPECT_FALSE(is_alive(origin, 1, 0, here, root));
  // No such process.
  origin = origin_on(here);
  origin.pid = 41;
  EXPECT_FALSE(is_alive(origin, 1, 0, here, root));
  origin.pid = -1;
  EXPECT_FALSE(is_alive(origin, 1, 0, here, root));
  // It was before the machine was started.
  origin = origin_on(here);
  origin.boot_id = "boot-zero";
  EXPECT_FALSE(is_alive(origin, 1, 0, here, root));
}

TEST(Liveness, AZombieIsDead) {
  const TempRoot files = machine_with('Z');
  const kernfs::KernelRoot root = files.open();
  const Machine here = read_machine(root);
  EXPECT_FALSE(is_alive(origin_on(here), 1, 0, here, root));
}

TEST(Liveness, ElsewhereItIsTheSilenceThatTells) {
  const TempRoot files = machine_with('S');
  const kernfs::KernelRoot root = files.open();
  const Machine here = read_machine(root);
  Origin origin = origin_on(here);
  origin.host = "another";
  EXPECT_TRUE(is_alive(origin, 1, kSilentNs - 1, here, root));
  EXPECT_FALSE(is_alive(origin, 1, kSilentNs, here, root));
  // One that writes every ten minutes may be silent for longer.
  EXPECT_TRUE(is_alive(origin, 600, kSilentNs, here, root));
}

TEST(Liveness, OfThisProcess) {
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root);
  const auto own = read_start_ticks(*root, ::getpid());
  ASSERT_TRUE(own);
  EXPECT_GT(*own, 0U);
}

}  // namespace
}  // namespace jumper::journal
