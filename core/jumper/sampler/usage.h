// SPDX-License-Identifier: BSD-3-Clause
// What a process used, as sums and differences: CPU time and I/O. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

namespace jumper::sampler {

// What a process read and wrote. Sums and differences are taken modulo 2^64: a difference may pass
// below zero on the way to a sum, and the sum is right again.
struct IoCounters {
  uint64_t read_calls = 0;
  uint64_t write_calls = 0;
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
  uint64_t read_chars = 0;
  uint64_t write_chars = 0;

  bool operator==(const IoCounters&) const = default;
  IoCounters& operator+=(const IoCounters& other) {
    return *this = each(*this, other, [](uint64_t a, uint64_t b) { return a + b; });
  }
  IoCounters& operator-=(const IoCounters& other) {
    return *this = each(*this, other, [](uint64_t a, uint64_t b) { return a - b; });
  }
  friend IoCounters operator-(IoCounters a, const IoCounters& b) { return a -= b; }

  // Field by field: never below zero; the larger of both; the smaller of both.
  [[nodiscard]] IoCounters minus(const IoCounters& other) const {
    return each(*this, other, [](uint64_t a, uint64_t b) { return a > b ? a - b : 0; });
  }
  [[nodiscard]] IoCounters at_least(const IoCounters& other) const {
    return each(*this, other, [](uint64_t a, uint64_t b) { return std::max(a, b); });
  }
  [[nodiscard]] IoCounters at_most(const IoCounters& other) const {
    return each(*this, other, [](uint64_t a, uint64_t b) { return std::min(a, b); });
  }
  // A sum that stayed below zero shows as 0.
  [[nodiscard]] IoCounters not_negative() const {
    return each(*this, {}, [](uint64_t a, uint64_t) { return a >> 63U != 0 ? 0 : a; });
  }
  // Whether all of `other` can be part of this.
  [[nodiscard]] bool can_hold(const IoCounters& other) const { return at_least(other) == *this; }

 private:
  template <typename Operation>
  static IoCounters each(const IoCounters& a, const IoCounters& b, Operation operation) {
    return {operation(a.read_calls, b.read_calls), operation(a.write_calls, b.write_calls),
            operation(a.read_bytes, b.read_bytes), operation(a.write_bytes, b.write_bytes),
            operation(a.read_chars, b.read_chars), operation(a.write_chars, b.write_chars)};
  }
};

struct Usage {
  int64_t cpu_ns = 0;
  IoCounters io;

  bool operator==(const Usage&) const = default;
  Usage& operator+=(const Usage& other) {
    cpu_ns += other.cpu_ns;
    io += other.io;
    return *this;
  }
  Usage& operator-=(const Usage& other) {
    cpu_ns -= other.cpu_ns;
    io -= other.io;
    return *this;
  }
  friend Usage operator-(Usage a, const Usage& b) { return a -= b; }
  [[nodiscard]] Usage at_most(const Usage& other) const {
    return {std::min(cpu_ns, other.cpu_ns), io.at_most(other.io)};
  }
};

}  // namespace jumper::sampler
