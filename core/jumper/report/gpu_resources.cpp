// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/gpu_resources.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "jumper/base/text.h"
#include "jumper/report/gpu_words.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

constexpr size_t kMostKinds = 8;

// Cards of one name, with equally much memory, of one driver and of one card.
struct Kind {
  const gpu::Card* first = nullptr;
  std::vector<int32_t> numbers;

  [[nodiscard]] bool is_of(const gpu::Card& card) const {
    return first->name == card.name && first->memory_bytes == card.memory_bytes &&
           first->driver == card.driver && first->part_of == card.part_of;
  }
};

std::vector<Kind> kinds_of(const std::vector<gpu::Card>& cards, bool are_instances) {
  std::vector<Kind> kinds;
  for (size_t i = 0; i < cards.size(); ++i) {
    if (cards[i].part_of.has_value() != are_instances) continue;
    auto kind = std::ranges::find_if(kinds, [&](const Kind& one) { return one.is_of(cards[i]); });
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), Kind{&cards[i], {}});
    kind->numbers.push_back(static_cast<int32_t>(i));
  }
  return kinds;
}

// "NVIDIA H100 80GB HBM3 (80.00 GB each), NVIDIA 550.54.15"
std::string kind_text(const Kind& kind) {
  gpu::Card named = *kind.first;
  named.part_of.reset();
  std::string text = card_name(named);
  if (kind.first->memory_bytes) {
    text += " (" + bytes_text(static_cast<double>(*kind.first->memory_bytes)) +
            (kind.numbers.size() > 1 ? " each)" : ")");
  }
  const bool is_instance = kind.first->part_of.has_value();
  if (!kind.first->driver.empty() && !is_instance)
    text += ", " + base::one_line(kind.first->driver, 60);
  return text;
}

std::string cards_text(const std::vector<gpu::Card>& cards) {
  const std::vector<Kind> kinds = kinds_of(cards, false);
  size_t count = 0;
  for (const Kind& kind : kinds) count += kind.numbers.size();
  std::string text = std::to_string(count) + ": ";
  for (size_t i = 0; i < kinds.size() && i < kMostKinds; ++i) {
    if (i > 0) text += "; ";
    if (kinds.size() > 1) text += numbers_text(kinds[i].numbers) + " ";
    text += kind_text(kinds[i]);
  }
  if (kinds.size() > kMostKinds) text += "; and others";
  return text;
}

std::vector<std::string> instance_lines(const std::vector<gpu::Card>& cards) {
  std::vector<std::string> lines;
  for (const Kind& kind : kinds_of(cards, true)) {
    if (lines.size() == kMostKinds) break;
    lines.push_back("GPU " + std::to_string(*kind.first->part_of) +
                    " is divided: " + numbers_text(kind.numbers) + " " + kind_text(kind));
  }
  return lines;
}

// What the process may use of what there is, and which variables say so.
std::string chosen_text(const source::Resources& resources) {
  std::vector<int32_t> chosen;
  size_t measured = 0;
  for (size_t i = 0; i < resources.gpu.cards.size(); ++i) {
    const gpu::Card& card = resources.gpu.cards[i];
    if (card.is_divided) continue;
    ++measured;
    if (card.is_chosen) chosen.push_back(static_cast<int32_t>(i));
  }
  if (resources.gpu_choices.empty() && chosen.size() == measured) return "";
  std::string text = "this process may use ";
  text += chosen.empty()              ? std::string("none of them")
          : chosen.size() == measured ? std::string("all of them")
                                      : numbers_text(chosen);
  std::string variables;
  for (const source::GpuChoice& choice : resources.gpu_choices)
    variables += (variables.empty() ? "" : ", ") + choice.variable;
  return variables.empty() ? text : text + ": " + variables;
}

// Of variables that choose among cards that nobody has found or looked for.
std::vector<std::string> choice_lines(const source::Resources& resources) {
  std::vector<std::string> lines;
  for (const source::GpuChoice& choice : resources.gpu_choices) {
    std::string ids;
    for (const std::string& id : choice.ids) ids += (ids.empty() ? "" : ",") + id;
    const std::string which =
        choice.ids.empty() ? "none" : std::to_string(choice.ids.size()) + " (" + ids + ")";
    lines.push_back((lines.empty() ? "" : "also ") + which + ": " + choice.variable);
  }
  return lines;
}

}  // namespace

std::vector<std::string> gpu_resource_lines(const source::Resources& resources) {
  const gpu::Status& status = resources.gpu;
  std::vector<std::string> lines;
  if (status.cards.empty()) {
    if (status.silent_since_ns) {
      lines.push_back("n/a: the driver does not answer" +
                      (status.silent_call.empty() ? "" : " (" + status.silent_call + ")"));
    } else if (status.is_known) {
      lines.push_back("none found" + (status.why_none.empty() ? "" : " (" + status.why_none + ")"));
    }
    std::ranges::copy(choice_lines(resources), std::back_inserter(lines));
    return lines;
  }
  lines.push_back(cards_text(status.cards));
  std::ranges::copy(instance_lines(status.cards), std::back_inserter(lines));
  if (std::string chosen = chosen_text(resources); !chosen.empty())
    lines.push_back(std::move(chosen));
  if (status.silent_since_ns) {
    lines.push_back("the driver does not answer" +
                    (status.silent_call.empty() ? "" : " (" + status.silent_call + ")"));
  }
  std::ranges::copy(status.troubles, std::back_inserter(lines));
  if (const std::string absences = absences_text(status.cards, std::nullopt); !absences.empty())
    lines.push_back("not measurable: " + absences);
  return lines;
}

}  // namespace jumper::report
