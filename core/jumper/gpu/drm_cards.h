// SPDX-License-Identifier: BSD-3-Clause
// The graphics cards that the kernel knows: /sys/class/drm/card*, and small files of theirs
// (Documentation/gpu/drm-uapi.rst). Everything is found from the root's sys folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/fd.h"
#include "jumper/gpu/card.h"
#include "jumper/kernfs/file.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

struct DrmCard {
  base::UniqueFd folder;  // of the card, class/drm/card0
  base::UniqueFd device;  // of the device that it is a face of
  std::string driver;     // "amdgpu"
  std::string bus_id;     // "0000:03:00.0"; empty for what is no PCI device
  std::string pci_id;     // "1002:740F"; the same
  // Its files in /dev/dri: "card0", "renderD128".
  std::vector<std::string> nodes;

  [[nodiscard]] bool has_render_node() const;
};

// In the order of their places on the bus, which is the order of the vendors' own tools.
[[nodiscard]] std::vector<DrmCard> find_drm_cards(const kernfs::KernelRoot& root);

// Names in a folder, without "." and "..", in their order; empty where it cannot be listed.
[[nodiscard]] std::vector<std::string> names_in(int folder_fd, const char* path);

// The first line of a small file, as far as it is printable; empty where there is none.
[[nodiscard]] std::string line_of(int folder_fd, const char* path);
[[nodiscard]] std::optional<uint64_t> number_of(int folder_fd, const char* path);

// Where the power of the device is switched off while nobody uses it: reading most of its files
// would switch it on, and what we read would be our own work.
[[nodiscard]] bool is_asleep(const DrmCard& card);

// The path of the card's own sensors below its device, "hwmon/hwmon3"; empty where it has none. Of
// several the one that has the driver's name: i915 has more for parts of the card.
[[nodiscard]] std::string sensors_of(const DrmCard& card);

// One number in a file that is kept open.
class ValueFile {
 public:
  // Keeps the first of `paths` that can be read, and is empty where none can.
  void open(int folder_fd, const std::vector<std::string>& paths);
  [[nodiscard]] bool is_open() const { return file_.is_open(); }
  // `last_errno` is set where the file cannot be read now.
  std::optional<uint64_t> read(kernfs::ReadBuffer& buffer, int& last_errno) const;
  // Why it could not be opened.
  [[nodiscard]] int open_errno() const { return open_errno_; }

 private:
  kernfs::File file_;
  int open_errno_ = 0;
};

// "no such file", "permission denied", ...
[[nodiscard]] std::string words_of_errno(int number);

}  // namespace jumper::gpu
