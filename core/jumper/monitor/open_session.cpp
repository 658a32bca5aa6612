// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/open_session.h"

#include <sys/stat.h>

#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/journal/folder.h"
#include "jumper/journal/liveness.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/session/import.h"

namespace jumper::monitor {
namespace {

constexpr int64_t kNanos = base::kNanosPerSecond;

base::Result<std::string> path_of_session(const std::string& id) {
  const auto path = journal::folder_path(journal::FolderSettings::of_process());
  if (!path) return path.error();
  const auto folder = journal::Folder::open(*path);
  if (!folder) return folder.error();
  const auto session = folder->find(id);
  if (!session) return session.error();
  return session->path;
}

}  // namespace

base::Result<journal::Journal> open_journal(const std::string& path) {
  const auto header = journal::read_journal_header(path);
  if (!header) return header.error();
  const auto root = kernfs::KernelRoot::open("/proc", "/sys");
  if (!root) return root.error();
  struct stat info{};
  const int64_t written_ns =
      ::stat(path.c_str(), &info) == 0 ? info.st_mtim.tv_sec * kNanos + info.st_mtim.tv_nsec : 0;
  journal::ReadOptions options;
  options.is_live = journal::is_alive(header->facts.origin, header->facts.interval_seconds,
                                      base::SystemClock().wall_ns() - written_ns,
                                      journal::read_machine(*root), *root);
  return journal::read_journal_file(path, options);
}

base::Result<journal::Recording> open_session(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    if (journal::is_session_id(path)) {
      const auto found = path_of_session(path);
      if (!found) return found.error();
      return open_session(*found);
    }
    return base::Error{base::ErrorCode::kNotFound,
                       "there is no session '" + base::one_line(path, 200) +
                           "': give a journal, an exported folder or .zip, or a session's id",
                       0};
  }
  if (S_ISDIR(info.st_mode) || path.ends_with(".zip")) return session::import_session(path);
  auto journal = open_journal(path);
  if (!journal) return journal.error();
  return std::move(journal->recording);
}

}  // namespace jumper::monitor
