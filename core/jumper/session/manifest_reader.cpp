// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <optional>

#include "jumper/base/json_reader.h"
#include "jumper/base/text.h"
#include "jumper/session/manifest.h"
#include "jumper/session/moment.h"

namespace jumper::session {
namespace {

using base::Json;

constexpr size_t kMostCpus = 65'536;
constexpr double kMostGpus = 1024;
constexpr double kMostGb = 1e9;
constexpr double kMostBytes = 1e18;
constexpr size_t kMostNotes = 50;
constexpr double kMostInterval = 86'400;
constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;
constexpr size_t kMostTextBytes = 4096;

// Reads members; the first that is not what it should be makes the error.
class Reader {
 public:
  explicit Reader(const Json& document) : document_(document), monitor_(document.at("monitor")) {}

  [[nodiscard]] base::Result<Manifest> read() {
    if (document_.type != Json::Type::kObject) return wrong("it is no object");
    read_version();
    if (!monitor_.is_null() && monitor_.type != Json::Type::kObject) fail("'monitor' is no object");
    read_times();
    read_process();
    read_gpus();
    read_resources();
    read_levels();
    read_ours();
    if (!problem_.empty()) return wrong(problem_);
    return std::move(manifest_);
  }

 private:
  static base::Error wrong(const std::string& what) {
    return base::bad_input("manifest.json cannot be used: " + what);
  }
  void fail(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }

  // Absent where there is none; else a number from `least` to `most`.
  std::optional<double> number(const Json& parent, const char* name, double least, double most) {
    const Json& member = parent.at(name);
    if (member.is_null()) return std::nullopt;
    if (member.is_number() && member.number >= least && member.number <= most) return member.number;
    fail("'" + std::string(name) + "' is no number from " + base::shortest(least) + " to " +
         base::shortest(most));
    return std::nullopt;
  }
  std::optional<int64_t> moment(const char* name) {
    const auto seconds = number(monitor_, name, 0, kLatestSeconds);
    return seconds ? to_nanos(*seconds) : std::nullopt;
  }
  std::string text(const Json& parent, const char* name) {
    const Json& member = parent.at(name);
    if (member.is_null()) return "";
    if (member.is_text() && member.text.size() <= kMostTextBytes) return member.text;
    fail("'" + std::string(name) + "' is no text of a sensible length");
    return "";
  }

  void read_version() {
    const std::string version = text(document_, "version");
    if (!version.empty() && !version.starts_with("1.")) {
      fail("it is of version " + base::one_line(version, 20) + "; this program reads version 1.0");
    }
    const std::string origin = text(document_, "time_origin");
    if (!origin.empty() && origin != "perf_counter")
      fail("its times are on an unknown clock ('time_origin')");
    const Json& app = document_.at("app");
    manifest_.facts.origin.version = text(app, "version");
    if (manifest_.facts.origin.version == "unknown") manifest_.facts.origin.version.clear();
    manifest_.writer = text(app, "name");
    if (!manifest_.facts.origin.version.empty())
      manifest_.writer += " " + manifest_.facts.origin.version;
  }

  void read_times() {
    journal::Facts& facts = manifest_.facts;
    facts.interval_seconds = number(monitor_, "interval", 0, kMostInterval).value_or(1);
    facts.start_ns = moment("start_time");
    facts.stop_ns = moment("stop_time");
    facts.wall_start_ns = moment("wallclock_start_time");
    facts.wall_stop_ns = moment("wallclock_stop_time");
    if (facts.start_ns && facts.stop_ns && *facts.stop_ns < *facts.start_ns)
      fail("it ends before it starts ('stop_time')");
  }

  void read_process() {
    journal::Origin& origin = manifest_.facts.origin;
    origin.pid = static_cast<pid_t>(number(monitor_, "pid", 0, INT32_MAX).value_or(0));
    origin.uid = static_cast<uid_t>(number(monitor_, "uid", 0, UINT32_MAX).value_or(0));
  }

  // It says how many there are, and tells of the first.
  void read_gpus() {
    gpu::Status& status = manifest_.facts.resources.gpu;
    const auto count = number(monitor_, "num_gpus", 0, kMostGpus);
    const auto memory_gb = number(monitor_, "gpu_memory", 0, kMostGb);
    const std::string name = text(monitor_, "gpu_name");
    if (!count || *count < 1) return;
    status.is_known = true;
    status.cards.resize(static_cast<size_t>(*count));
    status.cards.front().name = name;
    if (memory_gb && *memory_gb > 0)
      status.cards.front().memory_bytes =
          static_cast<uint64_t>(std::llround(*memory_gb * kBytesPerGb));
  }

