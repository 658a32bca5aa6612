// SPDX-License-Identifier: BSD-3-Clause
// What is known of the GPUs of a machine as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jumper/gpu/card.h"

namespace jumper::gpu {

struct Status {
  bool is_known = false;    // false: nobody has looked, or the driver has not answered yet
  std::vector<Card> cards;  // all that were found
  std::string why_none;     // one line, where there are none
  // Since when (CLOCK_MONOTONIC) the driver has not come back from a call, and from which.
  std::optional<int64_t> silent_since_ns;
  std::string silent_call;
  // Of cards that do not answer any more, or did not at first: "card 3: fell off the bus".
  std::vector<std::string> troubles;

  bool operator==(const Status&) const = default;
};

}  // namespace jumper::gpu
