// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_panels.h"

#include <gtest/gtest.h>

#include <map>
#include <string_view>
#include <vector>

namespace jumper::analysis {
namespace {

TEST(PlotPanels, EveryNameMeansOnePanel) {
  std::map<std::string_view, size_t> names;
  for (const size_t place : all_panels(true)) {
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
                                                    {"io_write_count", "io_count"},
                                                    {"gpu_util_summary", "gpu"},
                                                    {"gpu_util", "gpu"},
                                                    {"gpu_band_summary", "gpu_band"},
                                                    {"gpu_mem_summary", "gpu_mem"},
                                                    {"gpu_all", "gpu_all"}}) {
    const auto place = find_panel(name);
    ASSERT_TRUE(place) << name;
    EXPECT_EQ(plot_panels()[*place].key, key);
  }
  for (const std::string_view name : {"", "CPU", "cpu ", "gpus", "cp"})
    EXPECT_FALSE(find_panel(name)) << name;
}

TEST(PlotPanels, ThreeAreUsual) {
  EXPECT_EQ(usual_panels(false),
            (std::vector<size_t>{*find_panel("cpu"), *find_panel("memory"), *find_panel("io")}));
}

TEST(PlotPanels, ThoseOfGpusAreUsualWhereThereAreSome) {
  EXPECT_EQ(usual_panels(true),
            (std::vector<size_t>{*find_panel("cpu"), *find_panel("memory"), *find_panel("io"),
                                 *find_panel("gpu"), *find_panel("gpu_mem")}));
}

TEST(PlotPanels, WithoutGpusTheOthersKeepTheirPlaces) {
  // A page that was made before the first reading of a GPU must find its panels afterwards.
  const std::vector<size_t> without = all_panels(false);
  const std::vector<size_t> with = all_panels(true);
  ASSERT_LT(without.size(), with.size());
  for (size_t i = 0; i < without.size(); ++i) {
    EXPECT_EQ(without[i], with[i]);
    EXPECT_FALSE(is_of_gpus(plot_panels()[without[i]]));
  }
  for (size_t i = without.size(); i < with.size(); ++i)
    EXPECT_TRUE(is_of_gpus(plot_panels()[with[i]]));
}

}  // namespace
}  // namespace jumper::analysis
