// SPDX-License-Identifier: BSD-3-Clause
// jumper compare, report and export on sessions with known cells.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/jumper_process.h"
#include "jumper/journal/reader.h"
#include "testing/json_check.h"
#include "testing/made_session.h"
#include "testing/temp_folder.h"

namespace jumper::cli {
namespace {

using jumper::testing::made_recording;
using jumper::testing::MadeWork;
using jumper::testing::parse_json;
using jumper::testing::read_file;
using jumper::testing::TempFolder;

constexpr double kMb = 1024.0 * 1024;

class Compare : public ::testing::Test {
 protected:
  std::string journal(const std::string& name, const std::vector<MadeWork>& works) {
    std::ofstream(folder_.file(name), std::ios::binary)
        << journal::to_journal(made_recording(works));
    return folder_.file(name);
  }
  // A session, and one where the second cell takes a second and 100 MB more.
  std::string before() {
    return journal("before.journal", {{"import os", 0.5, 0.4}, {"fit()", 4, 4, 200 * kMb}});
  }
  std::string after() {
    return journal("after.journal", {{"import os", 0.5, 0.4}, {"fit()", 5, 4, 300 * kMb}});
  }
  static Outcome compare(Arguments arguments) {
    arguments.insert(arguments.begin(), "compare");
    return Process(jumper(arguments)).finish();
  }
  Outcome compare_if(const std::string& condition) {
    return compare({before(), after(), "--fail-if", condition});
  }

  TempFolder folder_;
};

TEST_F(Compare, ShowsTwoSessionsBesideEachOther) {
  const Outcome outcome = compare({before(), after()});
  EXPECT_EQ(outcome.status(), 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find("1 of 2 cells slower: total 4.50 s -> 5.50 s (+22 %)\n"),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("No repeats: noise unknown"), std::string::npos);
  EXPECT_NE(outcome.out.find("before.journal, 2 cells"), std::string::npos);
  EXPECT_NE(outcome.out.find("200.0 MB   300.0 MB  +100.0 MB  +50 %\n"), std::string::npos)
      << outcome.out;
}

TEST_F(Compare, ExitsWith0WhereNoConditionIsMet) {
  for (const char* condition : {"duration>+30%", "duration>+2s", "duration<-5%", "peak_memory>1GB",
                                "cpu_seconds>+1%", "cell:duration>+30%", "duration>+20%+1s"}) {
    const Outcome outcome = compare_if(condition);
    EXPECT_EQ(outcome.status(), 0) << condition << outcome.err;
    EXPECT_EQ(outcome.err, "");
  }
}

TEST_F(Compare, ExitsWith1WhereOneIsAndSaysWithWhichNumbers) {
  const std::vector<std::pair<std::string, std::string>> met = {
      {"duration>+10%", "jumper: duration>+10%: 4.50 s -> 5.50 s (+22 %)\n"},
      {"duration>=+1s", "jumper: duration>=+1s: 4.50 s -> 5.50 s (+22 %)\n"},
      {"peak_memory>250MB", "jumper: peak_memory>250MB: 200.0 MB -> 300.0 MB (+50 %)\n"},
      {"cell:duration>+10%",
       "jumper: cell:duration>+10% in cell 1 (fit()): 4.00 s -> 5.00 s (+25 %)\n"},
  };
  for (const auto& [condition, says] : met) {
    const Outcome outcome = compare_if(condition);
    EXPECT_EQ(outcome.status(), 1) << condition;
    EXPECT_EQ(outcome.err, says);
    EXPECT_NE(outcome.out.find("total 4.50 s -> 5.50 s"), std::string::npos);
  }
}

TEST_F(Compare, TakesSeveralConditions) {
  const Outcome outcome = compare({"--fail-if=duration>+90%", before(), "--fail-if",
                                   "duration>+10%", after(), "--fail-if", "peak_memory>+10%"});
  EXPECT_EQ(outcome.status(), 1);
  EXPECT_EQ(lines_in(outcome.err), 2U) << outcome.err;
}

TEST_F(Compare, AConditionOnACellWithRepeatsIsNotMetWithinTheNoise) {
  // GIVEN a cell that takes 1 to 2 s by chance
  const std::string a = journal("a", {{"f()", 1}, {"f()", 2}, {"f()", 1.4}});
  const std::string b = journal("b", {{"f()", 1.9}, {"f()", 1.3}, {"f()", 2}});

  // THEN
  EXPECT_EQ(compare({a, b, "--fail-if", "cell:duration>+10%"}).status(), 0);
  EXPECT_EQ(compare({a, b, "--fail-if", "duration>+10%"}).status(), 1) << "totals know no noise";
}

TEST_F(Compare, WhatWasNotMeasuredCannotBeJudged) {
  // GIVEN sessions whose monitor was not running in the cells
  journal::Recording recording = made_recording({{"f()", 1}});
  recording.samples = {};
  std::ofstream(folder_.file("a"), std::ios::binary) << journal::to_journal(recording);

  // WHEN
  const Outcome outcome =
      compare({folder_.file("a"), folder_.file("a"), "--fail-if", "io_read>+10%"});

  // THEN
  EXPECT_EQ(outcome.status(), 2);
  EXPECT_EQ(outcome.err,
            "jumper: cannot tell whether io_read>+10%: io_read was not measured on both sides\n");
}

TEST_F(Compare, WritesJson) {
  const std::string path = folder_.file("c.json");
  EXPECT_EQ(compare({before(), after(), "--json", path}).status(), 0);
  const auto json = parse_json(read_file(path));
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->at("total_of_all").at("duration").at("change").number, 1);
  EXPECT_EQ(json->at("cells").items.size(), 2U);
}

TEST_F(Compare, AMistakeIsOneLine) {
  // GIVEN
  const std::string a = before();
  std::ofstream(folder_.file("text")) << "no session";
  struct Mistake {
    Arguments arguments;
    std::string_view says;
  };
  const std::vector<Mistake> mistakes = {
      {{}, "needs 2 names, not 0"},
      {{a}, "needs 2 names, not 1"},
      {{a, a, a}, "needs 2 names, not 3"},
      {{a, a, "--fail"}, "does not take '--fail'"},
      {{a, a, "--fail-if"}, "needs a value after --fail-if"},
      {{a, a, "--fail-if", "speed>+10%"}, "does not begin with one of duration"},
      {{a, a, "--fail-if", "duration>10%"}, "a percentage without a sign"},
      {{a, a, "--json="}, "--json needs the name of a file"},
      {{a, folder_.file("missing")}, "there is no session"},
      {{folder_.file("text"), a}, "text"},
      {{folder_.path().string(), a}, folder_.path().native()},
  };
  for (const Mistake& mistake : mistakes) {
    // WHEN
    const Outcome outcome = compare(mistake.arguments);

    // THEN
    EXPECT_EQ(outcome.status(), 2) << outcome.err;
    expect_one_line(outcome, mistake.says);
  }
}

TEST_F(Compare, AResultThatCannotBeWrittenIsAFailureOfOurs) {
  const Outcome outcome = compare({before(), after(), "--json", folder_.file("no/such/c.json")});
  EXPECT_EQ(outcome.status(), 2);
  EXPECT_NE(outcome.err.find("cannot write"), std::string::npos);
}

using ReportCommand = Compare;

TEST_F(ReportCommand, TellsOfARecordedSession) {
  const Outcome text = Process(jumper({"report", after(), "--cell", "1"})).finish();
  EXPECT_EQ(text.status(), 0) << text.err;
  EXPECT_NE(text.out.find("Duration: 5.00s"), std::string::npos) << text.out;

  const Outcome json = Process(jumper({"report", after(), "--json"})).finish();
  const auto parsed = parse_json(json.out);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->at("duration_seconds").number, 5.5);
  EXPECT_NEAR(parsed->at("cpu_seconds").number, 4.4, 1e-9);
}

