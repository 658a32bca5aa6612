// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/zip_writer.h"

#include <algorithm>
#include <ctime>
#include <initializer_list>
#include <string_view>

#include "jumper/base/crc32.h"
#include "jumper/base/deflate.h"

namespace jumper::session {
namespace {

constexpr size_t kMostBytes =
    0xFFFFFFFE;  // the number above it says that the true one is elsewhere
constexpr uint32_t kDeflated = 8;
constexpr uint32_t kNeededVersion = 20;                     // deflate
constexpr uint32_t kWrittenByUnix = 3U << 8U | 20U;         // so that the mode below counts
constexpr uint32_t kOwnerOnly = (0100000U | 0600U) << 16U;  // a plain file, rw-------

struct Number {
  uint32_t value;
  int bytes;
};

void append(std::string& out, std::initializer_list<Number> numbers) {
  for (const Number& number : numbers) {
    for (int i = 0; i < number.bytes; ++i)
      out += static_cast<char>(number.value >> static_cast<unsigned>(8 * i) & 0xFFU);
  }
}

// Local time in steps of two seconds, from 1980 on.
struct DosTime {
  uint32_t time = 0;
  uint32_t date = 1U << 5U | 1U;
};

DosTime dos_time(int64_t wall_ns) {
  const auto seconds = static_cast<std::time_t>(wall_ns / 1'000'000'000);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr || local.tm_year < 80 || local.tm_year > 207)
    return {};
  const auto part = [](int value) { return static_cast<uint32_t>(value); };
  return {part(local.tm_hour) << 11U | part(local.tm_min) << 5U | part(local.tm_sec) / 2,
          part(local.tm_year - 80) << 9U | part(local.tm_mon + 1) << 5U | part(local.tm_mday)};
}

}  // namespace

base::Result<std::string> zip_archive(std::span<const NamedBytes> files, int64_t wall_ns) {
  const DosTime when = dos_time(wall_ns);
  std::string out;
  std::string directory;
  for (const NamedBytes& file : files) {
    std::string packed = base::deflated(file.bytes);
    const bool is_deflated = packed.size() < file.bytes.size();
    if (!is_deflated) packed = file.bytes;
    if (std::max(file.bytes.size(), out.size() + packed.size()) > kMostBytes)
      return base::bad_input("the session is too large for a zip archive: export it to a folder");
    const auto size = [](const std::string& bytes) { return static_cast<uint32_t>(bytes.size()); };
    const uint32_t header_at = size(out);
    // What the two descriptions of an entry share.
    std::string common;
    append(common, {{kNeededVersion, 2},
                    {0, 2},
                    {is_deflated ? kDeflated : 0, 2},
                    {when.time, 2},
                    {when.date, 2},
                    {base::crc32(file.bytes), 4},
                    {size(packed), 4},
                    {size(file.bytes), 4},
                    {size(file.name), 2},
                    {0, 2}});
    out += "PK\x03\x04";
    out.append(common).append(file.name).append(packed);
    directory += "PK\x01\x02";
    append(directory, {{kWrittenByUnix, 2}});
    directory += common;
    append(directory, {{0, 2}, {0, 2}, {0, 2}, {kOwnerOnly, 4}, {header_at, 4}});
    directory += file.name;
  }
  if (out.size() + directory.size() > kMostBytes)
    return base::bad_input("the session is too large for a zip archive: export it to a folder");
  const auto count = static_cast<uint32_t>(files.size());
  const auto begin = static_cast<uint32_t>(out.size());
  out += directory + "PK\x05\x06";
  append(out, {{0, 2}, {0, 2}, {count, 2}, {count, 2}});
  append(out, {{static_cast<uint32_t>(directory.size()), 4}, {begin, 4}, {0, 2}});
  return out;
}

}  // namespace jumper::session
