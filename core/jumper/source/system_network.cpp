// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_network.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "jumper/base/parse.h"

namespace jumper::source {
namespace {

// What an interface is to the border of the machine; the header has the rule. Those of the highest
// kind that there is are counted.
enum class Border { kNone, kTap, kLink, kDevice };

using FolderHandle = std::unique_ptr<DIR, decltype([](DIR* folder) { ::closedir(folder); })>;

// The folder /sys/class/net/NAME.
class InterfaceFolder {
 public:
  InterfaceFolder(const kernfs::KernelRoot& root, std::string_view name) {
    // A name from outside must not lead to another folder.
    if (root.sys_fd() < 0 || name == "." || name == "..") return;
    if (name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos)
      return;
    std::string path = "class/net/";
    path += name;
    fd_.reset(::openat(root.sys_fd(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  [[nodiscard]] bool is_open() const { return fd_.valid(); }

  [[nodiscard]] bool has(const char* name) const {
    struct stat status{};
    return ::fstatat(fd_.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0;
  }

  // The kernel links interfaces that stand on each other: "lower_eth0" in the folder of a bond,
  // "upper_bond0" in that of its card.
  [[nodiscard]] bool has_link(std::string_view prefix) const {
    const int fd = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    const FolderHandle folder(::fdopendir(fd));
    if (!folder) {
      ::close(fd);
      return false;
    }
    while (const dirent* entry = ::readdir(folder.get())) {
      if (std::string_view(entry->d_name).starts_with(prefix)) return true;
    }
    return false;
  }

  [[nodiscard]] std::optional<int> number(const char* name) const {
    const auto text = kernfs::read_once(fd_.get(), name);
    return text ? base::parse_number<int>(base::trim(*text)) : std::nullopt;
  }

 private:
  base::UniqueFd fd_;
};

bool is_device(const InterfaceFolder& folder) {
  return folder.is_open() && folder.has("device") && !folder.has_link("lower_");
}

// iflink of a tunnel that is bound to no interface is 0.
bool leads_elsewhere(const InterfaceFolder& folder) {
  const std::optional<int> own = folder.number("ifindex");
  const std::optional<int> other = folder.number("iflink");
  return own && other && *other > 0 && *other != *own;
}

Border border_of(const InterfaceFolder& folder) {
  if (!folder.is_open()) return Border::kNone;
  if (is_device(folder)) return Border::kDevice;
  if (folder.has_link("lower_") || folder.has_link("upper_")) return Border::kNone;
  if (leads_elsewhere(folder)) return Border::kLink;
  return folder.has("tun_flags") ? Border::kTap : Border::kNone;
}

// A counter that went down has begun anew, nobody knows when: no difference.
uint64_t growth(uint64_t now, uint64_t before) {
  return now > before ? now - before : 0;
}

}  // namespace

SystemNetwork::SystemNetwork(const kernfs::KernelRoot& root) : root_(root) {
  auto file = kernfs::File::open(root.proc_fd(), "net/dev");
  if (!file) return;
  kernfs::ReadBuffer buffer;
  const auto text = file->read(buffer);
  if (!text) return;
  std::vector<Border> borders;
  Border outermost = Border::kTap;
  std::string_view lines = procfs::net_lines(*text);
  while (!lines.empty()) {
    const auto line = procfs::parse_net_line(base::next_line(lines));
    if (!line) return;
    borders.push_back(border_of(InterfaceFolder(root, line->name)));
    outermost = std::max(outermost, borders.back());
    interfaces_.push_back({.name = std::string(line->name)});
  }
  for (size_t i = 0; i < borders.size(); ++i) interfaces_[i].counted = borders[i] == outermost;
  file_ = std::move(*file);
}

std::vector<metric::SeriesKey> SystemNetwork::series() const {
  using metric::Metric;
  using metric::Scope;
  return {{Metric::kNetworkReceivedBytes, Scope::kSystem, metric::kWhole},
          {Metric::kNetworkSentBytes, Scope::kSystem, metric::kWhole}};
}

std::vector<std::string> SystemNetwork::interfaces() const {
  std::vector<std::string> names;
  for (const Interface& interface : interfaces_) {
    if (interface.counted) names.push_back(interface.name);
  }
  return names;
}

void SystemNetwork::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  std::ranges::fill(values, metric::kAbsent);
  if (!file_.is_open()) return;
  const auto text = file_.read(buffer);
  if (!text || !add_up(procfs::net_lines(*text))) return;
  if (std::ranges::none_of(interfaces_, &Interface::counted)) return;
  values[0] = static_cast<double>(received_bytes_);
  values[1] = static_cast<double>(sent_bytes_);
}

bool SystemNetwork::add_up(std::string_view lines) {
  for (Interface& interface : interfaces_) interface.listed = false;
  size_t expected = 0;
  while (!lines.empty()) {
    const auto line = procfs::parse_net_line(base::next_line(lines));
    if (!line) return false;
    const size_t place = place_of(*line, expected);
    Interface& interface = interfaces_[place];
    interface.listed = true;
    if (interface.counted) {
      received_bytes_ += growth(line->received_bytes, interface.received_bytes);
      sent_bytes_ += growth(line->sent_bytes, interface.sent_bytes);
    }
    interface.received_bytes = line->received_bytes;
    interface.sent_bytes = line->sent_bytes;
    expected = place + 1;
  }
  // One of the same name that comes later is another one.
  std::erase_if(interfaces_, [](const Interface& interface) { return !interface.listed; });
  return true;
}

// The kernel keeps an order, so the place is nearly always the expected one.
size_t SystemNetwork::place_of(const procfs::NetLine& line, size_t expected) {
  if (expected < interfaces_.size() && interfaces_[expected].name == line.name) return expected;
  const auto found = std::ranges::find(interfaces_, line.name, &Interface::name);
  if (found != interfaces_.end()) return static_cast<size_t>(found - interfaces_.begin());
  // It may be a card that was plugged in, or moved here with a history: it counts from now on. The
  // border of a container is there from the start; a link that comes later leads further inside.
  interfaces_.insert(interfaces_.begin() + static_cast<std::ptrdiff_t>(expected),
                     {.name = std::string(line.name),
                      .counted = is_device(InterfaceFolder(root_, line.name)),
                      .received_bytes = line.received_bytes,
                      .sent_bytes = line.sent_bytes});
  return expected;
}

}  // namespace jumper::source
