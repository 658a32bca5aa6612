// SPDX-License-Identifier: BSD-3-Clause
// Tables of AMD's firmware as amdgpu's gpu_metrics shows them: a header, then what a test puts
// there, and ones in all other places, as the kernel leaves them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace jumper::testing {

class AmdTable {
 public:
  AmdTable(uint8_t format, uint8_t content, uint16_t size) : bytes_(size, '\xff') {
    std::memcpy(bytes_.data(), &size, sizeof size);
    bytes_[2] = static_cast<char>(format);
    bytes_[3] = static_cast<char>(content);
  }
  AmdTable& put32(size_t offset, uint32_t number) { return put(offset, number); }
  AmdTable& put64(size_t offset, uint64_t number) { return put(offset, number); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  template <typename Number>
  AmdTable& put(size_t offset, Number number) {
    std::memcpy(bytes_.data() + offset, &number, sizeof number);
    return *this;
  }
  std::string bytes_;
};

}  // namespace jumper::testing
