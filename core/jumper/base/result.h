// SPDX-License-Identifier: BSD-3-Clause
// A value or an error that says what failed, where, and with which errno. Nothing in the core
// reports failure by false, 0 or -1; nothing throws.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace jumper::base {

enum class ErrorCode {
  kNotFound,          // the file, process, cell or level does not exist
  kPermissionDenied,  // it exists, and we may not read it
  kBadInput,          // a user's mistake: the message says what would be right
  kParse,             // the bytes are not what the kernel documents
  kIo,                // any other failure of a system call
  kState,             // not possible now (already running, never started, ...)
  kUnsupported,       // this machine or kernel does not offer it
};

struct Error {
  ErrorCode code = ErrorCode::kIo;
  std::string message;
  int sys_errno = 0;

  bool operator==(const Error&) const = default;
};

[[nodiscard]] inline Error bad_input(std::string message) {
  return Error{ErrorCode::kBadInput, std::move(message), 0};
}

// An error for a failed system call on `path`; the code is chosen from the errno.
[[nodiscard]] Error errno_error(std::string_view action, std::string_view path, int sys_errno);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  std::variant<T, Error> state_;
};

struct Done {
  bool operator==(const Done&) const = default;
};

// For operations that succeed with nothing to tell.
using Status = Result<Done>;

}  // namespace jumper::base
