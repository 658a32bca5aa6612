// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/line.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "jumper/base/base64.h"
#include "jumper/base/clock.h"
#include "jumper/base/crc32.h"
#include "jumper/base/parse.h"

namespace jumper::nodes {
namespace {

constexpr std::string_view kVersion = "J1";
constexpr size_t kCrcDigits = 8;
// Three bytes are four letters; the rest of a line is 3 + 17 + 11 + 21 + 1 + 9 bytes at most.
constexpr size_t kMostBytesPerLine = 714;

std::string hex(uint64_t number, size_t digits) {
  std::string text(digits, '0');
  for (size_t at = digits; at > 0; --at, number >>= 4U)
    text[at - 1] = "0123456789abcdef"[number & 15U];
  return text;
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::span<const uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The text up to the next space, which is taken with it.
std::string_view next_field(std::string_view& text) {
  const size_t end = text.find(' ');
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return field;
}

}  // namespace

std::string make_secret() {
  uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number)
    number = static_cast<uint64_t>(base::SystemClock().monotonic_ns()) * 0x9E3779B97F4A7C15U;
  return hex(number, kSecretDigits);
}

bool is_secret(std::string_view text) {
  return text.size() == kSecretDigits && is_hex(text);
}

std::optional<Line> parse_line(std::string_view line, std::string_view secret) {
  if (line.size() >= kLongestLine || line.size() < kCrcDigits) return std::nullopt;
  const std::string_view told = line.substr(line.size() - kCrcDigits);
  const std::string_view covered = line.substr(0, line.size() - kCrcDigits);
  std::string_view rest = line;
  if (next_field(rest) != kVersion || next_field(rest) != secret) return std::nullopt;
  const auto rank = base::parse_number<uint32_t>(next_field(rest));
  const auto number = base::parse_number<uint64_t>(next_field(rest));
  const std::string_view letters = next_field(rest);
  if (!rank || !number || rest.size() != kCrcDigits) return std::nullopt;
  if (told != hex(base::crc32(covered), kCrcDigits)) return std::nullopt;
  const auto bytes = base::from_base64(letters);
  if (!bytes) return std::nullopt;
  return Line{*rank, *number, std::string(bytes->begin(), bytes->end())};
}

std::string make_line(std::string_view secret, uint32_t rank, uint64_t number,
                      std::string_view bytes) {
  std::string line(kVersion);
  for (const std::string& field : {std::string(secret), std::to_string(rank),
                                   std::to_string(number), base::to_base64(as_bytes(bytes))}) {
    line += ' ';
    line += field;
  }
  line += ' ';
  line += hex(base::crc32(line), kCrcDigits);
  line += '\n';
  return line;
}

LineSink::LineSink(int file, std::string secret, uint32_t rank)
    : file_(file), secret_(std::move(secret)), rank_(rank) {}

int LineSink::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kMostBytesPerLine);
    bytes.remove_prefix(part.size());
    const std::string line = make_line(secret_, rank_, number_++, part);
    ssize_t written = 0;
    do {
      written = ::write(file_, line.data(), line.size());
    } while (written < 0 && errno == EINTR);
    if (written < 0) return errno;
    // The rest of a line that was torn must not be taken for the beginning of the next one.
    if (written != static_cast<ssize_t>(line.size())) return EIO;
  }
  return 0;
}

}  // namespace jumper::nodes
