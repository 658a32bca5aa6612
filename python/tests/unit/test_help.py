# SPDX-License-Identifier: BSD-3-Clause
import inspect
import re
from html import unescape

from jumper_extension.magics.commands import BY_NAME, COMMANDS
from jumper_extension.magics.help import help_html, help_text, magic_docstring
from jumper_extension.service import PerfmonitorService

SEED_COMMANDS = (
    "perfmonitor_help",
    "perfmonitor_resources",
    "perfmonitor_start",
    "perfmonitor_stop",
    "perfmonitor_perfreport",
    "perfmonitor_plot",
    "cell_history",
    "perfmonitor_enable_perfreports",
    "perfmonitor_disable_perfreports",
    "perfmonitor_export_perfdata",
    "perfmonitor_export_cell_history",
)
NEWER_COMMANDS = (
    "show_cell_history",
    "perfmonitor_fast_setup",
    "perfmonitor_load_perfdata",
    "perfmonitor_load_cell_history",
    "export_session",
    "import_session",
    "perfmonitor_recover",
    "start_write_script",
    "end_write_script",
    "perfmonitor_compare",
    "perfmonitor_advice",
)


def test_every_promised_command_exists_and_is_in_the_help() -> None:
    text = help_text()
    for name in (*SEED_COMMANDS, *NEWER_COMMANDS):
        assert name in BY_NAME
        assert f"%{name}" in text


def test_help_names_every_option_with_its_meaning() -> None:
    text = help_text()
    for command in COMMANDS:
        assert command.summary in text
        for option in command.options:
            assert option.help in text
            assert option.flag in command.usage


def test_help_fits_a_terminal() -> None:
    assert max(len(line) for line in help_text().splitlines()) <= 100


def test_html_says_what_the_text_says() -> None:
    words = set(unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", help_html())).split())
    words |= {word.strip("()") for word in words}
    assert {word.strip("()") for word in help_text().split()} <= words


def test_html_has_each_command_to_open_and_no_script() -> None:
    html = help_html()
    assert html.count("<details>") == len(COMMANDS)
    assert "<script" not in html
    assert html.count("https:") == 2 * html.count("<a ")
    for tag in ("details", "dl", "dt", "dd", "code", "pre", "p", "b"):
        assert html.count(f"<{tag}>") == html.count(f"</{tag}>"), tag


def test_docstring_of_a_magic_has_usage_and_examples() -> None:
    text = magic_docstring(BY_NAME["perfmonitor_perfreport"])
    assert text.startswith("Reports what your cells cost")
    assert "--level LEVEL" in text
    assert "%perfmonitor_perfreport --cell 2:5 --level user" in text


def test_every_command_has_its_operation_and_the_operation_takes_its_arguments() -> None:
    for command in COMMANDS:
        method = getattr(PerfmonitorService, command.operation)
        names = inspect.signature(method).parameters
        assert {option.name for option in command.options} <= set(names)
