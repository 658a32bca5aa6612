// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/advice.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "jumper/base/json.h"
#include "jumper/base/text.h"
#include "jumper/report/gpu_words.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

using analysis::Advice;
using analysis::Asked;
using analysis::NodeUse;

constexpr size_t kLongestLine = 1000;
constexpr size_t kMostNames = 20;
constexpr size_t kNameColumns = 60;

// As Slurm takes it: whole gigabytes where it is some, else megabytes.
std::string slurm_memory(double bytes) {
  const double gigabytes = bytes / kBytesPerGb;
  if (gigabytes == std::floor(gigabytes)) return base::fixed(gigabytes, 0) + "G";
  return base::fixed(std::ceil(bytes / kBytesPerMb), 0) + "M";
}

std::string names_text(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < kMostNames; ++i)
    text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > kMostNames)
    text += " and " + std::to_string(names.size() - kMostNames) + " more";
  return text;
}

bool has_many_nodes(const Advice& advice) {
  return advice.input.nodes.size() > 1;
}

// "asked for 4 CPUs", "may use 1.5 CPUs (cgroup v2 ...)"
std::string asked_text(bool is_asked, const std::string& amount, const std::string& reason) {
  if (is_asked) return "asked for " + amount;
  return "may use " + amount + (reason.empty() ? "" : " (" + reason + ")");
}

std::string memory_text(const Advice& advice) {
  const Asked& asked = advice.input.asked;
  const NodeUse& use = advice.use;
  std::string text;
  if (asked.memory_bytes) {
    text = asked_text(asked.is_memory_requested, bytes_text(*asked.memory_bytes),
                      asked.memory_reason) +
           ", ";
  }
  if (!use.memory_peak_bytes) return text + "n/a what was used: no sample has it";
  text += "used " + bytes_text(*use.memory_peak_bytes) + " at the peak";
  if (use.memory_average_bytes)
    text += ", " + bytes_text(*use.memory_average_bytes) + " on average";
  if (advice.is_memory_short) {
    text += ": it came near the limit, and may have needed more";
  } else if (advice.enough_memory_bytes) {
    const bool is_less = !asked.memory_bytes || *advice.enough_memory_bytes < *asked.memory_bytes;
    text += is_less ? ": " + bytes_text(*advice.enough_memory_bytes) + " would have been enough"
                    : ": that is about right";
  }
  return text;
}

std::string cpus_line(const Advice& advice) {
  const Asked& asked = advice.input.asked;
  const NodeUse& use = advice.use;
  std::string text;
  if (asked.cpus)
    text = asked_text(asked.is_slurm, cpus_text(*asked.cpus), asked.cpus_reason) + ", ";
  if (!use.cpus_busiest) return text + "n/a how many were busy: no two samples tell";
  text += "busy " + base::rounded(*use.cpus_busiest, 2) + " at most (over " +
          base::rounded(analysis::kSustainedSeconds, 0) + " s)";
  if (use.cpus_average) text += ", " + base::rounded(*use.cpus_average, 2) + " on average";
  if (advice.are_cpus_full) {
    text += ": all were in use at times";
  } else if (advice.enough_cpus) {
    const bool is_less = !asked.cpus || *advice.enough_cpus < *asked.cpus;
    text += is_less ? ": " + base::rounded(*advice.enough_cpus, 2) + " would have been enough"
                    : ": that is about right";
  }
  return text;
}

std::string gpus_line(const Advice& advice) {
  double busy = 0;
  size_t used = 0;
  for (const NodeUse& node : advice.input.nodes) {
    for (const analysis::GpuUse& gpu : node.gpus) {
      if (gpu.is_idle()) continue;
      busy += gpu.utilization;
      ++used;
    }
  }
  std::string text =
      asked_text(advice.input.asked.is_slurm, base::count_of(*advice.gpus, "GPU"), "") + ", used " +
      (*advice.used_gpus == 0 ? std::string("none") : std::to_string(*advice.used_gpus));
  if (used > 0) text += ", busy " + percent_text(busy / static_cast<double>(used)) + " on average";
  if (!advice.enough_gpus) return text;
  if (*advice.enough_gpus == 0) return text + ": it needs none";
  return text + ": " + std::to_string(*advice.enough_gpus) + " would have been enough";
}

