// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/resources.h"

#include "jumper/base/json.h"
#include "jumper/base/text.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

constexpr size_t kLongestLine = 1000;  // names of control groups may hold anything

}  // namespace

std::string to_text(const source::Resources& resources) {
  std::string text = "Resources this process may use\n";
  const auto add = [&](std::string_view label, std::string_view content) {
    text += "  " + base::pad_right(label, 10) + base::one_line(content, kLongestLine) + "\n";
  };
  const size_t usable = resources.usable_cpus.size();
  std::string cpus =
      base::count_of(usable, "CPU") + " (" + source::cpu_list(resources.usable_cpus) + ")";
  if (usable < resources.online_cpus) {
    cpus += " by CPU affinity; the machine has " + std::to_string(resources.online_cpus);
  } else {
    cpus += ", all that the machine has";
  }
  add("CPUs", cpus);
  if (resources.memory_limit_bytes) {
    std::string memory = bytes_text(static_cast<double>(*resources.memory_limit_bytes)) +
                         ", set by: " + resources.memory_limit_reason;
    if (resources.physical_bytes && *resources.physical_bytes > *resources.memory_limit_bytes) {
      memory += "; the machine has " + bytes_text(static_cast<double>(*resources.physical_bytes));
    }
    add("Memory", memory);
  } else {
    add("Memory", "n/a (/proc/meminfo cannot be read)");
  }
  if (resources.available_bytes)
    add("Available",
        bytes_text(static_cast<double>(*resources.available_bytes)) + " on the machine now");
  if (resources.swap_bytes) {
    add("Swap", *resources.swap_bytes == 0
                    ? "none"
                    : bytes_text(static_cast<double>(*resources.swap_bytes)));
  }
  if (!resources.kernel.empty()) add("Kernel", "Linux " + resources.kernel);
  return text;
}

std::string to_json(const source::Resources& resources) {
  base::JsonWriter json;
  json.begin_object();
  json.key("usable_cpus").begin_array();
  for (const int cpu : resources.usable_cpus) json.value(cpu);
  json.end_array();
  json.field("online_cpus", uint64_t{resources.online_cpus});
  json.field("memory_limit_bytes", resources.memory_limit_bytes);
  json.field("memory_limit_reason", std::string_view(resources.memory_limit_reason));
  json.field("physical_memory_bytes", resources.physical_bytes);
  json.field("available_memory_bytes", resources.available_bytes);
  json.field("swap_bytes", resources.swap_bytes);
  json.field("address_space_limit_bytes", resources.address_space_bytes);
  json.field("kernel", std::string_view(resources.kernel));
  json.end_object();
  return json.take();
}

}  // namespace jumper::report
