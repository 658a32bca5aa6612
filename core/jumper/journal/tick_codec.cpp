// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/tick_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "jumper/journal/payload.h"

namespace jumper::journal {
namespace {

using metric::Metric;

// Whole numbers up to here are the same as a double and as an integer; their differences fit, too.
constexpr double kMostWhole = 9007199254740992.0;  // 2^53
constexpr uint64_t kRaw = 3;                       // before a value as it is

bool is_whole(double value) {
  if (value == 0) return !std::signbit(value);
  return std::abs(value) <= kMostWhole && value == std::trunc(value);
}

bool is_same(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

}  // namespace

uint32_t quantum_of(const metric::SeriesKey& key) {
  constexpr uint32_t kClockTickNs = 10'000'000;
  constexpr uint32_t kKibibyte = 1024;
  constexpr uint32_t kSector = 512;
  constexpr uint32_t kMicrosecond = 1000;
  switch (key.metric) {
    case Metric::kCpuTime:
      return key.scope == metric::Scope::kSystem ? kClockTickNs : 1;
    case Metric::kMemory:
    case Metric::kMemoryResident:
    case Metric::kSwapInBytes:
    case Metric::kSwapOutBytes:
      return kKibibyte;
    case Metric::kIoReadBytes:
    case Metric::kIoWriteBytes:
      return kSector;
    case Metric::kPressureCpuSome:
    case Metric::kPressureMemorySome:
    case Metric::kPressureMemoryFull:
    case Metric::kPressureIoSome:
    case Metric::kPressureIoFull:
      return kMicrosecond;
    default:
      return 1;
  }
}

TickState::TickState(std::vector<uint32_t> quanta)
    : quanta_(std::move(quanta)), last_(quanta_.size()), last_whole_(quanta_.size()) {}

// ---- writing -------------------------------------------------------------------------------

// The number of the pattern; patterns_.size() where it is new.
size_t TickEncoder::find_pattern(std::span<const double> values) {
  present_.clear();
  for (size_t series = 0; series < last_.size(); ++series) {
    if (series < values.size() && !metric::is_absent(values[series]))
      present_.push_back(static_cast<uint16_t>(series));
  }
  if (guess_ < patterns_.size() && patterns_[guess_] == present_) return guess_;
  return static_cast<size_t>(std::ranges::find(patterns_, present_) - patterns_.begin());
}

void TickEncoder::put_value(size_t series, double value, std::string& payload) {
  if (!is_whole(value)) {
    put_number(payload, kRaw);
    put_double(payload, value);
    return;
  }
  const auto whole = static_cast<int64_t>(value);
  const int64_t change = whole - last_whole_[series];
  last_whole_[series] = whole;
  const int64_t quantum = quanta_[series];
  if (change % quantum == 0) {
    put_number(payload, folded(change / quantum) << 1U);
  } else {
    put_number(payload, folded(change) << 2U | 1U);
  }
}

void TickEncoder::encode(const metric::Tick& tick, std::string& payload) {
  const size_t pattern = find_pattern(tick.values);
  payload += static_cast<char>(tick.kind);
  put_number(payload, pattern);
  if (pattern == patterns_.size()) {
    const size_t begin = payload.size();
    payload.append((last_.size() + 7) / 8, '\0');
    for (const uint16_t series : present_) {
      char& byte = payload[begin + series / 8U];
      byte = static_cast<char>(byte | 1 << series % 8U);
    }
    if (pattern < kMostPatterns) patterns_.push_back(present_);
  }
  guess_ = pattern;
  const int64_t step_ns = tick.time_ns - last_time_ns_;
  put_signed(payload, step_ns - last_step_ns_);
  last_step_ns_ = step_ns;
  last_time_ns_ = tick.time_ns;

  const size_t changed_at = payload.size();
  payload.append((present_.size() + 7) / 8, '\0');
  for (size_t place = 0; place < present_.size(); ++place) {
    const size_t series = present_[place];
    const double value = tick.values[series];
    if (is_same(value, last_[series])) continue;
    char& byte = payload[changed_at + place / 8];
    byte = static_cast<char>(byte | 1 << place % 8);
    put_value(series, value, payload);
    last_[series] = value;
  }
}

// ---- reading -------------------------------------------------------------------------------

bool TickDecoder::decode(std::string_view payload, metric::Tick& tick) {
  PayloadReader reader(payload);
  const uint8_t kind = reader.byte();
  const uint64_t number = reader.number();
  if (kind > static_cast<uint8_t>(metric::TickKind::kCellEnd) || number > patterns_.size())
    return false;
  Pattern inline_pattern;
  const Pattern* pattern = number < patterns_.size() ? &patterns_[number] : &inline_pattern;
  if (number == patterns_.size()) {
    const std::string_view bits = reader.bytes((last_.size() + 7) / 8);
    for (size_t series = 0; reader.ok() && series < last_.size(); ++series) {
      if ((static_cast<uint8_t>(bits[series / 8]) >> series % 8 & 1) != 0)
        inline_pattern.push_back(static_cast<uint16_t>(series));
    }
    if (number < kMostPatterns) pattern = &patterns_.emplace_back(std::move(inline_pattern));
  }
  // Unsigned, for what a damaged number may make of it wraps around.
  last_step_ns_ = static_cast<int64_t>(static_cast<uint64_t>(last_step_ns_) +
                                       static_cast<uint64_t>(reader.signed_number()));
  last_time_ns_ = static_cast<int64_t>(static_cast<uint64_t>(last_time_ns_) +
                                       static_cast<uint64_t>(last_step_ns_));
  const std::string_view changed = reader.bytes((pattern->size() + 7) / 8);
  if (!reader.ok()) return false;
  values_.assign(last_.size(), metric::kAbsent);
  for (size_t place = 0; place < pattern->size(); ++place) {
    const size_t series = (*pattern)[place];
    if ((static_cast<uint8_t>(changed[place / 8]) >> place % 8 & 1) != 0) {
      const uint64_t code = reader.number();
      if ((code & kRaw) == kRaw && code != kRaw) return false;
      if (code == kRaw) {
        last_[series] = reader.real();
      } else {
        const bool is_multiple = (code & 1U) == 0;
        const auto change = static_cast<uint64_t>(unfolded(code >> (is_multiple ? 1U : 2U)));
        last_whole_[series] = static_cast<int64_t>(static_cast<uint64_t>(last_whole_[series]) +
                                                   change * (is_multiple ? quanta_[series] : 1));
        last_[series] = static_cast<double>(last_whole_[series]);
      }
    }
    values_[series] = last_[series];
  }
  if (!reader.ok() || !reader.at_end()) return false;
  tick = {last_time_ns_, static_cast<metric::TickKind>(kind), values_};
  return true;
}

}  // namespace jumper::journal
