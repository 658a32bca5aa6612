// SPDX-License-Identifier: BSD-3-Clause
// The files of an exported session, in a folder or in a zip archive. Only files asked for by name
// are read; links in a folder are not followed, and nothing is ever unpacked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "jumper/base/fd.h"
#include "jumper/base/result.h"
#include "jumper/session/zip_reader.h"

namespace jumper::session {

inline constexpr size_t kMostFileBytes = size_t{512} << 20;

// The content of a plain file; an error where it has more bytes than that.
[[nodiscard]] base::Result<std::string> read_bounded(int fd, const std::string& shown_name,
                                                     size_t most_bytes);

class SessionFiles {
 public:
  static base::Result<SessionFiles> open(const std::string& path);

  // Absent where there is no such file.
  [[nodiscard]] base::Result<std::optional<std::string>> read(
      const std::string& name, size_t most_bytes = kMostFileBytes) const;

 private:
  explicit SessionFiles(base::UniqueFd folder) : files_(std::move(folder)) {}
  explicit SessionFiles(ZipArchive archive);
  [[nodiscard]] base::Result<std::optional<std::string>> read_in_folder(const std::string& name,
                                                                        size_t most_bytes) const;

  std::variant<base::UniqueFd, ZipArchive> files_;
  std::string prefix_;  // of the names in an archive that was made of a folder
};

}  // namespace jumper::session
