// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/plot_csv.h"

#include <gtest/gtest.h>

#include "jumper/analysis/plot_selection.h"
#include "testing/made_plot.h"

namespace jumper::report {
namespace {

using jumper::testing::made_plot;

TEST(PlotCsv, HasARowPerPointAndAColumnPerCurve) {
  // GIVEN cell 3, from 2 to 4 s
  analysis::PlotData data = made_plot();
  data.first_cell = data.last_cell = 3;
  data.levels[0].curves[0].mean[4] = metric::kAbsent;
  // WHEN
  const std::string csv = plot_csv(analysis::selected(data, {0, 1, 5}));
  // THEN
  EXPECT_EQ(csv,
            "seconds,timestamp,cell_index,cpu_percent,memory_bytes,processes\n"
            "2,1700000002.000000,3,,3145728,\n"
            "3,1700000003.000000,3,30,4194304,\n"
            "4,1700000004.000000,3,,5242880,\n");
}

TEST(PlotCsv, LeavesTheCellEmptyBetweenCells) {
  analysis::PlotData data = made_plot();
  data.panels = {2, 7};
  const std::string csv = plot_csv(data);
  EXPECT_TRUE(
      csv.starts_with("seconds,timestamp,cell_index,io_read_bytes_per_s,"
                      "io_written_bytes_per_s,pressure_for_cpu_percent,"
                      "pressure_for_memory_percent,pressure_for_io_percent\n"
                      "0,1700000000.000000,,,,,,\n"
                      "1,1700000001.000000,,10,10,,,\n"))
      << csv;
  EXPECT_NE(csv.find("\n6,1700000006.000000,4,60,60,,,\n"), std::string::npos) << csv;
}

TEST(PlotCsv, TellsExtremesOfMeans) {
  const std::string csv =
      plot_csv(analysis::thinned(analysis::selected(jumper::testing::noisy_hour(), {0}), 100));
  EXPECT_TRUE(csv.starts_with(
      "seconds,timestamp,cell_index,cpu_percent,cpu_percent_lowest,cpu_percent_highest\n"));
}

TEST(PlotCsv, WithoutDataIsItsHeading) {
  analysis::PlotData data;
  EXPECT_EQ(plot_csv(data),
            "seconds,timestamp,cell_index,cpu_percent,memory_bytes,io_read_bytes_per_s,"
            "io_written_bytes_per_s\n");
}

}  // namespace
}  // namespace jumper::report
