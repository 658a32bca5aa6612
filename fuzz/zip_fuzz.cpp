// SPDX-License-Identifier: BSD-3-Clause
// An archive of a session may come from anyone: nothing in it makes more of it than it says.
#include "jumper/session/zip_reader.h"

#include "jumper/base/inflate.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jumper::fuzz::require;
  constexpr jumper::session::ZipLimits kLimits = {
      .most_entries = 20, .most_entry_bytes = 100'000, .most_bytes = 200'000};
  const std::string_view text = jumper::fuzz::as_text(data, size);
  const auto expanded = jumper::base::inflated(text, kLimits.most_entry_bytes);
  require(!expanded || expanded->size() <= kLimits.most_entry_bytes);
  const auto archive = jumper::session::ZipArchive::open(std::string(text), kLimits);
  if (!archive) {
    require(archive.error().message.find('\n') == std::string::npos);
    return 0;
  }
  size_t total = 0;
  for (const std::string_view name : archive->names()) {
    const auto content = archive->read(name);
    if (content) total += content->size();
    require(content || content.error().message.find('\n') == std::string::npos);
  }
  require(total <= kLimits.most_bytes);
  return 0;
}
