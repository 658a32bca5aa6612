// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/journaling.h"

#include "jumper/journal/folder.h"
#include "jumper/journal/liveness.h"
#include "jumper/journal/reader.h"

namespace jumper::monitor {
namespace {

void remove_old(const journal::Folder& folder, const kernfs::KernelRoot& root,
                const base::Clock& clock) {
  auto sessions = folder.list();
  if (!sessions) return;
  const int64_t now_ns = clock.wall_ns();
  const auto gone = journal::sessions_to_remove(std::move(*sessions), 0, {}, now_ns);
  if (gone.empty()) return;
  const journal::Machine here = journal::read_machine(root);
  for (const journal::StoredSession& session : gone) {
    const auto header = journal::read_journal_header(session.path);
    if (header && journal::is_alive(header->facts.origin, header->facts.interval_seconds,
                                    now_ns - session.written_wall_ns, here, root))
      continue;
    static_cast<void>(folder.remove(session).ok());
  }
}

}  // namespace

base::Result<std::unique_ptr<journal::Writer>> begin_journal(const JournalOptions& options,
                                                             const kernfs::KernelRoot& root,
                                                             const base::Clock& clock,
                                                             base::OwnWork& written,
                                                             journal::Origin& origin) {
  std::string path = options.folder;
  if (path.empty()) {
    auto found = journal::folder_path(journal::FolderSettings::of_process());
    if (!found) return found.error();
    path = std::move(*found);
  }
  const auto folder = journal::Folder::open_or_make(path);
  if (!folder) return folder.error();
  remove_old(*folder, root, clock);
  auto made = folder->create(clock.wall_ns(), origin.pid);
  if (!made) return made.error();
  origin.id = made->id;
  origin.version = options.program_version;
  journal::WriterOptions writing;
  writing.max_bytes = options.max_bytes;
  writing.keeps_source = options.keeps_source;
  return std::make_unique<journal::Writer>(std::move(made->fd), made->path, writing, clock,
                                           &written);
}

}  // namespace jumper::monitor
