// SPDX-License-Identifier: BSD-3-Clause
// The sessions in the folder of the journals, and why they died.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "jumper/base/clock.h"
#include "jumper/monitor/stored_sessions.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {
namespace {

kernfs::KernelRoot live_root() {
  return unwrap(kernfs::KernelRoot::open());
}

const char* state_name(monitor::SessionEntry::State state) {
  using State = monitor::SessionEntry::State;
  switch (state) {
    case State::kAlive:
      return "running";
    case State::kEnded:
      return "ended";
    case State::kDied:
      return "died";
    case State::kUnreadable:
      break;
  }
  return "unreadable";
}

nb::list stored_sessions() {
  std::vector<monitor::SessionEntry> entries;
  monitor::Asker asker;
  {
    const nb::gil_scoped_release release;
    const kernfs::KernelRoot root = live_root();
    asker = monitor::Asker::of_process(root);
    const auto folder = monitor::open_journal_folder("");
    // Before the first session there is no folder.
    if (folder) {
      entries = unwrap(monitor::list_sessions(*folder, root, base::SystemClock().wall_ns()));
    } else if (folder.error().code != base::ErrorCode::kNotFound) {
      throw JumperError{folder.error().message};
    }
  }
  nb::list list;
  for (const monitor::SessionEntry& entry : entries) {
    nb::dict dict;
    const journal::Origin& origin = entry.facts.origin;
    dict["id"] = entry.stored.id;
    dict["path"] = to_python_text(entry.stored.path);
    dict["bytes"] = entry.stored.bytes;
    dict["written"] = base::seconds(entry.stored.written_wall_ns);
    dict["state"] = state_name(entry.state);
    dict["problem"] = to_python_text(entry.problem);
    dict["started"] = entry.facts.wall_start_ns
                          ? nb::cast(base::seconds(*entry.facts.wall_start_ns))
                          : nb::none();
    dict["notebook"] = to_python_text(origin.notebook);
    dict["folder"] = to_python_text(origin.folder);
    dict["host"] = to_python_text(origin.host);
    dict["pid"] = origin.pid;
    dict["is_here"] = asker.asks_for(origin);
    list.append(dict);
  }
  return list;
}

nb::list text_lines(const std::vector<std::string>& lines) {
  nb::list list;
  for (const std::string& line : lines) list.append(to_python_text(line));
  return list;
}

nb::object last_death() {
  std::optional<monitor::LastDeath> found;
  monitor::Asker asker;
  {
    const nb::gil_scoped_release release;
    const kernfs::KernelRoot root = live_root();
    asker = monitor::Asker::of_process(root);
    // A folder that is not to be used is told of when a session is to be written to it.
    const auto journals = monitor::open_journal_folder("");
    if (journals)
      found = monitor::find_last_death(*journals, asker, root, base::SystemClock().wall_ns());
  }
  if (!found) return nb::none();
  nb::dict dict;
  dict["id"] = found->stored.id;
  dict["path"] = to_python_text(found->stored.path);
  dict["lines"] = text_lines(found->post_mortem.lines(asker.last_session()));
  return dict;
}

nb::list post_mortem(const std::string& path, const std::string& who) {
  std::optional<report::PostMortem> found;
  {
    const nb::gil_scoped_release release;
    const kernfs::KernelRoot root = live_root();
    found = unwrap(monitor::post_mortem_of(path, root, base::SystemClock().wall_ns()));
  }
  return found ? text_lines(found->lines(who)) : nb::list();
}

}  // namespace

void bind_sessions(nb::module_& module) {
  module.def("stored_sessions", &stored_sessions,
             nb::sig("def stored_sessions() -> list[dict[str, typing.Any]]"),
             "The sessions whose journals are kept, the newest first: id, path, bytes, state "
             "(running, ended, died,\nunreadable), started and written (seconds since the epoch), "
             "notebook, folder, host, pid, is_here (of this notebook or folder).");
  module.def(
      "last_death", &last_death, nb::sig("def last_death() -> dict[str, typing.Any] | None"),
      "How the last session of this notebook died, or of this folder outside of notebooks: "
      "its id, its path, and\nlines. None: it ended on purpose, or there is none of the last "
      "days.");
  module.def("post_mortem", &post_mortem, nb::arg("path"), nb::arg("who"),
             nb::sig("def post_mortem(path: str, who: str) -> list[str]"),
             "How the session of that journal died, in lines; none where it is alive or ended on "
             "purpose. JumperError: it cannot be read.");
}

}  // namespace jumper::bindings
