// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pressure.h"

#include <cmath>

#include "jumper/procfs/detail.h"

namespace jumper::procfs {
namespace {

// from_chars also takes "nan" and "inf", which are no shares of time.
std::optional<double> parse_percent(std::string_view text) {
  const auto percent = base::parse_number<double>(text);
  if (!percent || !std::isfinite(*percent) || std::signbit(*percent)) return std::nullopt;
  return percent;
}

// "avg10=0.12 avg60=0.34 avg300=0.56 total=7890"
std::optional<Stall> parse_stall(std::string_view text) {
  std::optional<double> avg10_percent;
  std::optional<uint64_t> total_us;
  for (std::string_view word = base::next_word(text); !word.empty(); word = base::next_word(text)) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = word.substr(0, equals);
    const std::string_view value = word.substr(equals + 1);
    if (key == "avg10") avg10_percent = parse_percent(value);
    if (key == "total") total_us = base::parse_number<uint64_t>(value);
  }
  if (!avg10_percent || !total_us) return std::nullopt;
  return Stall{*avg10_percent, *total_us};
}

}  // namespace

base::Result<Pressure> parse_pressure(std::string_view text) {
  constexpr std::string_view kFile = "/proc/pressure";
  std::optional<Stall> some;
  Pressure pressure;
  while (!text.empty()) {
    std::string_view line = base::next_line(text);
    const std::string_view key = base::next_word(line);
    if (key == "some") {
      some = parse_stall(line);
      if (!some) return detail::parse_error(kFile, key);
    } else if (key == "full") {
      pressure.full = parse_stall(line);
      if (!pressure.full) return detail::parse_error(kFile, key);
    }
  }
  if (!some) return detail::parse_error(kFile, "some");
  pressure.some = *some;
  return pressure;
}

}  // namespace jumper::procfs