TEST_F(ReportCommand, AMistakeIsOneLine) {
  const std::string a = before();
  const std::vector<std::pair<Arguments, std::string>> mistakes = {
      {{}, "needs 1 name"},
      {{a, "--cell", "9"}, "valid cells are 0 to 1"},
      {{a, "--level", "galaxy"}, "galaxy"},
      {{folder_.file("missing")}, "there is no session"},
      {{a, "--yaml"}, "does not take '--yaml'"},
  };
  for (auto [arguments, says] : mistakes) {
    arguments.insert(arguments.begin(), "report");
    const Outcome outcome = Process(jumper(arguments)).finish();
    EXPECT_EQ(outcome.status(), 2) << says;
    expect_one_line(outcome, says);
  }
}

using ExportCommand = Compare;

TEST_F(ExportCommand, WritesTheWholeSessionToBeComparedElsewhere) {
  for (const char* name : {"b.zip", "b"}) {
    // WHEN
    const std::string out = folder_.file(name);
    const Outcome outcome = Process(jumper({"export", before(), out})).finish();

    // THEN it is the same
    ASSERT_EQ(outcome.status(), 0) << outcome.err;
    EXPECT_EQ(outcome.out + outcome.err, "");
    const Outcome compared = compare({before(), out, "--json", folder_.file("c.json")});
    ASSERT_EQ(compared.status(), 0) << compared.err;
    const auto json = parse_json(read_file(folder_.file("c.json")));
    for (const char* metric : {"duration", "cpu_seconds", "peak_memory"})
      EXPECT_EQ(json->at("total_of_all").at(metric).at("change").number, 0) << metric;
    EXPECT_TRUE(json->at("total_of_all").at("peak_memory").at("b").is_number());
  }
}

TEST_F(ExportCommand, WritesTables) {
  const std::string out = folder_.file("t.csv");
  EXPECT_EQ(Process(jumper({"export", before(), out})).finish().status(), 0);
  EXPECT_TRUE(read_file(out).starts_with("time,timestamp,cell_index,")) << read_file(out);
  EXPECT_EQ(lines_in(read_file(out)), 8U);
  EXPECT_EQ(Process(jumper({"export", before(), out, "--cells"})).finish().status(), 0);
  EXPECT_NE(read_file(out).find("fit()"), std::string::npos);
}

TEST_F(ExportCommand, AMistakeIsOneLineAndWritesNothing) {
  const std::string a = before();
  const std::vector<std::pair<Arguments, std::string>> mistakes = {
      {{a}, "needs 2 names"},
      {{a, folder_.file("x.csv"), "--level", "galaxy"}, "galaxy"},
      {{a, folder_.file("x.zip"), "--level", "process"}, "gets the whole session"},
      {{a, folder_.file("x.csv"), "--cells", "--level=process"}, "one of --level and --cells"},
      {{folder_.file("missing"), folder_.file("x.csv")}, "there is no session"},
      {{a, folder_.file("no/such/x.csv")}, "cannot"},
  };
  for (auto [arguments, says] : mistakes) {
    arguments.insert(arguments.begin(), "export");
    const Outcome outcome = Process(jumper(arguments)).finish();
    EXPECT_EQ(outcome.status(), 2) << says;
    expect_one_line(outcome, says);
    EXPECT_EQ(folder_.entries(), 1U) << says;
  }
}

}  // namespace
}  // namespace jumper::cli
