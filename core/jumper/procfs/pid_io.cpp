// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_io.h"

#include <array>

#include "jumper/procfs/detail.h"

namespace jumper::procfs {

base::Result<PidIo> parse_pid_io(std::string_view text) {
  constexpr std::string_view kFile = "/proc/PID/io";
  std::array<detail::Field, 7> fields = {{
      {"rchar", {}},
      {"wchar", {}},
      {"syscr", {}},
      {"syscw", {}},
      {"read_bytes", {}},
      {"write_bytes", {}},
      {"cancelled_write_bytes", {}},
  }};
  const detail::Field* wrong = detail::read_fields(text, fields, detail::parse_count);
  if (wrong == nullptr) wrong = detail::first_absent(fields);
  if (wrong != nullptr) return detail::parse_error(kFile, wrong->key);
  return PidIo{
      .read_chars = *fields[0].value,
      .write_chars = *fields[1].value,
      .read_calls = *fields[2].value,
      .write_calls = *fields[3].value,
      .read_bytes = *fields[4].value,
      .write_bytes = *fields[5].value,
      .cancelled_write_bytes = *fields[6].value,
  };
}

}  // namespace jumper::procfs
