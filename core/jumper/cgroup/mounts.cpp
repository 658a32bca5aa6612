// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/mounts.h"

#include <algorithm>
#include <ranges>

#include "jumper/base/parse.h"
#include "jumper/kernfs/file.h"

namespace jumper::cgroup {
namespace {

// Blanks, tabs, line ends and backslashes are written as "\040" and the like.
std::string unescaped(std::string_view text) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
        is_octal(text[i + 3])) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// "36 35 0:31 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu"
std::optional<Mount> parse_mount(std::string_view line) {
  constexpr std::string_view kSys = "/sys/";
  for (int skipped = 0; skipped < 3; ++skipped) static_cast<void>(base::next_word(line));
  const std::string_view shown = base::next_word(line);
  const std::string folder = unescaped(base::next_word(line));
  std::string_view word = base::next_word(line);
  while (!word.empty() && word != "-") word = base::next_word(line);
  const std::string_view type = base::next_word(line);
  static_cast<void>(base::next_word(line));  // what is mounted
  if ((type != "cgroup" && type != "cgroup2") || !folder.starts_with(kSys)) return std::nullopt;
  return Mount{type == "cgroup" ? 1 : 2, unescaped(shown), folder.substr(kSys.size()),
               std::string(base::next_word(line))};
}

bool is_among(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    if (list.substr(0, comma) == name) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

// The group's path below the mount's top; empty for the top itself.
std::string path_below(const Mount& mount, const std::string& path) {
  const bool is_outside = path == "/.." || path.starts_with("/../");
  if (path == "/" || is_outside) return "";
  if (mount.root == "/") return path;
  const bool is_within = path.starts_with(mount.root) &&
                         (path.size() == mount.root.size() || path[mount.root.size()] == '/');
  return is_within ? path.substr(mount.root.size()) : "";
}

}  // namespace

std::vector<Mount> parse_mounts(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  while (!mountinfo.empty()) {
    if (auto mount = parse_mount(base::next_line(mountinfo))) mounts.push_back(std::move(*mount));
  }
  return mounts;
}

std::optional<std::vector<std::string>> mounted_folders(const Group& group,
                                                        std::string_view controller,
                                                        const std::vector<Mount>& mounts) {
  // What is mounted last at a place is what is seen there.
  const auto newest_first = mounts | std::views::reverse;
  const auto found = std::ranges::find_if(newest_first, [&](const Mount& mount) {
    return mount.version == group.version &&
           (mount.version == 2 || is_among(mount.options, controller));
  });
  if (found == newest_first.end()) return std::nullopt;
  std::vector<std::string> folders;
  std::string path = path_below(*found, group.path);
  for (;;) {
    folders.push_back(found->folder + path);
    if (path.empty()) return folders;
    path.resize(path.rfind('/'));
  }
}

std::optional<OwnFolders> find_own_folders(const kernfs::KernelRoot& root,
                                           std::string_view controller) {
  if (root.sys_fd() < 0) return std::nullopt;
  const auto proc_cgroup = kernfs::read_once(root.proc_fd(), "self/cgroup");
  if (!proc_cgroup) return std::nullopt;
  const auto group = parse_group(*proc_cgroup, controller);
  if (!group) return std::nullopt;
  if (const auto mountinfo = kernfs::read_once(root.proc_fd(), "self/mountinfo")) {
    if (auto folders = mounted_folders(*group, controller, parse_mounts(*mountinfo)))
      return OwnFolders{group->version, std::move(*folders)};
  }
  return OwnFolders{group->version, group_folders(*group, controller)};
}

}  // namespace jumper::cgroup
