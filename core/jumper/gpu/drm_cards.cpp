// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_cards.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <tuple>

#include "jumper/base/parse.h"

namespace jumper::gpu {
namespace {

// "card7" -> 7; absent for connectors of cards ("card0-DP-1") and all else.
std::optional<uint32_t> card_number(std::string_view name) {
  if (!name.starts_with("card")) return std::nullopt;
  return base::parse_number<uint32_t>(name.substr(4));
}

base::UniqueFd open_folder(int folder_fd, const char* path) {
  return base::UniqueFd(::openat(folder_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

std::string printable(std::string_view text) {
  std::string line(base::trim(text));
  std::erase_if(line, [](unsigned char c) { return c < ' ' || c >= 0x7F; });
  return line;
}

// /sys/.../uevent: DRIVER=amdgpu, PCI_ID=1002:740F, PCI_SLOT_NAME=0000:03:00.0.
void read_uevent(DrmCard& card) {
  const auto uevent = kernfs::read_once(card.device.get(), "uevent");
  if (!uevent) return;
  std::string_view text = *uevent;
  while (!text.empty()) {
    const std::string_view line = base::next_line(text);
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (key == "DRIVER") card.driver = printable(value);
    if (key == "PCI_ID") card.pci_id = printable(value);
    if (key == "PCI_SLOT_NAME") card.bus_id = printable(value);
  }
}

}  // namespace

bool DrmCard::has_render_node() const {
  return std::ranges::any_of(nodes,
                             [](const std::string& node) { return node.starts_with("renderD"); });
}

std::vector<DrmCard> find_drm_cards(const kernfs::KernelRoot& root) {
  std::vector<std::pair<uint32_t, DrmCard>> found;
  for (const std::string& name : names_in(root.sys_fd(), "class/drm")) {
    const auto number = card_number(name);
    if (!number) continue;
    DrmCard card;
    card.folder = open_folder(root.sys_fd(), ("class/drm/" + name).c_str());
    if (!card.folder.valid()) continue;
    card.device = open_folder(card.folder.get(), "device");
    if (!card.device.valid()) continue;
    read_uevent(card);
    card.nodes = names_in(card.device.get(), "drm");
    found.emplace_back(*number, std::move(card));
  }
  std::ranges::sort(found, [](const auto& left, const auto& right) {
    return std::tie(left.second.bus_id, left.first) < std::tie(right.second.bus_id, right.first);
  });
  std::vector<DrmCard> cards;
  cards.reserve(found.size());
  for (auto& [number, card] : found) cards.push_back(std::move(card));
  return cards;
}

std::vector<std::string> names_in(int folder_fd, const char* path) {
  std::vector<std::string> names;
  if (folder_fd == -1) return names;
  const int fd = ::openat(folder_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(fd), ::closedir);
  if (folder == nullptr) {
    ::close(fd);
    return names;
  }
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::string line_of(int folder_fd, const char* path) {
  const auto text = kernfs::read_once(folder_fd, path);
  if (!text) return "";
  std::string_view rest = *text;
  return printable(base::next_line(rest));
}

std::optional<uint64_t> number_of(int folder_fd, const char* path) {
  return base::parse_number<uint64_t>(line_of(folder_fd, path));
}

bool is_asleep(const DrmCard& card) {
  const std::string status = line_of(card.device.get(), "power/runtime_status");
  return status == "suspended" || status == "suspending";
}

std::string sensors_of(const DrmCard& card) {
  std::string path;
  for (const std::string& name : names_in(card.device.get(), "hwmon")) {
    const std::string folder = "hwmon/" + name;
    if (line_of(card.device.get(), (folder + "/name").c_str()) == card.driver) return folder;
    if (path.empty()) path = folder;
  }
  return path;
}

void ValueFile::open(int folder_fd, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    auto file = kernfs::File::open(folder_fd, path.c_str());
    if (!file) {
      // The first that is forbidden is worth more than the last that is not there.
      if (open_errno_ == 0 || open_errno_ == ENOENT) open_errno_ = file.error().sys_errno;
      continue;
    }
    file_ = std::move(*file);
    open_errno_ = 0;
    return;
  }
}

std::optional<uint64_t> ValueFile::read(kernfs::ReadBuffer& buffer, int& last_errno) const {
  if (!file_.is_open()) return std::nullopt;
  const auto text = file_.read(buffer);
  if (!text) {
    last_errno = text.error().sys_errno;
    return std::nullopt;
  }
  return base::parse_number<uint64_t>(base::trim(*text));
}

std::string words_of_errno(int number) {
  return std::error_code(number, std::generic_category()).message();
}

}  // namespace jumper::gpu
