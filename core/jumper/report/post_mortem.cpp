// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/post_mortem.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <string_view>
#include <utility>

#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/report/death_cause.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

constexpr size_t kSourceColumns = 80;
constexpr size_t kNameColumns = 32;
constexpr size_t kReasonColumns = 120;
// How memory was rising is told from the last second, or from as much more as it takes to have a
// few samples.
constexpr int64_t kSlopeNs = base::kNanosPerSecond;
constexpr size_t kEnoughPoints = 5;
constexpr int64_t kShortestSlopeNs = 50'000'000;
constexpr size_t kMostPoints = 4096;
constexpr double kSteadyBytesPerSecond = kBytesPerMb;

struct Point {
  double seconds = 0;
  double bytes = 0;
};

// The last samples of one kind of memory, the newest first; none where the last one is older than
// the last second.
std::vector<Point> last_points(const store::Snapshot& samples, metric::Metric of) {
  const metric::SeriesKey key{of, metric::Scope::kProcess, metric::kWhole};
  std::vector<Point> points;
  std::optional<int64_t> newest_ns;
  for (size_t row = samples.rows(); row > 0 && points.size() < kMostPoints; --row) {
    const auto bytes = samples.value(key, row - 1);
    const int64_t time_ns = samples.time_ns(row - 1);
    if (!newest_ns && samples.time_ns(samples.rows() - 1) - time_ns > kSlopeNs) break;
    if (!bytes) continue;
    if (!newest_ns) newest_ns = time_ns;
    if (*newest_ns - time_ns > kSlopeNs && points.size() >= kEnoughPoints) break;
    points.push_back({base::seconds(time_ns - *newest_ns), *bytes});
  }
  return points;
}

// The slope of the straight line that fits best.
std::optional<double> slope(const std::vector<Point>& points) {
  if (points.size() < 3 || -points.back().seconds < base::seconds(kShortestSlopeNs))
    return std::nullopt;
  Point mean;
  const auto count = static_cast<double>(points.size());
  for (const Point& point : points) {
    mean.seconds += point.seconds / count;
    mean.bytes += point.bytes / count;
  }
  double together = 0;
  double squares = 0;
  for (const Point& point : points) {
    together += (point.seconds - mean.seconds) * (point.bytes - mean.bytes);
    squares += (point.seconds - mean.seconds) * (point.seconds - mean.seconds);
  }
  return together / squares;
}

std::optional<PostMortem::Memory> find_memory(const journal::Recording& recording) {
  // What counts against a control group's limit is the group's own count; resident memory also has
  // pages that others pay for.
  const bool is_group = recording.facts.resources.memory_limit_reason.starts_with("cgroup");
  std::vector<Point> points;
  if (is_group) points = last_points(recording.samples, metric::Metric::kMemoryAgainstLimit);
  if (points.empty()) points = last_points(recording.samples, metric::Metric::kMemory);
  if (points.empty()) return std::nullopt;
  PostMortem::Memory memory;
  memory.bytes = points.front().bytes;
  memory.bytes_per_second = slope(points);
  const source::Resources& resources = recording.facts.resources;
  if (resources.memory_limit_bytes && *resources.memory_limit_bytes > 0)
    memory.limit_bytes = static_cast<double>(*resources.memory_limit_bytes);
  memory.limit_reason = resources.memory_limit_reason;
  return memory;
}

std::string_view first_line(std::string_view source) {
  for (;;) {
    const size_t begin = source.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    source.remove_prefix(begin);
    return source.substr(0, source.find_first_of("\r\n"));
  }
}

void describe_cell(PostMortem& found, const journal::Journal& journal) {
  const cells::CellList& cells = journal.recording.cells;
  const std::optional<size_t> open = journal.ending.open_cell;
  found.in_cell = open && *open < cells.size();
  if (cells.empty()) return;
  const cells::Cell& cell = found.in_cell ? *cells[*open] : *cells.back();
  found.last_cell = cell.index;
  found.source_line = first_line(cell.source);
  if (found.in_cell)
    found.cell_seconds =
        base::seconds(std::max(journal.ending.last_ns - cell.start_ns, int64_t{0}));
}

std::string cell_text(const PostMortem& found) {
  if (!found.last_cell) return ", before any cell";
  const std::string index = std::to_string(*found.last_cell);
  std::string text = found.in_cell
                         ? ", " + duration_text(found.cell_seconds) + " into cell " + index
                         : ", after cell " + index;
  if (!found.source_line.empty()) text += ": " + base::one_line(found.source_line, kSourceColumns);
  return text;
}

std::string rising_text(double bytes_per_second) {
  if (std::abs(bytes_per_second) < kSteadyBytesPerSecond) return ", steady";
  return (bytes_per_second > 0 ? ", rising by " : ", falling by ") +
         bytes_text(std::abs(bytes_per_second)) + "/s";
}

std::string memory_text(const PostMortem& found) {
  std::string text;
  if (const auto& memory = found.memory) {
    text = "Memory at the end: " + bytes_text(memory->bytes);
    if (memory->limit_bytes) {
      text += " of " + bytes_text(*memory->limit_bytes);
      if (!memory->limit_reason.empty())
        text += " (" + base::one_line(memory->limit_reason, kReasonColumns) + ")";
    }
    if (memory->bytes_per_second) text += rising_text(*memory->bytes_per_second);
    text += '.';
  }
  if (found.largest.empty()) return text;
  text += text.empty() ? "Largest processes: " : " Largest processes: ";
  for (size_t i = 0; i < found.largest.size(); ++i) {
    const journal::Vitals::Process& process = found.largest[i];
    if (i > 0) text += ", ";
    if (!process.name.empty()) text += base::one_line(process.name, kNameColumns) + " ";
    text += "(pid " + std::to_string(process.pid) + ") " +
            bytes_text(static_cast<double>(process.memory_bytes));
  }
  return text + ".";
}

}  // namespace

std::vector<std::string> PostMortem::lines(std::string_view who) const {
  std::vector<std::string> lines = {std::string(who) + " died at " + date_text(died_wall_ns) +
                                    cell_text(*this)};
  if (std::string text = memory_text(*this); !text.empty()) lines.push_back(std::move(text));
  lines.push_back("Cause: " + cause_text);
  return lines;
}

std::optional<PostMortem> find_post_mortem(const journal::Journal& journal, const Afterwards& now) {
  const journal::Facts& facts = journal.recording.facts;
  if (journal.ending.is_clean) return std::nullopt;
  PostMortem found;
  found.died_wall_ns = facts.wall_start_ns.value_or(0) +
                       std::max(journal.ending.last_ns - facts.start_ns.value_or(0), int64_t{0});
  describe_cell(found, journal);
  found.memory = find_memory(journal.recording);
  if (journal.ending.vitals) found.largest = journal.ending.vitals->largest;
  DeathFinding finding = find_cause(journal, found, now);
  found.cause = finding.cause;
  found.cause_text = std::move(finding.text);
  return found;
}

}  // namespace jumper::report
