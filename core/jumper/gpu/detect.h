// SPDX-License-Identifier: BSD-3-Clause
// The GPUs of this machine: every back-end there is, and a thread that asks them.
#pragma once

#include <memory>

#include "jumper/gpu/backend.h"
#include "jumper/gpu/poller.h"
#include "jumper/gpu/status.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

// How long a monitor that starts waits to know which cards there are: a driver that was loaded is
// quicker, one that has to wake its cards takes seconds, and its cards are measured from then on.
inline constexpr int64_t kLongestStartNs = 300'000'000;
// How long somebody waits who only asks which cards there are.
inline constexpr int64_t kLongestLookNs = 2 * base::kNanosPerSecond;

// The environment as it is now. On the poller's thread it may not be looked at: the program may be
// changing it meanwhile, which getenv(3) does not bear.
[[nodiscard]] Variables variables_now();

// Begins to look for cards. With JUMPER_GPU=0 in the environment there are none.
[[nodiscard]] std::unique_ptr<Poller> start_poller(const kernfs::KernelRoot& root);

// What there is here, for those who do not measure it.
[[nodiscard]] Status look_for_cards(const kernfs::KernelRoot& root);

}  // namespace jumper::gpu
