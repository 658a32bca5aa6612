// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/stored_sessions.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "jumper/journal/liveness.h"
#include "jumper/monitor/journaling.h"

namespace jumper::monitor {
namespace {

constexpr size_t kMostLookedAt = 64;
// Of a journal, to tell how it ended: several headers and what follows them.
constexpr size_t kEndBytes = size_t{2} << 20;
constexpr int64_t kLongAgoNs = 7 * 24 * 3600 * base::kNanosPerSecond;

class Judge {
 public:
  Judge(const kernfs::KernelRoot& root, int64_t wall_now_ns)
      : root_(root), here_(journal::read_machine(root)), wall_now_ns_(wall_now_ns) {}

  [[nodiscard]] bool is_alive(const journal::StoredSession& stored,
                              const journal::Facts& facts) const {
    return journal::is_alive(facts.origin, facts.interval_seconds,
                             wall_now_ns_ - stored.written_wall_ns, here_, root_);
  }

 private:
  const kernfs::KernelRoot& root_;
  journal::Machine here_;
  int64_t wall_now_ns_;
};

bool is_clean(const std::string& path) {
  if (journal::ends_on_purpose(path)) return true;
  const auto journal = journal::read_journal_file(path, {.is_live = false, .end_bytes = kEndBytes});
  return journal && journal->ending.is_clean;
}

// With what can be seen now.
std::optional<report::PostMortem> look_back(const journal::Journal& journal,
                                            const kernfs::KernelRoot& root) {
  report::Afterwards now;
  now.machine = journal::read_machine(root);
  const journal::OomKills before =
      journal.ending.vitals ? journal.ending.vitals->oom_kills : journal::OomKills{};
  now.oom_kills = journal::read_again(root, before);
  return report::find_post_mortem(journal, now);
}

}  // namespace

Asker Asker::of_process(const kernfs::KernelRoot& root) {
  journal::Origin origin = journal::origin_of_process(root);
  return {std::move(origin.notebook), std::move(origin.folder)};
}

bool Asker::asks_for(const journal::Origin& origin) const {
  if (!notebook.empty()) return origin.notebook == notebook;
  return origin.notebook.empty() && origin.folder == folder;
}

std::string_view Asker::last_session() const {
  return notebook.empty() ? "The last session in this folder" : "The last session of this notebook";
}

base::Result<journal::Folder> open_journal_folder(const std::string& path) {
  if (!path.empty()) return journal::Folder::open(path);
  const auto found = journal::folder_path(journal::FolderSettings::of_process());
  if (!found) return found.error();
  return journal::Folder::open(*found);
}

base::Result<std::vector<SessionEntry>> list_sessions(const journal::Folder& folder,
                                                      const kernfs::KernelRoot& root,
                                                      int64_t wall_now_ns) {
  auto stored = folder.list();
  if (!stored) return stored.error();
  const Judge judge(root, wall_now_ns);
  std::vector<SessionEntry> entries;
  for (journal::StoredSession& session : *stored) {
    using State = SessionEntry::State;
    SessionEntry entry;
    if (auto header = journal::read_journal_header(session.path)) {
      entry.facts = std::move(header->facts);
      entry.state = judge.is_alive(session, entry.facts) ? State::kAlive
                    : is_clean(session.path)             ? State::kEnded
                                                         : State::kDied;
    } else {
      entry.problem = header.error().message;
    }
    entry.stored = std::move(session);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::optional<LastDeath> find_last_death(const journal::Folder& folder, const Asker& asker,
                                         const kernfs::KernelRoot& root, int64_t wall_now_ns) {
  const auto sessions = folder.list();
  if (!sessions) return std::nullopt;
  const Judge judge(root, wall_now_ns);
  for (size_t at = 0; at < std::min(sessions->size(), kMostLookedAt); ++at) {
    const journal::StoredSession& stored = (*sessions)[at];
    if (wall_now_ns - stored.written_wall_ns > kLongAgoNs) continue;
    const auto header = journal::read_journal_header(stored.path);
    if (!header || !asker.asks_for(header->facts.origin)) continue;
    if (judge.is_alive(stored, header->facts)) continue;
    if (journal::ends_on_purpose(stored.path)) return std::nullopt;
    const auto journal =
        journal::read_journal_file(stored.path, {.is_live = false, .end_bytes = kEndBytes});
    if (!journal) return std::nullopt;
    auto found = look_back(*journal, root);
    if (!found) return std::nullopt;
    return LastDeath{stored, std::move(*found)};
  }
  return std::nullopt;
}

base::Result<std::optional<report::PostMortem>> post_mortem_of(const std::string& path,
                                                               const kernfs::KernelRoot& root,
                                                               int64_t wall_now_ns) {
  const auto journal = journal::read_journal_file(path);
  if (!journal) return journal.error();
  struct stat file{};
  journal::StoredSession stored;
  if (::stat(path.c_str(), &file) == 0)
    stored.written_wall_ns = file.st_mtim.tv_sec * base::kNanosPerSecond + file.st_mtim.tv_nsec;
  if (Judge(root, wall_now_ns).is_alive(stored, journal->recording.facts))
    return std::optional<report::PostMortem>();
  return look_back(*journal, root);
}

}  // namespace jumper::monitor
