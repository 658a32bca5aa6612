// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/quantity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "jumper/base/clock.h"
#include "jumper/base/text.h"

namespace jumper::report {
namespace {

std::string format_time(int64_t wall_ns, const char* format) {
  const time_t seconds = wall_ns / base::kNanosPerSecond;
  tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return "n/a";
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &local)};
}

}  // namespace

std::string bytes_text(double bytes) {
  // What would be rounded up to a whole of the next unit is written in that one.
  const double size = std::abs(bytes);
  if (size >= kBytesPerGb - 0.05 * kBytesPerMb) return base::fixed(bytes / kBytesPerGb, 2) + " GB";
  if (size >= kBytesPerMb - 512) return base::fixed(bytes / kBytesPerMb, 1) + " MB";
  if (size >= 1023.5) return base::fixed(bytes / 1024, 0) + " kB";
  return base::fixed(bytes, 0) + " bytes";
}

std::string cpus_text(double cpus) {
  const std::string number = base::rounded(cpus, 2);
  return number + (number == "1" ? " CPU" : " CPUs");
}

std::string change_text(double bytes) {
  return (bytes >= 0 ? "+" : "") + bytes_text(bytes);
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return "n/a";
  if (seconds < 0.0009995) return base::fixed(seconds * 1e6, 0) + " us";
  if (seconds < 0.99995) return base::fixed(seconds * 1e3, 1) + " ms";
  if (seconds < 119.995) return base::fixed(seconds, 2) + " s";
  const double whole_seconds = std::max(seconds, 120.0);
  const auto minutes = static_cast<int64_t>(whole_seconds / 60);
  const auto two_digits = [](int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  if (minutes < 60)
    return std::to_string(minutes) + " min " +
           two_digits(static_cast<int64_t>(whole_seconds) % 60) + " s";
  return std::to_string(minutes / 60) + " h " + two_digits(minutes % 60) + " min";
}

std::string energy_text(double joules) {
  if (!std::isfinite(joules)) return "n/a";
  if (joules < 999.95) return base::fixed(joules, 1) + " J";
  if (joules < 999'995) return base::fixed(joules / 1e3, 2) + " kJ";
  return base::fixed(joules / 1e6, 2) + " MJ";
}

std::string energy_with_hours_text(double joules) {
  constexpr double kJoulesPerWattHour = 3600;
  std::string text = energy_text(joules);
  const double watt_hours = joules / kJoulesPerWattHour;
  if (!(watt_hours >= 1)) return text;
  if (watt_hours < 999.995) return text + " (" + base::fixed(watt_hours, 2) + " Wh)";
  return text + " (" + base::fixed(watt_hours / 1e3, 2) + " kWh)";
}

std::string clock_text(int64_t wall_ns) {
  return format_time(wall_ns, "%H:%M:%S");
}
std::string date_text(int64_t wall_ns) {
  return format_time(wall_ns, "%Y-%m-%d %H:%M:%S");
}

}  // namespace jumper::report
