// SPDX-License-Identifier: BSD-3-Clause
// Numbers with their unit, for people. Percent and GB exist here only: inside, it is seconds and
// bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace jumper::report {

inline constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;
inline constexpr double kBytesPerMb = 1024.0 * 1024;

// "1.25 GB", "12.0 MB", "512 kB", "17 bytes": 1 kB = 1024 bytes.
[[nodiscard]] std::string bytes_text(double bytes);
// "1 CPU", "1.5 CPUs".
[[nodiscard]] std::string cpus_text(double cpus);
// The same with a sign: "+1.25 GB".
[[nodiscard]] std::string change_text(double bytes);
// "2.31 s", "12.3 ms", "450 us", "1 h 02 min".
[[nodiscard]] std::string duration_text(double seconds);
// "12.3 J", "4.56 kJ".
[[nodiscard]] std::string energy_text(double joules);
// The same in watt-hours too where it is much: "12.35 kJ (3.43 Wh)".
[[nodiscard]] std::string energy_with_hours_text(double joules);
// Local time of day, "14:03:07".
[[nodiscard]] std::string clock_text(int64_t wall_ns);
// Local date and time, "2026-11-22 14:03:07".
[[nodiscard]] std::string date_text(int64_t wall_ns);

}  // namespace jumper::report
