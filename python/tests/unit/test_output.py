# SPDX-License-Identifier: BSD-3-Clause
import io
import sys
from types import SimpleNamespace

import pytest
from jumper_extension.display.output import Output, one_line


class Publisher:
    def __init__(self) -> None:
        self.published: list[tuple[dict[str, object], object]] = []

    def publish(self, data: dict[str, object], metadata: object = None) -> None:
        self.published.append((data, metadata))


@pytest.fixture
def notebook() -> SimpleNamespace:
    return SimpleNamespace(display_pub=Publisher(), kernel=object())


def test_a_message_is_one_line_with_our_prefix(capsys: pytest.CaptureFixture[str]) -> None:
    Output().say("no such file: a\nb\x1b[31m\0\ud800 \U0001f600")
    expected = "[JUmPER]: no such file: a\\nb\\x1b[31m\\x00\\ud800 \U0001f600\n"
    assert capsys.readouterr().out == expected


def test_one_line_keeps_what_is_printable() -> None:
    assert one_line("Größe: 3 µs") == "Größe: 3 µs"


def test_terminal_gets_text(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = SimpleNamespace(display_pub=Publisher())
    output = Output(terminal)
    output.document("<b>x</b>", "x")
    assert not output.rich
    assert capsys.readouterr().out == "x\n"
    assert terminal.display_pub.published == []


def test_notebook_gets_html_and_text(
    notebook: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Output(notebook)
    output.document("<b>x</b>", "x")
    assert output.rich
    assert capsys.readouterr().out == ""
    [(data, _)] = notebook.display_pub.published
    assert data == {"text/html": "<b>x</b>", "text/plain": "x"}


def test_a_bundle_is_published_as_it_is_or_printed_as_text(
    notebook: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = {"text/html": "<p>", "text/plain": "text"}, {"text/html": {"width": 864}}
    Output(notebook).bundle(*bundle)
    assert notebook.display_pub.published == [bundle]
    Output().bundle(*bundle)
    assert capsys.readouterr().out == "text\n"


def test_what_the_terminal_cannot_encode_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    Output().text("µ")
    sys.stdout.flush()
    assert raw.getvalue() == b"\\xb5\n"
