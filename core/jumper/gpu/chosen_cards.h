// SPDX-License-Identifier: BSD-3-Clause
// Which cards of AMD and of Intel a program may use, by the variables that their runtimes read.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "jumper/gpu/backend.h"
#include "jumper/gpu/drm_cards.h"

namespace jumper::gpu {

// ROCR_VISIBLE_DEVICES (numbers and "GPU-" with a unique id; empty: no card), and of what that
// leaves HIP_VISIBLE_DEVICES or, where that is not set, CUDA_VISIBLE_DEVICES, which HIP reads too
// (numbers; empty: all). `ids` are the cards' "GPU-...", and `order` are their places in the order
// in which the runtime numbers them. A list counts up to its first entry that is none.
[[nodiscard]] std::vector<bool> chosen_amd_cards(std::span<const std::string> ids,
                                                 std::span<const size_t> order,
                                                 const Variables& variables);

// The order of ROCm's numbers: that of the nodes in /sys/class/kfd/kfd/topology. A node whose card
// is not among `cards` takes a number too, and is here as a place behind the last.
[[nodiscard]] std::vector<size_t> rocm_order(const kernfs::KernelRoot& root,
                                             std::span<const DrmCard> cards);

// ZE_AFFINITY_MASK: "0,1.0", numbers of cards, with tiles behind a dot; where
// ZE_FLAT_DEVICE_HIERARCHY is not COMPOSITE, numbers of tiles. `tiles` says how many each card has.
[[nodiscard]] std::vector<bool> chosen_level_zero_cards(std::span<const size_t> tiles,
                                                        const Variables& variables);

}  // namespace jumper::gpu
