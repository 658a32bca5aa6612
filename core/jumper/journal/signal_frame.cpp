// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/signal_frame.h"

#include <algorithm>
#include <limits>

#include "jumper/base/crc32.h"
#include "jumper/journal/frame.h"
#include "jumper/journal/payload.h"

namespace jumper::journal {
namespace {

// As payload.h has them, but into memory that is there. Each takes at most ten bytes, of which
// kMostSignalFrame has enough.
void put(char*& at, uint64_t number) {
  for (; number >= 128; number >>= 7U) *at++ = static_cast<char>(number | 128U);
  *at++ = static_cast<char>(number);
}

size_t name_length(const std::array<char, 16>& name) {
  return static_cast<size_t>(std::ranges::find(name, '\0') - name.begin());
}

template <typename Number>
[[nodiscard]] bool fits(int64_t number) {
  return number >= std::numeric_limits<Number>::min() &&
         number <= std::numeric_limits<Number>::max();
}

}  // namespace

std::string SignalWords::name() const {
  return {sender_name.data(), name_length(sender_name)};
}

size_t write_signal_frame(const SignalWords& words, std::span<char, kMostSignalFrame> bytes) {
  char* const begin = bytes.data();
  char* at = begin + 1;  // behind the length, which is below 128
  *at++ = static_cast<char>(FrameType::kSignal);
  put(at, folded(words.time_ns));
  put(at, static_cast<uint64_t>(words.number));
  put(at, folded(words.code));
  put(at, static_cast<uint64_t>(words.sender_pid));
  put(at, words.sender_uid);
  put(at, words.is_from_parent ? 1 : 0);
  put(at, words.address);
  const size_t length = name_length(words.sender_name);
  put(at, length);
  at = std::copy_n(words.sender_name.data(), length, at);
  *begin = static_cast<char>(at - begin - 1);
  const uint32_t sum = base::crc32({begin, static_cast<size_t>(at - begin)});
  for (const unsigned shift : {0U, 8U, 16U, 24U}) *at++ = static_cast<char>(sum >> shift & 255U);
  return static_cast<size_t>(at - begin);
}

std::optional<SignalWords> decode_signal(std::string_view payload) {
  PayloadReader reader(payload);
  SignalWords words;
  words.time_ns = reader.signed_number();
  const uint64_t number = reader.number();
  const int64_t code = reader.signed_number();
  const uint64_t pid = reader.number();
  const uint64_t uid = reader.number();
  words.is_from_parent = reader.number() != 0;
  words.address = reader.number();
  const std::string_view name = reader.text();
  constexpr uint64_t kMostNumber = 128;  // there are 64 signals
  const bool is_sane =
      number <= kMostNumber && fits<int>(code) && pid <= std::numeric_limits<pid_t>::max() &&
      uid <= std::numeric_limits<uid_t>::max() && name.size() <= words.sender_name.size();
  if (!reader.ok() || !is_sane) return std::nullopt;
  words.number = static_cast<int>(number);
  words.code = static_cast<int>(code);
  words.sender_pid = static_cast<pid_t>(pid);
  words.sender_uid = static_cast<uid_t>(uid);
  std::ranges::copy(name, words.sender_name.begin());
  return words;
}

}  // namespace jumper::journal
