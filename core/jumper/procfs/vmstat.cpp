// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/vmstat.h"

#include <algorithm>
#include <array>

#include "jumper/procfs/detail.h"

namespace jumper::procfs {
namespace {

// The field that a line speaks of. There are about two hundred lines, so a glance has to do for
// most of them.
detail::Field* field_of(std::string_view line, std::span<detail::Field> fields) {
  const auto found = std::ranges::find_if(fields, [line](const detail::Field& field) {
    return line.size() > field.key.size() && line.starts_with(field.key) &&
           base::is_blank(line[field.key.size()]);
  });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

base::Result<Vmstat> parse_vmstat(std::string_view text) {
  constexpr std::string_view kFile = "/proc/vmstat";
  std::array<detail::Field, 4> fields = {{
      {"pgmajfault", {}},
      {"pswpin", {}},
      {"pswpout", {}},
      {"oom_kill", {}},
  }};
  size_t missing = fields.size();
  while (!text.empty() && missing > 0) {
    const std::string_view line = base::next_line(text);
    detail::Field* field = field_of(line, fields);
    if (field == nullptr || field->value) continue;
    field->value = detail::parse_count(line.substr(field->key.size()));
    if (!field->value) return detail::parse_error(kFile, field->key);
    --missing;
  }
  if (!fields[0].value) return detail::parse_error(kFile, fields[0].key);
  return Vmstat{*fields[0].value, fields[1].value, fields[2].value, fields[3].value};
}

}  // namespace jumper::procfs
