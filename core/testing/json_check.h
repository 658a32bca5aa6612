// SPDX-License-Identifier: BSD-3-Clause
// Whether what we write is JSON to the strictest reader: our own.
#pragma once

#include "jumper/base/json_reader.h"

namespace jumper::testing {

using base::Json;
using base::parse_json;

}  // namespace jumper::testing
