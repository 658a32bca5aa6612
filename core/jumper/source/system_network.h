// SPDX-License-Identifier: BSD-3-Clause
// Bytes that came to this machine and left it over the network, from /proc/net/dev.
//
// A byte passes several interfaces on its way (a container's link, a bridge, a VLAN, a bond, the
// card), each of which counts it. It counts once, where it crosses the border of the machine:
//  - on interfaces with a device behind them (/sys/class/net/X/device) that stand on no other
//    (no X/lower_*). All others pass on bytes that are counted below them (bridges, bonds, VLANs,
//    tunnels, the host's ends of container links), or that go nowhere (loopback, dummies);
//  - in a container, whose network namespace has no such interface, on the links whose other end
//    lies outside: X/iflink names another interface, and none here stands on X or lies below it;
//  - without those, on TUN and TAP devices (rootless containers).
// Without /sys nothing can be told apart, and so nothing is counted.
#pragma once

#include <cstdint>
#include <string>

#include "jumper/procfs/net_dev.h"
#include "jumper/source/source.h"

namespace jumper::source {

class SystemNetwork final : public Source {
 public:
  explicit SystemNetwork(const kernfs::KernelRoot& root);
  [[nodiscard]] std::string_view name() const override { return "network"; }
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;

  // The interfaces that are counted now, in the kernel's order.
  [[nodiscard]] std::vector<std::string> interfaces() const;

 private:
  struct Interface {
    std::string name;
    bool counted = false;
    bool listed = true;           // in the reading that is being gone through
    uint64_t received_bytes = 0;  // by the reading before
    uint64_t sent_bytes = 0;
  };

  [[nodiscard]] bool add_up(std::string_view lines);
  [[nodiscard]] size_t place_of(const procfs::NetLine& line, size_t expected);

  const kernfs::KernelRoot& root_;
  kernfs::File file_;
  std::vector<Interface> interfaces_;
  // Of all that was counted, interfaces that have gone included: so that one that comes or goes
  // moves no total by what it had counted before.
  uint64_t received_bytes_ = 0;
  uint64_t sent_bytes_ = 0;
};

}  // namespace jumper::source
