// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/node_plot.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jumper/analysis/plot_selection.h"
#include "jumper/plot/chart_of.h"
#include "jumper/report/plot_csv.h"
#include "jumper/report/plot_document.h"
#include "jumper/report/sparkline.h"
#include "testing/made_nodes.h"

namespace jumper::analysis {
namespace {

using jumper::testing::made_node;
using jumper::testing::MadeNode;

constexpr int64_t kSecond = 1'000'000'000;

class Made {
 public:
  explicit Made(const std::vector<MadeNode>& made) {
    for (const MadeNode& node : made) recordings_.push_back(made_node(node));
    for (const journal::NodeRecording& node : recordings_) {
      PlotLevelOptions options;
      options.scope = metric::Scope::kSlurm;
      options.cpus = 4;
      options.memory_limit_bytes = 4e9;
      nodes_.push_back({node.name, &node.samples, *node.clock_offset_ns, options});
    }
  }
  [[nodiscard]] PlotLevel view() const {
    return make_nodes_view(nodes_, {100 * kSecond, 110 * kSecond}, kSecond);
  }
  [[nodiscard]] PlotData plot() const {
    PlotData data;
    data.origin_ns = data.from_ns = 100 * kSecond;
    data.to_ns = 110 * kSecond;
    data.shown_level = metric::Scope::kSlurm;
    data.shown_view = kAllNodesView;
    data.levels.push_back(view());
    PlotLevel one = make_plot_level(recordings_[0].samples, nodes_[0].options, 100);
    one.view = nodes_[0].name;
    data.levels.push_back(one);
    return data;
  }

 private:
  std::vector<journal::NodeRecording> recordings_;
  std::vector<NodePlot> nodes_;
};

TEST(NodesView, HasALinePerNodeOnOurClock) {
  // GIVEN a node that begins to work at 105 s, on a clock and in a phase of its own
  const PlotLevel view = Made({{"n1", std::vector<double>(10, 2)},
                               {"n2", {0, 0, 0, 0, 0, 4, 4, 4, 4, 4}, 3e9, -60 * kSecond, 0}})
                             .view();
  // THEN
  ASSERT_EQ(view.times_ns.size(), 10U);
  EXPECT_EQ(view.times_ns.front(), 101 * kSecond);
  EXPECT_EQ(view.times_ns.back(), 110 * kSecond);
  std::vector<PlotCurve> cpu;
  for (const PlotCurve& curve : view.curves) {
    if (curve.panel == 0) cpu.push_back(curve);
  }
  ASSERT_EQ(cpu.size(), 2U);
  EXPECT_EQ(cpu[0].label, "n1");
  EXPECT_NEAR(cpu[0].mean[3], 50, 1e-6);
  EXPECT_EQ(cpu[1].label, "n2");
  EXPECT_EQ(cpu[1].curve, 1U);
  EXPECT_NEAR(cpu[1].mean[4], 0, 1e-6);
  EXPECT_NEAR(cpu[1].mean[5], 100, 1e-6);
  EXPECT_EQ(view.memory_limit_bytes, 4e9);
}

TEST(NodesView, WhereANodeIsSilentThereIsNothing) {
  const PlotLevel view =
      Made({{"n1", std::vector<double>(10, 2)}, {"n2", std::vector<double>(4, 2)}}).view();
  EXPECT_FALSE(metric::is_absent(view.curves[1].mean[3]));
  EXPECT_TRUE(metric::is_absent(view.curves[1].mean[4]));
  EXPECT_TRUE(metric::is_absent(view.curves[1].mean[9]));
}

TEST(NodesView, OfManyNodesShowsWhatIsUsual) {
  std::vector<MadeNode> nodes;
  for (int i = 0; i < 11; ++i)
    nodes.push_back({"n" + std::to_string(i), std::vector<double>(10, 0.2 * i)});
  const PlotLevel view = Made(nodes).view();
  EXPECT_EQ(view.curves[0].label, "median of 11, lowest to highest");
  EXPECT_NEAR(view.curves[0].mean[2], 25, 1e-6);
  EXPECT_NEAR(view.curves[0].low[2], 0, 1e-6);
  EXPECT_NEAR(view.curves[0].high[2], 50, 1e-6);
  EXPECT_EQ(view.curves[1].label, "n0 (least CPU)");
  EXPECT_EQ(view.curves[2].label, "n10 (most CPU)");
  EXPECT_EQ(view.curves[3].panel, 1U);
}

TEST(NodesView, ComesBackFromItsDocument) {
  // GIVEN a name that is markup, with a control character
  const PlotData data =
      Made({{"<b>\x1b", std::vector<double>(10, 2)}, {"n2", std::vector<double>(10, 1)}}).plot();
  const std::string json = report::plot_document(data).json;
  EXPECT_EQ(json.find('<'), std::string::npos);
  // WHEN
  const auto read = report::read_plot_document(json);
  // THEN
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->levels.size(), 2U);
  EXPECT_EQ(read->shown_view, kAllNodesView);
  ASSERT_NE(read->shown(), nullptr);
  EXPECT_EQ(read->shown()->curves[1].label, "n2");
  EXPECT_NEAR(read->shown()->curves[1].mean[2], 25, 0.1);
  EXPECT_EQ(read->shown()->curves[0].label.find('\x1b'), std::string::npos);
  EXPECT_EQ(report::plot_title(*read).substr(0, 22), "All nodes, level slurm");
}

TEST(NodesView, HasEveryForm) {
  const PlotData data = first_view(
      Made({{"n1", std::vector<double>(10, 2)}, {"n 2;", std::vector<double>(10, 1)}}).plot());
  ASSERT_EQ(data.levels.size(), 1U);
  const plot::Chart chart = plot::chart_of(data, {});
  ASSERT_EQ(chart.panels[0].series.size(), 2U);
  EXPECT_EQ(chart.panels[0].series[1].label, "n 2;");
  const std::string text = report::plot_text(data, 20);
  EXPECT_NE(text.find("CPU n1 "), std::string::npos) << text;
  const std::string csv = report::plot_csv(data);
  EXPECT_TRUE(csv.starts_with("seconds,timestamp,cell_index,cpu_n1_percent,cpu_n_2__percent,"))
      << csv.substr(0, 100);
}

}  // namespace
}  // namespace jumper::analysis
