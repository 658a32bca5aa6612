// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "jumper/session/zip_reader.h"
#include "jumper/session/zip_writer.h"
#include "testing/parser_checks.h"

namespace jumper::session {
namespace {

using jumper::testing::ExactBytes;

constexpr int64_t kWallNs = 1'795'332'363'000'000'000;

std::string archive_of(const std::vector<NamedBytes>& files) {
  const auto made = zip_archive(files, kWallNs);
  EXPECT_TRUE(made.ok());
  return *made;
}
std::string two_files() {
  return archive_of({{"manifest.json", "{}"}, {"perf.csv", std::string(5000, 'x') + "end"}});
}
void put(std::string& bytes, size_t at, std::string_view with) {
  bytes.replace(at, with.size(), with);
}
std::string why_not(std::string bytes, const ZipLimits& limits = {}) {
  const auto archive = ZipArchive::open(std::move(bytes), limits);
  return archive.ok() ? "" : archive.error().message;
}
// Where the list of entries begins, and its n-th entry.
size_t directory_at(std::string_view bytes, int entry = 0) {
  size_t at = bytes.find("PK\x01\x02");
  for (int i = 0; i < entry; ++i) at = bytes.find("PK\x01\x02", at + 1);
  return at;
}
void expect_said(const std::string& message, std::string_view what) {
  EXPECT_NE(message.find(what), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(Zip, GivesBackWhatWentIn) {
  const auto archive = ZipArchive::open(two_files());
  ASSERT_TRUE(archive.ok()) << archive.error().message;
  EXPECT_EQ(archive->names(), (std::vector<std::string_view>{"manifest.json", "perf.csv"}));
  EXPECT_EQ(*archive->read("manifest.json"), "{}");
  EXPECT_EQ(*archive->read("perf.csv"), std::string(5000, 'x') + "end");
  EXPECT_EQ(archive->read("perf").error().code, base::ErrorCode::kNotFound);
}

TEST(Zip, IsFullOfNothing) {
  const auto archive = ZipArchive::open(archive_of({}));
  ASSERT_TRUE(archive.ok());
  EXPECT_TRUE(archive->names().empty());
}

TEST(Zip, KeepsHostileNamesAsNames) {
  // GIVEN names that would lead elsewhere if anybody unpacked them
  const auto archive = ZipArchive::open(archive_of({{"../x", "1"}, {"/etc/passwd", "2"}}));
  // THEN they are names of entries, like any
  ASSERT_TRUE(archive.ok());
  EXPECT_FALSE(archive->has("x"));
  EXPECT_EQ(*archive->read("../x"), "1");
}

TEST(Zip, RefusesWhatIsNoArchive) {
  expect_said(why_not(""), "no zip archive");
  expect_said(why_not(std::string(100'000, 'P')), "no zip archive");
  expect_said(why_not(two_files() + "x"), "no zip archive");
  expect_said(why_not("MZ" + two_files()), "garbled");
}

TEST(Zip, RefusesWhatItDoesNotRead) {
  std::string encrypted = two_files();
  put(encrypted, directory_at(encrypted) + 8, "\x01");
  expect_said(why_not(encrypted), "'manifest.json' is encrypted");

  std::string bzip2 = two_files();
  put(bzip2, directory_at(bzip2) + 10, "\x0C");
  expect_said(why_not(bzip2), "method other than deflate (12)");

  std::string large = two_files();
  put(large, directory_at(large) + 24, "\xFF\xFF\xFF\xFF");
  expect_said(why_not(large), "zip64");

  std::string parts = two_files();
  put(parts, parts.size() - 18, "\x01");
  expect_said(why_not(parts), "several parts");
}

TEST(Zip, RefusesBombsBeforeExpandingThem) {
  expect_said(why_not(two_files(), {.most_entries = 1}), "it has 2 entries; at most 1");
  expect_said(why_not(two_files(), {.most_entry_bytes = 5000}), "'perf.csv' would expand to more");
  expect_said(why_not(two_files(), {.most_bytes = 5004}), "'perf.csv' would expand to more");
  EXPECT_EQ(why_not(two_files(), {.most_bytes = 5005}), "");
}

TEST(Zip, RefusesAnEntryThatIsLargerThanItSays) {
  // GIVEN an entry that says 100 bytes in both places, and has 5003
  std::string bytes = two_files();
  const std::string size = {'\x64', '\0', '\0', '\0'};
  const size_t header = bytes.find("PK\x03\x04", 4);
  put(bytes, header + 22, size);
  put(bytes, directory_at(bytes, 1) + 24, size);
  const auto archive = ZipArchive::open(bytes);
  ASSERT_TRUE(archive.ok()) << archive.error().message;
  expect_said(archive->read("perf.csv").error().message, "expands to more than it may");
}

TEST(Zip, RefusesEntriesThatShareData) {
  // GIVEN a list whose second entry points to the first one's data
  std::string bytes = archive_of({{"a", "same"}, {"a", "same"}});
  expect_said(why_not(bytes), "'a' is in it twice");
  put(bytes, directory_at(bytes, 1) + 42, std::string(4, '\0'));
  expect_said(why_not(bytes), "overlap");
}

TEST(Zip, RefusesTwoDescriptionsThatDiffer) {
  std::string bytes = two_files();
  put(bytes, 30, "Manifest.json");
  expect_said(why_not(bytes), "descriptions of 'manifest.json' differ");
}

TEST(Zip, SeesWrongContent) {
  std::string bytes = archive_of({{"a", "one"}});
  put(bytes, bytes.find("one"), "two");
  const auto archive = ZipArchive::open(bytes);
  ASSERT_TRUE(archive.ok());
  expect_said(archive->read("a").error().message, "wrong checksum");
}

TEST(Zip, BearsAnyDamage) {
  const std::string whole = two_files();
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(ZipArchive::open(whole.substr(0, size)).ok()) << size;
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    const auto archive = ZipArchive::open(bytes);
    if (!archive) continue;
    // What can still be read is what went in.
    for (const std::string_view name : archive->names()) {
      const auto content = archive->read(name);
      if (content) {
        EXPECT_TRUE(*content == "{}" || content->size() == 5003) << bit;
      }
    }
  }
}

}  // namespace
}  // namespace jumper::session
