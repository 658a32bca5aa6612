// SPDX-License-Identifier: BSD-3-Clause
// The lines of a report that are about GPUs.
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jumper/base/text.h"
#include "jumper/report/gpu_words.h"
#include "jumper/report/quantity.h"
#include "jumper/report/report.h"

namespace jumper::report {
namespace {

using analysis::GpuCardCost;
using analysis::GpuCost;

constexpr size_t kMostCards = 8;
// Cards that differ by no more than this are alike.
constexpr double kAlikeRatio = 0.02;
constexpr double kAlikeMemory = 0.02;  // of the larger

void add_part(std::string& text, const std::string& part) {
  text += text.empty() ? "" : ", ";
  text += part;
}

std::string energy_line(const GpuCost& cost, metric::Scope level) {
  std::string text;
  if (cost.energy_joules) text = energy_with_hours_text(*cost.energy_joules);
  if (cost.power_watts) {
    add_part(text, base::fixed(cost.power_watts->average, 0) + " W on average");
    add_part(text, base::fixed(cost.power_watts->maximum, 0) + " W at most");
  }
  if (text.empty()) return text;
  return text + (level == metric::Scope::kSystem
                     ? ": all cards"
                     : ": the whole cards that this level's processes were on");
}

class GpuLines {
 public:
  GpuLines(const GpuReport& gpu, metric::Scope level) : gpu_(gpu), level_(level) {}

  [[nodiscard]] std::vector<Line> make() {
    add_trouble();
    if (gpu_.cost) {
      const GpuCost& cost = *gpu_.cost;
      const bool is_on_none = cost.concerned().empty() && !cost.cards.empty();
      if (!is_on_none) add("GPU energy", energy_line(cost, level_));
      add_cards(cost);
      if (is_on_none) return finish();
      add("GPU slowed", throttled_text(cost));
      add("GPU work", work_text(cost));
      add("GPU traffic", traffic_text(cost), LineKind::kAside);
    }
    return finish();
  }

 private:
  void add(std::string_view label, std::string text, LineKind kind = LineKind::kPlain) {
    if (!text.empty()) lines_.push_back({std::string(label), std::move(text), kind});
  }

  std::vector<Line> finish() {
    add("GPU n/a", absences_text(gpu_.status.cards, level_), LineKind::kAside);
    return std::move(lines_);
  }

  void add_trouble() {
    const gpu::Status& status = gpu_.status;
    if (status.silent_since_ns) {
      std::string text = "the driver has not answered since " +
                         clock_text(*status.silent_since_ns + gpu_.wall_minus_monotonic_ns);
      if (!status.silent_call.empty()) text += " (" + status.silent_call + ")";
      add("GPU", text);
    }
    for (const std::string& trouble : status.troubles) add("GPU", trouble);
  }

  // Nothing where there is one card only, which the table tells of.
  void add_cards(const GpuCost& cost) {
    const std::vector<const GpuCardCost*> cards = cost.concerned();
    if (cost.cards.size() < 2) return;
    std::vector<int32_t> numbers;
    numbers.reserve(cards.size());
    for (const GpuCardCost* card : cards) numbers.push_back(card->card);
    if (cards.empty() || are_alike(cards)) {
      add("GPUs used", cards.empty() ? "none of " + std::to_string(cost.cards.size())
                                     : numbers_text(numbers) + " of " +
                                           base::count_of(cost.cards.size(), "card") +
                                           (cards.size() > 1 ? ", all alike" : ""));
      return;
    }
    for (size_t i = 0; i < cards.size() && i < kMostCards; ++i)
      add("GPU " + std::to_string(cards[i]->card), card_text(*cards[i]));
    if (cards.size() > kMostCards)
      add("GPUs", "and " + std::to_string(cards.size() - kMostCards) + " more");
  }

