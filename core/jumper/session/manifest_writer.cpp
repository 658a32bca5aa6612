// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <ctime>

#include "jumper/base/clock.h"
#include "jumper/base/json.h"
#include "jumper/session/manifest.h"

namespace jumper::session {
namespace {

using base::JsonWriter;

constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;

std::optional<double> to_seconds(const std::optional<int64_t>& nanos) {
  return nanos ? std::optional(base::seconds(*nanos)) : std::nullopt;
}

// GB with two decimals, as the Python JUmPER has them; the bytes stand in our part.
double to_gb(const std::optional<uint64_t>& bytes) {
  const double gb = static_cast<double>(bytes.value_or(0)) / kBytesPerGb;
  return std::round(gb * 100) / 100;
}

class Writer {
 public:
  Writer(const journal::Facts& facts, const ManifestTables& tables)
      : facts_(facts), tables_(tables) {}

  std::string write() {
    json_.begin_object();
    json_.field("version", "1.0");
    json_.key("app").begin_object();
    json_.field("name", "JUmPER").field("version", std::string_view(facts_.origin.version));
    json_.end_object();
    write_monitor();
    json_.key("levels").begin_array();
    for (const auto& [level, columns] : tables_.levels) json_.value(metric::scope_name(level));
    json_.end_array();
    write_schemas();
    write_display();
    json_.field("time_origin", "perf_counter");
    json_.field("timezone", std::string_view(time_zone()));
    write_ours();
    json_.end_object();
    return json_.take() + "\n";
  }

 private:
  void write_monitor() {
    const source::Resources& resources = facts_.resources;
    const size_t usable = resources.usable_cpus.size();
    json_.key("monitor").begin_object();
    json_.field("interval", facts_.interval_seconds)
        .field("start_time", to_seconds(facts_.start_ns))
        .field("stop_time", to_seconds(facts_.stop_ns))
        .field("wallclock_start_time", to_seconds(facts_.wall_start_ns))
        .field("wallclock_stop_time", to_seconds(facts_.wall_stop_ns))
        .field("num_cpus", uint64_t{usable > 0 ? usable : resources.online_cpus})
        .field("num_system_cpus", uint64_t{resources.online_cpus})
        .field("num_gpus", uint64_t{gpus()})
        .field("gpu_memory", to_gb(first_gpu().memory_bytes))
        .field("gpu_name", std::string_view(first_gpu().name));
    json_.key("memory_limits").begin_object();
    for (const auto& [level, columns] : tables_.levels) {
      json_.field(metric::scope_name(level), to_gb(journal::memory_end_of(facts_, level).bytes));
    }
    json_.end_object();
    json_.key("cpu_handles").begin_array();
    for (const int cpu : resources.usable_cpus) json_.value(cpu);
    json_.end_array();
    json_.field("pid", static_cast<int64_t>(facts_.origin.pid))
        .field("uid", uint64_t{facts_.origin.uid})
        .key("slurm_job");
    facts_.job ? json_.value(std::string_view(facts_.job->id)) : json_.value(0);
    json_.field("os", "posix").field("python", "");
    json_.end_object();
  }

  // Divided cards count through their instances, which are what is measured.
  [[nodiscard]] size_t gpus() const {
    return static_cast<size_t>(
        std::ranges::count(facts_.resources.gpu.cards, false, &gpu::Card::is_divided));
  }
  [[nodiscard]] gpu::Card first_gpu() const {
    const std::vector<gpu::Card>& cards = facts_.resources.gpu.cards;
    const auto first = std::ranges::find(cards, false, &gpu::Card::is_divided);
    return first == cards.end() ? gpu::Card{} : *first;
  }

  void write_schemas() {
    json_.key("schemas").begin_object();
    json_.key("perf").begin_object();
    for (const auto& [level, columns] : tables_.levels) {
      json_.key(metric::scope_name(level));
      write_names(columns);
    }
    json_.end_object();
    json_.key("cell_history");
    write_names(tables_.history);
    json_.end_object();
  }
  void write_names(const std::vector<std::string>& names) {
    json_.begin_array();
    for (const std::string& name : names) json_.value(std::string_view(name));
    json_.end_array();
  }

  // How the Python JUmPER would show it: its own defaults.
  void write_display() {
    json_.key("visualizer").begin_object();
    json_.key("default_metric_subsets").begin_array();
    json_.value("cpu").value("mem").value("io");
    if (gpus() > 0) json_.value("gpu").value("gpu_all");
    json_.end_array();
    json_.key("figsize").begin_array().value(5).value(3).end_array();
    const double rows = facts_.interval_seconds > 0 ? 1 / facts_.interval_seconds : 1;
    json_.field("io_window", static_cast<int64_t>(std::clamp(std::round(rows), 1.0, 1e6)));
    json_.key("last_state").begin_object().end_object();
    json_.end_object();
    json_.key("reporter").begin_object();
    json_.field("level", "process").field("format", "text");
    json_.key("thresholds").begin_object();
    json_.field("memory_ratio", 0.8)
        .field("cpu_ratio", 0.7)
        .field("gpu_util_ratio", 0.8)
        .field("gpu_memory_ratio", 0.8)
        .field("gpu_alloc_min_mem_gb", 0.1)
        .field("gpu_util_idle_threshold", 0.05)
        .field("gpu_alloc_min_fraction", 0.5);
    json_.end_object();
    json_.end_object();
  }

  void write_ours() {
    const source::Resources& resources = facts_.resources;
    json_.key("jumper").begin_object();
    json_.field("io", "totals")
        .field("journal", kJournalName)
        .field("host", std::string_view(facts_.origin.host))
        .field("notebook", std::string_view(facts_.origin.notebook))
        .field("kernel", std::string_view(resources.kernel))
        .field("budget_percent", facts_.budget_percent)
        .field("physical_bytes", resources.physical_bytes)
        .field("memory_limit_bytes", resources.memory_limit_bytes)
        .field("memory_limit_reason", std::string_view(resources.memory_limit_reason))
        .field("cpus", resources.effective_cpus())
        .field("cpus_reason", source::cpus_reason(resources, metric::Scope::kProcess))
        .key("notes");
    write_names(facts_.notes);
    json_.end_object();
  }

  // The name of the zone here and now.
  static std::string time_zone() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    std::string name(64, '\0');
    if (::localtime_r(&now, &local) == nullptr) return "";
    name.resize(std::strftime(name.data(), name.size(), "%Z", &local));
    return name;
  }

  const journal::Facts& facts_;
  const ManifestTables& tables_;
  JsonWriter json_;
};

}  // namespace

std::string write_manifest(const journal::Facts& facts, const ManifestTables& tables) {
  return Writer(facts, tables).write();
}

}  // namespace jumper::session
