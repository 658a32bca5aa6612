// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <utility>

#include "jumper/base/text.h"

namespace jumper::journal {
namespace {

using base::Error;
using base::ErrorCode;
using base::UniqueFd;

constexpr size_t kShownPathColumns = 1024;
constexpr std::string_view kFolderName = "sessions";
// Of an id: "YYYYMMDD-HHMMSS-" and "-" with four digits of base 16.
constexpr size_t kTimeLength = 16;
constexpr size_t kRandomLength = 5;
constexpr int kMostTries = 16;

std::string shown(const std::string& path) {
  return base::one_line(path, kShownPathColumns);
}

Error failed(std::string_view action, const std::string& path, int sys_errno) {
  return base::errno_error(action, shown(path), sys_errno);
}

Error refused(const std::string& path, std::string_view reason) {
  return Error{ErrorCode::kPermissionDenied,
               "the folder '" + shown(path) + "' " + std::string(reason), 0};
}

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string home_of_account() {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0) return "";
  return found == nullptr || found->pw_dir == nullptr ? "" : found->pw_dir;
}

// Where it begins, for the folder stays the same when the process goes elsewhere.
base::Result<std::string> absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  std::array<char, 4096> here{};
  if (::getcwd(here.data(), here.size()) == nullptr)
    return failed("cannot tell where the folder lies:", path, errno);
  return std::string(here.data()) + "/" + path;
}

// Makes the folder and those around it, each for the owner alone (as XDG wants those it names).
base::Status make_folders(const std::string& path) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      struct stat there{};
      // On the way there may be folders that we may only pass through.
      const int mkdir_errno = errno;
      if (::stat(part.c_str(), &there) != 0 || !S_ISDIR(there.st_mode))
        return failed("cannot make the folder", part, mkdir_errno);
    }
    if (slash == std::string::npos) return base::Done{};
  }
}

// In a folder like /tmp, a link that somebody else made would have us make folders where it leads.
base::Status check_parent(const std::string& path) {
  struct stat link{};
  if (::lstat(path.c_str(), &link) != 0) return failed("cannot use the folder", path, errno);
  const bool is_ours = link.st_uid == ::geteuid() || link.st_uid == 0;
  if (S_ISLNK(link.st_mode) && !is_ours)
    return refused(path, "is a link that another user made: not used");
  return base::Done{};
}

base::Result<UniqueFd> open_folder(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) {
    // What open() answers for a link, with the flags above.
    struct stat there{};
    const int open_errno = errno;
    if (::lstat(path.c_str(), &there) == 0 && S_ISLNK(there.st_mode))
      return refused(path, "is a link: not used, set JUMPER_DIR to where it leads");
    return failed("cannot use the folder", path, open_errno);
  }
  struct stat folder{};
  if (::fstat(fd.get(), &folder) != 0) return failed("cannot use the folder", path, errno);
  if (folder.st_uid != ::geteuid())
    return refused(path, "belongs to another user: set JUMPER_DIR to one of your own");
  if ((folder.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return refused(path, "is open to other users: chmod 700 it");
  return fd;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

void append_digits(std::string& text, int number, unsigned width) {
  const std::string digits = std::to_string(number);
  text.append(width > digits.size() ? width - digits.size() : 0, '0');
  text += digits;
}

int64_t to_ns(const timespec& time) {
  return int64_t{time.tv_sec} * base::kNanosPerSecond + time.tv_nsec;
}

std::string name_of(std::string_view id) {
  return std::string(id) + std::string(kJournalSuffix);
}

}  // namespace

FolderSettings FolderSettings::of_process() {
  FolderSettings settings{from_environment("JUMPER_DIR"), from_environment("XDG_STATE_HOME"),
                          from_environment("HOME")};
  if (settings.home.empty()) settings.home = home_of_account();
  return settings;
}

base::Result<std::string> folder_path(const FolderSettings& settings) {
  std::string base_path = settings.jumper_dir;
  if (base_path.empty() && settings.xdg_state_home.starts_with('/'))
    base_path = settings.xdg_state_home + "/jumper";
  if (base_path.empty() && !settings.home.empty())
    base_path = settings.home + "/.local/state/jumper";
  if (base_path.empty()) {
    return Error{ErrorCode::kNotFound,
                 "there is no home directory to keep journals in: set JUMPER_DIR to a folder", 0};
  }
  auto path = absolute(base_path);
  if (!path) return path.error();
  while (path->size() > 1 && path->ends_with('/')) path->pop_back();
  return *path + (path->ends_with('/') ? "" : "/") + std::string(kFolderName);
}

std::string session_id(int64_t wall_ns, pid_t pid, uint16_t random) {
  const time_t seconds = wall_ns / base::kNanosPerSecond;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::string id;
  append_digits(id, utc.tm_year + 1900, 4);
  append_digits(id, utc.tm_mon + 1, 2);
  append_digits(id, utc.tm_mday, 2);
  id += '-';
  append_digits(id, utc.tm_hour, 2);
  append_digits(id, utc.tm_min, 2);
  append_digits(id, utc.tm_sec, 2);
  id += '-' + std::to_string(pid) + '-';
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) id += kDigits[random >> shift & 15U];
  return id;
}

