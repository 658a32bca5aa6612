// SPDX-License-Identifier: BSD-3-Clause
// The payloads of all frames but ticks, from and to what they mean (docs/journal.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/cells/cell.h"
#include "jumper/journal/recording.h"
#include "jumper/metric/sample.h"

namespace jumper::journal {

// The format's version. A reader refuses a higher one; tags it does not know it skips.
inline constexpr uint8_t kFormatVersion = 1;

struct Header {
  Facts facts;  // without stop times and stats: others tell them
  std::shared_ptr<const metric::Schema> schema;
  std::vector<uint32_t> quanta;  // one for each series (tick_codec.h)
  // One for each series: false where the metric is not known here, so that its values are left out.
  std::vector<bool> is_known;
};

[[nodiscard]] std::string encode_header(const Facts& facts, const metric::Schema& schema);
[[nodiscard]] base::Result<Header> decode_header(std::string_view payload);

// A cell's source may be left out; magics are, then, too.
[[nodiscard]] std::string encode_cell_start(const cells::Cell& cell, bool keeps_source);
[[nodiscard]] std::optional<cells::Cell> decode_cell_start(std::string_view payload);

[[nodiscard]] std::string encode_cell_end(const cells::Cell& cell);
// Puts what the payload tells into `cell`, where it is of that index; false otherwise.
[[nodiscard]] bool decode_cell_end(std::string_view payload, cells::Cell& cell);

[[nodiscard]] std::string encode_cost(const sampler::SamplerStats& stats);
[[nodiscard]] std::optional<sampler::SamplerStats> decode_cost(std::string_view payload);

// A moment: when monitoring stopped, or the session ended.
struct Moment {
  int64_t time_ns = 0;
  int64_t wall_ns = 0;

  bool operator==(const Moment&) const = default;
};
[[nodiscard]] std::string encode_moment(const Moment& moment);
[[nodiscard]] std::optional<Moment> decode_moment(std::string_view payload);

struct Note {
  int64_t time_ns = 0;
  std::string text;

  bool operator==(const Note&) const = default;
};
[[nodiscard]] std::string encode_note(const Note& note);
[[nodiscard]] std::optional<Note> decode_note(std::string_view payload);

}  // namespace jumper::journal
