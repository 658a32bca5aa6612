// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_clients.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jumper/base/clock.h"
#include "testing/made_cards.h"
#include "testing/temp_root.h"

namespace jumper::gpu {
namespace {

using jumper::testing::make_card;
using jumper::testing::open_card;
using jumper::testing::TempRoot;
using jumper::testing::write_fdinfo;

constexpr int64_t kSecond = base::kNanosPerSecond;
constexpr uint64_t kMiB = uint64_t{1} << 20;

// What amdgpu writes of a client of the card at bus 3.
std::string client(int id, uint64_t mebibytes, const std::string& engines,
                   const std::string& bus_id = "0000:03:00.0") {
  return "drm-driver:\tamdgpu\ndrm-client-id:\t" + std::to_string(id) + "\ndrm-pdev:\t" + bus_id +
         "\ndrm-resident-vram:\t" + std::to_string(mebibytes) + " MiB\n" + engines;
}

std::string engine(const std::string& name, int64_t busy_ns) {
  return "drm-engine-" + name + ":\t" + std::to_string(busy_ns) + " ns\n";
}

class DrmClientsTest : public ::testing::Test {
 protected:
  DrmClientsTest() {
    make_card(files_, 0, "amdgpu", "1002:740F", "0000:03:00.0");
    make_card(files_, 1, "amdgpu", "1002:740F", "0000:83:00.0");
    root_ = std::make_unique<kernfs::KernelRoot>(files_.open());
    clients_ = std::make_unique<DrmClients>(*root_);
    clients_->set_cards(find_drm_cards(*root_));
  }

  std::vector<ProcessReading> read(std::vector<pid_t> pids, Depth depth = Depth::kFull) {
    std::vector<ProcessReading> found;
    clients_->read(depth, pids, now_ns_, found);
    return found;
  }
  // One second later.
  std::vector<ProcessReading> next(std::vector<pid_t> pids, Depth depth = Depth::kFull) {
    now_ns_ += kSecond;
    return read(std::move(pids), depth);
  }

  TempRoot files_;
  std::unique_ptr<kernfs::KernelRoot> root_;
  std::unique_ptr<DrmClients> clients_;
  int64_t now_ns_ = 1000 * kSecond;
};

TEST_F(DrmClientsTest, AProcessHasItsTimeAndItsMemory) {
  // GIVEN a process that has used the card for 7 s before we came
  open_card(files_, 42, 5, 0, client(1, 100, engine("compute", 7 * kSecond)));
  auto found = read({42});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].card, 0U);
  EXPECT_EQ(found[0].pid, 42);
  EXPECT_EQ(found[0].memory_bytes, 100 * kMiB);
  EXPECT_EQ(found[0].utilization, std::nullopt);

  // WHEN it computes for a quarter of the next second
  write_fdinfo(files_, 42, 5, client(1, 120, engine("compute", 7 * kSecond + kSecond / 4)));
  found = next({42});

  // THEN
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].memory_bytes, 120 * kMiB);
  EXPECT_DOUBLE_EQ(found[0].utilization.value_or(-1), 0.25);
}

TEST_F(DrmClientsTest, TheBusiestKindOfEngineCounts) {
  open_card(files_, 42, 5, 0, client(1, 1, engine("gfx", 0) + engine("dma", 0)));
  read({42});
  // WHEN engines work beside each other, one of them for the first time
  write_fdinfo(files_, 42, 5,
               client(1, 1,
                      engine("gfx", kSecond / 10 * 9) + engine("dma", kSecond / 2) +
                          engine("enc", kSecond / 5)));
  // THEN it is not their sum
  EXPECT_DOUBLE_EQ(next({42})[0].utilization.value_or(-1), 0.9);
}

