// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/stored_sessions.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "jumper/journal/liveness.h"
#include "jumper/journal/writer.h"
#include "testing/temp_folder.h"

namespace jumper::monitor {
namespace {

using State = SessionEntry::State;
using base::kNanosPerSecond;

// Sessions of this machine in a folder of their own, each a second younger than the one before.
class StoredSessionsTest : public ::testing::Test {
 protected:
  enum class End : uint8_t { kNone, kStop, kEnd };

  std::string add(const std::string& notebook, const std::string& folder, pid_t pid, End end) {
    wall_ns_ += kNanosPerSecond;
    auto made = folder_.create(wall_ns_, pid);
    EXPECT_TRUE(made);
    journal::Writer writer(std::move(made->fd), made->path, {}, clock_);
    journal::Facts facts;
    const journal::Machine here = journal::read_machine(root_);
    facts.origin.id = made->id;
    facts.origin.host = here.host;
    facts.origin.boot_id = here.boot_id;
    facts.origin.notebook = notebook;
    facts.origin.folder = folder;
    facts.origin.pid = pid;
    facts.origin.pid_start_ticks = journal::read_start_ticks(root_, pid).value_or(1);
    facts.start_ns = 5;
    facts.wall_start_ns = wall_ns_;
    writer.set_facts(facts);
    writer.begin(std::make_shared<const metric::Schema>(
        std::vector<metric::SeriesKey>{{metric::Metric::kMemory, metric::Scope::kProcess}}));
    const std::array values = {1000.0};
    writer.append({10, metric::TickKind::kStart, values});
    if (end == End::kStop) writer.stop({20, wall_ns_}, {});
    if (end == End::kEnd) writer.end({20, wall_ns_});
    return made->id;
  }
  [[nodiscard]] std::string dead_id(const Asker& asker) const {
    const auto found = find_last_death(folder_, asker, root_, base::SystemClock().wall_ns());
    return found ? found->stored.id : "";
  }

  // Of nobody: pids end far below.
  static constexpr pid_t kNobody = 2'000'000'000;

  testing::TempFolder place_;
  base::SystemClock clock_;
  kernfs::KernelRoot root_ = std::move(*kernfs::KernelRoot::open());
  journal::Folder folder_ = std::move(*journal::Folder::open_or_make(place_.file("sessions")));
  int64_t wall_ns_ = base::SystemClock().wall_ns() - 100 * kNanosPerSecond;
};

TEST_F(StoredSessionsTest, AreListedWithWhatBecameOfThem) {
  const std::string died = add("a.ipynb", "/here", kNobody, End::kNone);
  const std::string stopped = add("a.ipynb", "/here", kNobody, End::kStop);
  const std::string alive = add("a.ipynb", "/here", ::getpid(), End::kNone);
  ASSERT_TRUE(folder_.create(wall_ns_ + kNanosPerSecond, 1));  // empty
  const auto entries = list_sessions(folder_, root_, base::SystemClock().wall_ns());
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_EQ((*entries)[0].state, State::kUnreadable);
  EXPECT_FALSE((*entries)[0].problem.empty());
  EXPECT_EQ((*entries)[1].stored.id, alive);
  EXPECT_EQ((*entries)[1].state, State::kAlive);
  EXPECT_EQ((*entries)[2].stored.id, stopped);
  EXPECT_EQ((*entries)[2].state, State::kEnded);
  EXPECT_EQ((*entries)[3].stored.id, died);
  EXPECT_EQ((*entries)[3].state, State::kDied);
  EXPECT_EQ((*entries)[3].facts.origin.notebook, "a.ipynb");
}

TEST_F(StoredSessionsTest, TheLastDeathIsTheNotebooksOwn) {
  const std::string of_a = add("a.ipynb", "/here", kNobody, End::kNone);
  const std::string of_b = add("b.ipynb", "/here", kNobody, End::kNone);
  const std::string of_folder = add("", "/here", kNobody, End::kNone);
  EXPECT_EQ(dead_id({"a.ipynb", "/there"}), of_a);
  EXPECT_EQ(dead_id({"b.ipynb", "/here"}), of_b);
  EXPECT_EQ(dead_id({"", "/here"}), of_folder);
  EXPECT_EQ(dead_id({"c.ipynb", "/here"}), "");
  EXPECT_EQ(dead_id({"", "/there"}), "");
}

TEST_F(StoredSessionsTest, TheLastDeathIsOfTheLastSession) {
  add("a.ipynb", "/here", kNobody, End::kNone);
  const std::string last = add("a.ipynb", "/here", kNobody, End::kNone);
  EXPECT_EQ(dead_id({"a.ipynb", ""}), last);
  // One that is alive is not over: a second kernel.
  add("a.ipynb", "/here", ::getpid(), End::kNone);
  EXPECT_EQ(dead_id({"a.ipynb", ""}), last);
  // One that ended on purpose was the last.
  add("a.ipynb", "/here", kNobody, End::kEnd);
  EXPECT_EQ(dead_id({"a.ipynb", ""}), "");
}

TEST_F(StoredSessionsTest, TheDeathOfOneJournal) {
  const std::string died = add("a.ipynb", "/here", kNobody, End::kNone);
  const std::string ended = add("a.ipynb", "/here", kNobody, End::kEnd);
  const std::string alive = add("a.ipynb", "/here", ::getpid(), End::kNone);
  const int64_t now_ns = base::SystemClock().wall_ns();
  const auto look = [&](const std::string& id) {
    return post_mortem_of(folder_.find(id)->path, root_, now_ns);
  };
  EXPECT_TRUE(look(died)->has_value());
  EXPECT_FALSE(look(ended)->has_value());
  EXPECT_FALSE(look(alive)->has_value());
  EXPECT_FALSE(post_mortem_of(place_.file("none"), root_, now_ns));
}

}  // namespace
}  // namespace jumper::monitor
