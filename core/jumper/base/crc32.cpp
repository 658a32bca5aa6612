// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/crc32.h"

#include <array>

namespace jumper::base {
namespace {

constexpr size_t kSlices = 8;
using Table = std::array<uint32_t, 256>;

// tables[n][byte]: what a byte leaves when n more bytes follow it, so that eight are taken at once.
consteval std::array<Table, kSlices> make_tables() {
  std::array<Table, kSlices> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit)
      rest = (rest & 1U) != 0 ? 0xEDB88320U ^ rest >> 1U : rest >> 1U;
    tables[0][i] = rest;
  }
  for (size_t slice = 1; slice < kSlices; ++slice) {
    for (size_t i = 0; i < 256; ++i) {
      const uint32_t before = tables[slice - 1][i];
      tables[slice][i] = tables[0][before & 255U] ^ before >> 8U;
    }
  }
  return tables;
}
constexpr std::array<Table, kSlices> kTables = make_tables();

uint32_t word_at(std::string_view bytes, size_t at) {
  uint32_t word = 0;
  for (unsigned i = 0; i < 4; ++i)
    word |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + i])) << 8U * i;
  return word;
}

}  // namespace

uint32_t crc32(std::string_view bytes, uint32_t before) {
  uint32_t sum = ~before;
  while (bytes.size() >= kSlices) {
    const uint32_t low = word_at(bytes, 0) ^ sum;
    const uint32_t high = word_at(bytes, 4);
    sum = kTables[7][low & 255U] ^ kTables[6][low >> 8U & 255U] ^ kTables[5][low >> 16U & 255U] ^
          kTables[4][low >> 24U] ^ kTables[3][high & 255U] ^ kTables[2][high >> 8U & 255U] ^
          kTables[1][high >> 16U & 255U] ^ kTables[0][high >> 24U];
    bytes.remove_prefix(kSlices);
  }
  for (const char byte : bytes)
    sum = kTables[0][(sum ^ static_cast<uint8_t>(byte)) & 255U] ^ sum >> 8U;
  return ~sum;
}

}  // namespace jumper::base
