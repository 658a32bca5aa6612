// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/time_axis.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jumper::plot {
namespace {

std::vector<std::string> labels(const TimeAxis& axis, double room_px = 60) {
  std::vector<std::string> labels;
  for (const Tick& tick : axis.ticks(room_px).ticks) labels.push_back(tick.label);
  return labels;
}

using Labels = std::vector<std::string>;

TEST(TimeAxis, PlacesTimesInProportion) {
  const TimeAxis axis({10, 20}, {}, 100, 300);
  EXPECT_DOUBLE_EQ(axis.place(10), 100);
  EXPECT_DOUBLE_EQ(axis.place(15), 200);
  EXPECT_DOUBLE_EQ(axis.place(20), 300);
  EXPECT_DOUBLE_EQ(axis.place(25), 400) << "what is outside is clipped by whoever draws";
  EXPECT_LT(axis.place(1e11), 2000) << "but stays near";
}

TEST(TimeAxis, SqueezesIdleTime) {
  const TimeAxis axis({0, 100}, {{60, 90}, {20, 50}, {40, 60}}, 0, 308);
  ASSERT_EQ(axis.pieces().size(), 2U) << "spans that touch are one";
  EXPECT_DOUBLE_EQ(axis.place(20), 200);
  EXPECT_DOUBLE_EQ(axis.place(90), 208);
  EXPECT_DOUBLE_EQ(axis.place(100), 308);
  EXPECT_EQ(axis.piece_of(10), 0U);
  EXPECT_EQ(axis.piece_of(50), std::nullopt);
  EXPECT_EQ(axis.piece_of(95), 1U);
  EXPECT_EQ(axis.piece_of(-5), 0U);
  EXPECT_EQ(axis.piece_of(105), 1U);
}

TEST(TimeAxis, ShowsAllWhereAllIsIdle) {
  const TimeAxis axis({0, 10}, {{-5, 20}}, 0, 100);
  ASSERT_EQ(axis.pieces().size(), 1U);
  EXPECT_DOUBLE_EQ(axis.place(5), 50);
}

TEST(TimeAxis, KeepsRoomForTimeAmongManyGaps) {
  std::vector<Span> idle;
  for (int i = 0; i < 1000; ++i) idle.push_back({i + 0.5, i + 1.0});
  const TimeAxis axis({0, 1000}, idle, 0, 400);
  EXPECT_EQ(axis.pieces().size(), 1000U);
  EXPECT_GT(axis.pieces()[0].right_px - axis.pieces()[0].left_px, 0.2);
  EXPECT_DOUBLE_EQ(axis.pieces().back().right_px, 400);
}

TEST(TimeAxis, APieceMayBeTooShortToBeSeen) {
  const TimeAxis axis({-1, 1e-320}, {{-0.5, 0}}, 0, 100);
  ASSERT_EQ(axis.pieces().size(), 2U);
  EXPECT_DOUBLE_EQ(axis.place(1), 100);
}

TEST(TimeAxis, LabelsByTheLengthOfTime) {
  EXPECT_EQ(labels(TimeAxis({0, 0.004}, {}, 0, 300)),
            (Labels{"0.000", "0.001", "0.002", "0.003", "0.004"}));
  EXPECT_EQ(labels(TimeAxis({0, 42}, {}, 0, 300)), (Labels{"0", "10", "20", "30", "40"}));
  EXPECT_EQ(labels(TimeAxis({100, 600}, {}, 0, 300)),
            (Labels{"2:00", "4:00", "6:00", "8:00", "10:00"}));
  EXPECT_EQ(labels(TimeAxis({0, 7200}, {}, 0, 300)),
            (Labels{"0:00", "0:30", "1:00", "1:30", "2:00"}));
  EXPECT_EQ(labels(TimeAxis({3600, 3660}, {}, 0, 300)),
            (Labels{"1:00:00", "1:00:15", "1:00:30", "1:00:45", "1:01:00"}));
  EXPECT_EQ(labels(TimeAxis({200, 200.2}, {}, 0, 300)),
            (Labels{"3:20.00", "3:20.05", "3:20.10", "3:20.15", "3:20.20"}));
  EXPECT_EQ(TimeAxis({0, 7200}, {}, 0, 300).ticks(60).unit, "h:min");
  EXPECT_EQ(TimeAxis({0, 42}, {}, 0, 300).ticks(60).unit, "s");
}

TEST(TimeAxis, TicksKeepApartAndAreFew) {
  for (const double length : {1e-6, 0.3, 5.0, 59.0, 61.0, 5000.0, 1e5, 1e7, 1e11}) {
    const TimeAxis axis({0, length}, {}, 0, 500);
    const TimeTicks ticks = axis.ticks(60);
    EXPECT_GE(ticks.ticks.size(), 2U) << length;
    EXPECT_LE(ticks.ticks.size(), 13U) << length;
    for (size_t i = 1; i < ticks.ticks.size(); ++i) {
      EXPECT_GE(ticks.ticks[i].place_px - ticks.ticks[i - 1].place_px, 40) << length;
    }
  }
}

}  // namespace
}  // namespace jumper::plot
