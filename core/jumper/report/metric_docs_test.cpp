// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/metric_docs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace jumper::report {
namespace {

TEST(MetricDocs, ThePageInDocsIsTheOneMadeFromTheCatalogue) {
  const std::ifstream file(JUMPER_DOCS_DIR "/metrics.md");
  std::ostringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), metric_docs()) << "run: jumper metrics > docs/metrics.md";
}

}  // namespace
}  // namespace jumper::report
