// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>

namespace jumper::base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return bad_input("not even");
  return number / 2;
}

TEST(Result, HoldsAValue) {
  const Result<int> result = half(8);

  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result);
  EXPECT_EQ(*result, 4);
  EXPECT_EQ(result.value(), 4);
}

TEST(Result, HoldsAnError) {
  const Result<int> result = half(7);

  ASSERT_FALSE(result.ok());
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error(), (Error{ErrorCode::kBadInput, "not even", 0}));
}

TEST(Result, GivesAccessToMembersAndChanges) {
  // GIVEN
  Result<std::string> result = std::string("abc");

  // WHEN
  result->push_back('d');
  *result += 'e';

  // THEN
  EXPECT_EQ(result->size(), 5U);
  EXPECT_EQ(*result, "abcde");
}

TEST(Result, HandsOverWhatCannotBeCopied) {
  // GIVEN
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(3); };
  Result<std::unique_ptr<int>> result = make();

  // WHEN
  const std::unique_ptr<int> by_value = std::move(result).value();
  const std::unique_ptr<int> by_star = *make();

  // THEN
  EXPECT_EQ(*by_value, 3);
  EXPECT_EQ(*by_star, 3);
}

TEST(Result, StatusSucceedsWithNothingToTell) {
  const Status good = Done{};
  const Status bad = Error{ErrorCode::kState, "not running", 0};

  EXPECT_TRUE(good.ok());
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(*good, Done{});
}

TEST(ErrnoError, NamesTheActionThePathAndTheReason) {
  const Error error = errno_error("cannot open", "/proc/7/stat", ENOENT);

  EXPECT_EQ(error.message, "cannot open '/proc/7/stat': No such file or directory");
  EXPECT_EQ(error.sys_errno, ENOENT);
}

TEST(ErrnoError, ChoosesTheCode) {
  const auto code = [](int sys_errno) { return errno_error("x", "y", sys_errno).code; };

  for (const int gone : {ENOENT, ESRCH, ENOTDIR, ENODEV}) {
    EXPECT_EQ(code(gone), ErrorCode::kNotFound) << gone;
  }
  for (const int denied : {EACCES, EPERM}) {
    EXPECT_EQ(code(denied), ErrorCode::kPermissionDenied) << denied;
  }
  for (const int missing : {EOPNOTSUPP, ENOSYS}) {
    EXPECT_EQ(code(missing), ErrorCode::kUnsupported) << missing;
  }
  for (const int other : {EIO, EMFILE, EINVAL, 0}) {
    EXPECT_EQ(code(other), ErrorCode::kIo) << other;
  }
}

}  // namespace
}  // namespace jumper::base
