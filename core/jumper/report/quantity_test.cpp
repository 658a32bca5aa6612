// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/quantity.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <limits>

namespace jumper::report {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void set_time_zone(const char* zone) {
  ::setenv("TZ", zone, 1);
  ::tzset();
}

TEST(BytesText, ChoosesTheUnitBySize) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(17), "17 bytes");
  EXPECT_EQ(bytes_text(1023), "1023 bytes");
  EXPECT_EQ(bytes_text(1024), "1 kB");
  EXPECT_EQ(bytes_text(512.0 * 1024), "512 kB");
  EXPECT_EQ(bytes_text(kBytesPerMb), "1.0 MB");
  EXPECT_EQ(bytes_text(12.04 * kBytesPerMb), "12.0 MB");
  EXPECT_EQ(bytes_text(kBytesPerGb), "1.00 GB");
  EXPECT_EQ(bytes_text(1.25 * kBytesPerGb), "1.25 GB");
  EXPECT_EQ(bytes_text(4096 * kBytesPerGb), "4096.00 GB");
}

TEST(BytesText, KeepsTheSign) {
  EXPECT_EQ(bytes_text(-3 * kBytesPerMb), "-3.0 MB");
  EXPECT_EQ(bytes_text(-1), "-1 bytes");
  EXPECT_EQ(change_text(1.25 * kBytesPerGb), "+1.25 GB");
  EXPECT_EQ(change_text(-1.25 * kBytesPerGb), "-1.25 GB");
  EXPECT_EQ(change_text(0), "+0 bytes");
}

TEST(BytesText, IsNotAvailableWithoutANumber) {
  EXPECT_EQ(bytes_text(kNan).substr(0, 3), "n/a");
  EXPECT_EQ(bytes_text(kInfinity).substr(0, 3), "n/a");
}

TEST(DurationText, ChoosesTheUnitBySize) {
  EXPECT_EQ(duration_text(0), "0 us");
  EXPECT_EQ(duration_text(0.00045), "450 us");
  EXPECT_EQ(duration_text(0.001), "1.0 ms");
  EXPECT_EQ(duration_text(0.0123), "12.3 ms");
  EXPECT_EQ(duration_text(0.5), "500.0 ms");
  EXPECT_EQ(duration_text(1), "1.00 s");
  EXPECT_EQ(duration_text(2.31), "2.31 s");
  EXPECT_EQ(duration_text(119.5), "119.50 s");
  EXPECT_EQ(duration_text(120), "2 min 00 s");
  EXPECT_EQ(duration_text(125.9), "2 min 05 s");
  EXPECT_EQ(duration_text(3599), "59 min 59 s");
  EXPECT_EQ(duration_text(3600), "1 h 00 min");
  EXPECT_EQ(duration_text(3720), "1 h 02 min");
  EXPECT_EQ(duration_text(100 * 3600 + 59 * 60), "100 h 59 min");
}

TEST(DurationText, IsNotAvailableWithoutANumber) {
  EXPECT_EQ(duration_text(kNan), "n/a");
  EXPECT_EQ(duration_text(kInfinity), "n/a");
}

TEST(DurationText, NeverReachesTheNextUnitByRounding) {
  EXPECT_EQ(duration_text(0.0009999), "1.0 ms");
  EXPECT_EQ(duration_text(0.99999), "1.00 s");
  EXPECT_EQ(bytes_text(kBytesPerMb - 1), "1.0 MB");
  EXPECT_EQ(bytes_text(kBytesPerGb - 1), "1.00 GB");
}

TEST(ClockText, IsLocal) {
  constexpr int64_t kWallNs = 1'700'000'000'999'999'999;  // 2023-11-14 22:13:20 UTC
  set_time_zone("UTC");
  EXPECT_EQ(clock_text(kWallNs), "22:13:20");
  EXPECT_EQ(date_text(kWallNs), "2023-11-14 22:13:20");
  set_time_zone("XYZ-5:30");
  EXPECT_EQ(clock_text(kWallNs), "03:43:20");
  EXPECT_EQ(date_text(kWallNs), "2023-11-15 03:43:20");
  set_time_zone("UTC");
}

TEST(CpusText, IsOneOrMany) {
  EXPECT_EQ(cpus_text(1), "1 CPU");
  EXPECT_EQ(cpus_text(1.5), "1.5 CPUs");
  EXPECT_EQ(cpus_text(1.0 / 3), "0.33 CPUs");
  EXPECT_EQ(cpus_text(128), "128 CPUs");
}

TEST(EnergyText, TakesTheUnitThatSuits) {
  EXPECT_EQ(energy_text(0), "0.0 J");
  EXPECT_EQ(energy_text(999.94), "999.9 J");
  EXPECT_EQ(energy_text(999.96), "1.00 kJ");
  EXPECT_EQ(energy_text(999'994), "999.99 kJ");
  EXPECT_EQ(energy_text(2.5e6), "2.50 MJ");
  EXPECT_EQ(energy_text(std::numeric_limits<double>::quiet_NaN()), "n/a");
}

TEST(EnergyText, HasWattHoursWhereItIsMuch) {
  EXPECT_EQ(energy_with_hours_text(3599), "3.60 kJ");
  EXPECT_EQ(energy_with_hours_text(3600), "3.60 kJ (1.00 Wh)");
  EXPECT_EQ(energy_with_hours_text(3.6e6), "3.60 MJ (1.00 kWh)");
  EXPECT_EQ(energy_with_hours_text(std::numeric_limits<double>::quiet_NaN()), "n/a");
}

}  // namespace
}  // namespace jumper::report
