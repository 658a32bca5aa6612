// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/import.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "jumper/base/text.h"
#include "jumper/journal/reader.h"
#include "jumper/session/cell_rows.h"
#include "jumper/session/level_rows.h"
#include "jumper/session/manifest.h"
#include "jumper/session/session_files.h"
#include "jumper/store/store.h"

namespace jumper::session {
namespace {

constexpr size_t kMostManifestBytes = size_t{4} << 20;
constexpr size_t kShownPathColumns = 200;

// Puts the rows of all levels on one axis of time: rows of the same time are one tick.
store::Snapshot merged(const std::vector<LevelRows>& levels) {
  std::vector<metric::SeriesKey> keys;
  for (const LevelRows& level : levels) {
    for (const LevelRows::Series& series : level.series) keys.push_back(series.key);
  }
  store::Store store;
  store.begin(std::make_shared<const metric::Schema>(std::move(keys)));
  std::vector<size_t> next(levels.size(), 0);
  std::vector<double> values;
  for (bool is_first = true;; is_first = false) {
    constexpr int64_t kNever = INT64_MAX;
    int64_t time_ns = kNever;
    for (size_t i = 0; i < levels.size(); ++i) {
      if (next[i] < levels[i].times_ns.size())
        time_ns = std::min(time_ns, levels[i].times_ns[next[i]]);
    }
    if (time_ns == kNever) return store.snapshot();
    values.clear();
    for (size_t i = 0; i < levels.size(); ++i) {
      const LevelRows& level = levels[i];
      const bool is_here = next[i] < level.times_ns.size() && level.times_ns[next[i]] == time_ns;
      for (const LevelRows::Series& series : level.series)
        values.push_back(is_here ? series.values[next[i]] : metric::kAbsent);
      if (is_here) ++next[i];
    }
    store.append(
        {time_ns, is_first ? metric::TickKind::kStart : metric::TickKind::kPeriodic, values});
  }
}

class Importer {
 public:
  explicit Importer(SessionFiles files) : files_(std::move(files)) {}

  base::Result<journal::Recording> run(const std::string& path) {
    if (auto done = read_manifest_file(); !done) return done.error();
    journal::Facts& facts = manifest_.facts;
    set_source(path);
    if (auto exact = read_exact()) return *std::move(exact);
    if (auto done = read_levels(); !done) return done.error();
    std::optional<int64_t> wall_offset_ns;
    if (facts.start_ns && facts.wall_start_ns)
      wall_offset_ns = *facts.wall_start_ns - *facts.start_ns;
    auto cells = read_cells(wall_offset_ns);
    if (!cells) return cells.error();
    journal::Recording recording;
    recording.cells = std::move(cells->cells);
    recording.samples = merged(levels_);
    set_ends(facts, recording);
    tell(*cells, !recording.cells.empty());
    recording.facts = std::move(facts);
    return recording;
  }

 private:
  base::Status read_manifest_file() {
    const auto text = files_.read(std::string(kManifestName), kMostManifestBytes);
    if (!text) return text.error();
    if (!*text) {
      return base::Error{base::ErrorCode::kNotFound,
                         "there is no manifest.json in it: this is no exported session", 0};
    }
    auto manifest = read_manifest(**text);
    if (!manifest) return manifest.error();
    manifest_ = *std::move(manifest);
    return base::Done{};
  }

  void set_source(const std::string& path) {
    std::string& source = manifest_.facts.source;
    source = "imported from '" + base::one_line(path, kShownPathColumns) + "', ";
    const std::string writer = base::one_line(manifest_.writer, 60);
    if (manifest_.is_ours) {
      source += "an export of " + writer;
    } else {
      source += "a session of the Python JUmPER";
      if (!manifest_.facts.origin.version.empty()) source += " (" + writer + ")";
    }
  }

