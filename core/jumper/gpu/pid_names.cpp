// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/pid_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "jumper/base/fd.h"
#include "jumper/base/parse.h"
#include "jumper/kernfs/file.h"

namespace jumper::gpu {
namespace {

// The number that the kernel gives to the first pid namespace (PROC_PID_INIT_INO).
constexpr std::string_view kFirstNamespace = "pid:[4026531836]";
constexpr uint32_t kReadingsUntilLookedForAgain = 30;
constexpr size_t kMostNames = 4'096;
constexpr size_t kMostProcesses = 32'768;
constexpr size_t kMostFiles = 4'096;  // of one process

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

Folder open_folder(int parent, const std::string& path) {
  base::UniqueFd fd(::openat(parent, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return nullptr;
  Folder folder(::fdopendir(fd.get()));
  if (folder) static_cast<void>(fd.release());
  return folder;
}

// Calls `see` with each name until it says that this is enough.
void each_name(DIR* folder, size_t most, const std::function<bool(const char*)>& see) {
  for (size_t count = 0; count < most; ++count) {
    const dirent* entry = ::readdir(folder);
    if (entry == nullptr || see(entry->d_name)) return;
  }
}

std::string link_of(int parent, const std::string& path) {
  std::array<char, 256> target{};
  const ssize_t length = ::readlinkat(parent, path.c_str(), target.data(), target.size());
  return length > 0 ? std::string(target.data(), static_cast<size_t>(length)) : std::string();
}

}  // namespace

std::vector<pid_t> parse_namespace_pids(std::string_view status) {
  constexpr std::string_view kKey = "NSpid:";
  std::vector<pid_t> pids;
  while (!status.empty()) {
    std::string_view line = base::next_line(status);
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    pids.clear();
    // The kernel nests at most 32 of them.
    for (int count = 0; count < 33; ++count) {
      const std::string_view word = base::next_word(line);
      if (word.empty()) break;
      const auto pid = base::parse_number<pid_t>(word);
      if (!pid || *pid <= 0) return {};
      pids.push_back(*pid);
    }
  }
  return pids;
}

PidNames::PidNames(const kernfs::KernelRoot& root, std::string device_prefix)
    : root_(root), device_prefix_(std::move(device_prefix)) {
  is_first_namespace_ = link_of(root.proc_fd(), "self/ns/pid") == kFirstNamespace;
}

void PidNames::next_reading() {
  ++reading_;
  if (names_.size() > kMostNames) names_.clear();
}

std::optional<pid_t> PidNames::ours(uint32_t pid) {
  if (pid == 0 || pid > static_cast<uint32_t>(INT_MAX)) return std::nullopt;
  const auto number = static_cast<pid_t>(pid);
  if (is_first_namespace_) return number;
  const auto found = names_.find(pid);
  if (found != names_.end()) {
    Name& name = found->second;
    if (name.looked_at == reading_) return name.ours;
    if (name.ours && start_ticks(*name.ours) == name.start_ticks) {
      name.looked_at = reading_;
      return name.ours;
    }
    if (!name.ours && reading_ - name.looked_at < kReadingsUntilLookedForAgain) return std::nullopt;
  }
  Name name{.ours = look_up(number), .looked_at = reading_};
  if (name.ours) {
    const std::optional<uint64_t> start = start_ticks(*name.ours);
    if (!start) name.ours.reset();
    name.start_ticks = start.value_or(0);
  }
  names_[pid] = name;
  return name.ours;
}

std::optional<pid_t> PidNames::look_up(pid_t pid) {
  // We use the driver ourselves, whatever else of us does.
  if (pid == ::getpid() && start_ticks(pid)) return pid;
  if (uses_driver(pid)) return pid;
  if (listed_at_ == 0 || reading_ - listed_at_ >= kReadingsUntilLookedForAgain) list_inner_names();
  const auto found = inner_.find(pid);
  if (found == inner_.end() || found->second.is_ambiguous) return std::nullopt;
  return found->second.ours;
}

bool PidNames::uses_driver(pid_t pid) const {
  const std::string path = std::to_string(pid) + "/fd";
  const Folder folder = open_folder(root_.proc_fd(), path);
  if (!folder) return false;
  bool found = false;
  each_name(folder.get(), kMostFiles, [&](const char* name) {
    if (name[0] == '.') return false;
    found = link_of(::dirfd(folder.get()), name).starts_with(device_prefix_);
    return found;
  });
  return found;
}

std::optional<uint64_t> PidNames::start_ticks(pid_t pid) const {
  const auto text = kernfs::read_once(root_.proc_fd(), (std::to_string(pid) + "/stat").c_str());
  if (!text) return std::nullopt;
  // The name of the command, which may hold anything, ends at the last parenthesis; the 20th word
  // behind it is the start (proc_pid_stat(5)).
  std::string_view rest = *text;
  const size_t end = rest.rfind(')');
  if (end == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(end + 1);
  for (int skipped = 0; skipped < 19; ++skipped) static_cast<void>(base::next_word(rest));
  return base::next_number<uint64_t>(rest);
}

void PidNames::list_inner_names() {
  listed_at_ = reading_;
  inner_.clear();
  const Folder folder = open_folder(root_.proc_fd(), ".");
  if (!folder) return;
  each_name(folder.get(), kMostProcesses, [&](const char* name) {
    const auto pid = base::parse_number<pid_t>(std::string_view(name));
    if (!pid || *pid <= 0) return false;
    const auto status = kernfs::read_once(root_.proc_fd(), (std::string(name) + "/status").c_str());
    if (!status) return false;
    const std::vector<pid_t> pids = parse_namespace_pids(*status);
    if (pids.size() < 2 || !uses_driver(*pid)) return false;
    for (size_t place = 1; place < pids.size(); ++place) {
      const auto [at, is_new] = inner_.try_emplace(pids[place], Inner{*pid, false});
      if (!is_new && at->second.ours != *pid) at->second.is_ambiguous = true;
    }
    return false;
  });
}

}  // namespace jumper::gpu
