// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_pressure.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"
#include "testing/testdata.h"

namespace jumper::source {
namespace {

using jumper::testing::open_testdata;
using jumper::testing::TempRoot;
using metric::Metric;

constexpr std::string_view kCpu = "some avg10=0.00 avg60=0.00 avg300=0.00 total=11\n";
constexpr std::string_view kMemory =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=22\n"
    "full avg10=0.00 avg60=0.00 avg300=0.00 total=33\n";
constexpr std::string_view kIo =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=44\n"
    "full avg10=0.00 avg60=0.00 avg300=0.00 total=55\n";

class Values {
 public:
  explicit Values(SystemPressure& source) : keys_(source.series()), values_(keys_.size(), -1) {
    kernfs::ReadBuffer buffer;
    source.read(buffer, values_);
  }
  [[nodiscard]] double of(Metric metric) const {
    for (size_t i = 0; i < keys_.size(); ++i) {
      const bool fits =
          keys_[i].scope == metric::Scope::kSystem && keys_[i].instance == metric::kWhole;
      if (fits && keys_[i].metric == metric) return values_[i];
    }
    ADD_FAILURE() << "no series of " << metric::info(metric).name;
    return -1;
  }

 private:
  std::vector<metric::SeriesKey> keys_;
  std::vector<double> values_;
};

TEST(SystemPressure, CountsInNanoseconds) {
  // GIVEN
  const TempRoot files{
      {"proc/pressure/cpu", kCpu}, {"proc/pressure/memory", kMemory}, {"proc/pressure/io", kIo}};
  const kernfs::KernelRoot root = files.open();
  SystemPressure source(root);

  // WHEN
  const Values values(source);

  // THEN
  EXPECT_EQ(source.series().size(), 5U);
  EXPECT_EQ(values.of(Metric::kPressureCpuSome), 11'000);
  EXPECT_EQ(values.of(Metric::kPressureMemorySome), 22'000);
  EXPECT_EQ(values.of(Metric::kPressureMemoryFull), 33'000);
  EXPECT_EQ(values.of(Metric::kPressureIoSome), 44'000);
  EXPECT_EQ(values.of(Metric::kPressureIoFull), 55'000);
}

TEST(SystemPressure, ReadsACapturedMachine) {
  const kernfs::KernelRoot root = open_testdata("debian12-2cpu-busy");
  SystemPressure source(root);
  const Values values(source);
  EXPECT_EQ(values.of(Metric::kPressureCpuSome), 955816311e3);
  EXPECT_EQ(values.of(Metric::kPressureMemoryFull), 0);  // measured, and none
  EXPECT_EQ(values.of(Metric::kPressureIoFull), 32837126e3);
}

TEST(SystemPressure, ReadsAnewEveryTime) {
  // GIVEN
  const TempRoot files{
      {"proc/pressure/cpu", kCpu}, {"proc/pressure/memory", kMemory}, {"proc/pressure/io", kIo}};
  const kernfs::KernelRoot root = files.open();
  SystemPressure source(root);
  const Values before(source);

  // WHEN one file changes, one is garbled, one has lost a line
  files.write("proc/pressure/cpu", "some avg10=1.00 total=111\n");
  files.write("proc/pressure/memory", "some avg10=1.00 total=x\n");
  files.write("proc/pressure/io", "some avg10=1.00 total=444\n");
  const Values values(source);

  // THEN
  EXPECT_EQ(values.of(Metric::kPressureCpuSome), 111'000);
  EXPECT_TRUE(metric::is_absent(values.of(Metric::kPressureMemorySome)));
  EXPECT_TRUE(metric::is_absent(values.of(Metric::kPressureMemoryFull)));
  EXPECT_EQ(values.of(Metric::kPressureIoSome), 444'000);
  EXPECT_TRUE(metric::is_absent(values.of(Metric::kPressureIoFull)));
}

TEST(SystemPressure, WithoutPsiAllIsAbsent) {
  // GIVEN a kernel without the folder; one whose files open, but fail to read (as with psi=0: a
  // folder does the same)
  const TempRoot none;
  const TempRoot off;
  for (const char* path : {"proc/pressure/cpu", "proc/pressure/memory", "proc/pressure/io"}) {
    off.make_folder(path);
  }
  for (const TempRoot* files : {&none, &off}) {
    const kernfs::KernelRoot root = files->open();
    SystemPressure source(root);

    // WHEN
    const Values values(source);

    // THEN
    for (const metric::SeriesKey& key : source.series()) {
      EXPECT_TRUE(metric::is_absent(values.of(key.metric))) << metric::info(key.metric).name;
    }
  }
}

TEST(SystemPressure, AFileThatDoesNotReadIsNotTriedAgain) {
  // GIVEN
  const TempRoot files{{"proc/pressure/cpu", kCpu}};
  files.make_folder("proc/pressure/io");
  const kernfs::KernelRoot root = files.open();
  SystemPressure source(root);
  std::vector<double> values(source.series().size());
  kernfs::ReadBuffer buffer;

  // WHEN
  source.read(buffer, values);

  // THEN
  EXPECT_EQ(buffer.read_calls(), 1U);
}

}  // namespace
}  // namespace jumper::source
