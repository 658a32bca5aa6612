// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "jumper/metric/metric.h"
#include "jumper/metric/sample.h"
#include "jumper/metric/scope.h"

namespace jumper::metric {
namespace {

TEST(Catalog, HasOneEntryForEachMetric) {
  ASSERT_EQ(catalog().size(), static_cast<size_t>(Metric::kGpuDramActive) + 1);
  for (const MetricInfo& entry : catalog()) {
    EXPECT_EQ(&info(entry.metric), &entry) << entry.name;
    EXPECT_EQ(info(entry.metric).metric, entry.metric) << entry.name;
  }
}

TEST(Catalog, NamesAndColumnsDiffer) {
  std::set<std::string_view> names;
  std::set<std::string_view> columns;
  for (const MetricInfo& entry : catalog()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(columns.insert(entry.column).second) << entry.column;
  }
}

TEST(Catalog, NamesAreThoseOfOpenMetrics) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz_";
  for (const MetricInfo& entry : catalog()) {
    EXPECT_FALSE(entry.name.empty());
    EXPECT_EQ(entry.name.find_first_not_of(kAllowed), std::string_view::npos) << entry.name;
    EXPECT_EQ(entry.name.ends_with("_total"), entry.kind == Kind::kCounter) << entry.name;
    if (entry.unit == Unit::kSeconds) {
      EXPECT_NE(entry.name.find("_seconds"), std::string_view::npos) << entry.name;
    }
  }
}

double stored_per_unit(Unit unit) {
  if (unit == Unit::kSeconds) return 1e9;
  if (unit == Unit::kJoules || unit == Unit::kWatts) return 1e3;
  return unit == Unit::kRatio ? 1e4 : 1;
}

TEST(Catalog, WhatComesInSmallPartsIsStoredInWholeOnes) {
  for (const MetricInfo& entry : catalog())
    EXPECT_EQ(entry.stored_per_unit, stored_per_unit(entry.unit)) << entry.name;
}

TEST(Catalog, EveryMetricIsExplainedInOneLine) {
  for (const MetricInfo& entry : catalog()) {
    EXPECT_FALSE(entry.help.empty()) << entry.name;
    EXPECT_EQ(entry.help.find('\n'), std::string_view::npos) << entry.name;
    EXPECT_FALSE(entry.help.ends_with('.')) << entry.name;
  }
}

TEST(Catalog, ColumnsAreThoseThatUsersWereTold) {
  constexpr std::array<std::pair<Metric, std::string_view>, 7> kPromised = {{
      {Metric::kCpuTime, "cpu_seconds"},
      {Metric::kMemory, "memory"},
      {Metric::kMemoryResident, "memory_rss"},
      {Metric::kIoReadCalls, "io_read_count"},
      {Metric::kIoWriteCalls, "io_write_count"},
      {Metric::kIoReadBytes, "io_read"},
      {Metric::kIoWriteBytes, "io_write"},
  }};
  for (const auto& [metric, column] : kPromised) EXPECT_EQ(info(metric).column, column);
}

TEST(Scope, NamesReadBack) {
  for (const Scope scope : {Scope::kProcess, Scope::kUser, Scope::kSystem, Scope::kSlurm}) {
    EXPECT_EQ(find_scope(scope_name(scope)), scope);
  }
  EXPECT_EQ(scope_name(Scope::kProcess), "process");
  EXPECT_EQ(scope_name(Scope::kUser), "user");
  EXPECT_EQ(scope_name(Scope::kSystem), "system");
  EXPECT_EQ(scope_name(Scope::kSlurm), "slurm");
}

TEST(Scope, OthersAreNone) {
  for (const std::string_view name : {"", "Process", "process ", "proc", "thread"}) {
    EXPECT_EQ(find_scope(name), std::nullopt) << name;
  }
}

TEST(Absent, IsNoNumber) {
  EXPECT_TRUE(is_absent(kAbsent));
  EXPECT_FALSE(is_absent(0));
  EXPECT_EQ(maybe(kAbsent), std::nullopt);
  EXPECT_EQ(maybe(0), 0.0);
  EXPECT_EQ(or_absent(std::optional<uint64_t>(7)), 7.0);
  EXPECT_TRUE(is_absent(or_absent(std::optional<uint64_t>())));
}

TEST(Schema, FindsASeriesByAllOfItsKey) {
  // GIVEN
  const Schema schema({{Metric::kCpuTime, Scope::kProcess, kWhole},
                       {Metric::kCpuTime, Scope::kSystem, kWhole},
                       {Metric::kCpuTime, Scope::kSystem, 3}});

  // THEN
  EXPECT_EQ(schema.size(), 3U);
  EXPECT_EQ(schema.find({Metric::kCpuTime, Scope::kSystem, kWhole}), 1U);
  EXPECT_EQ(schema.find({Metric::kCpuTime, Scope::kSystem, 3}), 2U);
  EXPECT_EQ(schema.find({Metric::kCpuTime, Scope::kSystem, 2}), std::nullopt);
  EXPECT_EQ(schema.find({Metric::kMemory, Scope::kSystem, kWhole}), std::nullopt);
  EXPECT_EQ(schema.find({Metric::kCpuTime, Scope::kUser, kWhole}), std::nullopt);
}

}  // namespace
}  // namespace jumper::metric
