// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_signature.h"

#include <algorithm>

#include "jumper/base/text.h"

namespace jumper::analysis {
namespace {

std::string percent(double ratio) {
  return base::fixed(ratio * 100, 0) + " %";
}

class GpuRules {
 public:
  GpuRules(const SignatureInput& input, const Thresholds& thresholds)
      : input_(input), gpu_(*input.gpu), thresholds_(thresholds) {}

  [[nodiscard]] std::vector<Signature> apply() {
    utilization();
    memory();
    bandwidth();
    starved();
    throttled();
    return std::move(found_);
  }

 private:
  void add(std::string_view tag, double score, std::string evidence) {
    found_.push_back({tag, std::clamp(score, 0.0, 1.0), std::move(evidence)});
  }
  // "the GPU", "the 4 GPUs in use".
  [[nodiscard]] std::string which() const {
    const size_t count = gpu_.concerned().size();
    return count > 1 ? "the " + std::to_string(count) + " GPUs in use" : std::string("the GPU");
  }
  [[nodiscard]] std::string was_busy(double ratio) const {
    return which() + (gpu_.concerned().size() > 1 ? " were" : " was") + " busy " + percent(ratio) +
           " of the time";
  }

  void utilization() {
    const auto ratio = gpu_.average_of(&GpuCardCost::utilization);
    if (ratio && *ratio >= thresholds_.gpu_util_ratio)
      add("gpu-util-bound", *ratio, was_busy(*ratio));
  }

  void memory() {
    const auto bytes = gpu_.average_of(&GpuCardCost::memory_bytes);
    if (!bytes || !input_.gpu_memory_bytes || *input_.gpu_memory_bytes <= 0) return;
    const double ratio = *bytes / *input_.gpu_memory_bytes;
    if (ratio >= thresholds_.gpu_memory_ratio) {
      add("gpu-memory-bound", ratio, percent(ratio) + " of a GPU's memory was in use on average");
    }
  }

  void bandwidth() {
    if (const auto used = gpu_.mean_of(&GpuCardCost::dram_active)) {
      if (*used >= thresholds_.gpu_dram_ratio) {
        add("gpu-memory-bandwidth-bound", *used,
            percent(*used) + " of the bandwidth of the GPU's memory was used");
      }
      return;
    }
    const auto busy = gpu_.average_of(&GpuCardCost::bandwidth);
    if (busy && *busy >= thresholds_.gpu_bandwidth_ratio) {
      add("gpu-memory-bandwidth-bound", *busy,
          "the GPU's memory was read or written " + percent(*busy) + " of the time");
    }
  }

  // A GPU that nobody uses waits for nothing.
  void starved() {
    const bool is_in_use = (gpu_.utilization && gpu_.utilization->maximum > 0) ||
                           (gpu_.memory_bytes && gpu_.memory_bytes->maximum > 0);
    const auto ratio = gpu_.average_of(&GpuCardCost::utilization);
    const auto cores = input_.summary->cores_used();
    if (!is_in_use || !ratio || !cores || *ratio > thresholds_.gpu_starved_ratio) return;
    constexpr double kWholeCpu = 0.9;
    const double share = *cores / input_.summary->cpus;
    if (share < thresholds_.cpu_ratio && *cores < kWholeCpu) return;
    add("gpu-starved", 1 - *ratio,
        was_busy(*ratio) + " while " + base::fixed(*cores, 2) + " of " +
            base::shortest(input_.summary->cpus) + " CPUs worked");
  }

  void throttled() {
    const GpuCardCost* by_power = gpu_.most_of(&GpuCardCost::power_throttled);
    const GpuCardCost* by_heat = gpu_.most_of(&GpuCardCost::thermal_throttled);
    const double power = by_power != nullptr ? *by_power->power_throttled : 0;
    const double heat = by_heat != nullptr ? *by_heat->thermal_throttled : 0;
    if (std::max(power, heat) < thresholds_.gpu_throttled_ratio) return;
    const bool is_heat = heat >= power;
    add("gpu-throttled", std::max(power, heat),
        percent(std::max(power, heat)) + " of the time GPU " +
            std::to_string(is_heat ? by_heat->card : by_power->card) + " was held back by " +
            (is_heat ? "heat" : "its power limit"));
  }

  const SignatureInput& input_;
  const GpuCost& gpu_;
  const Thresholds& thresholds_;
  std::vector<Signature> found_;
};

}  // namespace

std::vector<Signature> gpu_signatures(const SignatureInput& input, const Thresholds& thresholds) {
  if (input.gpu == nullptr) return {};
  return GpuRules(input, thresholds).apply();
}

std::optional<Signature> gpu_held_idle(const SignatureInput& input, const Thresholds& thresholds) {
  if (input.gpu == nullptr || !input.gpu->held_idle_ratio) return std::nullopt;
  const double ratio = *input.gpu->held_idle_ratio;
  if (ratio < thresholds.gpu_held_idle_ratio) return std::nullopt;
  return Signature{"gpu-allocated-but-not-used", ratio,
                   "GPU memory was held, and next to nothing ran on the GPU, " + percent(ratio) +
                       " of the time"};
}

}  // namespace jumper::analysis
