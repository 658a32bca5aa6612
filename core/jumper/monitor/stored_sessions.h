// SPDX-License-Identifier: BSD-3-Clause
// The sessions whose journals lie in the folder: which there are, and what became of the last one
// of a notebook.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/journal/folder.h"
#include "jumper/journal/reader.h"
#include "jumper/journal/recording.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/report/post_mortem.h"

namespace jumper::monitor {

// The folder of the journals: `path`, or where JUMPER_DIR and the others say if that is empty.
[[nodiscard]] base::Result<journal::Folder> open_journal_folder(const std::string& path);

struct SessionEntry {
  enum class State : uint8_t { kAlive, kEnded, kDied, kUnreadable };

  journal::StoredSession stored;
  State state = State::kUnreadable;
  std::string problem;   // why it cannot be read
  journal::Facts facts;  // as they were when it began
};

// All of them, the newest first. Only those that did not end on purpose are read to the end.
[[nodiscard]] base::Result<std::vector<SessionEntry>> list_sessions(const journal::Folder& folder,
                                                                    const kernfs::KernelRoot& root,
                                                                    int64_t wall_now_ns);

// Who asks what became of the session before.
struct Asker {
  std::string notebook;  // JPY_SESSION_NAME; empty: the folder tells
  std::string folder;

  // By the environment and the working directory, as a session says of itself.
  static Asker of_process(const kernfs::KernelRoot& root);
  [[nodiscard]] bool asks_for(const journal::Origin& origin) const;
  // "The last session of this notebook", or "in this folder".
  [[nodiscard]] std::string_view last_session() const;
};

struct LastDeath {
  journal::StoredSession stored;
  report::PostMortem post_mortem;
};

// The last session of that notebook that is over; absent where there is none, it ended on purpose,
// is older than a week, or began before the newest 64 there are.
[[nodiscard]] std::optional<LastDeath> find_last_death(const journal::Folder& folder,
                                                       const Asker& asker,
                                                       const kernfs::KernelRoot& root,
                                                       int64_t wall_now_ns);

// How the session of a journal died; absent where it is alive or ended on purpose.
[[nodiscard]] base::Result<std::optional<report::PostMortem>> post_mortem_of(
    const std::string& path, const kernfs::KernelRoot& root, int64_t wall_now_ns);

}  // namespace jumper::monitor
