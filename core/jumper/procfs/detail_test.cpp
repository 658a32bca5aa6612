// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/detail.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace jumper::procfs::detail {
namespace {

TEST(ProcfsDetail, TheErrorNamesTheFileAndWhatIsWrong) {
  EXPECT_EQ(parse_error("/proc/stat", "ctxt"),
            (base::Error{base::ErrorCode::kParse,
                         "cannot parse /proc/stat: ctxt is missing or garbled", 0}));
}

TEST(ProcfsDetail, ColumnsStopAtTheFirstWrongOne) {
  // GIVEN
  int first = -1;
  int second = -1;
  int third = -1;

  // WHEN
  Columns columns("1 x 3");
  columns.take(first).take(second).take(third);

  // THEN
  EXPECT_FALSE(columns.ok());
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, -1);
  EXPECT_EQ(third, -1);
}

TEST(ProcfsDetail, ColumnsAreSkippedWhateverTheyHold) {
  int third = 0;
  EXPECT_TRUE(Columns(" a\tb  3").skip(2).take(third).ok());
  EXPECT_EQ(third, 3);
  EXPECT_TRUE(Columns("a").skip(1).ok());
  EXPECT_FALSE(Columns("a").skip(2).ok());
  EXPECT_TRUE(Columns("").skip(0).ok());
}

TEST(ProcfsDetail, KilobytesAre1024BytesAndNeedTheirUnit) {
  EXPECT_EQ(parse_kilobytes("\t 3 kB"), 3072U);
  EXPECT_EQ(parse_kilobytes("18014398509481983 kB"), 18446744073709550592U);
  EXPECT_FALSE(parse_kilobytes("18014398509481984 kB"));
  EXPECT_FALSE(parse_kilobytes("3"));
  EXPECT_FALSE(parse_kilobytes("3 KB"));
  EXPECT_FALSE(parse_kilobytes("3kB"));
}

TEST(ProcfsDetail, KeysEndAtTheFirstColon) {
  // GIVEN
  std::string_view text = "a: 1:2\nno colon\n:x\nlast:";

  // WHEN
  const Line first = next_keyed_line(text);
  const Line none = next_keyed_line(text);
  const Line empty = next_keyed_line(text);
  const Line last = next_keyed_line(text);

  // THEN
  EXPECT_EQ(first.key, "a");
  EXPECT_EQ(first.rest, " 1:2");
  EXPECT_EQ(none.key, "");
  EXPECT_EQ(none.rest, "");
  EXPECT_EQ(empty.key, "");
  EXPECT_EQ(empty.rest, "x");
  EXPECT_EQ(last.key, "last");
  EXPECT_EQ(last.rest, "");
  EXPECT_TRUE(text.empty());
}

TEST(ProcfsDetail, FieldsAreFoundInAnyOrderAndTheLastCounts) {
  // GIVEN
  std::array<Field, 3> fields = {{{"a", {}}, {"b", {}}, {"c", {}}}};

  // WHEN
  const Field* garbled = read_fields("b: 1\nother: x\na: 2\nb: 3\n", fields, parse_count);

  // THEN
  EXPECT_EQ(garbled, nullptr);
  EXPECT_EQ(fields[0].value, 2U);
  EXPECT_EQ(fields[1].value, 3U);
  EXPECT_EQ(first_absent(fields), &fields[2]);
}

TEST(ProcfsDetail, AGarbledFieldIsNamed) {
  std::array<Field, 2> fields = {{{"a", {}}, {"b", {}}}};
  EXPECT_EQ(read_fields("a: 1\nb: x\n", fields, parse_count), &fields[1]);
}

}  // namespace
}  // namespace jumper::procfs::detail
