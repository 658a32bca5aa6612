// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/column_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "jumper/store/varint.h"

namespace jumper::store {
namespace {

using Kind = ColumnCode::Kind;
constexpr size_t kRows = Chunk::kRows;

// Encoded, the bytes padded as a chunk pads them.
struct Encoded {
  explicit Encoded(const std::vector<double>& values) {
    // Something of another column lies before.
    store.words = {1, 2, 3};
    store.bytes = {4, 5};
    store.marks.resize(1);
    code = std::make_unique<ColumnEncoder>()->encode(values, store);
    size = store.words.size() * 8 - 24 + store.bytes.size() - 2 + store.marks.size() * 16 - 16;
    store.bytes.resize(store.bytes.size() + kVarintReach);
    store.bytes.shrink_to_fit();  // reading too far is then seen by the sanitizer
    store.words.shrink_to_fit();
  }
  [[nodiscard]] std::vector<double> decoded(size_t from, size_t to) const {
    std::vector<double> values(to - from, -1);
    decode(code, store, from, to, values.data());
    return values;
  }

  CodeStore store;
  ColumnCode code;
  size_t size = 0;
};

bool same_bits(double left, double right) {
  return std::bit_cast<uint64_t>(left) == std::bit_cast<uint64_t>(right);
}

// All of it, and parts of every kind.
void expect_round_trip(const std::vector<double>& values, const Encoded& encoded) {
  const size_t count = values.size();
  std::vector<std::pair<size_t, size_t>> ranges = {
      {0, count}, {count, count}, {0, 0}, {count / 2, count}};
  for (size_t from = 0; from < count; from += 61)
    ranges.emplace_back(from, std::min(from + 1 + from % 700, count));
  for (size_t from = 0; from < count; from += 512) {
    ranges.emplace_back(from, std::min(from + 512, count));
    if (from > 0) ranges.emplace_back(from - 1, from + 1);
  }
  for (const auto& [from, to] : ranges) {
    const std::vector<double> decoded = encoded.decoded(from, to);
    for (size_t i = from; i < to; ++i) {
      ASSERT_TRUE(same_bits(decoded[i - from], values[i])) << from << " to " << to << " at " << i;
    }
  }
}

std::vector<double> values_of(size_t count, const std::function<double(size_t)>& value) {
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = value(i);
  return values;
}

// A value for each kind of column, after `row` values.
struct Shape {
  const char* name;
  Kind kind;
  std::function<double(size_t row)> value;
};

TEST(ColumnCodec, GivesBackWhatItWasGiven) {
  std::mt19937_64 random(7);
  double total = 0;
  const std::vector<Shape> shapes = {
      {"counter that always moves", Kind::kWhole,
       [&](size_t) { return total += static_cast<double>(1 + random() % 100'000'000); }},
      {"counter that moves at times", Kind::kWhole,
       [&](size_t row) { return total += row % 5 == 1 ? 4096 : 0; }},
      {"counter that moves once a block", Kind::kWhole,
       [](size_t row) { return static_cast<double>(row / 64); }},
      {"moves in every second block", Kind::kWhole,
       [](size_t row) { return row / 64 % 2 == 0 ? 7.0 : static_cast<double>(row); }},
      {"gauge that goes up and down", Kind::kWhole,
       [&](size_t) { return static_cast<double>(random() % 1000) - 500; }},
      {"largest numbers", Kind::kWhole, [](size_t row) { return row % 2 == 0 ? 0x1p53 : -0x1p53; }},
      {"clock ticks", Kind::kWhole,
       [&](size_t) { return total += static_cast<double>(random() % 3) * 1e7; }},
      {"watts", Kind::kThousandths,
       [&](size_t) { return static_cast<double>(random() % 300'000) / 1000; }},
      {"random doubles", Kind::kRaw, [&](size_t) { return std::bit_cast<double>(random() >> 2); }},
      {"minus zero", Kind::kRaw, [](size_t row) { return row % 2 == 0 ? -0.0 : 0.0; }},
      {"infinite", Kind::kRaw,
       [](size_t row) { return row == 1 ? std::numeric_limits<double>::infinity() : 1; }},
      {"beyond exact whole numbers", Kind::kRaw,
       [](size_t row) { return 0x1p54 + static_cast<double>(row) * 4; }},
      {"a fraction at the end of thousands", Kind::kRaw,
       [](size_t row) { return row % 63 == 1 ? 1.0 / 3 : 5; }},
      {"thirds", Kind::kRaw, [](size_t row) { return static_cast<double>(row) / 3; }},
  };
  for (const Shape& shape : shapes) {
    for (const size_t count : {size_t{2}, size_t{63}, size_t{64}, size_t{65}, size_t{511},
                               size_t{512}, size_t{513}, size_t{1000}, kRows - 1, kRows}) {
      SCOPED_TRACE(std::string(shape.name) + ", " + std::to_string(count));
      total = 123'456'789;
      const std::vector<double> values = values_of(count, shape.value);
      const Encoded encoded(values);
      if (count >= 128) {
        EXPECT_EQ(encoded.code.kind, shape.kind);
      }
      expect_round_trip(values, encoded);
    }
  }
}

TEST(ColumnCodec, AConstantTakesNoSpace) {
  for (const double value : {0.0, 5.0, -0.0, 1.0 / 3, std::numeric_limits<double>::infinity()}) {
    const std::vector<double> values(kRows, value);
    const Encoded encoded(values);
    EXPECT_EQ(encoded.code.kind, Kind::kConstant);
    EXPECT_EQ(encoded.size, 0U);
    expect_round_trip(values, encoded);
  }
}

TEST(ColumnCodec, OneValueIsAConstant) {
  const Encoded encoded({42.5});
  EXPECT_EQ(encoded.code.kind, Kind::kConstant);
  EXPECT_EQ(encoded.decoded(0, 1), std::vector<double>{42.5});
}

TEST(ColumnCodec, NothingIsNothing) {
  const Encoded encoded({});
  EXPECT_EQ(encoded.code.kind, Kind::kNothing);
  EXPECT_EQ(encoded.size, 0U);
}

TEST(ColumnCodec, FindsWhatAllChangesAreMultiplesOf) {
  // GIVEN changes by 0 to 9 of something, that begin anywhere
  const auto values = [](double unit) {
    double total = 12'345;
    return values_of(kRows,
                     [&](size_t row) { return total += unit * static_cast<double>(row * 7 % 10); });
  };

  // THEN what something is, is known, and does not make the column larger
  const size_t smallest = Encoded(values(1)).size;
  for (const double unit : {4096.0, 512.0, 1e7, 3.0, 1e9 + 7}) {
    const Encoded encoded(values(unit));
    EXPECT_EQ(encoded.code.factor, static_cast<uint64_t>(unit));
    EXPECT_EQ(encoded.size, smallest) << unit;
  }
}

TEST(ColumnCodec, TakesOneByteForASmallChangeAndABitForNone) {
  const auto changes_at = [](size_t every) {
    double total = 0;
    return Encoded(values_of(kRows, [&, every](size_t row) {
      return total += row % every == 0 ? 3 + static_cast<double>(row % 7) : 0;
    }));
  };
  constexpr size_t kMarks = kRows / kMarkEvery * 16;
  EXPECT_LE(changes_at(1).size, kRows + kMarks + 24);
  EXPECT_LE(changes_at(4).size, kRows / 4 + kRows / 8 + kMarks + 16);
  EXPECT_LE(changes_at(1024).size, 4 * (1 + 8) + 16);
}

}  // namespace
}  // namespace jumper::store
