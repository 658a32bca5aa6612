// SPDX-License-Identifier: BSD-3-Clause
// jumper compare: two sessions beside each other, and conditions on the difference, for CI.

#include <cstdio>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/session_file.h"
#include "jumper/analysis/cost_condition.h"
#include "jumper/base/atomic_file.h"
#include "jumper/monitor/compare.h"
#include "jumper/report/compare.h"
#include "jumper/report/compare_words.h"

namespace jumper::cli {
namespace {

using analysis::ConditionOutcome;
using analysis::CostCondition;

constexpr size_t kCodeWidth = 40;

struct CompareOptions {
  std::string a;
  std::string b;
  std::vector<CostCondition> conditions;
  std::string json_path;
};

base::Result<CompareOptions> parse_options(const Arguments& arguments) {
  const auto parsed = parse_arguments(
      arguments,
      {"compare", 2, {"--fail-if", "--json"}, {}, "A B [--fail-if CONDITION]... [--json FILE]"});
  if (!parsed) return parsed.error();
  CompareOptions options{parsed->files[0], parsed->files[1], {}, ""};
  for (const auto& [name, value] : parsed->options) {
    if (name == "--json") {
      if (value.empty()) return base::bad_input("option --json needs the name of a file");
      options.json_path = value;
      continue;
    }
    auto condition = analysis::parse_condition(value);
    if (!condition) return condition.error();
    options.conditions.push_back(std::move(*condition));
  }
  return options;
}

base::Result<analysis::Comparison> compare_files(const CompareOptions& options) {
  const auto a = read_session(options.a);
  if (!a) return a.error();
  const auto b = read_session(options.b);
  if (!b) return b.error();
  return monitor::compare({&*a, options.a, std::nullopt}, {&*b, options.b, std::nullopt});
}

std::string where(const analysis::ConditionHit& hit, const analysis::Comparison& comparison) {
  if (!hit.cell) return "";
  const analysis::ComparedCell& cell = comparison.cells[*hit.cell];
  return " in cell " + report::cell_label(cell) + " (" +
         report::code_text(cell.a.source, kCodeWidth) + ")";
}

// Says how a condition came out; the exit status that follows from it.
int tell_outcome(const CostCondition& condition, const analysis::Comparison& comparison) {
  const ConditionOutcome outcome = analysis::judge(condition, comparison);
  for (const analysis::ConditionHit& hit : outcome.hits) {
    const report::DifferenceWords words = report::words_of(hit.difference, condition.metric);
    std::string line = condition.text + where(hit, comparison) + ": " + report::from_to(words);
    if (!words.noise.empty()) line += ", " + words.verdict + " the noise of " + words.noise;
    complain(line);
  }
  if (!outcome.hits.empty()) return kExitFailure;
  if (outcome.judged == 0) {
    complain("cannot tell whether " + condition.text + ": " +
             std::string(analysis::facts_of(condition.metric).name) +
             " was not measured on both sides");
    return kExitUsage;
  }
  return kExitOk;
}

}  // namespace

int compare_command(const Arguments& arguments) {
  const auto options = parse_options(arguments);
  if (!options) {
    complain(options.error().message);
    return kExitUsage;
  }
  const auto comparison = compare_files(*options);
  if (!comparison) {
    complain(comparison.error().message);
    return kExitUsage;
  }
  const std::string text = report::compare_text(*comparison);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  int result = kExitOk;
  if (!options->json_path.empty()) {
    if (auto written =
            base::write_file(options->json_path, report::compare_json(*comparison) + "\n");
        !written) {
      complain(written.error().message);
      result = kExitUsage;
    }
  }
  for (const CostCondition& condition : options->conditions) {
    const int outcome = tell_outcome(condition, *comparison);
    // That a condition was met says more than that another could not be judged.
    if (outcome == kExitFailure || result == kExitOk) result = outcome;
  }
  return result;
}

}  // namespace jumper::cli
