// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/vitals.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "jumper/base/parse.h"
#include "jumper/cgroup/groups.h"
#include "jumper/journal/payload.h"
#include "jumper/kernfs/file.h"
#include "jumper/procfs/vmstat.h"

namespace jumper::journal {
namespace {

constexpr size_t kMostProcesses = 16;
constexpr size_t kMostText = 4096;

// A count that may not be known: 0 for that, else one more.
void put_maybe(std::string& bytes, const std::optional<uint64_t>& count) {
  put_number(bytes, count ? *count + 1 : 0);
}

std::optional<uint64_t> take_maybe(PayloadReader& reader) {
  const uint64_t code = reader.number();
  return code == 0 ? std::nullopt : std::optional(code - 1);
}

base::Result<std::string_view> read_all(int folder_fd, const std::string& path,
                                        kernfs::ReadBuffer& buffer) {
  const auto file = kernfs::File::open(folder_fd, path.c_str());
  if (!file) return file.error();
  return file->read_to_end(buffer);
}

std::optional<uint64_t> read_group(const kernfs::KernelRoot& root, const std::string& file,
                                   kernfs::ReadBuffer& buffer) {
  const auto text = read_all(root.sys_fd(), file, buffer);
  return text ? parse_group_oom_kills(*text) : std::nullopt;
}

std::optional<uint64_t> read_machine_kills(const kernfs::KernelRoot& root,
                                           kernfs::ReadBuffer& buffer) {
  const auto text = read_all(root.proc_fd(), "vmstat", buffer);
  if (!text) return std::nullopt;
  const auto vmstat = procfs::parse_vmstat(*text);
  return vmstat ? vmstat->oom_kills : std::nullopt;
}

// 0 where there is no such file.
uint64_t inode_of(const kernfs::KernelRoot& root, const std::string& file) {
  struct stat found{};
  if (root.sys_fd() < 0) return 0;
  return ::fstatat(root.sys_fd(), file.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 ? found.st_ino
                                                                                  : 0;
}

// A journal says which file is to be read: one of a control group, and nowhere else.
bool is_group_file(std::string_view file) {
  const bool has_name = file.ends_with("/memory.oom_control") || file.ends_with("/memory.events");
  return has_name && file.starts_with("fs/cgroup/") && file.size() <= kMostText &&
         file.find("/../") == std::string_view::npos && file.find('\0') == std::string_view::npos;
}

}  // namespace

std::optional<uint64_t> parse_group_oom_kills(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = base::next_line(text);
    if (base::next_word(line) == "oom_kill") return base::next_number<uint64_t>(line);
  }
  return std::nullopt;
}

OomKills read_oom_kills(const kernfs::KernelRoot& root, kernfs::ReadBuffer& buffer) {
  OomKills kills;
  kills.machine = read_machine_kills(root, buffer);
  const auto proc_cgroup = read_all(root.proc_fd(), "self/cgroup", buffer);
  if (!proc_cgroup) return kills;
  const auto group = cgroup::parse_group(*proc_cgroup, "memory");
  if (!group) return kills;
  // The innermost that we can see: in a container that is the container's own.
  for (const std::string& folder : cgroup::group_folders(*group, "memory")) {
    const std::string file =
        folder + (group->version == 1 ? "/memory.oom_control" : "/memory.events");
    kills.group = read_group(root, file, buffer);
    if (!kills.group) continue;
    kills.group_file = file;
    kills.group_inode = inode_of(root, file);
    break;
  }
  return kills;
}

OomKills read_again(const kernfs::KernelRoot& root, const OomKills& before) {
  kernfs::ReadBuffer buffer;
  OomKills kills;
  kills.machine = read_machine_kills(root, buffer);
  kills.group_file = before.group_file;
  if (!is_group_file(before.group_file)) return kills;
  kills.group_inode = inode_of(root, before.group_file);
  if (kills.group_inode == before.group_inode)
    kills.group = read_group(root, before.group_file, buffer);
  return kills;
}

std::string encode_vitals(const Vitals& vitals) {
  std::string bytes;
  put_signed(bytes, vitals.time_ns);
  put_number(bytes, vitals.processes);
  put_maybe(bytes, vitals.oom_kills.group);
  put_maybe(bytes, vitals.oom_kills.machine);
  put_number(bytes, vitals.oom_kills.group_inode);
  put_text(bytes, std::string_view(vitals.oom_kills.group_file).substr(0, kMostText));
  const size_t count = std::min(vitals.largest.size(), kMostProcesses);
  put_number(bytes, count);
  for (const Vitals::Process& process : std::span(vitals.largest).first(count)) {
    put_number(bytes, static_cast<uint64_t>(process.pid));
    put_number(bytes, process.memory_bytes);
    put_text(bytes, std::string_view(process.name).substr(0, kMostText));
  }
  return bytes;
}

std::optional<Vitals> decode_vitals(std::string_view payload) {
  PayloadReader reader(payload);
  Vitals vitals;
  vitals.time_ns = reader.signed_number();
  const uint64_t processes = reader.number();
  vitals.oom_kills.group = take_maybe(reader);
  vitals.oom_kills.machine = take_maybe(reader);
  vitals.oom_kills.group_inode = reader.number();
  vitals.oom_kills.group_file = reader.text();
  const uint64_t count = reader.number();
  if (count > kMostProcesses || processes > std::numeric_limits<uint32_t>::max())
    return std::nullopt;
  vitals.processes = static_cast<uint32_t>(processes);
  for (uint64_t i = 0; i < count; ++i) {
    Vitals::Process process;
    process.pid = static_cast<pid_t>(reader.number());
    process.memory_bytes = reader.number();
    process.name = reader.text();
    vitals.largest.push_back(std::move(process));
  }
  if (!reader.ok()) return std::nullopt;
  return vitals;
}

}  // namespace jumper::journal
