// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/smaps_rollup.h"

#include <array>
#include <span>

#include "jumper/procfs/detail.h"

namespace jumper::procfs {

// The first line holds the addresses and "[rollup]"; up to its first colon it is no key of ours.
base::Result<SmapsRollup> parse_smaps_rollup(std::string_view text) {
  constexpr std::string_view kFile = "/proc/PID/smaps_rollup";
  constexpr size_t kMandatory = 6;
  std::array<detail::Field, 13> fields = {{
      {"Rss", {}},
      {"Pss", {}},
      {"Shared_Clean", {}},
      {"Shared_Dirty", {}},
      {"Private_Clean", {}},
      {"Private_Dirty", {}},
      {"Pss_Dirty", {}},
      {"Swap", {}},
      {"SwapPss", {}},
      {"Anonymous", {}},
      {"Pss_Anon", {}},
      {"Pss_File", {}},
      {"Pss_Shmem", {}},
  }};
  const detail::Field* wrong = detail::read_fields(text, fields, detail::parse_kilobytes);
  if (wrong == nullptr) wrong = detail::first_absent(std::span(fields).first(kMandatory));
  if (wrong != nullptr) return detail::parse_error(kFile, wrong->key);

  SmapsRollup rollup;
  rollup.resident_bytes = *fields[0].value;
  rollup.proportional_bytes = *fields[1].value;
  rollup.shared_clean_bytes = *fields[2].value;
  rollup.shared_dirty_bytes = *fields[3].value;
  rollup.private_clean_bytes = *fields[4].value;
  rollup.private_dirty_bytes = *fields[5].value;
  rollup.proportional_dirty_bytes = fields[6].value;
  rollup.swapped_bytes = fields[7].value;
  rollup.swapped_proportional_bytes = fields[8].value;
  rollup.anonymous_bytes = fields[9].value;
  rollup.proportional_anonymous_bytes = fields[10].value;
  rollup.proportional_file_bytes = fields[11].value;
  rollup.proportional_shmem_bytes = fields[12].value;
  return rollup;
}

}  // namespace jumper::procfs
