// SPDX-License-Identifier: BSD-3-Clause
// manifest.json of an exported session: what was monitored, when, and with which limits. Written as
// the Python JUmPER reads it, with ours under one more key, "jumper".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/journal/recording.h"

namespace jumper::session {

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kHistoryName = "cell_history.csv";
inline constexpr std::string_view kHistoryJsonName = "cell_history.json";
inline constexpr std::string_view kJournalName = "session.journal";
[[nodiscard]] std::string perf_file_name(metric::Scope level);

struct Manifest {
  journal::Facts facts;  // without source and notes
  bool is_ours = false;  // what wrote it knows that totals are totals
  std::string writer;    // name and version of the program
  std::vector<std::string> unknown_levels;
};

// Unknown keys are left alone, missing ones are absent; what is of a wrong type is an error.
[[nodiscard]] base::Result<Manifest> read_manifest(std::string_view json);

// The names of each level's columns, and of the history's, stand in it too.
struct ManifestTables {
  std::vector<std::pair<metric::Scope, std::vector<std::string>>> levels;
  std::vector<std::string> history;
};
[[nodiscard]] std::string write_manifest(const journal::Facts& facts, const ManifestTables& tables);

}  // namespace jumper::session
