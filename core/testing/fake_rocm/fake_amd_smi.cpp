// SPDX-License-Identifier: BSD-3-Clause
#include "testing/fake_rocm/fake_rocm.h"

namespace {

struct FakeCard {
  uint64_t place;
  uint64_t units;
  int status;
};

// The library has this state for whoever loads it, as the real one has.
FakeCard cards[2] = {{uint64_t{3} << 8, 1000, 0},
                     {uint64_t{1} << 16 | uint64_t{0x83} << 8 | uint64_t{0x1f} << 3 | 2, 2000, 0}};
int sockets[2];
int start_status = 0;
int users = 0;

constexpr int kInvalid = 1;
constexpr int kOutOfResources = 15;

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

int amdsmi_init(uint64_t flags) {
  if (flags != 2) return kInvalid;
  if (start_status == 0) ++users;
  return start_status;
}
int amdsmi_shut_down() {
  --users;
  return 0;
}

int amdsmi_get_socket_handles(uint32_t* count, void** handles) {
  if (handles == nullptr) {
    *count = 2;
    return 0;
  }
  if (*count < 2) return kOutOfResources;
  handles[0] = &sockets[0];
  handles[1] = &sockets[1];
  return 0;
}

int amdsmi_get_processor_handles(void* socket, uint32_t* count, void** handles) {
  if (handles == nullptr) {
    *count = 1;
    return 0;
  }
  if (*count < 1) return kOutOfResources;
  handles[0] = socket == &sockets[0] ? &cards[0] : &cards[1];
  return 0;
}

int amdsmi_get_gpu_device_bdf(void* processor, uint64_t* place) {
  *place = static_cast<FakeCard*>(processor)->place;
  return 0;
}

int amdsmi_get_energy_count(void* processor, uint64_t* units, float* microjoules,
                            uint64_t* time_ns) {
  const auto* card = static_cast<FakeCard*>(processor);
  *units = card->units;
  *microjoules = 15.3F;
  *time_ns = 1;
  return card->status;
}
}
