// SPDX-License-Identifier: BSD-3-Clause
// The monitor's journal: where it is made, what it says of its origin, and what keeps it from being
// written.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "jumper/base/clock.h"
#include "jumper/base/result.h"
#include "jumper/journal/writer.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::monitor {

struct JournalOptions {
  std::string folder;  // of the journals; empty: where JUMPER_DIR and the others say
  uint64_t max_bytes = journal::WriterOptions{}.max_bytes;
  bool keeps_source = true;
  std::string program_version;
};

// A new journal, for the session of `origin`, which gets its id. Journals that are too old, or too
// many, are removed.
[[nodiscard]] base::Result<std::unique_ptr<journal::Writer>> begin_journal(
    const JournalOptions& options, const kernfs::KernelRoot& root, const base::Clock& clock,
    base::OwnWork& written, journal::Origin& origin);

}  // namespace jumper::monitor