// "GPU 2 (NVIDIA H100) was never used: 97 % of 2 h 00 min under 1 %"
std::string idle_text(const analysis::GpuUse& gpu) {
  std::string text = "GPU " + std::to_string(gpu.card);
  if (!gpu.name.empty()) text += " (" + base::one_line(gpu.name, kNameColumns) + ")";
  text += gpu.idle_ratio >= 1 ? " was never used: " : " was as good as never used: ";
  text += percent_text(gpu.idle_ratio) + " of " + duration_text(gpu.seconds) + " under 1 %";
  if (gpu.memory_peak_bytes && *gpu.memory_peak_bytes > 0)
    text += "; memory " + bytes_text(*gpu.memory_peak_bytes) + " at most";
  return text;
}

class TextWriter {
 public:
  explicit TextWriter(const Advice& advice) : advice_(advice) {}

  [[nodiscard]] std::string write() {
    const analysis::AdviceInput& input = advice_.input;
    text_ = "Right-sizing: level " + std::string(metric::scope_name(input.level)) + ", " +
            duration_text(advice_.use.seconds) + " measured";
    if (has_many_nodes(advice_))
      text_ += " on " + std::to_string(input.nodes.size()) + " nodes; numbers are of one node";
    text_ += '\n';
    add("Memory", memory_text(advice_));
    add("CPUs", cpus_line(advice_));
    write_gpus();
    write_nodes();
    write_conclusion();
    return std::move(text_);
  }

 private:
  void add(std::string_view label, std::string_view content) {
    text_ += "  " + base::pad_right(label, 10) + base::one_line(content, kLongestLine) + "\n";
  }

  void write_gpus() {
    const std::vector<std::string>& gpus = advice_.input.asked.gpus;
    if (advice_.gpus) {
      add("GPUs", gpus_line(advice_));
      write_idle_gpus();
    } else if (!gpus.empty()) {
      add("GPUs", base::count_of(gpus.size(), "GPU") + " (" + names_text(gpus) +
                      "): n/a whether they were used: nothing was measured of them");
    }
  }

  void write_idle_gpus() {
    size_t told = 0;
    for (const NodeUse& node : advice_.input.nodes) {
      for (const analysis::GpuUse& gpu : node.gpus) {
        if (!gpu.is_idle() || told++ >= kMostNames) continue;
        add("Idle", (has_many_nodes(advice_) ? node.name + ", " : std::string()) + idle_text(gpu));
      }
    }
    if (told > kMostNames) add("Idle", std::to_string(told - kMostNames) + " more");
  }

  void write_nodes() {
    if (has_many_nodes(advice_) || !advice_.input.unmeasured.empty()) {
      for (const NodeUse& node : advice_.input.nodes) {
        const std::string peak =
            node.memory_peak_bytes ? bytes_text(*node.memory_peak_bytes) : "n/a";
        const auto cpus = [](const std::optional<double>& value) {
          return value ? base::rounded(*value, 2) : std::string("n/a");
        };
        add("Node", node.name + ": memory " + peak + " at the peak; CPUs busy " +
                        cpus(node.cpus_busiest) + " at most, " + cpus(node.cpus_average) +
                        " on average");
      }
    }
    if (!advice_.idle_nodes.empty() && has_many_nodes(advice_))
      add("Idle", names_text(advice_.idle_nodes) + ": no CPU was in use there");
    if (!advice_.input.unmeasured.empty())
      add("Unknown", names_text(advice_.input.unmeasured) + ": not measured");
  }

  void write_conclusion() {
    if (advice_.is_too_short) {
      text_ +=
          "Measured for " + duration_text(advice_.use.seconds) +
          " only: too short to tell what is enough. Ask again after a minute or a whole run.\n";
      return;
    }
    const std::vector<std::string> lines = sbatch_lines(advice_);
    if (!lines.empty()) {
      text_ += "With a margin, a job with this input needs:\n";
      for (const std::string& line : lines) text_ += "  " + line + "\n";
    }
    text_ += "This is what this input needed; another may need more.\n";
  }

  const Advice& advice_;
  std::string text_;
};

