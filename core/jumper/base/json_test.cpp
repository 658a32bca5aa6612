// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace jumper::base {
namespace {

template <typename T>
std::string written(const T& content) {
  JsonWriter json(0);
  json.value(content);
  return json.take();
}

TEST(JsonWriter, WritesNestedContainersOnOneLine) {
  // GIVEN
  JsonWriter json(0);

  // WHEN
  json.begin_object();
  json.field("a", 1);
  json.key("b").begin_array().value("x").value(true).null().begin_array().end_array().end_array();
  json.key("c").begin_object().end_object();
  json.end_object();

  // THEN
  EXPECT_EQ(json.text(), R"({"a":1,"b":["x",true,null,[]],"c":{}})");
}

TEST(JsonWriter, IndentsByTheLevel) {
  // GIVEN
  JsonWriter json(2);

  // WHEN
  json.begin_object().field("a", 1).key("b").begin_array().value(2).value(3).end_array();
  json.key("empty").begin_array().end_array().end_object();

  // THEN
  EXPECT_EQ(json.text(), R"({
  "a": 1,
  "b": [
    2,
    3
  ],
  "empty": []
})");
}

TEST(JsonWriter, WritesNumbersExactly) {
  EXPECT_EQ(written(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(std::numeric_limits<uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1e300), "1e+300");
  EXPECT_EQ(written(3.0), "3");
}

TEST(JsonWriter, NumbersThatAreNotFiniteAreNull) {
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, AbsentValuesAreNull) {
  EXPECT_EQ(written(std::optional<int>{}), "null");
  EXPECT_EQ(written(std::optional<int>{3}), "3");
  EXPECT_EQ(written(std::optional<std::string>{"x"}), "\"x\"");
  EXPECT_EQ(written(std::optional<bool>{false}), "false");
}

TEST(JsonWriter, EscapesStrings) {
  EXPECT_EQ(written("\"\\\n\r\t/"), R"("\"\\\n\r\t/")");
  EXPECT_EQ(written(std::string_view("\0\x01\x1F\x7F", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(written("\xE2\x82\xAC"), "\"\xE2\x82\xAC\"");
}

TEST(JsonWriter, StringsMayHoldAnyBytes) {
  EXPECT_EQ(written("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
}

TEST(JsonWriter, EscapesKeysToo) {
  JsonWriter json(0);
  json.begin_object().field("a\"\n\xFF", 1).end_object();
  EXPECT_EQ(json.text(), "{\"a\\\"\\n\xEF\xBF\xBD\":1}");
}

TEST(JsonWriter, ALiteralIsAStringNotATruth) {
  JsonWriter json(0);
  json.begin_object().field("a", "b").field("c", true).end_object();
  EXPECT_EQ(json.text(), R"({"a":"b","c":true})");
}

}  // namespace
}  // namespace jumper::base
