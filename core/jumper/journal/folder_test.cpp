// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "testing/temp_folder.h"

namespace jumper::journal {
namespace {

namespace fs = std::filesystem;
using base::kNanosPerSecond;
using testing::TempFolder;

constexpr int64_t kWallNs = 1'763'820'187 * kNanosPerSecond;  // 2025-11-22 14:03:07 UTC

unsigned mode_of(const std::string& path) {
  struct stat found{};
  EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777U;
}

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

TEST(JournalFolder, IsWhereTheEnvironmentSays) {
  EXPECT_EQ(*folder_path({"/data/jumper/", "/state", "/home/a"}), "/data/jumper/sessions");
  EXPECT_EQ(*folder_path({"", "/state", "/home/a"}), "/state/jumper/sessions");
  EXPECT_EQ(*folder_path({"", "", "/home/a"}), "/home/a/.local/state/jumper/sessions");
  // XDG: a path that is not absolute is not to be used.
  EXPECT_EQ(*folder_path({"", "state", "/home/a"}), "/home/a/.local/state/jumper/sessions");
  EXPECT_EQ(*folder_path({"/", "", ""}), "/sessions");
  // A relative one begins where the process is now.
  EXPECT_EQ(*folder_path({"here", "", ""}), (fs::current_path() / "here/sessions").string());
  // Nothing at all is an error that says what to do.
  const auto nowhere = folder_path({});
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message.find("JUMPER_DIR"), std::string::npos);
}

TEST(JournalFolder, NamesSessionsInOrderOfTime) {
  EXPECT_EQ(session_id(kWallNs, 4711, 0x9f3c), "20251122-140307-4711-9f3c");
  EXPECT_TRUE(is_session_id("20251122-140307-4711-9f3c"));
  EXPECT_TRUE(is_session_id(session_id(kWallNs, 1, 0)));
  for (const char* other :
       {"", "20251122-140307-4711-9F3C", "20251122-140307--9f3c", "20251122-140307-47x1-9f3c",
        "20251122_140307-4711-9f3c", "20251122-140307-4711-9f3c ", "20251122-140307-4711",
        "../../../../../etc/passwd-4711-9f3c", "20251122-140307-4711-9f3"}) {
    EXPECT_FALSE(is_session_id(other)) << other;
  }
}

TEST(JournalFolder, IsForItsOwnerAlone) {
  // GIVEN a process whose files everybody may read and write
  const mode_t umask_before = ::umask(0);
  const TempFolder place;
  const std::string path = place.file("a/b/sessions");
  // WHEN a journal is made
  const auto folder = Folder::open_or_make(path);
  ASSERT_TRUE(folder) << folder.error().message;
  const auto journal = folder->create(kWallNs, 12);
  ::umask(umask_before);
  ASSERT_TRUE(journal) << journal.error().message;
  // THEN nobody else may
  EXPECT_EQ(mode_of(place.file("a")), 0700U);
  EXPECT_EQ(mode_of(place.file("a/b")), 0700U);
  EXPECT_EQ(mode_of(path), 0700U);
  EXPECT_EQ(mode_of(journal->path), 0600U);
  EXPECT_EQ(journal->path, path + "/" + journal->id + ".journal");
  // AND what is written goes to its end, and to no child that runs another program
  EXPECT_NE(::fcntl(journal->fd.get(), F_GETFL) & O_APPEND, 0);
  EXPECT_NE(::fcntl(journal->fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(JournalFolder, GivesEverySessionAFileOfItsOwn) {
  const TempFolder place;
  const auto folder = Folder::open_or_make(place.file("sessions"));
  ASSERT_TRUE(folder);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(folder->create(kWallNs, 12));
  EXPECT_EQ(folder->list()->size(), 20U);
}

TEST(JournalFolder, ThatOthersCanGetIntoIsRefused) {
  const TempFolder place;
  const std::string path = place.file("sessions");
  for (const unsigned mode : {0755U, 0710U, 0702U}) {
    fs::create_directory(path);
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto folder = Folder::open_or_make(path);
    ASSERT_FALSE(folder) << mode;
    EXPECT_EQ(folder.error().code, base::ErrorCode::kPermissionDenied);
    EXPECT_NE(folder.error().message.find("chmod 700"), std::string::npos);
    EXPECT_EQ(mode_of(path), mode);  // and left as it is
  }
}

TEST(JournalFolder, ThatIsALinkIsRefused) {
  const TempFolder place;
  fs::create_directory(place.file("elsewhere"));
  fs::permissions(place.file("elsewhere"), fs::perms::owner_all);
  fs::create_directory_symlink(place.file("elsewhere"), place.file("sessions"));
  const auto folder = Folder::open_or_make(place.file("sessions"));
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("is a link"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(place.file("elsewhere")));
}

TEST(JournalFolder, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder to another user";
  const TempFolder place;
  const std::string path = place.file("sessions");
  fs::create_directory(path);
  ASSERT_EQ(::chmod(path.c_str(), 0700), 0);
  ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  const auto folder = Folder::open_or_make(path);
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("another user"), std::string::npos);
  // Nor is one behind a link that another user made.
  fs::create_directory(place.file("target"));
  fs::create_directory_symlink(place.file("target"), place.file("link"));
  ASSERT_EQ(::lchown(place.file("link").c_str(), 12345, 12345), 0);
  EXPECT_FALSE(Folder::open_or_make(place.file("link/sessions")));
  EXPECT_TRUE(fs::is_empty(place.file("target")));
}

TEST(JournalFolder, ThatCannotBeMadeIsOneClearLine) {
  const TempFolder place;
  write(place.file("file"), "");
  for (const std::string& path : {place.file("file/sessions"), std::string("/proc/jumper/sessions"),
                                  place.file(std::string(300, 'x')) + "/sessions"}) {
    const auto folder = Folder::open_or_make(path);
    ASSERT_FALSE(folder) << path;
    EXPECT_EQ(folder.error().message.find('\n'), std::string::npos);
  }
  EXPECT_EQ(Folder::open(place.file("none")).error().code, base::ErrorCode::kNotFound);
}

TEST(JournalFolder, ThatVanishedIsAnError) {
  const TempFolder place;
  const auto folder = Folder::open_or_make(place.file("sessions"));
  ASSERT_TRUE(folder);
  fs::remove_all(place.file("sessions"));
  EXPECT_FALSE(folder->create(kWallNs, 12));
  EXPECT_TRUE(folder->list()->empty());
}

TEST(JournalFolder, ListsOurJournalsTheNewestFirst) {
  // GIVEN three journals, and what looks a little like some
  const TempFolder place;
  const auto folder = Folder::open_or_make(place.file("sessions"));
  ASSERT_TRUE(folder);
  const auto old = folder->create(kWallNs, 900);
  const auto newest = folder->create(kWallNs + 2 * kNanosPerSecond, 5);
  const auto middle = folder->create(kWallNs + kNanosPerSecond, 77);
  const fs::path inside = folder->path();
  write(inside / "notes.txt", "mine");
  write(inside / "x.journal", "mine");
  fs::create_directory(inside / "20251122-140307-1-0000.journal");
  fs::create_symlink(inside / "notes.txt", inside / "20251122-140307-2-0000.journal");
  // WHEN they are listed
  const auto sessions = folder->list();
  ASSERT_TRUE(sessions);
  // THEN these three it is
  ASSERT_EQ(sessions->size(), 3U);
  EXPECT_EQ((*sessions)[0].id, newest->id);
  EXPECT_EQ((*sessions)[1].id, middle->id);
  EXPECT_EQ((*sessions)[2].id, old->id);
  EXPECT_EQ((*sessions)[2].path, old->path);
}

TEST(JournalFolder, FindsASessionByTheBeginningOfItsName) {
  const TempFolder place;
  const auto folder = Folder::open_or_make(place.file("sessions"));
  const auto first = folder->create(kWallNs, 900);
  const auto second = folder->create(kWallNs + kNanosPerSecond, 5);
  EXPECT_EQ(folder->find(first->id)->id, first->id);
  EXPECT_EQ(folder->find("20251122-140308")->id, second->id);
  EXPECT_EQ(folder->find("20251122").error().code, base::ErrorCode::kBadInput);
  for (const char* wrong : {"", "2024", "../20251122-140307", "\033[31m"}) {
    const auto found = folder->find(wrong);
    ASSERT_FALSE(found) << wrong;
    EXPECT_EQ(found.error().message.find('\033'), std::string::npos);
  }
}

TEST(JournalFolder, RemovesAndReadsOnlyWhatIsASession) {
  const TempFolder place;
  const auto folder = Folder::open_or_make(place.file("a/sessions"));
  write(place.file("a/precious.journal"), "mine");
  const auto journal = folder->create(kWallNs, 900);
  StoredSession session = folder->list()->front();
  EXPECT_TRUE(folder->open_journal(session));
  const std::string copy = session.path + std::string(kCopySuffix);
  write(copy, "left by a process that was killed while it made it");
  EXPECT_TRUE(folder->remove(session));
  EXPECT_FALSE(fs::exists(copy));
  EXPECT_TRUE(folder->remove(session));  // gone already
  EXPECT_FALSE(folder->open_journal(session));
  session.id = "../precious";
  EXPECT_FALSE(folder->remove(session));
  EXPECT_FALSE(folder->open_journal(session));
  EXPECT_TRUE(fs::exists(place.file("a/precious.journal")));
}

StoredSession stored(const std::string& id, uint64_t bytes, int64_t days_ago) {
  return {id, "", bytes, kWallNs - days_ago * 24 * 3600 * kNanosPerSecond};
}

std::vector<std::string> removed(const std::vector<StoredSession>& sessions,
                                 uint64_t living_bytes) {
  std::vector<std::string> ids;
  for (const auto& session :
       sessions_to_remove(sessions, living_bytes, {.most_bytes = 100}, kWallNs)) {
    ids.push_back(session.id);
  }
  return ids;
}

TEST(JournalRetention, RemovesTheOldestUntilTheRestFits) {
  using Ids = std::vector<std::string>;
  const std::vector<StoredSession> sessions = {stored("b", 40, 3), stored("c", 40, 2),
                                               stored("a", 40, 4), stored("today", 40, 0)};
  EXPECT_EQ(removed(sessions, 0), (Ids{"a", "b"}));
  EXPECT_EQ(removed(sessions, 40), (Ids{"a", "b", "c"}));
  EXPECT_EQ(removed({stored("a", 50, 4), stored("b", 50, 3)}, 0), Ids{});
  EXPECT_EQ(removed({}, 1'000), Ids{});
}

TEST(JournalRetention, RemovesWhatIsTooOldAndKeepsWhatIsNew) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(removed({stored("ancient", 1, 31), stored("old", 1, 29)}, 0), Ids{"ancient"});
  // However much it is: its notebook may not have been told yet.
  EXPECT_EQ(removed({stored("today", 1'000, 0), stored("tomorrow", 1'000, -1)}, 1'000), Ids{});
}

}  // namespace
}  // namespace jumper::journal
