// SPDX-License-Identifier: BSD-3-Clause
// Which cards the driver has, and which MIG instances they are divided into: all cards first, then
// all instances.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "jumper/gpu/backend.h"
#include "jumper/gpu/card.h"
#include "jumper/gpu/nvml_asker.h"
#include "jumper/gpu/nvml_library.h"

namespace jumper::gpu::nvml {

// Device and Card of the same place are the same thing, for the driver and for everybody else.
struct Cards {
  std::vector<Device> devices;
  std::vector<Card> cards;
};

// The library was initialized. Why there are none is told in words.
[[nodiscard]] base::Result<Cards> list_cards(const Library& library);

// Of the variables CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER.
void mark_chosen(const Variables& variables, Cards& cards);

// Asks for the handle of a card that did not answer; what it did not tell about itself yet, too.
// Whether there is one.
bool find_again(const Library& library, Cards& cards, size_t place);

}  // namespace jumper::gpu::nvml
