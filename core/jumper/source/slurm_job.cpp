// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/slurm_job.h"

#include <algorithm>
#include <cstdlib>

#include "jumper/base/parse.h"

namespace jumper::source {
namespace {

constexpr uint64_t kMebibyte = uint64_t{1} << 20;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

template <typename Number>
std::optional<Number> number_of(const Environment& environment, const char* name) {
  return base::parse_number<Number>(environment(name));
}

std::optional<uint64_t> mebibytes_of(const Environment& environment, const char* name) {
  const auto number = number_of<uint64_t>(environment, name);
  // --mem=0 asks for all that the node has: no number that was asked for.
  if (!number || *number == 0 || *number > UINT64_MAX / kMebibyte) return std::nullopt;
  return *number * kMebibyte;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = text.find(separator);
    if (const auto part = text.substr(0, end); !part.empty()) parts.emplace_back(part);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

// "3" or "08-12", with the zeros in front that the first number has.
bool expand_range(std::string_view prefix, std::string_view range, std::string_view suffix,
                  std::vector<std::string>& names) {
  const size_t dash = range.find('-');
  const std::string_view first = range.substr(0, dash);
  const std::string_view last = dash == std::string_view::npos ? first : range.substr(dash + 1);
  if (!is_digits(first) || !is_digits(last)) return false;
  const auto from = base::parse_number<uint64_t>(first);
  const auto to = base::parse_number<uint64_t>(last);
  if (!from || !to || *to < *from || *to - *from >= kMostNodes) return false;
  for (uint64_t number = *from; number <= *to; ++number) {
    if (names.size() >= kMostNodes) return false;
    std::string digits = std::to_string(number);
    if (digits.size() < first.size()) digits.insert(0, first.size() - digits.size(), '0');
    names.push_back(std::string(prefix) + digits + std::string(suffix));
  }
  return true;
}

// One part of a list: a name, or names with one bracket.
bool expand_part(std::string_view part, std::vector<std::string>& names) {
  const size_t open = part.find('[');
  if (open == std::string_view::npos) {
    if (part.empty() || part.find(']') != std::string_view::npos || names.size() >= kMostNodes)
      return false;
    names.emplace_back(part);
    return true;
  }
  const size_t close = part.find(']', open);
  if (close == std::string_view::npos) return false;
  const std::string_view suffix = part.substr(close + 1);
  if (suffix.find_first_of("[]") != std::string_view::npos) return false;
  const auto ranges = split(part.substr(open + 1, close - open - 1), ',');
  return !ranges.empty() && std::ranges::all_of(ranges, [&](const std::string& range) {
    return expand_range(part.substr(0, open), range, suffix, names);
  });
}

}  // namespace

std::optional<SlurmJob> read_slurm_job(const Environment& environment) {
  SlurmJob job;
  job.id = environment("SLURM_JOB_ID");
  if (!is_digits(job.id) || job.id.size() > 20) return std::nullopt;
  job.node_name = environment("SLURMD_NODENAME");
  job.node_list = environment("SLURM_JOB_NODELIST");
  // In a step SLURM_NNODES is the step's.
  job.nodes = number_of<uint32_t>(environment, "SLURM_JOB_NUM_NODES").value_or(1);
  job.cpus_on_node = number_of<uint32_t>(environment, "SLURM_CPUS_ON_NODE");
  job.cpus_per_task = number_of<uint32_t>(environment, "SLURM_CPUS_PER_TASK");
  job.tasks = number_of<uint32_t>(environment, "SLURM_NTASKS");
  job.memory_per_node_bytes = mebibytes_of(environment, "SLURM_MEM_PER_NODE");
  job.memory_per_cpu_bytes = mebibytes_of(environment, "SLURM_MEM_PER_CPU");
  job.gpus = split(environment("SLURM_STEP_GPUS"), ',');
  if (job.gpus.empty()) job.gpus = split(environment("SLURM_JOB_GPUS"), ',');
  job.is_step = !environment("SLURM_STEP_ID").empty();
  return job;
}

std::optional<SlurmJob> read_slurm_job() {
  return read_slurm_job([](const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
  });
}

std::optional<std::vector<std::string>> expand_node_list(std::string_view text) {
  std::vector<std::string> names;
  size_t begin = 0;
  int depth = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : ',';
    if (c == '[') ++depth;
    if (c == ']') --depth;
    if (c != ',' || (depth != 0 && at < text.size())) continue;
    if (!expand_part(text.substr(begin, at - begin), names)) return std::nullopt;
    begin = at + 1;
  }
  return names;
}

std::optional<std::vector<uint32_t>> expand_per_node(std::string_view text) {
  std::vector<uint32_t> numbers;
  for (std::string_view part : split(text, ',')) {
    uint32_t times = 1;
    if (const size_t open = part.find("(x"); open != std::string_view::npos) {
      if (!part.ends_with(')')) return std::nullopt;
      const auto count =
          base::parse_number<uint32_t>(part.substr(open + 2, part.size() - open - 3));
      if (!count) return std::nullopt;
      times = *count;
      part = part.substr(0, open);
    }
    const auto number = base::parse_number<uint32_t>(part);
    if (!number || times > kMostNodes || numbers.size() + times > kMostNodes) return std::nullopt;
    numbers.insert(numbers.end(), times, *number);
  }
  if (numbers.empty()) return std::nullopt;
  return numbers;
}

}  // namespace jumper::source
