// SPDX-License-Identifier: BSD-3-Clause
// Stand-ins for libamd_smi and librocm_smi64, built as shared libraries, so that tests go the way
// of dlopen(). Each has two cards, 0000:03:00.0 and 0001:83:1f.2, and these three functions more.
#pragma once

#include <cstdint>

extern "C" {
// What the start of the library answers; 0 is success.
void jumper_fake_set_start(int status);
// The counter of one card in units of 15.3 microjoules, and what asking for it answers.
void jumper_fake_set_energy(unsigned card, uint64_t units, int status);
// How many have started the library and not ended it.
int jumper_fake_users();
}
