// SPDX-License-Identifier: BSD-3-Clause
// The format: PKWARE's APPNOTE.TXT, of which this takes what zip programs write without options.
#include "jumper/session/zip_reader.h"

#include <algorithm>
#include <utility>

#include "jumper/base/crc32.h"
#include "jumper/base/inflate.h"
#include "jumper/base/text.h"

namespace jumper::session {
namespace {

constexpr uint32_t kLocalMark = 0x04034B50;
constexpr uint32_t kDirectoryMark = 0x02014B50;
constexpr uint32_t kEndMark = 0x06054B50;
constexpr uint32_t kZip64LocatorMark = 0x07064B50;
constexpr size_t kLocalBytes = 30;
constexpr size_t kDirectoryBytes = 46;
constexpr size_t kEndBytes = 22;
constexpr size_t kZip64LocatorBytes = 20;
constexpr size_t kLongestComment = 0xFFFF;
constexpr uint32_t kEncrypted = 1U | 1U << 6U | 1U << 13U;
constexpr uint32_t kSizesFollow = 1U << 3U;
constexpr uint32_t kStored = 0;
constexpr uint32_t kDeflated = 8;
constexpr uint32_t kElsewhere16 = 0xFFFF;  // the number stands in zip64 fields
constexpr uint32_t kElsewhere32 = 0xFFFFFFFF;

constexpr const char* kGarbled = "its list of entries is garbled";
constexpr const char* kZip64 = "it is a zip64 archive, which this does not read";

std::string shown(std::string_view name) {
  return "'" + base::one_line(name, 80) + "'";
}

base::Error failed(const std::string& what) {
  return base::bad_input("the zip archive cannot be read: " + what);
}

}  // namespace

uint32_t ZipArchive::u16(size_t at) const {
  return static_cast<uint8_t>(bytes_[at]) |
         static_cast<uint32_t>(static_cast<uint8_t>(bytes_[at + 1])) << 8U;
}

base::Result<ZipArchive> ZipArchive::open(std::string bytes, const ZipLimits& limits) {
  ZipArchive archive(std::move(bytes));
  if (const auto wrong = archive.read_directory(limits)) return failed(*wrong);
  return archive;
}

std::vector<std::string_view> ZipArchive::names() const {
  std::vector<std::string_view> names;
  names.reserve(entries_.size());
  for (const Entry& entry : entries_) names.emplace_back(entry.name);
  return names;
}

const ZipArchive::Entry* ZipArchive::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(entries_, name, {}, &Entry::name);
  return found != entries_.end() && found->name == name ? &*found : nullptr;
}

base::Result<std::string> ZipArchive::read(std::string_view name) const {
  const Entry* entry = find(name);
  if (entry == nullptr) {
    return base::Error{base::ErrorCode::kNotFound, "the zip archive has no " + shown(name), 0};
  }
  const std::string_view packed =
      std::string_view(bytes_).substr(entry->data_at, entry->packed_size);
  std::string content;
  if (entry->is_deflated) {
    auto expanded = base::inflated(packed, entry->size);
    if (!expanded) return failed(shown(name) + ": " + expanded.error().message);
    content = *std::move(expanded);
  } else {
    content = packed;
  }
  if (content.size() != entry->size)
    return failed(shown(name) + " is not as long as the archive says");
  if (base::crc32(content) != entry->crc) return failed(shown(name) + " has a wrong checksum");
  return content;
}

// The end record closes the file, behind it only its own comment.
std::optional<size_t> ZipArchive::find_end() const {
  if (bytes_.size() < kEndBytes) return std::nullopt;
  const size_t last = bytes_.size() - kEndBytes;
  const size_t first = last - std::min(last, kLongestComment);
  for (size_t at = last + 1; at-- > first;) {
    if (u32(at) == kEndMark && at + kEndBytes + u16(at + 20) == bytes_.size()) return at;
  }
  return std::nullopt;
}

