// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/signature.h"

#include <algorithm>
#include <iterator>

#include "jumper/analysis/gpu_signature.h"
#include "jumper/base/clock.h"
#include "jumper/base/text.h"

namespace jumper::analysis {
namespace {

// Shorter than this, shares of wall time say little.
constexpr double kShortestTellingSeconds = 0.05;

std::string percent(double ratio) {
  return base::fixed(ratio * 100, 0) + " %";
}

class Rules {
 public:
  Rules(const SignatureInput& input, const Thresholds& thresholds)
      : input_(input), thresholds_(thresholds) {
    for (const WallShare& share : input.wall) wall_seconds_ += share.seconds;
  }

  [[nodiscard]] std::vector<Signature> apply() {
    cpu();
    memory();
    swapping();
    if (wall_seconds_ >= kShortestTellingSeconds) waiting();
    std::ranges::move(gpu_signatures(input_, thresholds_), std::back_inserter(found_));
    std::ranges::stable_sort(found_, std::ranges::greater{}, &Signature::score);
    // What is not used at all comes before what it is used for.
    if (auto held = gpu_held_idle(input_, thresholds_)) found_.insert(found_.begin(), *held);
    return std::move(found_);
  }

 private:
  void add(std::string_view tag, double score, std::string evidence) {
    found_.push_back({tag, std::clamp(score, 0.0, 1.0), std::move(evidence)});
  }

  [[nodiscard]] std::optional<double> share_of(WallPart part) const {
    const auto at = std::ranges::find(input_.wall, part, &WallShare::part);
    if (at == input_.wall.end() || wall_seconds_ <= 0) return std::nullopt;
    return at->seconds / wall_seconds_;
  }

  void cpu() {
    const Summary& summary = *input_.summary;
    const auto cores = summary.cores_used();
    if (!cores || base::seconds(summary.measured_ns) < kShortestTellingSeconds) return;
    const double ratio = *cores / summary.cpus;
    if (ratio >= thresholds_.cpu_ratio) {
      add("cpu-bound", ratio, percent(ratio) + " of the CPUs were busy on average");
    } else if (summary.cpus >= 2 && *cores >= 0.9 && *cores <= 1.1) {
      add("one-core", *cores / 1.1,
          base::fixed(*cores, 2) + " of " + base::shortest(summary.cpus) +
              " CPUs busy: the work runs on one core");
    }
  }

  void memory() {
    if (!input_.memory_limit_bytes || *input_.memory_limit_bytes <= 0) return;
    const double limit = *input_.memory_limit_bytes;
    if (input_.summary->memory_bytes) {
      const double ratio = input_.summary->memory_bytes->average / limit;
      if (ratio >= thresholds_.memory_ratio) {
        add("memory-bound", ratio, percent(ratio) + " of the memory limit was in use on average");
        return;
      }
    }
    if (input_.memory_peak_bytes) {
      const double ratio = *input_.memory_peak_bytes / limit;
      if (ratio >= thresholds_.memory_peak_ratio) {
        add("near-memory-limit", ratio,
            "the peak reached " + percent(ratio) + " of the memory limit");
      }
    }
  }

  void swapping() {
    const double seconds = base::seconds(input_.summary->measured_ns);
    if (!input_.swap_in_bytes || seconds <= 0) return;
    const double rate = *input_.swap_in_bytes / seconds;
    if (rate >= thresholds_.swap_bytes_per_second) {
      add("swapping", 1,
          base::fixed(rate / 1024 / 1024, 1) + " MB/s came back from swap on this machine");
    }
  }

  void waiting() {
    if (const auto share = share_of(WallPart::kThrottled);
        share && *share >= thresholds_.throttled_ratio) {
      add("throttled", *share, percent(*share) + " of the time the CPU quota held the work back");
    }
    if (const auto share = share_of(WallPart::kRunQueue);
        share && *share >= thresholds_.run_queue_ratio) {
      add("cpu-starved", *share,
          percent(*share) + " of the time it was ready to run and got no CPU");
    }
    const auto idle = share_of(WallPart::kIdle);
    const auto disk = share_of(WallPart::kDisk);
    if (disk && *disk >= thresholds_.disk_ratio) {
      add("disk-bound", *disk, percent(*disk) + " of the time it waited for a disk");
    } else if (!disk && idle && input_.disk_pressure_seconds) {
      // Without delay accounting: the cell slept while something on the machine waited for a disk.
      const double stalled = std::min(*input_.disk_pressure_seconds / wall_seconds_, *idle);
      if (stalled >= thresholds_.disk_ratio) {
        add("disk-bound", stalled,
            "it slept, and " + percent(stalled) +
                " of the time tasks on this machine waited for a disk");
        return;
      }
    }
    if (idle && *idle >= thresholds_.idle_ratio) {
      add("waiting", *idle,
          percent(*idle) + " of the time it was asleep, and nothing it started was on a CPU");
    }
  }

  const SignatureInput& input_;
  const Thresholds& thresholds_;
  double wall_seconds_ = 0;
  std::vector<Signature> found_;
};

}  // namespace

std::vector<Signature> signatures(const SignatureInput& input, const Thresholds& thresholds) {
  return Rules(input, thresholds).apply();
}

}  // namespace jumper::analysis
