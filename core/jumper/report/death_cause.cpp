// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/death_cause.h"

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <string_view>

#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/report/report.h"

namespace jumper::report {
namespace {

using journal::SignalWords;

constexpr size_t kNameColumns = 32;
// A machine that was up again so soon after the last word went down with the session.
constexpr int64_t kRestartNs = 600 * base::kNanosPerSecond;

struct SignalName {
  int number;
  std::string_view name;
  std::string_view of_itself;  // what it means when nobody else sent it; empty: nothing
};
constexpr std::array<SignalName, 9> kSignalNames = {{
    {SIGSEGV, "SIGSEGV", "segmentation fault"},
    {SIGBUS, "SIGBUS", "bus error"},
    {SIGFPE, "SIGFPE", "arithmetic fault"},
    {SIGILL, "SIGILL", "illegal instruction"},
    {SIGABRT, "SIGABRT", "abort(), as after a failed assertion or a C++ exception nobody caught"},
    {SIGXCPU, "SIGXCPU", "the limit on CPU time was reached (ulimit -t)"},
    {SIGTERM, "SIGTERM", ""},
    {SIGHUP, "SIGHUP", ""},
    {SIGQUIT, "SIGQUIT", ""},
}};

SignalName name_of(int number) {
  const auto* const found = std::ranges::find(kSignalNames, number, &SignalName::number);
  return found == kSignalNames.end() ? SignalName{number, "a signal", ""} : *found;
}

std::string hex(uint64_t number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

std::string sender_text(const SignalWords& signal) {
  if (signal.sender_pid == 0) return "sent by a process that cannot be seen from its container";
  std::string text = "sent by ";
  text += signal.name().empty() ? "a process that has ended"
                                : base::one_line(signal.name(), kNameColumns);
  text += " (pid " + std::to_string(signal.sender_pid) + ", user " +
          std::to_string(signal.sender_uid) + ")";
  if (signal.is_from_parent)
    text += ", its parent, as a server does to a kernel that it shuts down or restarts";
  return text;
}

DeathFinding of_signal(const SignalWords& signal, pid_t own_pid) {
  const SignalName name = name_of(signal.number);
  const std::string number =
      std::string(name.name) + (name.name.starts_with("SIG")
                                    ? std::string()
                                    : " (number " + std::to_string(signal.number) + ")");
  const bool is_own = !signal.is_sent() || signal.sender_pid == own_pid;
  if (!is_own || name.of_itself.empty()) {
    const std::string by = signal.is_sent() && signal.sender_pid == own_pid ? "sent by itself"
                           : signal.is_sent()                               ? sender_text(signal)
                                                                            : "sent by Linux";
    return {DeathCause::kSignal, "it was ended by " + number + ", " + by + "."};
  }
  std::string text = std::string(name.of_itself) + " (" + number;
  const bool has_address =
      !signal.is_sent() && (signal.number == SIGSEGV || signal.number == SIGBUS);
  if (has_address) text += " at address " + hex(signal.address);
  const bool is_limit = signal.number == SIGXCPU;
  return {is_limit ? DeathCause::kSignal : DeathCause::kCrash, text + ")."};
}

std::string count_text(std::string_view what, uint64_t before, uint64_t after) {
  return std::string(what) + " rose from " + std::to_string(before) + " to " +
         std::to_string(after);
}

bool has_risen(const std::optional<uint64_t>& before, const std::optional<uint64_t>& after) {
  return before && after && *after > *before;
}

// Memory in percent of its limit, at the last sample or, as it was rising, one interval later. For
// the machine's own memory everybody's counts.
std::optional<double> memory_percent(const journal::Recording& recording, const PostMortem& found) {
  if (!found.memory || !found.memory->limit_bytes) return std::nullopt;
  const PostMortem::Memory& memory = *found.memory;
  const double ahead_seconds = std::min(recording.facts.interval_seconds, 2.0);
  const double rise = std::max(memory.bytes_per_second.value_or(0), 0.0) * ahead_seconds;
  double bytes = memory.bytes;
  const auto& physical = recording.facts.resources.physical_bytes;
  if (physical && static_cast<double>(*physical) == *memory.limit_bytes) {
    const metric::SeriesKey key{metric::Metric::kMemory, metric::Scope::kSystem, metric::kWhole};
    for (size_t row = recording.samples.rows(), tries = 16; row > 0 && tries > 0; --row, --tries) {
      const auto all = recording.samples.value(key, row - 1);
      if (!all) continue;
      bytes = std::max(bytes, *all);
      break;
    }
  }
  return (bytes + rise) / *memory.limit_bytes * 100;
}

std::string near_text(double percent) {
  return "memory was at " + base::fixed(std::min(percent, 100.0), 0) + " % of its limit";
}

DeathFinding of_restart(const PostMortem& found, const Afterwards& now) {
  const auto& booted = now.machine.booted_wall_ns;
  const bool is_soon = booted && *booted - found.died_wall_ns < kRestartNs;
  return {DeathCause::kRestart,
          is_soon ? "the machine was restarted, or the session moved to another (its boot id is "
                    "another one)."
                  : "unknown: the machine was restarted some time later (its boot id is another "
                    "one), and what it knew is gone."};
}

DeathFinding of_memory_or_unknown(const journal::Journal& journal, const PostMortem& found,
                                  const Afterwards& now) {
  const journal::OomKills before =
      journal.ending.vitals ? journal.ending.vitals->oom_kills : journal::OomKills{};
  const std::optional<double> percent = memory_percent(journal.recording, found);
  const bool is_near = percent && *percent >= kNearLimitPercent;
  if (has_risen(before.group, now.oom_kills.group)) {
    return {DeathCause::kOutOfMemory,
            "out of memory: Linux killed it (" +
                count_text("oom_kill of its control group", *before.group, *now.oom_kills.group) +
                (is_near ? "; " + near_text(*percent) : std::string()) + ")."};
  }
  const bool machine_killed = has_risen(before.machine, now.oom_kills.machine);
  const std::string of_machine =
      machine_killed
          ? count_text("oom_kill of /proc/vmstat", *before.machine, *now.oom_kills.machine)
          : std::string();
  // The group's count is there and stood still: then what was killed was in another group.
  const bool is_cleared = before.group && now.oom_kills.group == before.group;
  if (is_near && machine_killed) {
    return {DeathCause::kOutOfMemory,
            "out of memory: Linux killed it (" + of_machine + "; " + near_text(*percent) + ")."};
  }
  if (is_near && !is_cleared) {
    return {DeathCause::kLikelyOutOfMemory,
            "probably out of memory: " + near_text(*percent) +
                ". Its control group is gone, or does not count, so nothing confirms that."};
  }
  std::string text =
      "unknown: nothing was written about it. SIGKILL from outside (kill -9, a scheduler, a "
      "container that is removed) leaves no trace.";
  if (machine_killed) {
    text += " Linux killed processes of this machine for want of memory (" + of_machine +
            "), perhaps this one.";
  } else if (is_near) {
    text += " " + near_text(*percent) + ", but Linux killed nobody in its control group.";
  }
  return {DeathCause::kUnknown, std::move(text)};
}

}  // namespace

DeathFinding find_cause(const journal::Journal& journal, const PostMortem& found,
                        const Afterwards& now) {
  const journal::Origin& origin = journal.recording.facts.origin;
  if (journal.ending.signal) return of_signal(*journal.ending.signal, origin.pid);
  if (journal::is_elsewhere(origin, now.machine)) {
    const std::optional<double> percent = memory_percent(journal.recording, found);
    const bool is_near = percent && *percent >= kNearLimitPercent;
    return {is_near ? DeathCause::kLikelyOutOfMemory : DeathCause::kElsewhere,
            (is_near ? "probably out of memory: " + near_text(*percent) + ". It" : "unknown: it") +
                " ran on '" + base::one_line(origin.host, kNameColumns) +
                "', which cannot be looked at from here."};
  }
  if (origin.boot_id != now.machine.boot_id) return of_restart(found, now);
  return of_memory_or_unknown(journal, found, now);
}

}  // namespace jumper::report
