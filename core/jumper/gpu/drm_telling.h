// SPDX-License-Identifier: BSD-3-Clause
// What back-ends that read fdinfo have in common: what the files' telling means for a card.
#pragma once

#include <string>

#include "jumper/gpu/card.h"
#include "jumper/gpu/drm_clients.h"

namespace jumper::gpu {

// Each `what` once.
void add_absence(Card& card, std::string what, std::string why);

// Sets what the list of processes is worth, and says of the card what is not told.
void apply_telling(const DrmTelling& telling, Depth depth, Card& card, CardReading& reading);

// "AMD GPU 1002:740f", of the card's numbers on the bus.
[[nodiscard]] std::string name_by_numbers(Vendor vendor, const DrmCard& card);

}  // namespace jumper::gpu
