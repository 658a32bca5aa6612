// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/last_words.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <vector>

#include "jumper/base/fd.h"
#include "jumper/journal/frame.h"
#include "jumper/journal/signal_frame.h"
#include "testing/sanitizers.h"
#include "testing/temp_folder.h"

namespace jumper::journal {
namespace {

using testing::TempFolder;

// A journal for children to write to, and what they wrote.
class JournalOfChildren {
 public:
  JournalOfChildren()
      : fd_(::open(folder_.file("journal").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
                   0600)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::string path() const { return folder_.file("journal"); }
  [[nodiscard]] std::vector<SignalWords> words() const {
    const std::string bytes = testing::read_file(folder_.file("journal"));
    std::vector<SignalWords> words;
    FrameReader reader(bytes);
    while (const auto frame = reader.next()) {
      EXPECT_EQ(frame->type, FrameType::kSignal);
      if (const auto read = decode_signal(frame->payload)) words.push_back(*read);
    }
    EXPECT_EQ(reader.skipped_bytes(), 0U);
    return words;
  }

 private:
  TempFolder folder_;
  base::UniqueFd fd_;
};

// The wait status of a child that does this. A body that returns ends its child with 0.
int status_of_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    // What sanitizers have to say of it is not about this test.
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    body();
    ::_exit(0);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

// The same, with last words; the body is given them.
int status_with_words(const JournalOfChildren& journal,
                      const std::function<void(LastWords&)>& body) {
  return status_of_child([&] {
    auto installed = LastWords::install(journal.fd(), journal.path());
    if (!installed) ::_exit(99);
    body(*installed);
  });
}

void end_by(int number) {
  ::raise(number);
}

__attribute__((no_sanitize("address", "undefined"))) void read_nowhere() {
  volatile int* nowhere = nullptr;
  asm volatile("" : "+r"(nowhere));
  (void)*nowhere;
}

struct Way {
  const char* name;
  int number;
  std::function<void()> die;
};

std::vector<Way> ways_to_die() {
  return {
      {"read at 0", SIGSEGV, [] { read_nowhere(); }}, {"abort", SIGABRT, [] { std::abort(); }},
      {"segv", SIGSEGV, [] { end_by(SIGSEGV); }},     {"bus", SIGBUS, [] { end_by(SIGBUS); }},
      {"fpe", SIGFPE, [] { end_by(SIGFPE); }},        {"ill", SIGILL, [] { end_by(SIGILL); }},
      {"term", SIGTERM, [] { end_by(SIGTERM); }},     {"hup", SIGHUP, [] { end_by(SIGHUP); }},
      {"quit", SIGQUIT, [] { end_by(SIGQUIT); }},     {"xcpu", SIGXCPU, [] { end_by(SIGXCPU); }},
  };
}

TEST(LastWords, AreWrittenAndTheStatusStaysWhatItWas) {
  for (const Way& way : ways_to_die()) {
    SCOPED_TRACE(way.name);
    const JournalOfChildren journal;
    // WHEN a process dies, without last words and with
    const int without = status_of_child(way.die);
    const int with = status_with_words(journal, [&](LastWords& /*words*/) { way.die(); });
    // THEN its parent sees no difference
    EXPECT_EQ(with, without);
    EXPECT_NE(with, 0);
    // AND the journal says of what it died
    const auto words = journal.words();
    ASSERT_EQ(words.size(), 1U);
    EXPECT_EQ(words[0].number, way.number);
    EXPECT_GT(words[0].time_ns, 0);
  }
}

TEST(LastWords, TellAFaultFromASignalThatWasSent) {
  const JournalOfChildren journal;
  (void)status_with_words(journal, [](LastWords& /*words*/) { read_nowhere(); });
  (void)status_with_words(journal, [](LastWords& /*words*/) { end_by(SIGSEGV); });
  const auto words = journal.words();
  ASSERT_EQ(words.size(), 2U);
  EXPECT_FALSE(words[0].is_sent());
  EXPECT_EQ(words[0].code, SEGV_MAPERR);
  EXPECT_EQ(words[0].address, 0U);
  EXPECT_TRUE(words[1].is_sent());
  EXPECT_GT(words[1].sender_pid, 0);
  EXPECT_FALSE(words[1].is_from_parent);
}

TEST(LastWords, NameTheSender) {
  // GIVEN a child that waits to be terminated
  const JournalOfChildren journal;
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto installed = LastWords::install(journal.fd(), journal.path());
    (void)!::write(ready[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  // WHEN we do that
  ASSERT_EQ(::kill(child, SIGTERM), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  // THEN it dies of it, and the journal knows who we are
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  const auto words = journal.words();
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].sender_pid, ::getpid());
  EXPECT_EQ(words[0].sender_uid, ::getuid());
  EXPECT_TRUE(words[0].is_from_parent);
  std::string comm = testing::read_file("/proc/self/comm");
  comm.pop_back();
  EXPECT_EQ(words[0].name(), comm);
}

TEST(LastWords, OfAForkedChildAreNotWritten) {
  const JournalOfChildren journal;
  // WHEN a worker of a monitored process is terminated
  const int status = status_with_words(journal, [](LastWords& /*words*/) {
    const int of_worker = status_of_child([] { end_by(SIGTERM); });
    const bool as_ever = WIFSIGNALED(of_worker) && WTERMSIG(of_worker) == SIGTERM;
    ::_exit(as_ever ? 0 : 1);
  });
  // THEN it ends as ever, and nothing is said of it
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(journal.words().empty());
}

TEST(LastWords, OfAProgramThatAChildRunsAreNotWritten) {
  const JournalOfChildren journal;
  const int status = status_with_words(journal, [](LastWords& /*words*/) {
    const int of_program = status_of_child([] {
      ::execl("/bin/sh", "sh", "-c", "kill -TERM $$", nullptr);
      ::_exit(2);
    });
    ::_exit(WIFSIGNALED(of_program) && WTERMSIG(of_program) == SIGTERM ? 0 : 1);
  });
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(journal.words().empty());
}

// What handlers in children saw; a child has its own.
volatile sig_atomic_t handled_number = 0;
volatile sig_atomic_t handled_code = 0;
volatile sig_atomic_t handled_count = 0;

void on_signal_plain(int number) {
  handled_number = number;
  handled_count = handled_count + 1;
}

void on_signal_with_info(int number, siginfo_t* info, void* context) {
  handled_number = number;
  handled_code = info->si_code;
  handled_count = handled_count + (context != nullptr ? 1 : 0);
}

void handle(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  ::sigaction(number, &action, nullptr);
}

void handle(int number, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(number, &action, nullptr);
}

TEST(LastWords, PassTheSignalOnToWhoHandledItBefore) {
  const JournalOfChildren journal;
  const int status = status_of_child([&] {
    handle(SIGTERM, &on_signal_plain);
    handle(SIGFPE, &on_signal_with_info);
    auto installed = LastWords::install(journal.fd(), journal.path());
    end_by(SIGTERM);
    if (handled_number != SIGTERM || handled_count != 1) ::_exit(1);
    end_by(SIGFPE);
    if (handled_number != SIGFPE || handled_count != 2 || handled_code != SI_TKILL) ::_exit(2);
    ::_exit(installed ? 7 : 3);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(journal.words().size(), 2U);
}

TEST(LastWords, LeaveAloneWhatIsIgnoredAndHangUpsThatAreHandled) {
  const JournalOfChildren journal;
  const int status = status_of_child([&] {
    ::signal(SIGTERM, SIG_IGN);
    handle(SIGHUP, &on_signal_plain);
    auto installed = LastWords::install(journal.fd(), journal.path());
    end_by(SIGTERM);
    end_by(SIGHUP);
    ::_exit(installed && handled_count == 1 ? 7 : 1);
  });
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_TRUE(journal.words().empty());
}

TEST(LastWords, CanBeTakenBack) {
  const JournalOfChildren journal;
  // GIVEN one handler from before, and one that came after
  const int status = status_of_child([&] {
    handle(SIGTERM, &on_signal_plain);
    {
      auto installed = LastWords::install(journal.fd(), journal.path());
      handle(SIGABRT, &on_signal_with_info);
    }
    // THEN both are there when ours is gone
    struct sigaction now = {};
    ::sigaction(SIGTERM, nullptr, &now);
    if (now.sa_handler != &on_signal_plain) ::_exit(1);
    ::sigaction(SIGABRT, nullptr, &now);
    if (now.sa_sigaction != &on_signal_with_info) ::_exit(2);
    ::sigaction(SIGQUIT, nullptr, &now);
    if (now.sa_handler != SIG_DFL) ::_exit(3);
    end_by(SIGTERM);
    ::_exit(handled_count == 1 ? 7 : 4);
  });
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_TRUE(journal.words().empty());
}

struct sigaction inner_before = {};
void call_inner_before(int number, siginfo_t* info, void* context) {
  handled_count = handled_count + 1;
  if (handled_count > 10) ::_exit(1);
  inner_before.sa_sigaction(number, info, context);
}

TEST(LastWords, DoNotGoRoundInCirclesWhenInstalledAgain) {
  const JournalOfChildren journal;
  // GIVEN one that took our place, and calls us as the one before it
  const int status = status_of_child([&] {
    {
      auto installed = LastWords::install(journal.fd(), journal.path());
      struct sigaction action = {};
      action.sa_sigaction = &call_inner_before;
      action.sa_flags = SA_SIGINFO;
      ::sigaction(SIGTERM, &action, &inner_before);
    }
    // WHEN monitoring begins again
    auto again = LastWords::install(journal.fd(), journal.path());
    end_by(SIGTERM);
  });
  // THEN the process dies of the signal, and said so once
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  EXPECT_EQ(journal.words().size(), 1U);
}

TEST(LastWords, AreFewWhereFaultsAreHandled) {
  const JournalOfChildren journal;
  const int status = status_of_child([&] {
    handle(SIGSEGV, &on_signal_with_info);
    auto installed = LastWords::install(journal.fd(), journal.path());
    for (int i = 0; i < 1000; ++i) end_by(SIGSEGV);
    ::_exit(handled_count == 1000 ? 7 : 1);
  });
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_GE(journal.words().size(), 4U);
  EXPECT_LT(journal.words().size(), 100U);
}

TEST(LastWords, AreOneMonitorsAlone) {
  const JournalOfChildren first;
  const JournalOfChildren second;
  const int status = status_of_child([&] {
    {
      auto installed = LastWords::install(first.fd(), first.path());
      const auto other = LastWords::install(second.fd(), second.path());
      if (!installed || other || other.error().code != base::ErrorCode::kState) ::_exit(1);
    }
    auto moved = LastWords::install(second.fd(), second.path());
    const LastWords kept = std::move(*moved);
    end_by(SIGTERM);
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  EXPECT_TRUE(first.words().empty());
  EXPECT_EQ(second.words().size(), 1U);
}

TEST(LastWords, AreTheChildsOwnWhenItHasAJournal) {
  const JournalOfChildren parents;
  const JournalOfChildren childs;
  const int status = status_with_words(parents, [&](LastWords& /*words*/) {
    (void)status_with_words(childs, [](LastWords& /*words*/) { end_by(SIGTERM); });
    end_by(SIGQUIT);
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT);
  ASSERT_EQ(childs.words().size(), 1U);
  EXPECT_EQ(childs.words()[0].number, SIGTERM);
  ASSERT_EQ(parents.words().size(), 1U);
  EXPECT_EQ(parents.words()[0].number, SIGQUIT);
}

TEST(LastWords, GoNowhereElse) {
  // GIVEN a process that closes all its descriptors and opens a file of its own
  const JournalOfChildren journal;
  const TempFolder folder;
  const std::string path = folder.file("precious");
  const int status = status_with_words(journal, [&](LastWords& /*words*/) {
    for (int fd = 3; fd < 200; ++fd) ::close(fd);
    for (int i = 0; i < 50; ++i) (void)::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    end_by(SIGTERM);
  });
  // THEN it dies as it would have, and there is nothing in that file
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  EXPECT_EQ(testing::read_file(path), "");
  EXPECT_TRUE(journal.words().empty());
}

TEST(LastWords, FollowAJournalThatIsThinned) {
  const JournalOfChildren journal;
  // GIVEN a copy that takes the journal's place, under its name and its number
  const int status = status_with_words(journal, [&](LastWords& /*words*/) {
    const std::string copy = journal.path() + ".new";
    const int fd = ::open(copy.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (::rename(copy.c_str(), journal.path().c_str()) != 0) ::_exit(1);
    ::dup3(fd, journal.fd(), O_CLOEXEC);
    end_by(SIGTERM);
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  EXPECT_EQ(journal.words().size(), 1U);
}

__attribute__((noinline)) int use_stack(
    int depth) {  // NOLINT(misc-no-recursion): that is the point
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  if (depth < 0) return 0;  // never: the stack ends before
  return use_stack(depth + 1) + frame[0];
}

TEST(LastWords, AreWrittenWhenTheStackIsFull) {
  if (testing::kIsSanitized) GTEST_SKIP() << "the sanitizers have a stack for that themselves";
  const JournalOfChildren journal;
  const int status =
      status_with_words(journal, [](LastWords& /*words*/) { ::_exit(use_stack(0)); });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
  EXPECT_EQ(journal.words().size(), 1U);
}

}  // namespace
}  // namespace jumper::journal