void write_node(base::JsonWriter& json, const NodeUse& node) {
  json.begin_object().field("name", std::string_view(node.name)).field("seconds", node.seconds);
  json.field("cpus_average", node.cpus_average).field("cpus_busiest", node.cpus_busiest);
  json.field("memory_average_bytes", node.memory_average_bytes);
  json.field("memory_peak_bytes", node.memory_peak_bytes);
  json.key("gpus").begin_array();
  for (const analysis::GpuUse& gpu : node.gpus) {
    json.begin_object().field("number", int64_t{gpu.card});
    json.field("name", std::string_view(gpu.name)).field("seconds", gpu.seconds);
    json.field("utilization_percent", gpu.utilization * 100);
    json.field("idle_percent", gpu.idle_ratio * 100).field("idle", gpu.is_idle());
    json.field("memory_peak_bytes", gpu.memory_peak_bytes);
    json.field("whole_card", !gpu.is_of_level).end_object();
  }
  json.end_array().end_object();
}

void write_names(base::JsonWriter& json, std::string_view name,
                 const std::vector<std::string>& names) {
  json.key(name).begin_array();
  for (const std::string& one : names) json.value(std::string_view(one));
  json.end_array();
}

void write_asked(base::JsonWriter& json, const Asked& asked) {
  json.key("asked").begin_object().field("slurm", asked.is_slurm);
  json.field("cpus", asked.cpus).field("cpus_reason", std::string_view(asked.cpus_reason));
  json.field("memory_bytes", asked.memory_bytes);
  json.field("memory_reason", std::string_view(asked.memory_reason));
  json.field("memory_requested", asked.is_memory_requested);
  json.field("nodes", uint64_t{asked.nodes});
  json.field("tasks_per_node", uint64_t{asked.tasks_per_node});
  write_names(json, "gpus", asked.gpus);
  json.end_object();
}

template <typename Number>
std::optional<uint64_t> as_count(const std::optional<Number>& number) {
  return number ? std::optional(uint64_t{*number}) : std::nullopt;
}

}  // namespace

std::vector<std::string> sbatch_lines(const Advice& advice) {
  std::vector<std::string> lines;
  if (!advice.input.asked.is_slurm || advice.is_too_short) return lines;
  if (advice.enough_nodes)
    lines.push_back("#SBATCH --nodes=" + std::to_string(*advice.enough_nodes));
  if (advice.enough_memory_bytes)
    lines.push_back("#SBATCH --mem=" + slurm_memory(*advice.enough_memory_bytes));
  if (advice.cpus_per_task)
    lines.push_back("#SBATCH --cpus-per-task=" + std::to_string(*advice.cpus_per_task));
  if (advice.enough_gpus && *advice.enough_gpus > 0)
    lines.push_back("#SBATCH --gres=gpu:" + std::to_string(*advice.enough_gpus));
  return lines;
}

std::string to_text(const Advice& advice) {
  return TextWriter(advice).write();
}

std::string advice_line(const Advice& advice) {
  const Asked& asked = advice.input.asked;
  const NodeUse& use = advice.use;
  std::string text;
  if (use.memory_peak_bytes) {
    text = bytes_text(*use.memory_peak_bytes);
    if (asked.memory_bytes) text += " of " + bytes_text(*asked.memory_bytes);
  }
  if (use.cpus_busiest) {
    text += (text.empty() ? "" : " and ") + base::rounded(*use.cpus_busiest, 2);
    text += asked.cpus ? " of " + cpus_text(*asked.cpus) : std::string(" CPUs");
  }
  return text;
}

std::string to_json(const Advice& advice) {
  base::JsonWriter json;
  json.begin_object().field("level", metric::scope_name(advice.input.level));
  json.field("measured_seconds", advice.use.seconds);
  json.field("whole_program", advice.input.is_whole_program);
  json.field("too_short", advice.is_too_short);
  write_asked(json, advice.input.asked);
  json.key("used");
  write_node(json, advice.use);
  json.key("nodes").begin_array();
  for (const NodeUse& node : advice.input.nodes) write_node(json, node);
  json.end_array();
  write_names(json, "idle_nodes", advice.idle_nodes);
  write_names(json, "unmeasured_nodes", advice.input.unmeasured);
  json.field("memory_short", advice.is_memory_short).field("cpus_full", advice.are_cpus_full);
  json.key("enough").begin_object();
  json.field("memory_bytes", advice.enough_memory_bytes).field("cpus", advice.enough_cpus);
  json.field("cpus_per_task", as_count(advice.cpus_per_task));
  json.field("gpus", as_count(advice.enough_gpus));
  json.field("nodes", as_count(advice.enough_nodes)).end_object();
  write_names(json, "sbatch", sbatch_lines(advice));
  json.end_object();
  return json.take();
}

}  // namespace jumper::report
