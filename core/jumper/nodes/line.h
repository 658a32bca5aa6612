// SPDX-License-Identifier: BSD-3-Clause
// The lines in which a collector's journal travels over the standard output of `srun`. Slurm keeps
// lines of up to 1,024 bytes whole and cuts longer ones up, and mixes the lines of all nodes with
// whatever else is printed there. So each has who sent it, its number, a secret that only the
// collectors were told, and a checksum:
//
//   J1 <secret: 16 hex digits> <rank> <number> <bytes in Base64> <CRC-32 of all before: 8 digits>
//
// docs/nodes.md tells why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jumper/journal/writer.h"

namespace jumper::nodes {

inline constexpr size_t kLongestLine = 1023;  // with its end
inline constexpr size_t kSecretDigits = 16;

// 16 hex digits that nobody can guess.
[[nodiscard]] std::string make_secret();
[[nodiscard]] bool is_secret(std::string_view text);

struct Line {
  uint32_t rank = 0;    // of the collector among all
  uint64_t number = 0;  // of the line among the collector's
  std::string bytes;    // the next of its journal
};

// With its end. More than 714 bytes do not fit.
[[nodiscard]] std::string make_line(std::string_view secret, uint32_t rank, uint64_t number,
                                    std::string_view bytes);

// Absent where it is no whole line with that secret.
[[nodiscard]] std::optional<Line> parse_line(std::string_view line, std::string_view secret);

// Writes a journal in lines, each by one write(2).
class LineSink final : public journal::ByteSink {
 public:
  LineSink(int file, std::string secret, uint32_t rank);
  // 0, or the errno of the write that failed.
  [[nodiscard]] int write(std::string_view bytes) override;

 private:
  const int file_;
  const std::string secret_;
  const uint32_t rank_;
  uint64_t number_ = 0;
};

}  // namespace jumper::nodes
