// SPDX-License-Identifier: BSD-3-Clause
// jumper advice, and the advice at the end of jumper run.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/jumper_process.h"
#include "jumper/base/clock.h"
#include "jumper/journal/writer.h"
#include "testing/json_check.h"
#include "testing/temp_folder.h"

namespace jumper::cli {
namespace {

using jumper::testing::parse_json;
using jumper::testing::TempFolder;
using metric::Metric;
using metric::Scope;

constexpr double kGb = 1024.0 * 1024 * 1024;

// A job of so many seconds that had 24 GB and 4 CPUs, and used 2.4 GB and one CPU and a half.
void write_journal(const std::string& path, int seconds) {
  const base::SystemClock clock;
  journal::Writer writer(base::UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND, 0600)),
                         path, {}, clock);
  journal::Facts facts;
  facts.start_ns = 1;
  facts.wall_start_ns = clock.wall_ns();
  facts.levels = {Scope::kProcess, Scope::kSlurm};
  facts.job = source::SlurmJob{};
  facts.job->id = "7";
  facts.job->node_name = "n1";
  facts.job->cpus_on_node = 4;
  facts.job->memory_per_node_bytes = uint64_t{24} << 30U;
  writer.set_facts(facts);
  writer.begin(std::make_shared<const metric::Schema>(
      std::vector<metric::SeriesKey>{{Metric::kCpuTime, Scope::kSlurm, metric::kWhole},
                                     {Metric::kMemory, Scope::kSlurm, metric::kWhole}}));
  for (int i = 0; i <= seconds; ++i) {
    const std::array values = {i * 1.5e9, 2.4 * kGb};
    writer.append({(i + 1) * int64_t{1'000'000'000},
                   i == 0 ? metric::TickKind::kStart : metric::TickKind::kPeriodic, values});
  }
  writer.end({(seconds + 1) * int64_t{1'000'000'000}, clock.wall_ns()});
}

TEST(AdviceCommand, SaysWhatWouldHaveBeenEnough) {
  const TempFolder folder;
  write_journal(folder.file("a.journal"), 100);
  const Outcome outcome = Process(jumper({"advice", folder.file("a.journal")})).finish();
  EXPECT_EQ(outcome.status(), 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find("  #SBATCH --mem=3G\n  #SBATCH --cpus-per-task=2\n"),
            std::string::npos)
      << outcome.out;
  const Outcome as_json = Process(jumper({"advice", folder.file("a.journal"), "--json"})).finish();
  const auto json = parse_json(as_json.out);
  ASSERT_TRUE(json.ok()) << as_json.out;
  EXPECT_EQ(json->at("level").text, "slurm");
  EXPECT_EQ(json->at("enough").at("cpus_per_task").number, 2);
}

TEST(AdviceCommand, OfAShortSessionSaysThatItIsTooShort) {
  const TempFolder folder;
  write_journal(folder.file("a.journal"), 20);
  const Outcome outcome = Process(jumper({"advice", folder.file("a.journal")})).finish();
  EXPECT_EQ(outcome.status(), 0);
  EXPECT_NE(outcome.out.find("too short to tell"), std::string::npos);
  EXPECT_EQ(outcome.out.find("SBATCH"), std::string::npos);
}

TEST(AdviceCommand, AnswersMistakesWithOneLine) {
  for (const Arguments& arguments :
       {Arguments{"advice"}, Arguments{"advice", "/none"}, Arguments{"advice", "a", "--what"}}) {
    const Outcome outcome = Process(jumper(arguments)).finish();
    EXPECT_EQ(outcome.status(), 2);
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

TEST(AdviceOfRun, IsGivenWhereItIsAskedFor) {
  const auto outside = [] { ::unsetenv("SLURM_JOB_ID"); };
  const Outcome asked =
      Process(jumper({"run", "--interval", "0.05", "--advice", "--", "sleep", "0.3"}), outside)
          .finish();
  EXPECT_EQ(asked.status(), 0);
  EXPECT_NE(asked.err.find("Right-sizing: level "), std::string::npos) << asked.err;
  EXPECT_NE(asked.err.find("  Memory    may use "), std::string::npos) << asked.err;
  EXPECT_EQ(asked.err.find("SBATCH"), std::string::npos);
  const Outcome unasked =
      Process(jumper({"run", "--interval", "0.05", "--", "sleep", "0.3"}), outside).finish();
  EXPECT_EQ(unasked.err.find("Right-sizing"), std::string::npos);
}

TEST(AdviceOfRun, IsGivenInASlurmJobUnasked) {
  // GIVEN what Slurm's environment says in a batch script
  const auto inside = [] {
    ::setenv("SLURM_JOB_ID", "71", 1);
    ::setenv("SLURMD_NODENAME", "n1", 1);
    ::setenv("SLURM_CPUS_ON_NODE", "2", 1);
    ::setenv("SLURM_MEM_PER_NODE", "1000", 1);
  };

  // WHEN
  const Outcome outcome =
      Process(jumper({"run", "--interval", "0.05", "--", "sleep", "0.3"}), inside).finish();

  // THEN the whole program was seen, so its short time is no reason to say nothing
  EXPECT_NE(outcome.err.find("  Memory    asked for 1000.0 MB, used "), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("#SBATCH --mem=256M\n"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("#SBATCH --cpus-per-task=1\n"), std::string::npos) << outcome.err;
}

TEST(AdviceOfRun, OfAProgramThatFailedIsNotTakenForAWholeRun) {
  const auto inside = [] { ::setenv("SLURM_JOB_ID", "71", 1); };
  const Outcome outcome =
      Process(jumper({"run", "--interval", "0.05", "--", "sh", "-c", "sleep 0.2; exit 3"}), inside)
          .finish();
  EXPECT_EQ(outcome.status(), 3);
  EXPECT_NE(outcome.err.find("too short to tell"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("SBATCH"), std::string::npos);
}

}  // namespace
}  // namespace jumper::cli
