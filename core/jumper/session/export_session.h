// SPDX-License-Identifier: BSD-3-Clause
// A whole session as a folder or a zip archive, to be read elsewhere: by this program exactly as it
// was, by the Python JUmPER as one of its own.
#pragma once

#include <string>

#include "jumper/base/result.h"
#include "jumper/journal/recording.h"

namespace jumper::session {

// A name that ends in .zip makes an archive, which replaces one of that name; any other one a
// folder, which must be new or empty. All of it can be read by its owner alone, and stands there
// whole or not at all.
[[nodiscard]] base::Status export_session(const std::string& path,
                                          const journal::Recording& recording);

}  // namespace jumper::session
