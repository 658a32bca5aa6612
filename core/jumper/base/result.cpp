// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/result.h"

#include <cerrno>
#include <system_error>

namespace jumper::base {

Error errno_error(std::string_view action, std::string_view path, int sys_errno) {
  ErrorCode code = ErrorCode::kIo;
  if (sys_errno == ENOENT || sys_errno == ESRCH || sys_errno == ENOTDIR) {
    code = ErrorCode::kNotFound;
  }
  // What an open file of a cgroup answers once the cgroup is removed.
  if (sys_errno == ENODEV) code = ErrorCode::kNotFound;
  if (sys_errno == EACCES || sys_errno == EPERM) code = ErrorCode::kPermissionDenied;
  // EOPNOTSUPP: /proc/pressure with PSI switched off at boot.
  if (sys_errno == EOPNOTSUPP || sys_errno == ENOSYS) code = ErrorCode::kUnsupported;
  std::string message(action);
  message += " '";
  message += path;
  message += "': ";
  message += std::generic_category().message(sys_errno);
  return Error{code, std::move(message), sys_errno};
}

}  // namespace jumper::base
