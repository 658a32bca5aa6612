// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/limit_codec.h"

#include <cmath>
#include <utility>

#include "jumper/base/text.h"
#include "jumper/journal/payload.h"

namespace jumper::journal {
namespace {

constexpr size_t kMostLimits = 64;
constexpr size_t kMostGpus = 256;
constexpr size_t kMostText = 1000;

}  // namespace

std::string encode_limits(const std::vector<source::Limit>& limits) {
  std::string bytes;
  put_number(bytes, limits.size());
  for (const source::Limit& limit : limits) {
    put_double(bytes, limit.amount);
    put_text(bytes, limit.reason);
    put_number(bytes, limit.is_enforced ? 1 : 0);
  }
  return bytes;
}

std::vector<source::Limit> decode_limits(std::string_view content) {
  PayloadReader reader(content);
  std::vector<source::Limit> limits;
  for (uint64_t count = reader.number(); count > 0 && reader.ok() && limits.size() < kMostLimits;
       --count) {
    source::Limit limit;
    limit.amount = reader.real();
    limit.reason = base::one_line(reader.text(), kMostText);
    limit.is_enforced = reader.number() != 0;
    if (!reader.ok() || !std::isfinite(limit.amount) || limit.amount <= 0) return {};
    limits.push_back(std::move(limit));
  }
  return limits;
}

std::string encode_gpu_choices(const std::vector<source::GpuChoice>& choices) {
  std::string bytes;
  put_number(bytes, choices.size());
  for (const source::GpuChoice& choice : choices) {
    put_text(bytes, choice.variable);
    put_number(bytes, choice.ids.size());
    for (const std::string& id : choice.ids) put_text(bytes, id);
  }
  return bytes;
}

std::vector<source::GpuChoice> decode_gpu_choices(std::string_view content) {
  PayloadReader reader(content);
  std::vector<source::GpuChoice> choices;
  for (uint64_t count = reader.number(); count > 0 && reader.ok() && choices.size() < kMostLimits;
       --count) {
    source::GpuChoice choice;
    choice.variable = base::one_line(reader.text(), kMostText);
    for (uint64_t ids = reader.number(); ids > 0 && reader.ok() && choice.ids.size() < kMostGpus;
         --ids)
      choice.ids.push_back(base::one_line(reader.text(), kMostText));
    if (!reader.ok()) return {};
    choices.push_back(std::move(choice));
  }
  return choices;
}

}  // namespace jumper::journal
