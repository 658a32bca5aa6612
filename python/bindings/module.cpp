// SPDX-License-Identifier: BSD-3-Clause
// The module jumper_extension._core: the C++ core as Python sees it.

#include <nanobind/nanobind.h>

#include "python/bindings/bind.h"

NB_MODULE(_core, module) {
  // A kernel ends with its monitor alive: IPython keeps it, and a kernel does not take its own
  // names apart. There is nothing in that which a user should read about in the server's log.
  nanobind::set_leak_warnings(false);
  module.doc() =
      "The native core of JUmPER: sampling, storing, analysing, exporting and rendering.";
  module.attr("__version__") = JUMPER_VERSION;
  jumper::bindings::bind_errors(module);
  jumper::bindings::bind_report(module);
  jumper::bindings::bind_plot(module);
  jumper::bindings::bind_store(module);
  jumper::bindings::bind_chart(module);
  jumper::bindings::bind_session(module);
  jumper::bindings::bind_sessions(module);
  jumper::bindings::bind_loading(module);
  jumper::bindings::bind_monitor(module);
  jumper::bindings::bind_compare(module);
}
