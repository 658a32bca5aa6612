# SPDX-License-Identifier: BSD-3-Clause
"""The include check finds what it is there to find, and nothing else."""

from __future__ import annotations

from pathlib import Path

import check_includes
import pytest

HEADER = "// SPDX-License-Identifier: BSD-3-Clause\n// What it is for.\n#pragma once\n"
SOURCE = "// SPDX-License-Identifier: BSD-3-Clause\n"


def breaches(root: Path, **files: str) -> list[str]:
    """Lays the files out in `root`, and gives what the check prints about them."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [str(breach) for breach in check_includes.check_tree(root)[1]]


def one_include(root: Path, includer: str, line: str) -> list[str]:
    text = (HEADER if includer.endswith(".h") else SOURCE) + line + "\n"
    return breaches(root, **{includer: text})


@pytest.mark.parametrize(
    ("includer", "line"),
    [
        ("core/jumper/metric/metric.cpp", '#include "jumper/base/result.h"'),
        ("core/jumper/base/text.cpp", '#include "jumper/base/text.h"'),
        ("core/jumper/sampler/sampler.h", '#include "jumper/source/source.h"'),
        ("core/jumper/source/cpu_test.cpp", '#include "testing/temp_root.h"'),
        ("core/jumper/source/cpu_bench.cpp", '#include "testing/temp_root.h"'),
        ("core/jumper/source/cpu_test.cpp", "#include <iostream>"),
        ("core/testing/temp_root.h", '#include "jumper/monitor/monitor.h"'),
        ("bench/main.cpp", '#include "testing/fake_clock.h"'),
        ("cli/main.cpp", "#include <iostream>"),
        ("cli/main.cpp", 'void say() { std::puts("hello"); std::exit(1); }'),
        ("cli/commands/run.cpp", '#include "jumper/monitor/monitor.h"'),
        ("cli/main.cpp", '#include "cli/commands/commands.h"'),
        ("python/bindings/module.cpp", "#include <nanobind/nanobind.h>"),
        ("core/jumper/base/text.cpp", "#include <cstdio>"),
        ("core/jumper/base/text.cpp", "auto n = std::snprintf(out, 8, format);"),
        ("core/jumper/base/text.cpp", "// never printf(), never abort()"),
        ("core/jumper/base/text.cpp", 'auto help = "use std::cout or exit(1)";'),
        ("core/jumper/base/text.cpp", 'auto raw = R"(printf("%d") and\nabort())";'),
        (
            "core/jumper/base/text.cpp",
            "static_assert(sizeof(int) == 4); report.print(1); on_exit(2);",
        ),
    ],
)
def test_allowed(tmp_path: Path, includer: str, line: str) -> None:
    assert one_include(tmp_path, includer, line) == []


@pytest.mark.parametrize(
    ("includer", "line", "message"),
    [
        (
            "core/jumper/base/text.cpp",
            '#include "jumper/metric/metric.h"',
            "core/jumper/base must not include core/jumper/metric",
        ),
        (
            "core/jumper/procfs/stat.h",
            '#  include "jumper/sampler/sampler.h"',
            "core/jumper/procfs must not include core/jumper/sampler",
        ),
        ("core/jumper/procfs/stat.h", '#include "jumper/cgroup/locate.h"', "are siblings"),
        ("core/jumper/report/text.cpp", '#include "jumper/session/export.h"', "are siblings"),
        ("core/jumper/store/store.h", '#include "jumper/journal/frame.h"', "must not include"),
        ("core/jumper/source/cpu.cpp", '#include "testing/temp_root.h"', "for tests only"),
        ("cli/main.cpp", '#include "testing/fake_clock.h"', "for tests only"),
        (
            "core/jumper/base/text.cpp",
            "#include <Python.h>",
            "only python/bindings may know of Python",
        ),
        (
            "cli/main.cpp",
            "#include <nanobind/nanobind.h>",
            "only python/bindings may know of Python",
        ),
        ("core/jumper/base/text.cpp", "#include <iostream>", "the core does not print"),
        ("core/jumper/base/text.cpp", 'void f() { printf("x"); }', "the core does not print"),
        ("core/jumper/base/text.cpp", "void f() { std :: cerr << 1; }", "the core does not print"),
        ("core/jumper/base/text.cpp", "void f() { ::fputs(a, b); }", "the core does not print"),
        ("core/jumper/base/text.cpp", "void f() { std::abort(); }", "does not end the process"),
        ("core/jumper/base/text.cpp", "void f() { assert(true); }", "does not end the process"),
        ("core/jumper/base/text.cpp", '#include "jumper/newroom/x.h"', "no known folder"),
        ("core/jumper/base/text.cpp", '#include "unistd.h"', "not a file of ours"),
        ("core/jumper/base/text.cpp", "#include <jumper/base/text.h>", "write our own header as"),
        (
            "core/jumper/monitor/monitor.cpp",
            '#include "cli/commands/run.h"',
            "must not include cli",
        ),
        ("cli/main.cpp", '#include "python/bindings/bind.h"', "are siblings"),
        ("core/jumper/newroom/x.cpp", "int x;", "lies in no known folder"),
    ],
)
def test_refused(tmp_path: Path, includer: str, line: str, message: str) -> None:
    found = one_include(tmp_path, includer, line)

    number = len((HEADER if includer.endswith(".h") else SOURCE).splitlines()) + 1
    if "newroom/x.cpp" in includer:
        number = 1
    assert len(found) == 1
    assert found[0].startswith(f"{includer}:{number}: ")
    assert message in found[0]


def test_include_by_a_relative_path_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    found = breaches(
        tmp_path,
        **{
            "core/jumper/base/text.cpp": SOURCE + '#include "../metric/metric.h"\n',
            "core/jumper/metric/metric.h": HEADER,
        },
    )

    assert len(found) == 1
    assert found[0].startswith("core/jumper/base/text.cpp:2: core/jumper/base must not include")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("// What it is for.\n#pragma once\n", "a header opens with '// SPDX"),
        (
            "// SPDX-License-Identifier: BSD-3-Clause\n// What it is for.\nint x;\n",
            "'#pragma once' comes first",
        ),
        (
            "// SPDX-License-Identifier: BSD-3-Clause\n// What it is for.\nint x;\n#pragma once\n",
            "'#pragma once' comes first",
        ),
        (
            "// SPDX-License-Identifier: BSD-3-Clause\n#pragma once\n",
            "says in one to five lines what it is for",
        ),
    ],
)
def test_header_without_its_opening(tmp_path: Path, text: str, message: str) -> None:
    found = breaches(tmp_path, **{"core/jumper/base/text.h": text})

    assert len(found) == 1
    assert message in found[0]


def test_exit_status_and_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert breaches(tmp_path, **{"cli/main.cpp": SOURCE}) == []
    assert check_includes.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""

    (tmp_path / "cli/main.cpp").write_text("#include <Python.h>\n", encoding="utf-8")
    assert check_includes.main([str(tmp_path)]) == 1
    assert (
        capsys.readouterr().out
        == "cli/main.cpp:1: Python.h: only python/bindings may know of Python\n"
    )


def test_this_checkout_is_clean() -> None:
    root = Path(check_includes.__file__).resolve().parent.parent

    count, found = check_includes.check_tree(root)

    assert count > 0
    assert found == []
