// SPDX-License-Identifier: BSD-3-Clause
// The cards of every other driver of the kernel that can compute: Intel's i915 and xe, nouveau,
// panfrost, ... Not NVIDIA's own driver, which NVML measures, not amdgpu, and not those that only
// show pictures.
//
// How busy such a card is as a whole is absent: i915 and xe count that for those only who may
// measure the whole machine (perf_event_open(2)), the others do not.
#pragma once

#include <memory>

#include "jumper/base/clock.h"
#include "jumper/gpu/backend.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

// The root must outlive the back-end, and so must the clock; without one it is the system's. Of the
// variables ZE_AFFINITY_MASK is asked for; without them all cards may be used.
[[nodiscard]] std::unique_ptr<Backend> make_drm_backend(const kernfs::KernelRoot& root,
                                                        const Variables& variables = {},
                                                        const base::Clock* clock = nullptr);

}  // namespace jumper::gpu
