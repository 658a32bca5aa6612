// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/gpu_codec.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "jumper/base/text.h"
#include "jumper/journal/payload.h"

namespace jumper::journal {
namespace {

constexpr size_t kMostCards = 1024;
constexpr size_t kMostAbsences = 64;
constexpr size_t kMostText = 1000;
constexpr uint64_t kDivided = 1;
constexpr uint64_t kChosen = 2;

std::string text_of(PayloadReader& reader) {
  return base::one_line(reader.text(), kMostText);
}

// Absent is 0, all else one more than it is.
void put_maybe(std::string& bytes, const std::optional<uint64_t>& value) {
  put_number(bytes, value ? *value + 1 : 0);
}
std::optional<uint64_t> maybe_of(PayloadReader& reader) {
  const uint64_t value = reader.number();
  return value > 0 ? std::optional(value - 1) : std::nullopt;
}

// As many as are said to follow; of those beyond `most` nothing is kept.
template <typename Item, typename Read>
void each(PayloadReader& reader, std::vector<Item>& items, size_t most, Read read) {
  for (uint64_t count = reader.number(); count > 0 && reader.ok(); --count) {
    Item item = read(reader);
    if (items.size() < most) items.push_back(std::move(item));
  }
}

void put_card(std::string& bytes, const gpu::Card& card) {
  put_number(bytes, static_cast<uint64_t>(card.vendor));
  for (const std::string* text : {&card.name, &card.uuid, &card.bus_id, &card.driver})
    put_text(bytes, *text);
  put_maybe(bytes, card.memory_bytes);
  put_maybe(bytes, card.part_of);
  put_number(bytes, (card.is_divided ? kDivided : 0) | (card.is_chosen ? kChosen : 0));
  put_number(bytes, card.absent.size());
  for (const gpu::Absence& absence : card.absent) {
    put_text(bytes, absence.what);
    put_text(bytes, absence.why);
  }
}

gpu::Card card_of(PayloadReader& reader) {
  gpu::Card card;
  const uint64_t vendor = reader.number();
  if (vendor <= static_cast<uint64_t>(gpu::Vendor::kOther))
    card.vendor = static_cast<gpu::Vendor>(vendor);
  for (std::string* text : {&card.name, &card.uuid, &card.bus_id, &card.driver})
    *text = text_of(reader);
  card.memory_bytes = maybe_of(reader);
  if (const auto part_of = maybe_of(reader); part_of && *part_of < kMostCards)
    card.part_of = static_cast<uint32_t>(*part_of);
  const uint64_t flags = reader.number();
  card.is_divided = (flags & kDivided) != 0;
  card.is_chosen = (flags & kChosen) != 0;
  each(reader, card.absent, kMostAbsences, [](PayloadReader& from) {
    std::string what = text_of(from);
    return gpu::Absence{std::move(what), text_of(from)};
  });
  return card;
}

}  // namespace

std::string encode_gpus(const gpu::Status& status) {
  std::string bytes;
  put_text(bytes, status.why_none);
  put_number(bytes, status.cards.size());
  for (const gpu::Card& card : status.cards) put_card(bytes, card);
  put_number(bytes, status.troubles.size());
  for (const std::string& trouble : status.troubles) put_text(bytes, trouble);
  put_number(bytes, status.silent_since_ns ? 1 : 0);
  put_signed(bytes, status.silent_since_ns.value_or(0));
  put_text(bytes, status.silent_call);
  return bytes;
}

gpu::Status decode_gpus(std::string_view content) {
  PayloadReader reader(content);
  gpu::Status status;
  status.is_known = true;
  status.why_none = text_of(reader);
  each(reader, status.cards, kMostCards, card_of);
  each(reader, status.troubles, kMostCards, text_of);
  const bool is_silent = reader.number() == 1;
  const int64_t since_ns = reader.signed_number();
  if (is_silent) status.silent_since_ns = since_ns;
  status.silent_call = text_of(reader);
  return reader.ok() ? status : gpu::Status{};
}

}  // namespace jumper::journal
