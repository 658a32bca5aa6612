// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/export_session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "jumper/analysis/cell_cost.h"
#include "jumper/analysis/perf_table.h"
#include "jumper/base/atomic_file.h"
#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/journal/reader.h"
#include "jumper/session/export.h"
#include "jumper/session/manifest.h"
#include "jumper/session/zip_writer.h"

namespace jumper::session {
namespace {

constexpr size_t kShownPathColumns = 200;
constexpr mode_t kOwnerOnly = 0700;

std::string shown(const std::string& path) {
  return base::one_line(path, kShownPathColumns);
}

// The names in a CSV table's first line; none of ours needs quotes.
std::vector<std::string> names_of(std::string_view csv) {
  std::vector<std::string> names;
  std::string_view line = csv.substr(0, csv.find('\n'));
  while (!line.empty()) {
    const size_t comma = std::min(line.find(','), line.size());
    names.emplace_back(line.substr(0, comma));
    line.remove_prefix(std::min(comma + 1, line.size()));
  }
  return names;
}

// The files of the session. The manifest comes last: where it is, all is.
std::vector<NamedBytes> files_of(const journal::Recording& recording) {
  const journal::Facts& facts = recording.facts;
  ManifestTables tables;
  std::vector<NamedBytes> files;
  for (const metric::Scope level : facts.levels) {
    analysis::PerfTableOptions options;
    options.scope = level;
    options.cpus = journal::cpus_of(facts, level);
    if (facts.wall_start_ns && facts.start_ns)
      options.wall_minus_monotonic_ns = *facts.wall_start_ns - *facts.start_ns;
    const auto table = analysis::make_perf_table(recording.samples, recording.cells, options);
    if (table.cell_index.empty()) continue;
    files.push_back({perf_file_name(level), to_csv(table)});
    tables.levels.emplace_back(level, names_of(files.back().bytes));
  }
  analysis::SummaryOptions options;
  options.cpus = journal::cpus_of(facts, options.scope);
  const auto costs = analysis::cell_costs(recording.samples, recording.cells, options);
  std::string history = history_to_csv(costs);
  tables.history = names_of(history);
  if (!costs.empty()) files.push_back({std::string(kHistoryName), std::move(history)});
  files.push_back({std::string(kJournalName), journal::to_journal(recording)});
  files.push_back({std::string(kManifestName), write_manifest(facts, tables)});
  return files;
}

// Beside `path`, under a name that nobody has.
base::Result<std::string> make_folder_beside(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string stem = parent + ".jumper-" + std::to_string(::getpid()) + "-";
  for (int64_t number = base::SystemClock().monotonic_ns();; ++number) {
    std::string name = stem + std::to_string(number);
    if (::mkdir(name.c_str(), kOwnerOnly) == 0) return name;
    if (errno != EEXIST) return base::errno_error("cannot make the folder", shown(path), errno);
  }
}

void remove_folder(const std::string& folder, const std::vector<NamedBytes>& files) {
  for (const NamedBytes& file : files) ::unlink((folder + "/" + file.name).c_str());
  ::rmdir(folder.c_str());
}

base::Status write_folder(const std::string& path, const std::vector<NamedBytes>& files) {
  auto folder = make_folder_beside(path);
  if (!folder) return folder.error();
  for (const NamedBytes& file : files) {
    auto written = base::write_private_file(*folder + "/" + file.name, file.bytes);
    if (written) continue;
    remove_folder(*folder, files);
    return written;
  }
  // Takes the place of an empty folder, and of no other.
  if (std::rename(folder->c_str(), path.c_str()) == 0) return base::Done{};
  const int failed = errno;
  remove_folder(*folder, files);
  if (failed == ENOTEMPTY || failed == EEXIST)
    return base::bad_input("the folder '" + shown(path) +
                           "' is not empty: give a new one, or a name that ends in .zip");
  if (failed == ENOTDIR)
    return base::bad_input("'" + shown(path) + "' is there already, and is no folder");
  return base::errno_error("cannot make the folder", shown(path), failed);
}

bool ends_in_zip(std::string_view path) {
  constexpr std::string_view kSuffix = ".zip";
  if (path.size() < kSuffix.size()) return false;
  std::string end(path.substr(path.size() - kSuffix.size()));
  std::ranges::transform(end, end.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return end == kSuffix;
}

}  // namespace

base::Status export_session(const std::string& path, const journal::Recording& recording) {
  std::string target = path;
  while (target.size() > 1 && target.ends_with('/')) target.pop_back();
  if (target.empty() || target.find('\0') != std::string::npos)
    return base::bad_input("'" + shown(path) + "' is no name of a folder or a file");
  if (!recording.facts.start_ns) {
    return base::Error{base::ErrorCode::kState,
                       "nothing was measured yet, so there is no session to export", 0};
  }
  const std::vector<NamedBytes> files = files_of(recording);
  if (!ends_in_zip(target)) return write_folder(target, files);
  const auto archive = zip_archive(files, base::SystemClock().wall_ns());
  if (!archive) return archive.error();
  return base::write_private_file(target, *archive);
}

}  // namespace jumper::session
