// SPDX-License-Identifier: BSD-3-Clause
// What GPUs are called, and what of them cannot be measured, in words: for reports, resources and
// advice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jumper/gpu/card.h"
#include "jumper/metric/scope.h"

namespace jumper::report {

// 0.274 -> "27 %"; below one percent "0.4 %".
[[nodiscard]] std::string percent_text(double ratio);
// "NVIDIA H100 80GB HBM3", with the card that a MIG instance is part of.
[[nodiscard]] std::string card_name(const gpu::Card& card);
// {0, 1, 2, 5} -> "0-2, 5".
[[nodiscard]] std::string numbers_text(const std::vector<int32_t>& numbers);
// "utilization of processes (the driver says: not supported); ...": each thing and reason once,
// with the cards where it is not of all. With a level, what matters there: what is about processes
// at all levels but system, the rest at that one.
[[nodiscard]] std::string absences_text(std::span<const gpu::Card> cards,
                                        std::optional<metric::Scope> level);

// The absences that say the same, with the numbers of the cards.
struct SharedAbsence {
  gpu::Absence absence;
  std::vector<int32_t> cards;
};
[[nodiscard]] std::vector<SharedAbsence> shared_absences(std::span<const gpu::Card> cards);

}  // namespace jumper::report