bool is_session_id(std::string_view text) {
  if (text.size() <= kTimeLength + kRandomLength || text.size() > 64) return false;
  const std::string_view time = text.substr(0, kTimeLength);
  for (size_t at = 0; at < time.size(); ++at) {
    const bool is_dash = at == 8 || at == 15;
    if (is_dash ? time[at] != '-' : !is_digit(time[at])) return false;
  }
  const std::string_view random = text.substr(text.size() - kRandomLength);
  const std::string_view pid = text.substr(kTimeLength, text.size() - kTimeLength - kRandomLength);
  return std::ranges::all_of(pid, is_digit) && random.front() == '-' &&
         std::ranges::all_of(random.substr(1), is_hex_digit);
}

std::vector<StoredSession> sessions_to_remove(std::vector<StoredSession> sessions,
                                              uint64_t living_bytes, const RetentionLimits& limits,
                                              int64_t wall_now_ns) {
  std::ranges::sort(sessions, {}, &StoredSession::written_wall_ns);
  uint64_t bytes = living_bytes;
  for (const StoredSession& session : sessions) bytes += session.bytes;
  std::vector<StoredSession> gone;
  for (StoredSession& session : sessions) {
    const int64_t age_ns = wall_now_ns - session.written_wall_ns;
    if (age_ns < limits.kept_ns) break;  // and so are all that follow
    if (age_ns <= limits.most_age_ns && bytes <= limits.most_bytes) break;
    bytes -= session.bytes;
    gone.push_back(std::move(session));
  }
  return gone;
}

base::Result<Folder> Folder::open_or_make(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos || path.find('\0') != std::string::npos)
    return base::bad_input("'" + shown(path) + "' cannot be a folder of journals");
  const std::string parent = slash == 0 ? "/" : path.substr(0, slash);
  if (const auto made = make_folders(parent); !made) return made.error();
  if (const auto checked = check_parent(parent); !checked) return checked.error();
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return failed("cannot make the folder", path, errno);
  return open(path);
}

base::Result<Folder> Folder::open(const std::string& path) {
  auto fd = open_folder(path);
  if (!fd) return fd.error();
  return Folder(path, std::move(*fd));
}

base::Result<NewJournal> Folder::create(int64_t wall_ns, pid_t pid) const {
  for (int tries = 0; tries < kMostTries; ++tries) {
    uint16_t random = 0;
    if (::getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
      random = static_cast<uint16_t>(base::SystemClock().monotonic_ns());
    std::string id = session_id(wall_ns, pid, random);
    const std::string name = name_of(id);
    UniqueFd fd(::openat(fd_.get(), name.c_str(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_APPEND, 0600));
    if (fd.valid()) return NewJournal{std::move(id), path_ + "/" + name, std::move(fd)};
    // ENOENT: the folder itself was removed, while we hold it open.
    if (errno != EEXIST) return failed("cannot make a journal in", path_, errno);
  }
  return failed("cannot make a journal in", path_, EEXIST);
}

std::optional<StoredSession> Folder::look_at(const std::string& name) const {
  if (!name.ends_with(kJournalSuffix)) return std::nullopt;
  std::string id = name.substr(0, name.size() - kJournalSuffix.size());
  if (!is_session_id(id)) return std::nullopt;
  struct stat file{};
  if (::fstatat(fd_.get(), name.c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  if (!S_ISREG(file.st_mode) || file.st_uid != ::geteuid()) return std::nullopt;
  return StoredSession{std::move(id), path_ + "/" + name, static_cast<uint64_t>(file.st_size),
                       to_ns(file.st_mtim)};
}

base::Result<std::vector<StoredSession>> Folder::list() const {
  // A descriptor of its own, for reading a folder moves a position.
  const int fd = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed("cannot list", path_, errno);
  const std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> listing(
      ::fdopendir(fd));
  if (!listing) {
    ::close(fd);
    return failed("cannot list", path_, errno);
  }
  std::vector<StoredSession> sessions;
  for (;;) {
    errno = 0;
    const dirent* entry =
        ::readdir(listing.get());  // NOLINT(concurrency-mt-unsafe): its own stream
    if (entry == nullptr) break;
    if (auto session = look_at(entry->d_name)) sessions.push_back(std::move(*session));
  }
  if (errno != 0) return failed("cannot list", path_, errno);
  std::ranges::sort(sessions, std::ranges::greater{}, &StoredSession::id);
  return sessions;
}

base::Result<StoredSession> Folder::find(std::string_view id) const {
  auto sessions = list();
  if (!sessions) return sessions.error();
  const StoredSession* found = nullptr;
  size_t count = 0;
  for (const StoredSession& session : *sessions) {
    if (session.id == id) return session;
    if (id.empty() || !std::string_view(session.id).starts_with(id)) continue;
    found = &session;
    ++count;
  }
  if (count == 1) return *found;
  const std::string name = "'" + base::one_line(id, 40) + "'";
  if (count > 1)
    return base::bad_input(std::to_string(count) + " sessions begin with " + name + ": write more");
  return Error{ErrorCode::kNotFound, "there is no session " + name + " in '" + shown(path_) + "'",
               0};
}

base::Result<UniqueFd> Folder::open_journal(const StoredSession& session) const {
  if (!is_session_id(session.id)) return base::bad_input("that is no session's name");
  UniqueFd fd(::openat(fd_.get(), name_of(session.id).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return failed("cannot read", session.path, errno);
  return fd;
}

base::Status Folder::remove(const StoredSession& session) const {
  if (!is_session_id(session.id)) return base::bad_input("that is no session's name");
  const std::string name = name_of(session.id);
  ::unlinkat(fd_.get(), (name + std::string(kCopySuffix)).c_str(), 0);
  if (::unlinkat(fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
    return failed("cannot remove", session.path, errno);
  return base::Done{};
}

}  // namespace jumper::journal
