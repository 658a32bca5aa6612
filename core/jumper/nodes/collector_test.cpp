// SPDX-License-Identifier: BSD-3-Clause
// With a shell in the place of srun. Real collectors under a real srun: python/tests/slurm.
#include "jumper/nodes/collector.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "jumper/nodes/line.h"
#include "testing/temp_folder.h"

namespace jumper::nodes {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

Collector::Options shell(const std::string& script) {
  Collector::Options options;
  options.launch.arguments = {"/bin/sh", "-c", script};
  options.launch.environment = {"PATH=/usr/bin:/bin"};
  options.launch.expected = {"n1"};
  return options;
}

template <typename Condition>
bool comes_true(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class CollectorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Collector> start(const std::string& script) {
    auto started = Collector::start(shell(script), clock_, work_);
    EXPECT_TRUE(started) << started.error().message;
    return std::move(*started);
  }
  [[nodiscard]] std::string path(std::string_view name) const { return folder_.file(name); }

  testing::TempFolder folder_;
  base::SystemClock clock_;
  base::OwnWork work_;
};

TEST_F(CollectorTest, TellsASecretFirstAndAsksForTheTime) {
  const auto collector = start("head -n 2 >" + path("heard") + "; cat >/dev/null");
  ASSERT_TRUE(
      comes_true([&] { return content_of(path("heard")).find("ping 0") != std::string::npos; }));
  const std::string heard = content_of(path("heard"));
  EXPECT_EQ(heard.substr(0, 6), "hello ");
  EXPECT_EQ(heard.find('\n'), 6 + kSecretDigits);
  EXPECT_EQ(collector->nodes().at(0).state, journal::NodeState::kWaiting);
}

TEST_F(CollectorTest, WhatIsNoneOfItsLinesIsANote) {
  const auto collector = start("echo hello world; echo srun: error: n1: task 0: Killed >&2; cat");
  ASSERT_TRUE(comes_true([&] { return !collector->notes().empty(); }));
  EXPECT_NE(collector->notes()[0].find("left out"), std::string::npos);
  ASSERT_TRUE(comes_true([&] { return !collector->nodes().at(0).trouble.empty(); }));
  EXPECT_EQ(collector->nodes().at(0).trouble, "srun: error: n1: task 0: Killed");
}

TEST_F(CollectorTest, StoppingEndsTheirInputAndWaitsForTheirLastWords) {
  const auto collector = start("cat >/dev/null; echo over >" + path("end"));
  collector->stop();
  EXPECT_EQ(content_of(path("end")), "over\n");
}

TEST_F(CollectorTest, AForkedChildDoesNotKeepThemAlive) {
  // GIVEN a child that has everything open that we have
  const auto collector = start("cat >/dev/null; echo over >" + path("end"));
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  // WHEN
  collector->stop();
  // THEN they ended by themselves, and were not killed
  EXPECT_EQ(content_of(path("end")), "over\n");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_F(CollectorTest, WhatDoesNotEndIsEnded) {
  // GIVEN a program that takes no notice, of signals neither
  const auto collector =
      start("trap '' TERM; echo $$ >" + path("pid") + "; while :; do sleep 0.1; done");
  ASSERT_TRUE(comes_true([&] { return !content_of(path("pid")).empty(); }));
  const pid_t pid = std::stoi(content_of(path("pid")));
  collector->stop();
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(CollectorTest, WhenTheProgramEndsNodesAreLost) {
  const auto collector = start("exit 7");
  ASSERT_TRUE(
      comes_true([&] { return collector->nodes().at(0).state == journal::NodeState::kLost; }));
  EXPECT_EQ(collector->nodes().at(0).trouble, "srun ended with status 7");
  collector->mark(false);  // nobody hears it, and nothing happens
  collector->stop();
}

TEST_F(CollectorTest, AProgramThatIsNotThereIsAnError) {
  Collector::Options options;
  options.launch.arguments = {"/no/such/srun"};
  const auto started = Collector::start(options, clock_, work_);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("/no/such/srun"), std::string::npos);
}

}  // namespace
}  // namespace jumper::nodes