TEST_F(DrmClientsTest, OneKindOfEngineAddsUpOverClientsAndEndsAtOne) {
  open_card(files_, 42, 5, 0, client(1, 10, engine("gfx", 0)));
  open_card(files_, 42, 6, 0, client(2, 20, engine("gfx", 0)));
  read({42});
  write_fdinfo(files_, 42, 5, client(1, 10, engine("gfx", kSecond / 4)));
  write_fdinfo(files_, 42, 6, client(2, 20, engine("gfx", kSecond / 2)));
  auto found = next({42});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].memory_bytes, 30 * kMiB);
  EXPECT_DOUBLE_EQ(found[0].utilization.value_or(-1), 0.75);

  write_fdinfo(files_, 42, 5, client(1, 10, engine("gfx", 9 * kSecond)));
  EXPECT_DOUBLE_EQ(next({42})[0].utilization.value_or(-1), 1.0);
}

TEST_F(DrmClientsTest, EnginesOfOneKindShareItsTime) {
  const std::string two = "drm-engine-capacity-video:\t2\n";
  open_card(files_, 42, 5, 0, client(1, 1, engine("video", 0) + two));
  read({42});
  write_fdinfo(files_, 42, 5, client(1, 1, engine("video", kSecond) + two));
  EXPECT_DOUBLE_EQ(next({42})[0].utilization.value_or(-1), 0.5);
}

TEST_F(DrmClientsTest, CopiesOfADescriptorAreOneClient) {
  // GIVEN a client that a process has twice, and its child once
  const std::string text = client(1, 100, engine("gfx", 0));
  open_card(files_, 42, 5, 0, text);
  open_card(files_, 42, 6, 0, text);
  open_card(files_, 43, 5, 0, text);
  auto found = read({42, 43});

  // THEN it counts once, for the first
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pid, 42);
  EXPECT_EQ(found[0].memory_bytes, 100 * kMiB);

  // THEN it stays with it, whoever comes first later
  found = next({43, 42});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pid, 42);

  // WHEN that one ends, THEN the other has it, with its time
  for (const int pid : {42, 43}) {
    write_fdinfo(files_, pid, 5, client(1, 100, engine("gfx", kSecond / 2)));
  }
  found = next({43});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pid, 43);
  EXPECT_DOUBLE_EQ(found[0].utilization.value_or(-1), 0.5);
}

TEST_F(DrmClientsTest, OneNumberOnTwoCardsAreTwoClients) {
  open_card(files_, 42, 5, 0, client(1, 1, ""));
  open_card(files_, 42, 6, 1, client(1, 2, "", "0000:83:00.0"));
  const auto found = read({42});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].card, 0U);
  EXPECT_EQ(found[0].memory_bytes, 1 * kMiB);
  EXPECT_EQ(found[1].card, 1U);
  EXPECT_EQ(found[1].memory_bytes, 2 * kMiB);
}

TEST_F(DrmClientsTest, TheDriversWordGoesBeforeTheFilesName) {
  // GIVEN a container that shows the second card under the first one's name
  open_card(files_, 42, 5, 0, client(1, 1, "", "0000:83:00.0"));
  // and a card that is none of ours
  open_card(files_, 43, 5, 0, client(1, 1, "", "0000:99:00.0"));
  const auto found = read({42, 43});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].card, 1U);
}

TEST_F(DrmClientsTest, ACounterThatFallsBackMakesNoTime) {
  open_card(files_, 42, 5, 0, client(1, 1, engine("gfx", 10 * kSecond)));
  read({42});
  write_fdinfo(files_, 42, 5, client(1, 1, engine("gfx", 9 * kSecond)));
  EXPECT_DOUBLE_EQ(next({42})[0].utilization.value_or(-1), 0);
  // WHEN it has caught up, THEN what lies above the old value is new
  write_fdinfo(files_, 42, 5, client(1, 1, engine("gfx", 10 * kSecond + kSecond / 2)));
  EXPECT_DOUBLE_EQ(next({42})[0].utilization.value_or(-1), 0.5);
}

