# SPDX-License-Identifier: BSD-3-Clause
"""The text of a script, without a kernel and without the native core."""

from __future__ import annotations

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from jumper_extension.script_text import (
    Head,
    Monitoring,
    RecordedCell,
    Reports,
    bound_names,
    controls_recording,
    script_text,
    starts_monitoring,
)


def written(*sources: str, monitoring: Monitoring | None = None) -> str:
    cells = [RecordedCell(source, (), wants_report=True) for source in sources]
    codes = [TransformerManager().transform_cell(source) for source in sources]
    text = script_text(cells, codes, Head("made", "stem", monitoring, None))
    ast.parse(text)
    return text


def begun(text: str) -> list[str]:
    """The sources that the script gives to its cells."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return [
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "begin"
        and isinstance(call.args[0], ast.Constant)
    ]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "text = '''a\n  b'''\nprint(text)",
        "'\\N{EM DASH} \"quotes\" \\\\ \\t'\n",
        "for i in range(3):\n\tprint(i)\n\n",
        "    indented = 1",
        "# nothing but a remark",
        "x = 1 \\",
        "1 +",
        "'''open",
        "@decorator",
        "\ud800 = 1",
        "'a\x00b'",
        "x = 1\r\ny = 2\r\n",
        "%%bash\necho 'a' \"b\" $HOME\n",
        "await thing()",
        "global x; x = 2",
        "return 1",
        "\x0cx = 1",
    ],
)
def test_any_source_is_kept_and_never_breaks_the_others(source: str) -> None:
    text = written("before = 1", source, "after = 2")
    assert begun(text) == ["before = 1", source, "after = 2"]
    assert "\nbefore = 1\n_jumper.end()" in text
    assert "\nafter = 2\n_jumper.end()" in text
    compile(text, "script", "exec")


def test_plain_python_stands_in_the_script_as_it_is() -> None:
    text = written("def f():\n    return '''\n  kept'''\n")
    assert "\ndef f():\n    return '''\n  kept'''\n_jumper.end()" in text
    assert "use_ipython" not in text


def test_what_cannot_stand_in_a_file_is_run_as_text() -> None:
    for source in ("1 +", "await x", "return", "global g", "asyncio.create_task(f())"):
        assert "_jumper.run(" in written(source)


@pytest.mark.parametrize(
    "source", ["!ls", "x = !ls", "%time f()", "%%time\nf()", "f?", "display(1)", "get_ipython()"]
)
def test_a_shell_is_made_where_a_cell_needs_one(source: str) -> None:
    assert "_jumper.use_ipython()" in written(source)


def test_our_own_magics_need_no_shell_unless_variables_go_into_them() -> None:
    text = written("%load_ext jumper_extension\n%perfmonitor_start 0.1\nx = 1")
    assert "use_ipython" not in text
    assert "_jumper.command('perfmonitor_start', '0.1')\nx = 1\n" in text
    text = written("%perfmonitor_perfreport --cell {first}")
    assert "_jumper.use_ipython()" in text
    assert "get_ipython().run_line_magic('perfmonitor_perfreport', '--cell {first}')" in text


def test_future_imports_come_first() -> None:
    text = written("x = 1", "'ü'; from __future__ import annotations; y = 2")
    assert text.index("from __future__ import annotations\n") < text.index("Script(")
    assert "'ü'; pass; y = 2\n" in text


def test_monitoring_and_reports_are_restored() -> None:
    cell = RecordedCell("x = 1", ("time f()",), wants_report=False)
    head = Head("", "it's", Monitoring(0.2, 1.0, exact_peak=False), Reports("user", True))
    text = script_text([cell], ["x = 1"], head)
    assert '_jumper = Script(globals(), "it\'s")' in text
    assert "_jumper.start(0.2, budget=1.0, exact_peak=False)" in text
    assert "_jumper.report_cells('user', text=True)" in text
    assert "_jumper.begin('x = 1', magics=['time f()'], report=False)" in text


@pytest.mark.parametrize(
    ("source", "controls"),
    [
        ("%end_write_script", True),
        ("x = 1\n%start_write_script a.py\n", True),
        ("%%time\n%end_write_script", True),
        ("# then %end_write_script", False),
        ("print('%end_write_script')", False),
        ("%end_write_scripts", False),
        ("%start_write_script_", False),
    ],
)
def test_cells_that_control_the_recording(source: str, controls: bool) -> None:
    assert controls_recording(TransformerManager().transform_cell(source)) is controls


def test_names_that_cells_bind() -> None:
    assert bound_names("import a.b, c as d\nfrom e import f\nfor g, h in i: j = k\ndef m(): 0") == (
        set("adfghjm")
    )
    assert bound_names("1 +") == set()


def test_which_cells_start_the_monitor() -> None:
    assert starts_monitoring([RecordedCell("", ("time x", "perfmonitor_start 1"), True)])
    assert not starts_monitoring([RecordedCell("", ("perfmonitor_stop", "time x"), True)])
