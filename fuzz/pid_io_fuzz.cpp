// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_io.h"

#include <string>

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto io = jumper::procfs::parse_pid_io(jumper::fuzz::as_text(data, size));
  if (!io) {
    jumper::fuzz::require_parse_error(io.error());
    return 0;
  }
  // Written out in another order, the numbers parse to themselves.
  const std::string again =
      "cancelled_write_bytes: " + std::to_string(io->cancelled_write_bytes) +
      "\nwrite_bytes: " + std::to_string(io->write_bytes) +
      "\nread_bytes: " + std::to_string(io->read_bytes) +
      "\nsyscw: " + std::to_string(io->write_calls) + "\nsyscr: " + std::to_string(io->read_calls) +
      "\nwchar: " + std::to_string(io->write_chars) + "\nrchar: " + std::to_string(io->read_chars);
  jumper::fuzz::require(*jumper::procfs::parse_pid_io(again) == *io);
  return 0;
}
