// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/session_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "jumper/base/text.h"

namespace jumper::session {
namespace {

constexpr size_t kMostArchiveBytes = size_t{1} << 30;
constexpr size_t kShownColumns = 200;
constexpr std::string_view kManifest = "manifest.json";

std::string shown(std::string_view path) {
  return "'" + base::one_line(path, kShownColumns) + "'";
}

base::Error read_error(const std::string& shown_name, int sys_errno) {
  return base::errno_error("cannot read", base::one_line(shown_name, kShownColumns), sys_errno);
}

}  // namespace

base::Result<std::string> read_bounded(int fd, const std::string& shown_name, size_t most_bytes) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return read_error(shown_name, errno);
  if (S_ISDIR(status.st_mode)) return base::bad_input(shown(shown_name) + " is a folder, no file");
  if (!S_ISREG(status.st_mode)) return base::bad_input(shown(shown_name) + " is no plain file");
  const auto too_large = [&] {
    return base::bad_input(shown(shown_name) + " is larger than what is read (" +
                           std::to_string(most_bytes >> 20U) + " MiB)");
  };
  const auto size = static_cast<size_t>(status.st_size);
  if (size > most_bytes) return too_large();
  std::string content(size, '\0');
  size_t got = 0;
  while (got < content.size()) {
    const ssize_t count = ::read(fd, content.data() + got, content.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return read_error(shown_name, errno);
    if (count == 0) break;  // it was made shorter meanwhile
    got += static_cast<size_t>(count);
  }
  content.resize(got);
  return content;
}

SessionFiles::SessionFiles(ZipArchive archive) : files_(std::move(archive)) {
  const auto& names = std::get<ZipArchive>(files_);
  if (names.has(kManifest)) return;
  for (const std::string_view name : names.names()) {
    const size_t slash = name.find('/');
    if (slash == std::string_view::npos || name.substr(slash + 1) != kManifest) continue;
    prefix_ = name.substr(0, slash + 1);
    return;
  }
}

base::Result<SessionFiles> SessionFiles::open(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return base::bad_input(shown(path) + " is no name of a folder or a file");
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return read_error(path, errno);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return read_error(path, errno);
  if (S_ISDIR(status.st_mode)) return SessionFiles(std::move(fd));
  auto bytes = read_bounded(fd.get(), path, kMostArchiveBytes);
  if (!bytes) return bytes.error();
  auto archive = ZipArchive::open(*std::move(bytes));
  if (!archive) return base::bad_input(shown(path) + ": " + archive.error().message);
  return SessionFiles(*std::move(archive));
}

base::Result<std::optional<std::string>> SessionFiles::read(const std::string& name,
                                                            size_t most_bytes) const {
  const auto* archive = std::get_if<ZipArchive>(&files_);
  if (archive == nullptr) return read_in_folder(name, most_bytes);
  const std::string full = prefix_ + name;
  if (!archive->has(full)) return std::optional<std::string>();
  auto content = archive->read(full);
  if (!content) return content.error();
  if (content->size() > most_bytes) {
    return base::bad_input(shown(name) + " is larger than what is read (" +
                           std::to_string(most_bytes >> 20U) + " MiB)");
  }
  return std::optional(*std::move(content));
}

base::Result<std::optional<std::string>> SessionFiles::read_in_folder(const std::string& name,
                                                                      size_t most_bytes) const {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const int folder = std::get<base::UniqueFd>(files_).get();
  const base::UniqueFd fd(::openat(folder, name.c_str(), kFlags));
  if (!fd.valid() && errno == ENOENT) return std::optional<std::string>();
  if (!fd.valid() && errno == ELOOP)
    return base::bad_input(shown(name) + " is a link, which is not followed in a session's folder");
  if (!fd.valid()) return read_error(name, errno);
  auto content = read_bounded(fd.get(), name, most_bytes);
  if (!content) return content.error();
  return std::optional(*std::move(content));
}

}  // namespace jumper::session
