// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/plot_document.h"

#include <gtest/gtest.h>

#include "testing/json_check.h"
#include "testing/notebook_session.h"
#include "testing/ticks.h"

namespace jumper::report {
namespace {

using metric::Scope;

std::shared_ptr<const cells::Cell> cell_of(size_t index, std::string source) {
  cells::Cell cell;
  cell.index = index;
  cell.source = std::move(source);
  cell.start_ns = 1'000'000'000 * static_cast<int64_t>(index);
  cell.end_ns = cell.start_ns + 500'000'000;
  cell.status = cells::CellStatus::kOk;
  return std::make_shared<const cells::Cell>(std::move(cell));
}

// Three levels of a session of `samples` at 1 Hz.
analysis::PlotData session(int samples, bool has_curves = false) {
  jumper::testing::NotebookSession ticks({.period_ns = 1'000'000'000, .has_curves = has_curves});
  store::Store store;
  store.begin(jumper::testing::NotebookSession::schema());
  int64_t last_ns = 0;
  for (int i = 0; i < samples; ++i) {
    const metric::Tick tick = ticks.next();
    store.append(tick);
    last_ns = tick.time_ns;
  }
  analysis::PlotData data;
  data.origin_ns = data.from_ns = store.snapshot().time_ns(0);
  data.to_ns = last_ns;
  for (const Scope scope : {Scope::kProcess, Scope::kUser, Scope::kSystem}) {
    analysis::PlotLevelOptions options;
    options.scope = scope;
    options.cpus = 2;
    data.levels.push_back(analysis::make_plot_level(store.snapshot(), options, 20'000));
  }
  return data;
}

TEST(PlotDocument, IsJsonThatCannotEndAScript) {
  analysis::PlotData data = session(20);
  for (const char* source :
       {"</script><script>alert(1)</script>", "<!-- <script>", "<img src=x onerror=alert(1)>",
        "\xE2\x80\xAE evil", "\xFF\xFE", "\"quotes\" and \\", "", "\n\n  second line"}) {
    data.cells.push_back(cell_of(data.cells.size(), source));
  }
  const std::string json = plot_document(data).json;
  EXPECT_TRUE(jumper::testing::parse_json(json).ok());
  EXPECT_EQ(json.find('<'), std::string::npos);
  EXPECT_EQ(json.find("\xE2\x80\xAE"), std::string::npos) << "text could run backwards";
  EXPECT_NE(json.find("\\u003cimg src=x"), std::string::npos);
  EXPECT_NE(json.find("\"second line\""), std::string::npos);
}

TEST(PlotDocument, KeepsToItsSizeHoweverLongTheSessionIs) {
  for (const int samples : {10, 3600, 40'000}) {
    const PlotDocument document = plot_document(session(samples, samples > 10));
    EXPECT_LE(document.json.size(), kPlotBytes) << samples << " samples";
    EXPECT_TRUE(jumper::testing::parse_json(document.json).ok());
    // Not by showing nothing.
    EXPECT_GE(document.data.most_points(), samples > 10 ? 200U : 10U) << samples << " samples";
  }
}

TEST(PlotDocument, OfThousandsOfCellsShortensTheirNames) {
  analysis::PlotData data = session(3600);
  for (size_t i = 0; i < 3000; ++i) data.cells.push_back(cell_of(i, std::string(500, 'x')));
  EXPECT_LE(plot_document(data).json.size(), kPlotBytes + 40'000);
}

TEST(PlotDocument, OfATailIsSmall) {
  // GIVEN a second of samples
  analysis::PlotData data = session(2);
  data.cells.push_back(cell_of(7, "x = 1"));
  const std::string json = plot_document(data, kPlotBytes, PlotPart::kTail).json;
  // THEN it has no panels and no title, but what changed
  EXPECT_TRUE(jumper::testing::parse_json(json).ok());
  EXPECT_LT(json.size(), 2500U);
  EXPECT_NE(json.find("\"panels\":[]"), std::string::npos);
  EXPECT_NE(json.find("\"title\":\"\""), std::string::npos);
  EXPECT_NE(json.find("\"first\":7"), std::string::npos);
  EXPECT_NE(json.find("{\"panel\":1,\"curve\":0,\"base\":"), std::string::npos);
}

TEST(PlotDocument, WithoutDataIsADocument) {
  analysis::PlotData data;
  data.levels.resize(1);
  const PlotDocument document = plot_document(data);
  EXPECT_TRUE(jumper::testing::parse_json(document.json).ok());
  EXPECT_EQ(plot_title(document.data), "Level process");
}

TEST(PlotTitle, NamesLevelCellsAndDuration) {
  analysis::PlotData data = session(100);
  data.shown_level = Scope::kUser;
  data.from_ns = 0;
  data.to_ns = 150'000'000'000;
  EXPECT_EQ(plot_title(data), "Level user, 2 min 30 s");
  data.cells = {cell_of(0, "a"), cell_of(1, "b"), cell_of(2, "c")};
  EXPECT_EQ(plot_title(data), "Level user, cells 0 to 2, 2 min 30 s");
  data.first_cell = 2;
  data.last_cell = 2;
  EXPECT_EQ(plot_title(data), "Level user, cell 2, 2 min 28 s") << "and what came after it";
  data.first_cell = data.last_cell = 1;
  EXPECT_EQ(plot_title(data), "Level user, cell 1, 500.0 ms");
}

}  // namespace
}  // namespace jumper::report
