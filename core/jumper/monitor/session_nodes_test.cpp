// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "jumper/monitor/session.h"
#include "jumper/session/export.h"
#include "testing/json_check.h"
#include "testing/made_nodes.h"
#include "testing/temp_folder.h"

namespace jumper::monitor {
namespace {

using jumper::testing::made_nodes;
using jumper::testing::MadeNode;
using metric::Scope;

constexpr int64_t kSecond = 1'000'000'000;
constexpr std::string_view kHostile = "<b>\x1b[2J\xff,\"n\"\n=1+1";

// n2's clock is far ahead; both work in cell 0 (101 to 105 s), n2 alone in cell 1 (106 to 110 s).
Session two_nodes() {
  return Session(made_nodes({{"n1", {1, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0}},
                             {"n2", {1, 2, 2, 2, 2, 0, 3, 3, 3, 3, 0, 0}, 2e9, 7'000 * kSecond}},
                            {4, 4}));
}

const std::vector<double>& column(const analysis::PerfTable& table, std::string_view name) {
  for (const analysis::PerfColumn& one : table.columns) {
    if (one.name == name) return one.values;
  }
  ADD_FAILURE() << "no column " << name;
  return table.columns.front().values;
}

TEST(SessionOfANode, HasTheCellsOnItsClock) {
  const auto n2 = two_nodes().node("n2");
  ASSERT_TRUE(n2) << n2.error().message;
  EXPECT_EQ(n2->default_level(), Scope::kSlurm);
  const auto report = n2->report(cells::CellRange{1, 1}, Scope::kSlurm);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_NEAR(*report->summary.cpu_seconds, 12, 1e-6);
  EXPECT_EQ(report->summary.cpus, 4);
  EXPECT_EQ(report->summary.memory_bytes->maximum, 2e9);
  EXPECT_EQ(report->node, "n2");
  const std::string text = report::to_text(*report);
  EXPECT_NE(text.find("\nNode: n2, live\n"), std::string::npos) << text;
  EXPECT_NE(report::to_html(*report).find("of cell 1 on node n2, live"), std::string::npos);
  EXPECT_NE(report::to_json(*report).find("\"node\": \"n2\""), std::string::npos);
  // What the cell's own readings say is of a process of another node.
  EXPECT_TRUE(report->wall.empty());
  const auto costs = n2->cell_costs();
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_NEAR(*costs[1].summary.cpu_seconds, 12, 1e-6);
}

TEST(SessionOfANode, TellsTimesOnOurClock) {
  const auto table = two_nodes().node("n2")->perf_table(Scope::kSystem);
  ASSERT_TRUE(table);
  EXPECT_DOUBLE_EQ(column(*table, "time").front(), 100);
  EXPECT_DOUBLE_EQ(column(*table, "timestamp").front(), 1.7e9);
  EXPECT_EQ(table->cell_index[1], analysis::kNoCell);
  EXPECT_EQ(table->cell_index[2], 0);
  ASSERT_EQ(table->nodes.size(), 1U);
  EXPECT_EQ(table->nodes[0].rows, 13U);
}

TEST(SessionOfANode, ItsPlotBeginsWhenTheSessionDid) {
  const auto plot = two_nodes().node("n2")->plot(std::nullopt, Scope::kSlurm);
  ASSERT_TRUE(plot);
  EXPECT_EQ(plot->data().from_ns, plot->data().origin_ns);
  EXPECT_EQ(plot->data().cells.front()->start_ns - plot->data().origin_ns, kSecond);
  EXPECT_EQ(plot->data().origin_wall_ns, 1'700'000'000 * kSecond);
}

TEST(SessionOfANode, SaysWhatIsWrongInOneLine) {
  const auto unknown = two_nodes().node("n3\x1b[2J\n");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message.find('\x1b'), std::string::npos);
  EXPECT_EQ(unknown.error().message.find('\n'), std::string::npos);
  EXPECT_NE(unknown.error().message.find(": this session has n1, n2"), std::string::npos);
  const auto level = two_nodes().node("n1")->report(std::nullopt, Scope::kProcess);
  ASSERT_FALSE(level);
  EXPECT_EQ(level.error().message,
            "level 'process' is not measured on node 'n1': choose slurm, user or system");
  const Session alone(jumper::testing::made_recording({{}}));
  EXPECT_NE(alone.node("n1").error().message.find("one node only"), std::string::npos);
  EXPECT_NE(alone.nodes_report(std::nullopt, {}).error().message.find("one node only"),
            std::string::npos);
  EXPECT_NE(alone.nodes_table({}).error().message.find("one node only"), std::string::npos);
}

TEST(SessionOfANode, WithoutItsClockHasNoCells) {
  journal::Recording recording = made_nodes({{"n1", {1, 1, 1}}, {"n2", {1, 1, 1}}}, {1});
  recording.nodes[1].clock_offset_ns.reset();
  const auto n2 = Session(recording).node("n2");
  EXPECT_TRUE(n2->cells().empty());
  const auto report = n2->report(std::nullopt, Scope::kSystem);
  ASSERT_TRUE(report);
  EXPECT_NE(report::to_text(*report).find("its samples belong to no cell"), std::string::npos);
  EXPECT_NE(report::to_text(*Session(recording).nodes_report(std::nullopt, {}))
                .find("differ from ours is not known"),
            std::string::npos);
}

TEST(SessionOfANode, ThatToldNothingYetSaysSo) {
  journal::Recording recording = made_nodes({{"n1", {1, 1, 1}}}, {1});
  recording.nodes.push_back({});
  recording.nodes[1].name = "n2";
  recording.nodes[1].trouble = "no route";
  const auto n2 = Session(recording).node("n2");
  ASSERT_TRUE(n2);
  EXPECT_EQ(n2->report(std::nullopt, n2->default_level()).error().message,
            "nothing was heard of node 'n2' yet: it is waiting: no route");
  EXPECT_FALSE(n2->plot(std::nullopt, n2->default_level()));
  const auto all = Session(recording).nodes_report(std::nullopt, {});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(report::node_rows(*all)[1].state, "waiting: no route");
  EXPECT_EQ(report::node_rows(*all)[1].cpu_percent, "n/a");
}

TEST(SessionOfManyNodes, TheOrdinaryReportSaysThatThereAreMore) {
  const std::string text = report::to_text(*two_nodes().report(std::nullopt, Scope::kProcess));
  EXPECT_NE(text.find("2 nodes of the job are monitored: --node all"), std::string::npos) << text;
  EXPECT_EQ(text.find("\nNode:"), std::string::npos);
}

TEST(SessionOfManyNodes, ComparesThemInTheCellsAskedFor) {
  const auto both = two_nodes().nodes_report(cells::CellRange{0, 0}, {});
  const auto one = two_nodes().nodes_report(cells::CellRange{1, 1}, {});
  ASSERT_TRUE(both && one);
  EXPECT_EQ(both->scope, Scope::kSlurm);
  EXPECT_TRUE(both->comparison.idle.empty());
  EXPECT_EQ(one->comparison.idle, std::vector<size_t>({0}));
  EXPECT_EQ(one->comparison.busiest, 1U);
  const std::string text = report::to_text(*one);
  EXPECT_NE(text.find("Idle        n1: less than 25 %"), std::string::npos) << text;
  EXPECT_NE(text.find("n2"), std::string::npos);
  EXPECT_FALSE(two_nodes().nodes_report(cells::CellRange{1, 5}, {}));
  EXPECT_EQ(two_nodes().nodes_report(std::nullopt, Scope::kProcess).error().message,
            "level 'process' is not measured on the nodes: choose slurm, user or system");
}

TEST(SessionOfManyNodes, AStaleNodeIsMarked) {
  journal::Recording recording = made_nodes({{"n1", {1, 1, 1, 1, 1, 1}}, {"n2", {1, 1}}}, {2});
  recording.nodes[1].state = journal::NodeState::kStale;
  const auto report = Session(recording).nodes_report(std::nullopt, {});
  ASSERT_TRUE(report);
  const auto rows = report::node_rows(*report);
  EXPECT_EQ(rows[0].state, "live");
  EXPECT_EQ(rows[1].state, "stale for 4.00 s");
  EXPECT_TRUE(rows[1].is_in_trouble);
  EXPECT_NE(report::to_html(*report).find("jumper-bad\">stale for 4.00 s"), std::string::npos);
}

TEST(SessionOfManyNodes, ExportsTheNodeOfEachRow) {
  const jumper::testing::TempFolder folder;
  ASSERT_TRUE(two_nodes().export_nodes(folder.file("all.csv"), {}));
  std::ifstream file(folder.file("all.csv"));
  std::string line;
  std::getline(file, line);
  EXPECT_TRUE(line.starts_with("node,time,timestamp,cell_index,cpu_util_avg")) << line;
  std::getline(file, line);
  EXPECT_TRUE(line.starts_with("n1,100,1.7e+09,,")) << line;
  size_t of_n2 = 0;
  while (std::getline(file, line)) of_n2 += line.starts_with("n2,") ? 1 : 0;
  EXPECT_EQ(of_n2, 13U);
  EXPECT_FALSE(two_nodes().export_nodes(folder.file("all.trace.json"), {}));
  EXPECT_TRUE(two_nodes().node("n1")->export_perf(folder.file("n1.trace.json"), Scope::kSlurm));
}

TEST(SessionOfManyNodes, NamesMayHoldAnything) {
  const std::string name(kHostile);
  const Session session(made_nodes({{name, {1, 1, 1}}, {"n2", {1, 1, 1}}}, {2}));
  const auto report = session.nodes_report(std::nullopt, {});
  ASSERT_TRUE(report);
  for (const std::string& text : {report::to_text(*report), report::to_html(*report)}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
  }
  EXPECT_EQ(report::to_html(*report).find("<b>"), std::string::npos);
  EXPECT_TRUE(jumper::testing::parse_json(report::to_json(*report)));
  const auto node = session.node(name);
  ASSERT_TRUE(node);
  const auto one = node->report(std::nullopt, Scope::kSystem);
  EXPECT_EQ(report::to_text(*one).find('\x1b'), std::string::npos);
  EXPECT_EQ(report::to_html(*one).find("<b>"), std::string::npos);
  EXPECT_TRUE(jumper::testing::parse_json(report::to_json(*one)));
  const std::string csv = session::to_csv(*session.nodes_table({}));
  EXPECT_NE(csv.find("\n\"<b>"), std::string::npos) << "in quotes";
  EXPECT_TRUE(jumper::testing::parse_json(session::to_json(*session.nodes_table({}))));
}

TEST(SessionOfManyNodes, OfAThousandNodesSomeHaveARow) {
  std::vector<MadeNode> nodes;
  for (int i = 0; i < 1000; ++i)
    nodes.push_back({"n" + std::to_string(i), std::vector<double>(4, i == 777 ? 4 : 2)});
  journal::Recording recording = made_nodes(nodes, {2});
  recording.nodes[500].state = journal::NodeState::kLost;
  const auto report = Session(recording).nodes_report(std::nullopt, {});
  ASSERT_TRUE(report);
  const auto rows = report::node_rows(*report);
  EXPECT_LE(rows.size(), 40U);
  EXPECT_TRUE(std::ranges::any_of(rows, [](const auto& row) { return row.name == "n777"; }));
  EXPECT_TRUE(std::ranges::any_of(rows, [](const auto& row) { return row.name == "n500"; }));
  EXPECT_NE(report::to_text(*report).find("more are in the JSON report"), std::string::npos);
}

}  // namespace
}  // namespace jumper::monitor
