# SPDX-License-Identifier: BSD-3-Clause
import pytest
from jumper_extension.magics.commands import BY_NAME, COMMANDS
from jumper_extension.magics.options import Command, parse
from jumper_extension.native import JumperError

EXPORT = "perfmonitor_export_perfdata"
REPORT = "perfmonitor_perfreport"
START = "perfmonitor_start"


@pytest.mark.parametrize(
    ("command", "line", "expected"),
    [
        (START, "", {}),
        (START, "0.5", {"interval": 0.5}),
        (START, " 2  ", {"interval": 2.0}),
        (START, "--interval 0.5", {"interval": 0.5}),
        (START, "--interval=0.5", {"interval": 0.5}),
        (START, "0.5  # twice a second", {"interval": 0.5}),
        (START, "-1", {"interval": -1.0}),
        (REPORT, "", {}),
        (REPORT, "--cell 2:5 --level user", {"cell_range": "2:5", "level": "user"}),
        (REPORT, "--cell=2:5 --level=user", {"cell_range": "2:5", "level": "user"}),
        (REPORT, "--cell -3:-1", {"cell_range": "-3:-1"}),
        (REPORT, "--cell=-3:-1", {"cell_range": "-3:-1"}),
        (REPORT, "--cell :5", {"cell_range": ":5"}),
        (REPORT, "--cell -1 --text", {"cell_range": "-1", "text": True}),
        (REPORT, '--cell ""', {"cell_range": ""}),
        (REPORT, "--json --cell :", {"json": True, "cell_range": ":"}),
        (EXPORT, "a.csv", {"file": "a.csv"}),
        (EXPORT, "--file a.csv", {"file": "a.csv"}),
        (EXPORT, "'a b.csv' --level system", {"file": "a b.csv", "level": "system"}),
        (EXPORT, "--level system a.csv", {"file": "a.csv", "level": "system"}),
        (EXPORT, "--name df", {"name": "df"}),
        ("perfmonitor_plot", "--metrics cpu,io", {"metrics": "cpu,io"}),
        ("perfmonitor_plot", "--save-jpeg p.jpg", {"save_jpeg": "p.jpg"}),
        ("perfmonitor_plot", "--live", {"live": ()}),
        ("perfmonitor_plot", "--live 0.5", {"live": (0.5,)}),
        ("perfmonitor_plot", "--live=1 60 --level user", {"live": (1.0, 60.0), "level": "user"}),
        ("perfmonitor_plot", "--live --level user", {"live": (), "level": "user"}),
        ("perfmonitor_enable_perfreports", "--interval 0.2", {"interval": 0.2}),
        ("perfmonitor_load_perfdata", "a.csv", {"file": "a.csv"}),
        ("perfmonitor_load_perfdata", "--file a.csv", {"file": "a.csv"}),
        ("show_cell_history", "", {}),
    ],
)
def test_line_becomes_arguments(command: str, line: str, expected: dict[str, object]) -> None:
    assert parse(BY_NAME[command], line) == expected


@pytest.mark.parametrize(
    ("command", "line", "wrong", "right"),
    [
        (START, "abc", "'abc'", "0.5"),
        (START, "1 2", "'2'", "%perfmonitor_start"),
        (START, "1 --interval 2", "given twice", "%perfmonitor_start"),
        (REPORT, "--levl user", "'--levl'", "did you mean --level?"),
        (REPORT, "--zzz user", "'--zzz'", "it takes --cell, --level, --node, --text, --json"),
        (REPORT, "-x", "'-x'", "--cell"),
        (REPORT, "--cell", "--cell needs a value", "--cell RANGE"),
        (REPORT, "--cell --text", "--cell needs a value", "--cell RANGE"),
        (REPORT, "--text=yes", "--text takes no value", "[--text]"),
        (REPORT, "3", "'3'", "--cell RANGE"),
        (REPORT, '--cell "3', "quotes", "do not match"),
        (REPORT, "--cell 1 --cell 2", "given twice", "--cell RANGE"),
        (REPORT, "--level \ud800", "not valid text", "--level LEVEL"),
        (EXPORT, "a.csv b.csv", "'b.csv'", "[FILE | --file FILE]"),
        ("perfmonitor_stop", "now", "'now'", "%perfmonitor_stop"),
        ("perfmonitor_stop", "--now", "'--now'", "no options"),
        ("perfmonitor_load_perfdata", "", "needs a FILE", "(FILE | --file FILE)"),
    ],
)
def test_mistake_is_one_line_with_wrong_and_right(
    command: str, line: str, wrong: str, right: str
) -> None:
    with pytest.raises(JumperError) as mistake:
        parse(BY_NAME[command], line)
    message = str(mistake.value)
    assert wrong in message
    assert right in message
    assert "\n" not in message


def test_long_argument_is_cut_short() -> None:
    with pytest.raises(JumperError) as mistake:
        parse(BY_NAME[START], "9x" * 10_000)
    assert len(str(mistake.value)) < 200


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_examples_are_valid(command: Command) -> None:
    assert command.examples
    for example in command.examples:
        name, _, line = example.removeprefix("%").partition(" ")
        assert BY_NAME[name] is command
        parse(command, line)