TEST_F(DrmClientsTest, CyclesCountAgainstTheCardsOwnClock) {
  const auto cycles = [](uint64_t busy, uint64_t all) {
    return "drm-cycles-rcs:\t" + std::to_string(busy) + "\ndrm-total-cycles-rcs:\t" +
           std::to_string(all) + "\n";
  };
  open_card(files_, 42, 5, 0, client(1, 1, cycles(500, 1000)));
  read({42});
  write_fdinfo(files_, 42, 5, client(1, 1, cycles(800, 2000)));
  EXPECT_DOUBLE_EQ(next({42})[0].utilization.value_or(-1), 0.3);
}

TEST_F(DrmClientsTest, AClientThatCameSinceHasAllItsTime) {
  open_card(files_, 42, 5, 0, client(1, 1, engine("gfx", 0)));
  read({42});
  // WHEN a process has begun since, and has computed
  open_card(files_, 43, 5, 0, client(2, 1, engine("gfx", kSecond / 10 * 3)));
  const auto found = next({42, 43});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_DOUBLE_EQ(found[1].utilization.value_or(-1), 0.3);
  EXPECT_FALSE(clients_->telling()[0].has_untimed_clients);
}

TEST_F(DrmClientsTest, AnOldClientThatIsFoundLateIsNotTimedAtOnce) {
  open_card(files_, 42, 5, 0, client(1, 1, engine("gfx", 0)));
  EXPECT_EQ(read({42})[0].utilization, std::nullopt);
  EXPECT_TRUE(clients_->telling()[0].has_untimed_clients);

  // WHEN a client has worked for longer than there was time since
  open_card(files_, 43, 5, 0, client(2, 1, engine("gfx", 50 * kSecond)));
  auto found = next({42, 43});
  EXPECT_DOUBLE_EQ(found[0].utilization.value_or(-1), 0);
  EXPECT_EQ(found[1].utilization, std::nullopt);
  EXPECT_TRUE(clients_->telling()[0].has_untimed_clients);

  // THEN the next reading has its time
  write_fdinfo(files_, 43, 5, client(2, 1, engine("gfx", 50 * kSecond + kSecond / 2)));
  found = next({42, 43});
  EXPECT_DOUBLE_EQ(found[1].utilization.value_or(-1), 0.5);
  EXPECT_FALSE(clients_->telling()[0].has_untimed_clients);
}

TEST_F(DrmClientsTest, ANumberThatIsAnotherFilesByNowIsNoClient) {
  open_card(files_, 42, 5, 0, client(1, 1, ""));
  ASSERT_EQ(read({42}).size(), 1U);
  // WHEN the card is closed, and its number given to a file
  files_.remove("proc/42/fd/5");
  files_.link("proc/42/fd/5", "/home/data.csv");
  write_fdinfo(files_, 42, 5, "pos:\t0\nflags:\t02\n");
  EXPECT_TRUE(next({42}).empty());
  EXPECT_TRUE(clients_->telling()[0].memory);
  EXPECT_TRUE(clients_->telling()[0].engines);
}

TEST_F(DrmClientsTest, AnEdgeOfACellLeavesTheTimesAlone) {
  open_card(files_, 42, 5, 0, client(1, 100, engine("gfx", 0)));
  read({42});
  write_fdinfo(files_, 42, 5, client(1, 200, engine("gfx", kSecond)));
  const auto edge = next({42}, Depth::kEdge);
  ASSERT_EQ(edge.size(), 1U);
  EXPECT_EQ(edge[0].memory_bytes, 200 * kMiB);
  EXPECT_EQ(edge[0].utilization, std::nullopt);

  // THEN the next full reading has the two seconds since the one before
  EXPECT_DOUBLE_EQ(next({42})[0].utilization.value_or(-1), 0.5);
}

TEST_F(DrmClientsTest, AFileThatIsClosedIsGone) {
  open_card(files_, 42, 5, 0, client(1, 100, ""));
  ASSERT_EQ(read({42}).size(), 1U);
  files_.remove("proc/42/fdinfo/5");
  EXPECT_TRUE(next({42}).empty());
  files_.remove("proc/42");
  EXPECT_TRUE(next({42}).empty());
}

