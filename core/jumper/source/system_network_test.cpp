// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_network.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"
#include "testing/testdata.h"

namespace jumper::source {
namespace {

using jumper::testing::open_testdata;
using jumper::testing::TempRoot;
using Names = std::vector<std::string>;
using Totals = std::vector<double>;  // received, sent

struct Line {
  std::string name;
  uint64_t received_bytes = 0;
  uint64_t sent_bytes = 0;
};

void list(const TempRoot& files, const std::vector<Line>& lines) {
  std::string text = "Inter-|   Receive  |  Transmit\n face |bytes packets |bytes packets\n";
  for (const Line& line : lines) {
    text += "  " + line.name + ": " + std::to_string(line.received_bytes) + " 9 0 0 0 0 0 0 " +
            std::to_string(line.sent_bytes) + " 9 0 0 0 0 0 0\n";
  }
  files.write("proc/net/dev", text);
}

// What /sys/class/net has of an interface. The links of the kernel need lead nowhere here.
class Interfaces {
 public:
  explicit Interfaces(const TempRoot& files) : files_(files) {}

  const Interfaces& plain(std::string_view name, int index = 1) const {
    return numbers(name, index, index);
  }
  const Interfaces& card(std::string_view name) const {
    plain(name);
    files_.link(place(name, "device"), "../../../virtio0");
    return *this;
  }
  // The end of a veth or macvlan, or a tunnel, that names another interface as its link.
  const Interfaces& linked(std::string_view name, int index, int other) const {
    return numbers(name, index, other);
  }
  const Interfaces& tap(std::string_view name) const {
    plain(name);
    files_.write(place(name, "tun_flags"), "0x1002\n");
    return *this;
  }
  const Interfaces& stands_on(std::string_view upper, std::string_view lower) const {
    files_.link(place(upper, "lower_" + std::string(lower)), "../" + std::string(lower));
    files_.link(place(lower, "upper_" + std::string(upper)), "../" + std::string(upper));
    return *this;
  }

 private:
  static std::string place(std::string_view name, std::string_view file) {
    return "sys/class/net/" + std::string(name) + "/" + std::string(file);
  }
  const Interfaces& numbers(std::string_view name, int index, int link) const {
    files_.write(place(name, "ifindex"), std::to_string(index) + "\n");
    files_.write(place(name, "iflink"), std::to_string(link) + "\n");
    return *this;
  }