  // The recording itself, where ours has it and it is whole; else its tables are read.
  std::optional<journal::Recording> read_exact() {
    if (!manifest_.is_ours) return std::nullopt;
    const auto bytes = files_.read(std::string(kJournalName));
    if (bytes && !*bytes) return std::nullopt;
    auto journal =
        bytes ? journal::read_journal(**bytes) : base::Result<journal::Journal>(bytes.error());
    const bool is_whole = journal && journal->skipped_bytes == 0 && !journal->has_gap;
    // What asks a session counts on both clocks.
    const auto has_start = [](const journal::Facts& facts) {
      return facts.start_ns && facts.wall_start_ns;
    };
    if (!is_whole || !has_start(journal->recording.facts)) {
      manifest_.facts.notes.emplace_back(
          "imported: its exact recording cannot be read, and its tables were taken instead");
      return std::nullopt;
    }
    journal::Facts& facts = journal->recording.facts;
    facts.source = manifest_.facts.source;
    for (std::string& note : manifest_.facts.notes) {
      if (std::ranges::find(facts.notes, note) == facts.notes.end())
        facts.notes.push_back(std::move(note));
    }
    return std::move(journal->recording);
  }

  base::Status read_levels() {
    std::vector<metric::Scope> measured;
    for (const metric::Scope level : manifest_.facts.levels) {
      const auto text = files_.read(perf_file_name(level));
      if (!text) return text.error();
      if (!*text) continue;
      auto rows = level_rows_from_csv(**text, level, journal::cpus_of(manifest_.facts, level));
      if (!rows) return rows.error();
      if (rows->times_ns.empty()) continue;
      measured.push_back(level);
      levels_.push_back(*std::move(rows));
    }
    manifest_.facts.levels = std::move(measured);
    return base::Done{};
  }

  base::Result<CellRows> read_cells(std::optional<int64_t> wall_offset_ns) {
    const auto csv = files_.read(std::string(kHistoryName));
    if (!csv) return csv.error();
    if (*csv) return cells_from_csv(**csv, wall_offset_ns);
    const auto json = files_.read(std::string(kHistoryJsonName));
    if (!json) return json.error();
    if (*json) return cells_from_json(**json, wall_offset_ns);
    return CellRows{};
  }

  // What the manifest does not say: a session that was exported while it ran has no end in it.
  static void set_ends(journal::Facts& facts, const journal::Recording& recording) {
    const store::Snapshot& samples = recording.samples;
    const cells::CellList& cells = recording.cells;
    if (!facts.start_ns) {
      if (!cells.empty()) facts.start_ns = cells.front()->start_ns;
      if (!samples.empty())
        facts.start_ns = std::min(facts.start_ns.value_or(INT64_MAX), samples.time_ns(0));
    }
    if (!facts.start_ns) return;
    if (!facts.wall_start_ns) {
      const int64_t offset_ns =
          cells.empty() ? 0 : cells.front()->wall_start_ns - cells.front()->start_ns;
      facts.wall_start_ns = *facts.start_ns + offset_ns;
    }
    if (!facts.stop_ns) {
      facts.stop_ns = facts.start_ns;
      if (!cells.empty()) facts.stop_ns = std::max(*facts.stop_ns, cells.back()->end_ns);
      if (!samples.empty())
        facts.stop_ns = std::max(*facts.stop_ns, samples.time_ns(samples.rows() - 1));
    }
    if (!facts.wall_stop_ns)
      facts.wall_stop_ns = *facts.wall_start_ns + (*facts.stop_ns - *facts.start_ns);
  }

  void tell(const CellRows& cells, bool has_cells) {
    std::vector<std::string>& notes = manifest_.facts.notes;
    size_t left_out = 0;
    for (const LevelRows& level : levels_) left_out += level.values_left_out;
    tell_io();
    tell_cpu_and_memory();
    tell_gpus();
    if (has_cells && !cells.has_status)
      notes.emplace_back("imported: it does not say how cells ended; all count as ok");
    if (cells.were_renumbered)
      notes.emplace_back("imported: its cells were not numbered from 0 on, and are now");
    if (left_out > 0)
      notes.push_back("imported: " + std::to_string(left_out) +
                      " values were negative or too large, and are left out");
    for (const std::string& level : manifest_.unknown_levels)
      notes.push_back("imported: the level '" + base::one_line(level, 40) + "' is left out");
  }