TEST_F(DrmClientsTest, NewFilesAreFoundAfterAWhile) {
  open_card(files_, 42, 5, 0, client(1, 1, ""));
  ASSERT_EQ(read({42}).size(), 1U);
  // WHEN a file is opened of whose folder the size does not tell
  open_card(files_, 42, 6, 1, client(2, 2, "", "0000:83:00.0"));
  now_ns_ += 5 * kSecond;

  // THEN it is there after five seconds
  EXPECT_EQ(read({42}).size(), 2U);
}

TEST_F(DrmClientsTest, OtherFilesAreLeftAlone) {
  // GIVEN names that only look alike, and a folder of files that leads anywhere
  open_card(files_, 42, 5, 0, client(1, 1, ""));
  for (const char* target :
       {"/dev/dri/renderD12", "/dev/dri/", "/dev/dri/../dri/renderD128", "socket:[1]", "/dev/null",
        "/dev/dri/renderD128 (deleted)", "/home/dev/dri/renderD128"}) {
    static int number = 100;
    files_.link("proc/42/fd/" + std::to_string(++number), target);
  }
  files_.link("proc/42/fd/x", "/dev/dri/renderD128");
  files_.link("proc/42/fd/200", "/" + std::string(300, 'd') + "/dev/dri/renderD128");
  EXPECT_EQ(read({42}).size(), 1U);
}

TEST_F(DrmClientsTest, AnOldKernelTellsNothing) {
  open_card(files_, 42, 5, 1, "pos:\t0\nflags:\t02\nmnt_id:\t5\n");
  EXPECT_TRUE(read({42}).empty());
  EXPECT_TRUE(clients_->telling()[0].memory);
  EXPECT_FALSE(clients_->telling()[1].memory);
  EXPECT_FALSE(clients_->telling()[1].engines);
}

TEST_F(DrmClientsTest, ADriverMayTellMemoryAlone) {
  open_card(files_, 42, 5, 0,
            "drm-driver: nouveau\ndrm-client-id: 1\ndrm-pdev: 0000:03:00.0\ndrm-total-vram: 5\n");
  read({42});
  const auto found = next({42});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].memory_bytes, 5U);
  EXPECT_EQ(found[0].utilization, std::nullopt);
  EXPECT_TRUE(clients_->telling()[0].memory);
  EXPECT_FALSE(clients_->telling()[0].engines);
}

TEST_F(DrmClientsTest, WorkThatGoesPastTheKernelIsNotZero) {
  // GIVEN a process that computes through ROCm: its engines show nothing
  open_card(files_, 42, 5, 0, client(1, 100, ""));
  files_.link("proc/42/fd/9", "/dev/kfd");
  read({42});
  const auto found = next({42});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].memory_bytes, 100 * kMiB);
  EXPECT_EQ(found[0].utilization, std::nullopt);
  EXPECT_TRUE(clients_->telling()[0].has_hidden_work);
  EXPECT_FALSE(clients_->telling()[1].has_hidden_work);
}

TEST_F(DrmClientsTest, FilesThatMayNotBeLookedAtAreSaid) {
  if (::geteuid() == 0) GTEST_SKIP() << "to root nothing is forbidden";
  open_card(files_, 42, 5, 0, client(1, 1, ""));
  const auto folder = files_.path() / "proc/42/fd";
  std::filesystem::permissions(folder, std::filesystem::perms::none);
  EXPECT_TRUE(read({42}).empty());
  EXPECT_TRUE(clients_->telling()[0].has_hidden_processes);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
}

TEST_F(DrmClientsTest, GarbageIsNoClient) {
  open_card(files_, 42, 5, 0, std::string("\0\xff\xfe drm-driver", 15));
  open_card(files_, 42, 6, 0, "drm-driver: amdgpu\ndrm-client-id: x\n");
  files_.make_folder("proc/42/fdinfo/7");
  files_.link("proc/42/fd/7", "/dev/dri/renderD128");
  EXPECT_TRUE(read({42}).empty());
}

}  // namespace
}  // namespace jumper::gpu
