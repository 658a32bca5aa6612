// SPDX-License-Identifier: BSD-3-Clause
#include "testing/fake_rocm/fake_rocm.h"

namespace {

struct FakeCard {
  uint64_t place;
  uint64_t units;
  int status;
};

// The second has the number of a partition in bits 28 to 31, as newer libraries do.
FakeCard cards[2] = {
    {uint64_t{3} << 8, 1000, 0},
    {uint64_t{1} << 32 | uint64_t{5} << 28 | uint64_t{0x83} << 8 | uint64_t{0x1f} << 3 | 2, 2000,
     0}};
int start_status = 0;
int users = 0;

constexpr int kInvalid = 1;

}  // namespace

extern "C" {

void jumper_fake_set_start(int status) {
  start_status = status;
}
void jumper_fake_set_energy(unsigned card, uint64_t units, int status) {
  cards[card].units = units;
  cards[card].status = status;
}
int jumper_fake_users() {
  return users;
}

int rsmi_init(uint64_t flags) {
  if (flags != 0) return kInvalid;
  if (start_status == 0) ++users;
  return start_status;
}
int rsmi_shut_down() {
  --users;
  return 0;
}

int rsmi_num_monitor_devices(uint32_t* count) {
  *count = 2;
  return 0;
}

int rsmi_dev_pci_id_get(uint32_t card, uint64_t* place) {
  if (card >= 2) return kInvalid;
  *place = cards[card].place;
  return 0;
}

int rsmi_dev_energy_count_get(uint32_t card, uint64_t* units, float* microjoules,
                              uint64_t* time_ns) {
  if (card >= 2) return kInvalid;
  *units = cards[card].units;
  *microjoules = 15.3F;
  *time_ns = 1;
  return cards[card].status;
}
}
