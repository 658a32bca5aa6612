// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/trace.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "jumper/base/json_reader.h"
#include "jumper/metric/sample.h"
#include "jumper/session/export.h"

namespace jumper::session {
namespace {

using base::Json;

analysis::PerfTable table() {
  return {{{"time", {100, 101, 103}},
           {"cpu_util_avg", {metric::kAbsent, 50, 25}},
           {"memory", {1, 2, 1.5}},
           {"io_read", {0, 1048576, 3145728}},
           {"io_read_mb", {0, 1, 3}},
           {"processes", {1, metric::kAbsent, 2}}},
          {-1, 0, 0},
          1,
          {}};
}
std::vector<analysis::CellCost> costs() {
  auto cell = std::make_shared<cells::Cell>();
  cell->index = 7;
  cell->source = "a = 1\n# </script> \xFF";
  cell->start_ns = 99'500'000'000;
  cell->end_ns = 102'000'000'000;
  cell->status = cells::CellStatus::kError;
  analysis::CellCost cost;
  cost.cell = cell;
  cost.peak_bytes = 4096;
  return {cost};
}

// The events of that name.
std::vector<const Json*> named(const Json& trace, std::string_view name) {
  std::vector<const Json*> found;
  for (const Json& event : trace.at("traceEvents").items) {
    if (event.at("name").text == name) found.push_back(&event);
  }
  return found;
}

TEST(TraceJson, HasCellsAsSlices) {
  const auto trace = base::parse_json(trace_json(table(), costs(), "process"));
  ASSERT_TRUE(trace.ok()) << trace.error().message;
  const Json& cell = trace->at("traceEvents").at(size_t{2});
  EXPECT_TRUE(cell.at("name").text.starts_with("[7] a = 1")) << cell.at("name").text;
  EXPECT_EQ(cell.at("ph").text, "X");
  EXPECT_EQ(cell.at("ts").number, 0);  // the earliest of all
  EXPECT_EQ(cell.at("dur").number, 2.5e6);
  EXPECT_EQ(cell.at("args").at("status").text, "error");
  EXPECT_EQ(cell.at("args").at("memory_peak_bytes").number, 4096);
}

TEST(TraceJson, HasColumnsAsCounters) {
  const auto trace = base::parse_json(trace_json(table(), costs(), "process"));
  ASSERT_TRUE(trace.ok());
  const auto memory = named(*trace, "memory (GB)");
  ASSERT_EQ(memory.size(), 3U);
  EXPECT_EQ(memory[1]->at("ph").text, "C");
  EXPECT_EQ(memory[1]->at("ts").number, 1.5e6);
  EXPECT_EQ(memory[1]->at("args").at("value").number, 2);
  // What is absent is left out; totals are rates.
  EXPECT_EQ(named(*trace, "cpu_util_avg (%)").size(), 2U);
  EXPECT_EQ(named(*trace, "processes").size(), 2U);
  const auto read = named(*trace, "io_read_mb/s");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0]->at("args").at("value").number, 1);
  EXPECT_EQ(read[1]->at("args").at("value").number, 1);
  EXPECT_TRUE(named(*trace, "io_read").empty());
  EXPECT_EQ(named(*trace, "process_name").size(), 1U);
}

TEST(TraceJson, IsATraceOfNothing) {
  const auto trace = base::parse_json(trace_json({}, {}, "user"));
  ASSERT_TRUE(trace.ok());
  EXPECT_EQ(trace->at("traceEvents").items.size(), 2U);
}

TEST(TraceJson, IsAskedForByItsSuffix) {
  EXPECT_EQ(*format_of("a.trace.json"), FileFormat::kTrace);
  EXPECT_EQ(*format_of("a.TRACE.JSON"), FileFormat::kTrace);
  EXPECT_EQ(*format_of("trace.json"), FileFormat::kJson);
}

}  // namespace
}  // namespace jumper::session
