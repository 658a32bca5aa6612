// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/resources.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "jumper/base/json.h"
#include "jumper/base/text.h"
#include "jumper/report/gpu_json.h"
#include "jumper/report/gpu_resources.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

constexpr size_t kLongestLine = 1000;  // names of control groups may hold anything
constexpr size_t kMostOthers = 8;

class TextWriter {
 public:
  explicit TextWriter(const source::Resources& resources) : resources_(resources) {}

  [[nodiscard]] std::string write() {
    write_cpus();
    write_memory();
    write_gpus();
    if (resources_.available_bytes)
      add("Available",
          bytes_text(static_cast<double>(*resources_.available_bytes)) + " on the machine now");
    if (resources_.swap_bytes) {
      add("Swap", *resources_.swap_bytes == 0
                      ? "none"
                      : bytes_text(static_cast<double>(*resources_.swap_bytes)));
    }
    if (!resources_.kernel.empty()) add("Kernel", "Linux " + resources_.kernel);
    return std::move(text_);
  }

 private:
  void add(std::string_view label, std::string_view content) {
    text_ += "  " + base::pad_right(label, 10) + base::one_line(content, kLongestLine) + "\n";
  }

  // What holds too, but less: all but the winner and the machine's own size, which is told there.
  void add_others(const std::vector<source::Limit>& limits, double machine,
                  std::string (*amount_text)(double)) {
    size_t told = 0;
    for (size_t i = 1; i < limits.size() && told < kMostOthers; ++i) {
      const source::Limit& limit = limits[i];
      if (limit.amount >= machine) continue;
      add("", "also " + amount_text(limit.amount) + ": " + limit.reason + force_of(limit));
      ++told;
    }
  }

  static const char* force_of(const source::Limit& limit) {
    return limit.is_enforced ? "" : " (said by the environment; the kernel does not enforce it)";
  }

  void write_cpus() {
    const double cpus = resources_.effective_cpus();
    std::string text = cpus_text(cpus);
    if (cpus == resources_.countable_cpus() && !resources_.usable_cpus.empty())
      text += " (" + source::cpu_list(resources_.usable_cpus) + ")";
    if (cpus >= resources_.online_cpus) {
      text += ", all that the machine has";
    } else {
      if (resources_.cpu_limits.empty()) {
        text += ": CPU affinity";
      } else {
        const source::Limit& lowest = resources_.cpu_limits.front();
        text += ": " + lowest.reason + force_of(lowest);
      }
      text += "; the machine has " + std::to_string(resources_.online_cpus);
    }
    add("CPUs", text);
    add_others(resources_.cpu_limits, resources_.online_cpus, cpus_text);
  }

  void write_memory() {
    if (!resources_.memory_limit_bytes) return add("Memory", "n/a (/proc/meminfo cannot be read)");
    const auto bytes = static_cast<double>(*resources_.memory_limit_bytes);
    const double physical =
        resources_.physical_bytes ? static_cast<double>(*resources_.physical_bytes) : 0;
    std::string text = bytes_text(bytes);
    if (bytes == physical) {
      text += ", all that the machine has";
    } else {
      text += ": " + resources_.memory_limit_reason;
      if (!resources_.memory_limits.empty()) text += force_of(resources_.memory_limits.front());
      if (physical > bytes) text += "; the machine has " + bytes_text(physical);
    }
    add("Memory", text);
    add_others(resources_.memory_limits,
               resources_.physical_bytes ? physical : std::numeric_limits<double>::infinity(),
               bytes_text);
  }

  void write_gpus() {
    std::string label = "GPUs";
    for (const std::string& line : gpu_resource_lines(resources_)) {
      add(label, line);
      label.clear();
    }
  }

  const source::Resources& resources_;
  std::string text_ = "Resources this process may use\n";
};

void write_limits(base::JsonWriter& json, std::string_view name,
                  const std::vector<source::Limit>& limits) {
  json.key(name).begin_array();
  for (const source::Limit& limit : limits) {
    json.begin_object().field("amount", limit.amount);
    json.field("reason", std::string_view(limit.reason)).field("enforced", limit.is_enforced);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string to_text(const source::Resources& resources) {
  return TextWriter(resources).write();
}

std::string to_json(const source::Resources& resources) {
  base::JsonWriter json;
  json.begin_object();
  json.key("usable_cpus").begin_array();
  for (const int cpu : resources.usable_cpus) json.value(cpu);
  json.end_array();
  json.field("online_cpus", uint64_t{resources.online_cpus});
  json.field("effective_cpus", resources.effective_cpus());
  write_limits(json, "cpu_limits", resources.cpu_limits);
  json.field("memory_limit_bytes", resources.memory_limit_bytes);
  json.field("memory_limit_reason", std::string_view(resources.memory_limit_reason));
  write_limits(json, "memory_limits", resources.memory_limits);
  json.key("gpu_choices").begin_array();
  for (const source::GpuChoice& choice : resources.gpu_choices) {
    json.begin_object().field("variable", std::string_view(choice.variable));
    json.key("ids").begin_array();
    for (const std::string& id : choice.ids) json.value(std::string_view(id));
    json.end_array().end_object();
  }
  json.end_array();
  json.key("gpus");
  write_gpu_status(json, resources.gpu);
  json.field("physical_memory_bytes", resources.physical_bytes);
  json.field("available_memory_bytes", resources.available_bytes);
  json.field("swap_bytes", resources.swap_bytes);
  json.field("address_space_limit_bytes", resources.address_space_bytes);
  json.field("kernel", std::string_view(resources.kernel));
  json.end_object();
  return json.take();
}

}  // namespace jumper::report
