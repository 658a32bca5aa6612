// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_panels.h"

#include <gtest/gtest.h>

#include <map>
#include <string_view>

namespace jumper::analysis {
namespace {

TEST(PlotPanels, EveryNameMeansOnePanel) {
  std::map<std::string_view, size_t> names;
  for (const size_t place : all_panels()) {
    const PanelInfo& panel = plot_panels()[place];
    EXPECT_TRUE(names.emplace(panel.key, place).second) << panel.key;
    for (const std::string_view alias : panel.aliases) {
      if (alias.empty()) continue;
      EXPECT_TRUE(names.emplace(alias, place).second) << alias;
    }
    EXPECT_TRUE(panel.curves[0]) << panel.key << " has no curve";
  }
  for (const auto& [name, place] : names) EXPECT_EQ(find_panel(name), place) << name;
}

TEST(PlotPanels, AreFoundByTheNamesOfThePythonJumper) {
  for (const auto& [name, key] :
       std::map<std::string_view, std::string_view>{{"cpu_summary", "cpu"},
                                                    {"cpu_util", "cpu"},
                                                    {"mem", "memory"},
                                                    {"io_read", "io"},
                                                    {"io_write_mb", "io"},
                                                    {"io_write_count", "io_count"}}) {
    const auto place = find_panel(name);
    ASSERT_TRUE(place) << name;
    EXPECT_EQ(plot_panels()[*place].key, key);
  }
  for (const std::string_view name : {"", "CPU", "cpu ", "gpu_util", "cp"})
    EXPECT_FALSE(find_panel(name)) << name;
}

TEST(PlotPanels, ThreeAreUsual) {
  EXPECT_EQ(usual_panels(),
            (std::vector<size_t>{*find_panel("cpu"), *find_panel("memory"), *find_panel("io")}));
}

}  // namespace
}  // namespace jumper::analysis
