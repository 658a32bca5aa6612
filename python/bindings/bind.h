// SPDX-License-Identifier: BSD-3-Clause
// What the binding files share: errors of the core become the exception JumperError.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <string>

#include "jumper/base/result.h"
#include "jumper/store/snapshot.h"

namespace jumper::bindings {

namespace nb = nanobind;

// Thrown to Python as jumper_extension._core.JumperError; its text is one clear line.
struct JumperError {
  std::string message;
};

void bind_errors(nb::module_& module);
void bind_chart(nb::module_& module);
void bind_report(nb::module_& module);
void bind_plot(nb::module_& module);
void bind_store(nb::module_& module);
void bind_monitor(nb::module_& module);
void bind_session(nb::module_& module);
void bind_compare(nb::module_& module);
void bind_sessions(nb::module_& module);
void bind_loading(nb::module_& module);

// The value, or JumperError.
template <typename T>
T unwrap(base::Result<T> result) {
  if (!result) throw JumperError{result.error().message};
  return std::move(*result);
}
inline void check(const base::Status& status) {
  if (!status) throw JumperError{status.error().message};
}

// Absent is None.
template <typename T>
nb::object or_none(const std::optional<T>& value) {
  return value ? nb::cast(*value) : nb::none();
}

// As a SampleTable.
[[nodiscard]] nb::object sample_table(store::Snapshot snapshot);

// Text that may hold any bytes.
[[nodiscard]] nb::object to_python_text(const std::string& bytes);

}  // namespace jumper::bindings
