// SPDX-License-Identifier: BSD-3-Clause
// AMD's cards, as the kernel's driver amdgpu tells of them in sysfs
// (Documentation/gpu/amdgpu/driver-misc.rst and thermal.rst) and in fdinfo.
//
// One file is never read: pcie_bw, in which the kernel counts for a whole second before it answers.
#pragma once

#include <memory>
#include <string>

#include "jumper/base/clock.h"
#include "jumper/gpu/backend.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

// The libraries are opened for the energy of cards whose own file is not understood, else never.
// The root must outlive the back-end, and so must the clock; without one it is the system's.
[[nodiscard]] std::unique_ptr<Backend> make_amd_backend(const kernfs::KernelRoot& root,
                                                        const Variables& variables,
                                                        std::string amd_smi_library,
                                                        std::string rocm_smi_library,
                                                        const base::Clock* clock = nullptr);

}  // namespace jumper::gpu
