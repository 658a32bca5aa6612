// SPDX-License-Identifier: BSD-3-Clause
// A zip archive in memory that anyone may have written. Nothing is ever unpacked to disk: entries
// are asked for by their exact names, so that names like ../x and links in it do nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"

namespace jumper::session {

struct ZipLimits {
  size_t most_entries = 1000;
  size_t most_entry_bytes = size_t{512} << 20;  // expanded
  size_t most_bytes = size_t{1} << 30;          // all entries together, expanded
};

class ZipArchive {
 public:
  // The list of entries is checked as a whole: their number and sizes, that none overlap, that each
  // is stored or deflated and not encrypted, that no name comes twice.
  static base::Result<ZipArchive> open(std::string bytes, const ZipLimits& limits = {});

  [[nodiscard]] std::vector<std::string_view> names() const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  // Its content, when size and checksum are what the archive says.
  [[nodiscard]] base::Result<std::string> read(std::string_view name) const;

 private:
  struct Entry {
    std::string name;
    bool is_deflated = false;
    uint32_t crc = 0;
    size_t packed_size = 0;
    size_t size = 0;
    size_t header_at = 0;
    size_t data_at = 0;
  };

  explicit ZipArchive(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] const Entry* find(std::string_view name) const;
  // Each gives what is wrong, in words.
  [[nodiscard]] std::optional<std::string> read_directory(const ZipLimits& limits);
  [[nodiscard]] std::optional<std::string> read_entry(size_t& at, size_t end);
  [[nodiscard]] std::optional<std::string> find_data(Entry& entry, size_t end) const;
  [[nodiscard]] std::optional<std::string> check_entries(const ZipLimits& limits, size_t end);
  [[nodiscard]] std::optional<size_t> find_end() const;
  [[nodiscard]] uint32_t u16(size_t at) const;
  [[nodiscard]] uint32_t u32(size_t at) const { return u16(at) | u16(at + 2) << 16U; }

  std::string bytes_;
  std::vector<Entry> entries_;  // in the order of their names
};

}  // namespace jumper::session
