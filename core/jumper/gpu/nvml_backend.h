// SPDX-License-Identifier: BSD-3-Clause
// NVIDIA's cards, by NVIDIA's management library. The destructor calls into the driver too, as
// reading does: it belongs on the same thread.
#pragma once

#include <memory>
#include <string>

#include "jumper/base/clock.h"
#include "jumper/gpu/backend.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

// `library` as dlopen() takes it. The root must outlive the back-end, and so must a clock that is
// given.
[[nodiscard]] std::unique_ptr<Backend> make_nvml_backend(const kernfs::KernelRoot& root,
                                                         const Variables& variables,
                                                         std::string library,
                                                         const base::Clock* clock = nullptr);

}  // namespace jumper::gpu
