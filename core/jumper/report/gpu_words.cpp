// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/gpu_words.h"

#include <algorithm>
#include <string_view>

#include "jumper/base/text.h"

namespace jumper::report {
namespace {

constexpr size_t kNameColumns = 60;
constexpr size_t kMostAbsences = 12;

// What back-ends call things that a process has.
bool is_about_processes(const gpu::Absence& absence) {
  return absence.what.find("process") != std::string::npos;
}

// Cards that are measured: those that are divided are told of by their instances.
size_t measured_cards(std::span<const gpu::Card> cards) {
  return static_cast<size_t>(
      std::ranges::count_if(cards, [](const gpu::Card& card) { return !card.is_divided; }));
}

}  // namespace

std::string percent_text(double ratio) {
  const double percent = ratio * 100;
  return base::fixed(percent, percent > 0 && percent < 0.95 ? 1 : 0) + " %";
}

std::string card_name(const gpu::Card& card) {
  std::string name =
      card.name.empty() ? "a GPU without a name" : base::one_line(card.name, kNameColumns);
  if (card.part_of) name += ", part of GPU " + std::to_string(*card.part_of);
  return name;
}

std::string numbers_text(const std::vector<int32_t>& numbers) {
  std::string text;
  for (size_t i = 0; i < numbers.size();) {
    size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
    if (end - i > 2) {
      text += "-" + std::to_string(numbers[end - 1]);
    } else if (end - i == 2) {
      text += ", " + std::to_string(numbers[end - 1]);
    }
    i = end;
  }
  return text;
}

std::vector<SharedAbsence> shared_absences(std::span<const gpu::Card> cards) {
  std::vector<SharedAbsence> shared;
  for (size_t i = 0; i < cards.size(); ++i) {
    if (cards[i].is_divided) continue;
    for (const gpu::Absence& absence : cards[i].absent) {
      auto same = std::ranges::find(shared, absence, &SharedAbsence::absence);
      if (same == shared.end()) same = shared.insert(shared.end(), {absence, {}});
      same->cards.push_back(static_cast<int32_t>(i));
    }
  }
  return shared;
}

std::string absences_text(std::span<const gpu::Card> cards, std::optional<metric::Scope> level) {
  std::string text;
  std::string why;  // of the last one; what shares it is listed before it
  size_t told = 0;
  const auto close = [&] {
    if (!why.empty()) text += " (" + why + ")";
    why.clear();
  };
  const size_t all = measured_cards(cards);
  std::vector<SharedAbsence> shared = shared_absences(cards);
  if (level) {
    std::erase_if(shared, [&](const SharedAbsence& entry) {
      return is_about_processes(entry.absence) == (*level == metric::Scope::kSystem);
    });
  }
  const auto reason_of = [&](const SharedAbsence& entry) {
    std::string reason = base::one_line(entry.absence.why, 200);
    if (entry.cards.size() < all)
      reason =
          (entry.cards.size() == 1 ? "GPU " : "GPUs ") + numbers_text(entry.cards) + ": " + reason;
    return reason;
  };
  std::ranges::stable_sort(shared, {}, reason_of);
  for (const SharedAbsence& entry : shared) {
    if (told++ == kMostAbsences) break;
    const std::string reason = reason_of(entry);
    const bool shares_reason = !why.empty() && why == reason;
    if (!shares_reason) close();
    text += text.empty() ? "" : shares_reason ? ", " : "; ";
    text += base::one_line(entry.absence.what, 80);
    why = reason;
  }
  close();
  if (shared.size() > kMostAbsences)
    text += "; and " + std::to_string(shared.size() - kMostAbsences) + " more";
  return text;
}

}  // namespace jumper::report
