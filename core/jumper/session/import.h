// SPDX-License-Identifier: BSD-3-Clause
// Sessions that were exported, ours and the Python JUmPER's, as recordings. Whatever the files
// hold, what cannot be read is one clear line; nothing is run, nothing written.
#pragma once

#include <string>

#include "jumper/base/result.h"
#include "jumper/journal/recording.h"

namespace jumper::session {

// A folder or a .zip file. What is wrong with the numbers, and what was done about it, stands in
// the facts' notes.
[[nodiscard]] base::Result<journal::Recording> import_session(const std::string& path);

}  // namespace jumper::session
