// SPDX-License-Identifier: BSD-3-Clause
// jumper report on a session whose process died.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "cli/jumper_process.h"
#include "jumper/base/clock.h"
#include "jumper/journal/liveness.h"
#include "jumper/journal/writer.h"
#include "jumper/kernfs/kernel_root.h"
#include "testing/temp_folder.h"

namespace jumper::cli {
namespace {

using jumper::testing::TempFolder;

// A journal of a process that nobody has ended on purpose.
void write_journal(const std::string& path, bool ends_on_purpose) {
  const base::SystemClock clock;
  const auto root = kernfs::KernelRoot::open();
  journal::Writer writer(base::UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND, 0600)),
                         path, {}, clock);
  const journal::Machine here = journal::read_machine(*root);
  journal::Facts facts;
  facts.origin.host = here.host;
  facts.origin.boot_id = here.boot_id;
  facts.origin.pid = 2'000'000'000;  // beyond all there can be
  facts.start_ns = 1;
  facts.wall_start_ns = clock.wall_ns();
  facts.levels = {metric::Scope::kProcess};
  writer.set_facts(facts);
  writer.begin(std::make_shared<const metric::Schema>(
      std::vector<metric::SeriesKey>{{metric::Metric::kMemory, metric::Scope::kProcess}}));
  const std::array values = {1000.0};
  writer.append({1'000'000'000, metric::TickKind::kStart, values});
  cells::Cell cell;
  cell.start_ns = 2'000'000'000;
  cell.source = "boom()\x1b[2J";
  writer.begin_cell(cell, {});
  writer.append({3'000'000'000, metric::TickKind::kPeriodic, values});
  if (ends_on_purpose) writer.end({3'000'000'000, clock.wall_ns()});
}

TEST(ReportOfTheDead, SaysFirstHowTheSessionDied) {
  const TempFolder folder;
  write_journal(folder.file("a.journal"), false);
  const Outcome outcome = Process(jumper({"report", folder.file("a.journal")})).finish();
  EXPECT_EQ(outcome.status(), 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(outcome.out.starts_with("The session died at ")) << outcome.out;
  EXPECT_NE(outcome.out.find(", 1.00 s into cell 0: boom()"), std::string::npos);
  EXPECT_NE(outcome.out.find("\nCause: unknown"), std::string::npos);
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
  // As JSON there is the report alone.
  const Outcome json = Process(jumper({"report", folder.file("a.journal"), "--json"})).finish();
  EXPECT_TRUE(json.out.starts_with("{")) << json.out;
}

TEST(ReportOfTheDead, SaysNothingOfASessionThatWasEnded) {
  const TempFolder folder;
  write_journal(folder.file("a.journal"), true);
  const Outcome outcome = Process(jumper({"report", folder.file("a.journal")})).finish();
  EXPECT_EQ(outcome.status(), 0);
  EXPECT_EQ(outcome.out.find("died"), std::string::npos);
}

}  // namespace
}  // namespace jumper::cli