  void read_resources() {
    source::Resources& resources = manifest_.facts.resources;
    const auto count = [&](const char* name) {
      return static_cast<uint32_t>(number(monitor_, name, 0, kMostCpus).value_or(0));
    };
    resources.online_cpus = count("num_system_cpus");
    const uint32_t usable = count("num_cpus");
    const Json& handles = monitor_.at("cpu_handles");
    for (const Json& handle : handles.items) {
      const bool is_cpu = handles.is_array() && handle.is_number() && handle.number >= 0 &&
                          handle.number < kMostCpus && resources.usable_cpus.size() < kMostCpus;
      if (!is_cpu) return fail("'cpu_handles' is no list of CPUs");
      resources.usable_cpus.push_back(static_cast<int>(handle.number));
    }
    // What 100 % was is what 'num_cpus' says.
    if (usable > 0 && resources.usable_cpus.size() != usable) {
      resources.usable_cpus.clear();
      for (uint32_t cpu = 0; cpu < usable; ++cpu)
        resources.usable_cpus.push_back(static_cast<int>(cpu));
    }
    const Json& limits = monitor_.at("memory_limits");
    const auto limit = [&](const char* level) -> std::optional<uint64_t> {
      const auto gb = number(limits, level, 0, kMostGb);
      if (!gb || *gb == 0) return std::nullopt;
      return static_cast<uint64_t>(std::llround(*gb * kBytesPerGb));
    };
    resources.physical_bytes = limit("system");
    resources.memory_limit_bytes = limit("process");
    resources.memory_limit_reason = "the session";
    const auto add_level = [&](const char* level, metric::Scope scope) {
      if (const auto bytes = limit(level))
        manifest_.facts.level_limits.push_back({scope, std::nullopt, bytes, "the session"});
    };
    add_level("container", metric::Scope::kContainer);
    add_level("slurm", metric::Scope::kSlurm);
  }

  void read_levels() {
    const Json& levels = document_.at("levels");
    if (levels.is_null()) {
      for (const metric::ScopeName& entry : metric::kScopeNames)
        manifest_.facts.levels.push_back(entry.scope);
      return;
    }
    if (!levels.is_array()) return fail("'levels' is no list");
    for (const metric::ScopeName& entry : metric::kScopeNames) {
      for (const Json& level : levels.items) {
        if (!level.is_text()) return fail("'levels' is no list of names");
        if (level.text != entry.name) continue;
        manifest_.facts.levels.push_back(entry.scope);
        break;
      }
    }
    for (const Json& level : levels.items) {
      if (!metric::find_scope(level.text)) manifest_.unknown_levels.push_back(level.text);
    }
  }

  void read_ours() {
    const Json& ours = document_.at("jumper");
    if (ours.is_null()) return;
    manifest_.is_ours = true;
    journal::Facts& facts = manifest_.facts;
    facts.origin.host = text(ours, "host");
    facts.origin.notebook = text(ours, "notebook");
    const std::string reason = text(ours, "memory_limit_reason");
    if (!reason.empty()) facts.resources.memory_limit_reason = reason;
    const auto bytes = [&](const char* name, std::optional<uint64_t>& value) {
      const auto given = number(ours, name, 0, kMostBytes);
      if (given) value = static_cast<uint64_t>(*given);
    };
    bytes("memory_limit_bytes", facts.resources.memory_limit_bytes);
    bytes("physical_bytes", facts.resources.physical_bytes);
    // What 100 % was, where that was less than the machine.
    const auto cpus = number(ours, "cpus", 0, kMostCpus);
    if (const std::string cpus_reason = text(ours, "cpus_reason");
        cpus && *cpus > 0 && !cpus_reason.empty())
      facts.resources.cpu_limits = {{*cpus, cpus_reason, true}};
    facts.resources.kernel = text(ours, "kernel");
    facts.budget_percent = number(ours, "budget_percent", 0, 100).value_or(0);
    const Json& notes = ours.at("notes");
    for (const Json& note : notes.items) {
      const bool is_note = note.is_text() && note.text.size() <= kMostTextBytes;
      if (!is_note || facts.notes.size() == kMostNotes) return fail("'notes' is no list of notes");
      facts.notes.push_back(base::one_line(note.text, kMostTextBytes));
    }
  }

  const Json& document_;
  const Json& monitor_;
  Manifest manifest_;
  std::string problem_;
};

}  // namespace

std::string perf_file_name(metric::Scope level) {
  return "perf_" + std::string(metric::scope_name(level)) + ".csv";
}

base::Result<Manifest> read_manifest(std::string_view json) {
  const auto document = base::parse_json(json);
  if (!document)
    return base::bad_input("manifest.json cannot be used: " + document.error().message);
  return Reader(*document).read();
}

}  // namespace jumper::session
