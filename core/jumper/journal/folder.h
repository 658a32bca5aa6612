// SPDX-License-Identifier: BSD-3-Clause
// The folder of the journals. What is in them (the source of cells, names of files and processes)
// is their owner's alone: the folder is 0700, the files are 0600, and a folder that others could
// get into is not used.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/base/fd.h"
#include "jumper/base/result.h"

namespace jumper::journal {

// What says where the journals are. Empty: not set.
struct FolderSettings {
  std::string jumper_dir;      // JUMPER_DIR
  std::string xdg_state_home;  // XDG_STATE_HOME, which has to be absolute (XDG Base Directory)
  std::string home;            // HOME, else the home directory of the user's account

  static FolderSettings of_process();
};

// $JUMPER_DIR, else $XDG_STATE_HOME/jumper, else ~/.local/state/jumper; in it, the folder
// `sessions`.
[[nodiscard]] base::Result<std::string> folder_path(const FolderSettings& settings);

// "20261122-140307-4711-9f3c": when it began (UTC), the pid, and something random, for a pid is
// not unique on machines that share a folder. Sorted by name they are in order of time.
[[nodiscard]] std::string session_id(int64_t wall_ns, pid_t pid, uint16_t random);
[[nodiscard]] bool is_session_id(std::string_view text);

inline constexpr std::string_view kJournalSuffix = ".journal";
// Behind that, while a thinner copy is made (compaction.h).
inline constexpr std::string_view kCopySuffix = ".thinner";

struct StoredSession {
  std::string id;
  std::string path;
  uint64_t bytes = 0;
  int64_t written_wall_ns = 0;  // when it was last written to

  bool operator==(const StoredSession&) const = default;
};

struct RetentionLimits {
  uint64_t most_bytes = uint64_t{1} << 30;
  int64_t most_age_ns = 30 * 24 * 3600 * base::kNanosPerSecond;
  // What was written to in that time stays, however much there is: its notebook may not have been
  // opened since, and was not told what became of it.
  int64_t kept_ns = 24 * 3600 * base::kNanosPerSecond;
};

// Which of the sessions are to go: those too old, then the oldest until the rest fits. `sessions`
// are those that ended; `living_bytes` is what the others take, which counts.
[[nodiscard]] std::vector<StoredSession> sessions_to_remove(std::vector<StoredSession> sessions,
                                                            uint64_t living_bytes,
                                                            const RetentionLimits& limits,
                                                            int64_t wall_now_ns);

struct NewJournal {
  std::string id;
  std::string path;
  base::UniqueFd fd;  // to append to, and to read again when it is thinned
};

class Folder {
 public:
  // Makes what is missing of it. The error says in one line what is wrong and what would be right.
  static base::Result<Folder> open_or_make(const std::string& path);
  // Only looks; kNotFound where there is none.
  static base::Result<Folder> open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }

  // An empty file for a session that begins now.
  [[nodiscard]] base::Result<NewJournal> create(int64_t wall_ns, pid_t pid) const;
  // The journals in it, the newest session first. Only regular files of our own, by our names.
  [[nodiscard]] base::Result<std::vector<StoredSession>> list() const;
  // The one of that id, or the only one whose id begins so.
  [[nodiscard]] base::Result<StoredSession> find(std::string_view id) const;
  // To be read.
  [[nodiscard]] base::Result<base::UniqueFd> open_journal(const StoredSession& session) const;
  // With the copy of it that its process may have left. One that is gone already is no failure.
  base::Status remove(const StoredSession& session) const;

 private:
  Folder(std::string path, base::UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  [[nodiscard]] std::optional<StoredSession> look_at(const std::string& name) const;

  std::string path_;
  base::UniqueFd fd_;  // all is done relative to it: who replaces the path replaces nothing of ours
};

}  // namespace jumper::journal
