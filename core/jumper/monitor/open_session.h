// SPDX-License-Identifier: BSD-3-Clause
// A session from where it was kept: a journal, an exported folder or archive.
#pragma once

#include <string>

#include "jumper/base/result.h"
#include "jumper/journal/reader.h"
#include "jumper/journal/recording.h"

namespace jumper::monitor {

// `path` is a journal, an exported session's folder or .zip, or the id of a session whose journal
// lies in the folder of the journals. A journal may be one that is being written.
[[nodiscard]] base::Result<journal::Recording> open_session(const std::string& path);

// The same of a journal alone, with how it ended. Looks whether its process lives.
[[nodiscard]] base::Result<journal::Journal> open_journal(const std::string& path);

}  // namespace jumper::monitor
