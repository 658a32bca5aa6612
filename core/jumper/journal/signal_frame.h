// SPDX-License-Identifier: BSD-3-Clause
// The frame about a signal that ends the process. It is put together by a signal handler, so
// without heap and locks.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace jumper::journal {

// What sigaction(2) tells of a signal, and what can be found out about its sender.
struct SignalWords {
  int64_t time_ns = 0;
  int number = 0;
  int code = 0;          // si_code
  pid_t sender_pid = 0;  // where a process sent it; 0: one that we cannot see
  uid_t sender_uid = 0;
  bool is_from_parent = false;
  uint64_t address = 0;                // where a fault was
  std::array<char, 16> sender_name{};  // its comm; ends with the first 0

  bool operator==(const SignalWords&) const = default;
  // By a process with kill(2) and the like; else by the kernel, for a fault mostly.
  [[nodiscard]] bool is_sent() const { return code <= 0; }
  [[nodiscard]] std::string name() const;  // of the sender: any bytes
};

inline constexpr size_t kMostSignalFrame = 96;
// A whole frame of type kSignal into `bytes`; its length.
[[nodiscard]] size_t write_signal_frame(const SignalWords& words,
                                        std::span<char, kMostSignalFrame> bytes);
// Absent: that is not what such a frame holds.
[[nodiscard]] std::optional<SignalWords> decode_signal(std::string_view payload);

}  // namespace jumper::journal
