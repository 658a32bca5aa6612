// SPDX-License-Identifier: BSD-3-Clause
// GPUs as JSON: in reports, and among the resources.
#pragma once

#include "jumper/base/json.h"
#include "jumper/report/report.h"

namespace jumper::report {

// What was measured, as an object.
void write_gpu_report(base::JsonWriter& json, const GpuReport& gpu);
// The cards, or why there are none, as an object.
void write_gpu_status(base::JsonWriter& json, const gpu::Status& status);

}  // namespace jumper::report