  void tell_gpus() {
    std::vector<std::string>& notes = manifest_.facts.notes;
    const auto any = [&](bool LevelRows::* what) {
      return std::ranges::any_of(levels_, [&](const LevelRows& level) { return level.*what; });
    };
    if (!any(&LevelRows::has_gpu_columns) || manifest_.is_ours) return;
    notes.emplace_back(
        "imported: its GPU utilization of processes is that of whole cards on which they had "
        "memory, whoever used them");
    if (any(&LevelRows::is_gpu_bandwidth_left_out))
      notes.emplace_back(
          "imported: its GPU bandwidth is 0 throughout, which is no measurement, and "
          "is left out");
  }

  [[nodiscard]] bool any_level(IoKind kind) const {
    return std::ranges::any_of(levels_,
                               [&](const LevelRows& level) { return level.io_kind == kind; });
  }

  void tell_io() {
    std::vector<std::string>& notes = manifest_.facts.notes;
    size_t values = 0;
    size_t lost = 0;
    for (const LevelRows& level : levels_) {
      if (level.io_kind != IoKind::kDivided) continue;
      values += level.io_values;
      lost += level.io_values_lost;
    }
    if (values > 0) {
      std::string note =
          "imported: its I/O columns were each total divided by the time since the sample before, "
          "neither totals nor rates; the totals were worked out from them";
      if (lost > 0) {
        note += ", but for " + std::to_string(lost) + " of " + std::to_string(values) +
                " values, which are left out";
      }
      notes.push_back(std::move(note));
    }
    if (any_level(IoKind::kRates))
      notes.emplace_back("imported: its I/O columns were rates; the totals are these, added up");
  }

  // What the Python JUmPER measured, by its version; its manifest says "unknown" for most.
  void tell_cpu_and_memory() {
    std::vector<std::string>& notes = manifest_.facts.notes;
    const bool lacks_cpu_seconds =
        std::ranges::any_of(levels_, [](const LevelRows& level) { return !level.has_cpu_seconds; });
    if (!lacks_cpu_seconds || manifest_.is_ours) return;
    const std::string& version = manifest_.facts.origin.version;
    if (any_level(IoKind::kDivided) || version.starts_with("0.3")) {
      notes.emplace_back(
          "imported: its CPU percentages were measured over a tenth of a second at each sample and "
          "are taken for all the time between samples");
      notes.emplace_back(
          "imported: its samples bear the time at which measuring began, a tenth of a second or "
          "more before the numbers were taken; near the end of a cell they may be those of the "
          "next one");
      notes.emplace_back(
          "imported: memory of processes is the sum of their private pages (USS), without what "
          "they share");
    } else if (any_level(IoKind::kRates) || version.starts_with("0.4")) {
      notes.emplace_back(
          "imported: memory of processes is the sum of their resident memory (RSS): what they "
          "share counts in each");
    }
    notes.emplace_back(
        "imported: its CPU time was made from percentages; child processes that came and went "
        "between samples are not in it");
  }

  SessionFiles files_;
  Manifest manifest_;
  std::vector<LevelRows> levels_;
};

}  // namespace

base::Result<journal::Recording> import_session(const std::string& path) {
  auto files = SessionFiles::open(path);
  if (!files) return files.error();
  auto recording = Importer(*std::move(files)).run(path);
  if (recording) return recording;
  return base::Error{recording.error().code,
                     "cannot import '" + base::one_line(path, kShownPathColumns) +
                         "': " + recording.error().message,
                     recording.error().sys_errno};
}

}  // namespace jumper::session