  static bool are_alike(const std::vector<const GpuCardCost*>& cards) {
    const GpuCardCost& first = *cards.front();
    return std::ranges::all_of(cards, [&](const GpuCardCost* card) {
      const auto& [util, other_util] = std::pair(first.utilization, card->utilization);
      const auto& [memory, other_memory] = std::pair(first.memory_bytes, card->memory_bytes);
      if (util.has_value() != other_util.has_value()) return false;
      if (memory.has_value() != other_memory.has_value()) return false;
      if (util && std::abs(util->average - other_util->average) > kAlikeRatio) return false;
      return !memory || std::abs(memory->maximum - other_memory->maximum) <=
                            kAlikeMemory * std::max(memory->maximum, other_memory->maximum);
    });
  }

  [[nodiscard]] std::string card_text(const GpuCardCost& cost) const {
    const auto place = static_cast<size_t>(cost.card);
    const bool is_known = cost.card >= 0 && place < gpu_.status.cards.size();
    std::string text = cost.utilization ? percent_text(cost.utilization->average) + " busy"
                                        : std::string("n/a how busy");
    if (cost.memory_bytes) {
      text += ", memory " + bytes_text(cost.memory_bytes->maximum);
      if (is_known && gpu_.status.cards[place].memory_bytes)
        text += " of " + bytes_text(static_cast<double>(*gpu_.status.cards[place].memory_bytes));
      text += " at most";
    }
    if (cost.temperature_celsius)
      text += ", up to " + base::fixed(*cost.temperature_celsius, 0) + " degrees C";
    const bool has_name = is_known && !gpu_.status.cards[place].name.empty();
    return has_name ? card_name(gpu_.status.cards[place]) + ": " + text : text;
  }

  static std::string throttled_text(const GpuCost& cost) {
    std::string text;
    const auto add_reason = [&](std::string_view reason, GpuCost::Number number) {
      const GpuCardCost* most = cost.most_of(number);
      if (most == nullptr || *(most->*number) < 0.005) return;
      std::string part =
          std::string(reason) + " " + percent_text(*(most->*number)) + " of the time";
      if (cost.concerned().size() > 1) part += " (GPU " + std::to_string(most->card) + ")";
      add_part(text, part);
    };
    add_reason("by its power limit", &GpuCardCost::power_throttled);
    add_reason("by heat", &GpuCardCost::thermal_throttled);
    return text;
  }

  static std::string work_text(const GpuCost& cost) {
    std::string text;
    const auto add_share = [&](std::string_view what, GpuCost::Number number) {
      if (const auto share = cost.mean_of(number))
        add_part(text, std::string(what) + " " + percent_text(*share));
    };
    add_share("processors active", &GpuCardCost::sm_active);
    add_share("occupancy", &GpuCardCost::sm_occupancy);
    add_share("matrix units", &GpuCardCost::tensor_active);
    add_share("memory bandwidth used", &GpuCardCost::dram_active);
    if (!text.empty()) text += ": whole cards";
    if (const auto busy = cost.average_of(&GpuCardCost::bandwidth)) {
      text += text.empty() ? "" : "; ";
      text += "memory read or written " + percent_text(*busy) + " of the time";
    }
    return text;
  }

  static std::string traffic_text(const GpuCost& cost) {
    std::string text;
    const auto add_both = [&](std::string_view what, GpuCost::Number received, GpuCost::Number sent,
                              std::string_view per) {
      const auto in = cost.sum_of(received);
      const auto out = cost.sum_of(sent);
      if (!in && !out) return;
      const auto amount = [&](const std::optional<double>& bytes) {
        return bytes ? bytes_text(*bytes) + std::string(per) : std::string("n/a");
      };
      text += text.empty() ? "" : "; ";
      text += std::string(what) + " " + amount(in) + " received, " + amount(out) + " sent";
    };
    add_both("PCIe", &GpuCardCost::pcie_received_bytes_per_second,
             &GpuCardCost::pcie_sent_bytes_per_second, "/s");
    add_both("NVLink", &GpuCardCost::nvlink_received_bytes, &GpuCardCost::nvlink_sent_bytes, "");
    return text;
  }

  const GpuReport& gpu_;
  metric::Scope level_;
  std::vector<Line> lines_;
};

}  // namespace

std::vector<Line> gpu_lines(const GpuReport& gpu, metric::Scope level) {
  return GpuLines(gpu, level).make();
}

}  // namespace jumper::report