std::optional<std::string> ZipArchive::read_directory(const ZipLimits& limits) {
  const auto end = find_end();
  if (!end) return "it is no zip archive, or its end is missing";
  if (*end >= kZip64LocatorBytes && u32(*end - kZip64LocatorBytes) == kZip64LocatorMark)
    return kZip64;
  const uint32_t entries = u16(*end + 10);
  const size_t size = u32(*end + 12);
  const size_t begin = u32(*end + 16);
  if (entries == kElsewhere16 || size == kElsewhere32 || begin == kElsewhere32) return kZip64;
  if (u16(*end + 4) != 0 || u16(*end + 6) != 0 || u16(*end + 8) != entries)
    return "it is a part of an archive of several parts";
  if (entries > limits.most_entries) {
    return "it has " + std::to_string(entries) + " entries; at most " +
           std::to_string(limits.most_entries) + " are read";
  }
  // Anything between the list and the end record, or before the archive, is not what it seems.
  if (begin > *end || size != *end - begin) return kGarbled;
  size_t at = begin;
  for (uint32_t i = 0; i < entries; ++i) {
    if (auto wrong = read_entry(at, *end)) return wrong;
  }
  if (at != *end) return kGarbled;
  return check_entries(limits, begin);
}

std::optional<std::string> ZipArchive::read_entry(size_t& at, size_t end) {
  if (end - at < kDirectoryBytes || u32(at) != kDirectoryMark) return kGarbled;
  const uint32_t flags = u16(at + 8);
  const uint32_t method = u16(at + 10);
  Entry entry;
  entry.is_deflated = method == kDeflated;
  entry.crc = u32(at + 16);
  entry.packed_size = u32(at + 20);
  entry.size = u32(at + 24);
  entry.header_at = u32(at + 42);
  const size_t name_size = u16(at + 28);
  const size_t size = kDirectoryBytes + name_size + u16(at + 30) + u16(at + 32);
  if (end - at < size) return kGarbled;
  if (entry.packed_size == kElsewhere32 || entry.size == kElsewhere32 ||
      entry.header_at == kElsewhere32) {
    return kZip64;
  }
  if (u16(at + 34) != 0) return "it is a part of an archive of several parts";
  entry.name = bytes_.substr(at + kDirectoryBytes, name_size);
  if ((flags & kEncrypted) != 0) return shown(entry.name) + " is encrypted";
  if (method != kDeflated && method != kStored) {
    return shown(entry.name) + " is packed by a method other than deflate (" +
           std::to_string(method) + ")";
  }
  if (method == kStored && entry.size != entry.packed_size) return kGarbled;
  at += size;
  entries_.push_back(std::move(entry));
  return std::nullopt;
}

// The header in front of the data repeats what the list says; what differs is meant to deceive.
std::optional<std::string> ZipArchive::find_data(Entry& entry, size_t end) const {
  const size_t at = entry.header_at;
  if (at > end || end - at < kLocalBytes || u32(at) != kLocalMark) return kGarbled;
  const uint32_t flags = u16(at + 6);
  const size_t name_size = u16(at + 26);
  const size_t before = kLocalBytes + name_size + u16(at + 28);
  if (end - at < before || end - at - before < entry.packed_size) return kGarbled;
  const bool says_sizes = (flags & kSizesFollow) == 0;
  const bool agrees =
      std::string_view(bytes_).substr(at + kLocalBytes, name_size) == entry.name &&
      u16(at + 8) == (entry.is_deflated ? kDeflated : kStored) && (flags & kEncrypted) == 0 &&
      (!says_sizes || (u32(at + 14) == entry.crc && u32(at + 18) == entry.packed_size &&
                       u32(at + 22) == entry.size));
  if (!agrees) return "the two descriptions of " + shown(entry.name) + " differ";
  entry.data_at = at + before;
  return std::nullopt;
}

std::optional<std::string> ZipArchive::check_entries(const ZipLimits& limits, size_t end) {
  size_t total = 0;
  for (Entry& entry : entries_) {
    if (entry.size > limits.most_entry_bytes || entry.size > limits.most_bytes - total) {
      return shown(entry.name) + " would expand to more than is read (" +
             std::to_string(entry.size) + " bytes)";
    }
    total += entry.size;
    if (auto wrong = find_data(entry, end)) return wrong;
  }
  std::ranges::sort(entries_, {}, &Entry::header_at);
  for (size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].header_at < entries_[i - 1].data_at + entries_[i - 1].packed_size)
      return "entries of it overlap";
  }
  std::ranges::sort(entries_, {}, &Entry::name);
  const auto twice = std::ranges::adjacent_find(entries_, {}, &Entry::name);
  if (twice != entries_.end()) return shown(twice->name) + " is in it twice";
  return std::nullopt;
}

}  // namespace jumper::session
