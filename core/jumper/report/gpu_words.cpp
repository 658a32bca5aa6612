// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/gpu_words.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "jumper/base/text.h"

namespace jumper::report {
namespace {

constexpr size_t kNameColumns = 60;
constexpr size_t kReasonColumns = 200;
constexpr size_t kMostReasons = 8;

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
  struct Reason {
    std::string why;
    std::string what;
  };
  std::vector<Reason> reasons;  // each once, with what shares it
  const size_t all = measured_cards(cards);
  for (const SharedAbsence& shared : shared_absences(cards)) {
    if (level && is_about_processes(shared.absence) == (*level == metric::Scope::kSystem)) continue;
    std::string why = base::one_line(shared.absence.why, kReasonColumns);
    if (shared.cards.size() < all) {
      std::string which = shared.cards.size() == 1 ? "GPU " : "GPUs ";
      which += numbers_text(shared.cards) + ": ";
      why.insert(0, which);
    }
    auto same = std::ranges::find(reasons, why, &Reason::why);
    if (same == reasons.end()) same = reasons.insert(reasons.end(), {std::move(why), ""});
    same->what += same->what.empty() ? "" : ", ";
    same->what += base::one_line(shared.absence.what, kNameColumns);
  }
  std::string text;
  for (size_t i = 0; i < reasons.size() && i < kMostReasons; ++i) {
    text += text.empty() ? "" : "; ";
    text += reasons[i].what + " (" + reasons[i].why + ")";
  }
  if (reasons.size() > kMostReasons)
    text += "; and " + std::to_string(reasons.size() - kMostReasons) + " more reasons";
  return text;
}

}  // namespace jumper::report
