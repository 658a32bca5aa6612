// SPDX-License-Identifier: BSD-3-Clause
// The lines of a report that only a control group has. What is zero goes without saying.
#include <string>
#include <string_view>

#include "jumper/base/text.h"
#include "jumper/report/quantity.h"
#include "jumper/report/report.h"

namespace jumper::report {
namespace {

std::string times(double count) {
  return base::count_of(static_cast<uint64_t>(count), "time");
}

bool is_some(const std::optional<double>& value) {
  return value && *value > 0;
}

std::string hits_text(const analysis::GroupCost& group) {
  std::string text;
  if (is_some(group.limit_hits)) text = "at the limit " + times(*group.limit_hits);
  if (is_some(group.high_hits)) {
    text += text.empty() ? "" : ", ";
    text += "slowed down over memory.high " + times(*group.high_hits);
  }
  return text;
}

std::string waiting_text(const analysis::GroupCost& group) {
  std::string text;
  const auto add = [&](std::string_view what, const std::optional<double>& seconds) {
    if (!is_some(seconds)) return;
    text += text.empty() ? "at least one task waited " : ", ";
    text += std::string(what) + " " + duration_text(*seconds);
  };
  add("for a CPU", group.waited_for_cpu_seconds);
  add("for memory", group.waited_for_memory_seconds);
  add("for I/O", group.waited_for_io_seconds);
  return text;
}

}  // namespace

std::vector<Line> group_lines(const analysis::GroupCost& group) {
  std::vector<Line> lines;
  if (const auto& files = group.file_cache_bytes) {
    lines.push_back({"File cache", bytes_text(files->average) + " on average, " +
                                       bytes_text(files->maximum) +
                                       " at most; not in the memory above, for the kernel takes "
                                       "it back first"});
  }
  if (group.highest_bytes) {
    lines.push_back({"Memory ever",
                     bytes_text(*group.highest_bytes) +
                         " at most since the group was made, file cache included",
                     LineKind::kAside});
  }
  if (is_some(group.throttled_seconds)) {
    lines.push_back({"Throttled", "held back by the CPU quota for " +
                                      duration_text(*group.throttled_seconds) +
                                      ", added up over CPUs"});
  }
  if (std::string hits = hits_text(group); !hits.empty())
    lines.push_back({"Memory hits", std::move(hits)});
  if (is_some(group.oom_kills)) {
    const auto kills = static_cast<uint64_t>(*group.oom_kills);
    lines.push_back({"Killed", std::to_string(kills) + (kills == 1 ? " process" : " processes") +
                                   ", by the kernel, for want of memory"});
  }
  if (std::string waiting = waiting_text(group); !waiting.empty())
    lines.push_back({"Waiting", std::move(waiting), LineKind::kAside});
  return lines;
}

}  // namespace jumper::report
