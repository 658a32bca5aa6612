// SPDX-License-Identifier: BSD-3-Clause
// Graphics cards in a made /sys, and processes in a made /proc that have them open. What a driver's
// files hold is what drivers write; where they lie is as in /sys/class/drm.
#pragma once

#include <string>
#include <string_view>

#include "testing/temp_root.h"

namespace jumper::testing {

// The folder of the device of card `number` in sys.
inline std::string device_path(int number) {
  return "sys/class/drm/card" + std::to_string(number) + "/device/";
}

// A card of that driver with a node for showing and one for computing.
inline void make_card(const TempRoot& files, int number, std::string_view driver,
                      std::string_view pci_id, std::string_view bus_id) {
  const std::string device = device_path(number);
  files.write(device + "uevent",
              "DRIVER=" + std::string(driver) + "\nPCI_CLASS=38000\nPCI_ID=" + std::string(pci_id) +
                  "\nPCI_SLOT_NAME=" + std::string(bus_id) + "\nMODALIAS=pci:v0\n");
  files.make_folder(device + "drm/card" + std::to_string(number));
  files.make_folder(device + "drm/renderD" + std::to_string(128 + number));
  files.write(device + "power/runtime_status", "active\n");
  // A connector, as cards with sockets for screens have.
  files.make_folder("sys/class/drm/card" + std::to_string(number) + "-DP-1");
}

// Descriptor `descriptor` of process `pid` is the node for computing of card `number`.
inline void open_card(const TempRoot& files, int pid, int descriptor, int number,
                      std::string_view fdinfo) {
  const std::string process = "proc/" + std::to_string(pid);
  const std::string name = std::to_string(descriptor);
  files.link(process + "/fd/" + name, "/dev/dri/renderD" + std::to_string(128 + number));
  files.write(process + "/fdinfo/" + name, fdinfo);
}

inline void write_fdinfo(const TempRoot& files, int pid, int descriptor, std::string_view fdinfo) {
  files.write("proc/" + std::to_string(pid) + "/fdinfo/" + std::to_string(descriptor), fdinfo);
}

}  // namespace jumper::testing