  const TempRoot& files_;
};

Totals read_values(SystemNetwork& source) {
  Totals values(source.series().size(), -1);
  kernfs::ReadBuffer buffer;
  source.read(buffer, values);
  return values;
}

void expect_absent(SystemNetwork& source) {
  for (const double value : read_values(source)) EXPECT_TRUE(metric::is_absent(value)) << value;
}

TEST(SystemNetwork, ReadsACapturedMachine) {
  // GIVEN
  const kernfs::KernelRoot root = open_testdata("debian12-2cpu-busy");

  // WHEN
  SystemNetwork source(root);

  // THEN its card counts; loopback and the two that shape traffic do not
  EXPECT_EQ(source.interfaces(), Names{"eth0"});
  EXPECT_EQ(read_values(source), (Totals{2827609886, 4028094}));
}

TEST(SystemNetwork, CountsAByteOnceHoweverManyInterfacesItPasses) {
  // GIVEN two cards in a bond with a VLAN and a bridge on it, a container's link on the bridge, a
  // tunnel, a VPN, a dummy, loopback, and a card of its own
  const TempRoot files;
  list(files, {{"lo", 1, 1},
               {"eth0", 1000, 10},
               {"eth1", 2000, 20},
               {"bond0", 3000, 30},
               {"bond0.5", 3000, 30},
               {"br0", 3000, 30},
               {"veth1", 500, 5},
               {"gre1", 400, 4},
               {"wg0", 300, 3},
               {"tun0", 200, 2},
               {"dummy0", 100, 1},
               {"wlan0", 4000, 40}});
  Interfaces(files)
      .plain("lo")
      .card("eth0")
      .card("eth1")
      .plain("bond0")
      .plain("bond0.5")
      .plain("br0")
      .linked("veth1", 7, 2)
      .linked("gre1", 8, 0)
      .plain("wg0")
      .tap("tun0")
      .plain("dummy0")
      .card("wlan0")
      .stands_on("bond0", "eth0")
      .stands_on("bond0", "eth1")
      .stands_on("bond0.5", "bond0")
      .stands_on("br0", "bond0.5")
      .stands_on("br0", "veth1");
  const kernfs::KernelRoot root = files.open();

  // WHEN
  SystemNetwork source(root);

  // THEN
  EXPECT_EQ(source.interfaces(), (Names{"eth0", "eth1", "wlan0"}));
  EXPECT_EQ(read_values(source), (Totals{7000, 70}));
}

TEST(SystemNetwork, ADeviceThatStandsOnAnotherIsCountedBelow) {
  // GIVEN what virtual machines have for live migration: both have a device
  const TempRoot files;
  list(files, {{"eth0", 1000, 10}, {"enP1s1", 1000, 10}});
  Interfaces(files).card("eth0").card("enP1s1").stands_on("eth0", "enP1s1");
  const kernfs::KernelRoot root = files.open();

  // THEN
  EXPECT_EQ(SystemNetwork(root).interfaces(), Names{"enP1s1"});
}

TEST(SystemNetwork, InAContainerItsLinkToTheOutsideCounts) {
  // GIVEN a container that runs containers of its own, and has a VPN
  const TempRoot files;
  list(files, {{"lo", 1, 1},
               {"tunl0", 2, 2},
               {"eth0", 1000, 10},
               {"docker0", 300, 3},
               {"veth7", 300, 3},
               {"tun0", 200, 2}});
  Interfaces(files)
      .plain("lo", 1)
      .linked("tunl0", 2, 0)
      .linked("eth0", 12, 13)
      .plain("docker0", 14)
      .linked("veth7", 15, 2)
      .tap("tun0")
      .stands_on("docker0", "veth7");
  const kernfs::KernelRoot root = files.open();
  SystemNetwork source(root);
  EXPECT_EQ(source.interfaces(), Names{"eth0"});
  EXPECT_EQ(read_values(source), (Totals{1000, 10}));

  // WHEN it starts another one
  Interfaces(files).linked("veth8", 16, 2);
  list(files, {{"lo", 1, 1}, {"eth0", 1600, 16}, {"docker0", 900, 9}, {"veth8", 600, 6}});

  // THEN
  EXPECT_EQ(read_values(source), (Totals{1600, 16}));
  EXPECT_EQ(source.interfaces(), Names{"eth0"});
}

TEST(SystemNetwork, InARootlessContainerItsTapCounts) {
  const TempRoot files;
  list(files, {{"lo", 1, 1}, {"tap0", 1000, 10}});
  Interfaces(files).plain("lo").tap("tap0");
  const kernfs::KernelRoot root = files.open();
  EXPECT_EQ(SystemNetwork(root).interfaces(), Names{"tap0"});
}

TEST(SystemNetwork, WithoutAWayOutThereIsNothingToCount) {
  // GIVEN a namespace with loopback only
  const TempRoot files;
  list(files, {{"lo", 1, 1}});
  Interfaces(files).plain("lo");
  const kernfs::KernelRoot root = files.open();
  SystemNetwork source(root);

  // THEN
  EXPECT_EQ(source.interfaces(), Names{});
  expect_absent(source);
}

TEST(SystemNetwork, WhatCannotBeReadIsAbsent) {
  // GIVEN no file; no /sys, which says what the interfaces are; lines that are none
  const TempRoot none;
  const TempRoot no_sys;
  list(no_sys, {{"eth0", 1000, 10}});
  const TempRoot garbled{{"proc/net/dev", "Inter-|\n face |\n eth0: 1 2 3\n"}};
  Interfaces(garbled).card("eth0");
  for (const TempRoot* files : {&none, &no_sys, &garbled}) {
    const kernfs::KernelRoot root = files->open();
    SystemNetwork source(root);

    // THEN
    expect_absent(source);
  }
  no_sys.remove("sys");
  const auto root = kernfs::KernelRoot::open((no_sys.path() / "proc").string(),
                                             (no_sys.path() / "none").string());
  ASSERT_TRUE(root.ok());
  SystemNetwork source(*root);
  expect_absent(source);
}

TEST(SystemNetwork, AGarbledReadingIsAbsentAndTheNextIsWhole) {
  // GIVEN
  const TempRoot files;
  Interfaces(files).card("eth0").card("eth1");
  list(files, {{"eth0", 1000, 10}, {"eth1", 2000, 20}});
  const kernfs::KernelRoot root = files.open();
  SystemNetwork source(root);
  EXPECT_EQ(read_values(source), (Totals{3000, 30}));

  // WHEN
  files.write("proc/net/dev",
              "Inter-|\n face |\neth0: 1500 9 0 0 0 0 0 0 15 9 0 0 0 0 0 0\neth1: 2500 9 0\n");

  // THEN
  expect_absent(source);
  list(files, {{"eth0", 1600, 16}, {"eth1", 2600, 26}});
  EXPECT_EQ(read_values(source), (Totals{4200, 42}));
}

TEST(SystemNetwork, ACardThatComesCountsFromThenOnAndItsBytesStayWhenItGoes) {
  // GIVEN
  const TempRoot files;
  Interfaces(files).plain("lo").card("eth0").card("usb0");
  list(files, {{"lo", 1, 1}, {"eth0", 1000, 10}});
  const kernfs::KernelRoot root = files.open();
  SystemNetwork source(root);
  EXPECT_EQ(read_values(source), (Totals{1000, 10}));

  // WHEN one is plugged in that has counted 5000 bytes before, between those that were there
  list(files, {{"lo", 1, 1}, {"usb0", 5000, 50}, {"eth0", 1100, 11}});
  EXPECT_EQ(read_values(source), (Totals{1100, 11}));
  list(files, {{"lo", 1, 1}, {"usb0", 5700, 57}, {"eth0", 1100, 11}});
  EXPECT_EQ(read_values(source), (Totals{1800, 18}));
  EXPECT_EQ(source.interfaces(), (Names{"usb0", "eth0"}));

  // THEN the total neither falls when it goes nor jumps when it is back
  list(files, {{"lo", 1, 1}, {"eth0", 1100, 11}});
  EXPECT_EQ(read_values(source), (Totals{1800, 18}));
  EXPECT_EQ(source.interfaces(), Names{"eth0"});
  list(files, {{"lo", 1, 1}, {"eth0", 1100, 11}, {"usb0", 9000, 90}});
  EXPECT_EQ(read_values(source), (Totals{1800, 18}));
}

TEST(SystemNetwork, ACounterThatBeginsAnewMakesNoDifference) {
  // GIVEN
  const TempRoot files;
  Interfaces(files).card("eth0").card("eth1");
  list(files, {{"eth0", 1000, 10}, {"eth1", 2000, 20}});
  const kernfs::KernelRoot root = files.open();
  SystemNetwork source(root);
  EXPECT_EQ(read_values(source), (Totals{3000, 30}));

  // WHEN
  list(files, {{"eth0", 5, 1}, {"eth1", 2100, 21}});
  EXPECT_EQ(read_values(source), (Totals{3100, 31}));

  // THEN it goes on from there
  list(files, {{"eth0", 25, 3}, {"eth1", 2100, 21}});
  EXPECT_EQ(read_values(source), (Totals{3120, 33}));
}

TEST(SystemNetwork, ANameFromOutsideLeadsNowhere) {
  // GIVEN names that would lead to the folder of another interface, or of none
  const TempRoot files;
  Interfaces(files).card("eth0");
  files.link("sys/class/net/device", "eth0");
  list(files, {{"../net/eth0", 1, 1},
               {".", 2, 2},
               {"..", 3, 3},
               {"/", 4, 4},
               {std::string("eth0\0x", 6), 5, 5},
               {std::string(5000, 'x'), 6, 6},
               {"eth0", 1000, 10}});
  const kernfs::KernelRoot root = files.open();

  // WHEN
  SystemNetwork source(root);

  // THEN
  EXPECT_EQ(source.interfaces(), Names{"eth0"});
  EXPECT_EQ(read_values(source), (Totals{1000, 10}));
}

TEST(SystemNetwork, BooksItsReads) {
  // GIVEN
  const TempRoot files;
  Interfaces(files).card("eth0").card("eth1");
  list(files, {{"eth0", 1000, 10}});
  const kernfs::KernelRoot root = files.open();
  SystemNetwork source(root);
  Totals values(2);
  kernfs::ReadBuffer buffer;

  // WHEN another card has to be looked at
  list(files, {{"eth0", 1000, 10}, {"eth1", 1000, 10}});
  source.read(buffer, values);

  // THEN that is one read call, as of a file that does not change
  EXPECT_EQ(buffer.read_calls(), 1U);
}

}  // namespace
}  // namespace jumper::source
