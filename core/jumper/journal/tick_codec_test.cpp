// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/tick_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace jumper::journal {
namespace {

struct Row {
  int64_t time_ns = 0;
  metric::TickKind kind = metric::TickKind::kPeriodic;
  std::vector<double> values;
};

bool is_same(double a, double b) {
  if (metric::is_absent(a) || metric::is_absent(b))
    return metric::is_absent(a) && metric::is_absent(b);
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

void expect_round_trip(const std::vector<Row>& rows, const std::vector<uint32_t>& quanta) {
  TickEncoder encoder(quanta);
  TickDecoder decoder(quanta);
  for (const Row& row : rows) {
    std::string payload;
    encoder.encode({row.time_ns, row.kind, row.values}, payload);
    metric::Tick tick;
    ASSERT_TRUE(decoder.decode(payload, tick));
    EXPECT_EQ(tick.time_ns, row.time_ns);
    EXPECT_EQ(tick.kind, row.kind);
    ASSERT_EQ(tick.values.size(), row.values.size());
    for (size_t i = 0; i < row.values.size(); ++i)
      EXPECT_TRUE(is_same(tick.values[i], row.values[i])) << tick.values[i] << " " << row.values[i];
  }
}

TEST(TickCodec, GivesBackEveryValue) {
  constexpr double kMost = 9007199254740992.0;
  const double odd[] = {0,
                        -0.0,
                        1,
                        -1,
                        0.5,
                        1e300,
                        -1e-300,
                        kMost,
                        -kMost,
                        kMost + 2,
                        1024,
                        1023,
                        std::numeric_limits<double>::infinity(),
                        metric::kAbsent};
  std::vector<Row> rows;
  int64_t time_ns = 5;
  for (const double a : odd) {
    for (const double b : odd)
      rows.push_back({time_ns += 1'000'003, metric::TickKind::kCellEnd, {a, b, 7}});
  }
  expect_round_trip(rows, {1, 1024, 1});
}

TEST(TickCodec, GivesBackRandomTicks) {
  std::mt19937_64 random(11);
  constexpr size_t kSeries = 45;
  std::vector<uint32_t> quanta;
  for (size_t i = 0; i < kSeries; ++i) quanta.push_back(i % 3 == 0 ? 10'000'000 : 1);
  std::vector<Row> rows;
  std::vector<double> values(kSeries, 0);
  int64_t time_ns = 1'700'000'000'000;
  for (int row = 0; row < 3000; ++row) {
    time_ns += static_cast<int64_t>(random() % 2'000'000'000);
    for (size_t i = 0; i < kSeries; ++i) {
      if (random() % 3 == 0) values[i] += static_cast<double>(random() % 100 * quanta[i]);
    }
    std::vector<double> given = values;
    // More patterns of what is absent than are remembered.
    for (size_t i = 0; i < 9; ++i) {
      if (random() % 2 == 0) given[i] = metric::kAbsent;
    }
    rows.push_back({time_ns, static_cast<metric::TickKind>(random() % 5), given});
  }
  expect_round_trip(rows, quanta);
}

TEST(TickCodec, IsShortForWhatHardlyChanges) {
  const std::vector<uint32_t> quanta(40, 1);
  TickEncoder encoder(quanta);
  std::vector<double> values(40, 1e9);
  std::string payload;
  encoder.encode({1'000'000'000, metric::TickKind::kPeriodic, values}, payload);
  for (int64_t at = 2; at < 5; ++at) {
    payload.clear();
    encoder.encode({at * 1'000'000'000, metric::TickKind::kPeriodic, values}, payload);
  }
  // Kind, pattern, time as before, and five bytes that say that nothing changed.
  EXPECT_EQ(payload.size(), 8U);
}

TEST(TickCodec, RefusesWhatIsNoTick) {
  const std::vector<uint32_t> quanta(10, 1);
  std::string whole;
  TickEncoder(quanta).encode(
      {7, metric::TickKind::kPeriodic, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 1e-3}},
      whole);
  metric::Tick tick;
  ASSERT_TRUE(TickDecoder(quanta).decode(whole, tick));
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(TickDecoder(quanta).decode(std::string_view(whole).substr(0, size), tick)) << size;
  EXPECT_FALSE(TickDecoder(quanta).decode(whole + "x", tick));
  std::string other_kind = whole;
  other_kind[0] = 9;
  EXPECT_FALSE(TickDecoder(quanta).decode(other_kind, tick));
  // A pattern that was never told.
  EXPECT_FALSE(TickDecoder(quanta).decode(std::string_view("\0\5\0\0\0", 5), tick));
}

}  // namespace
}  // namespace jumper::journal
