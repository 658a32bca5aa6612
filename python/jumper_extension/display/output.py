# SPDX-License-Identifier: BSD-3-Clause
"""Where output goes: a notebook's cell or standard output."""

import sys
from typing import Any, Protocol

PREFIX = "[JUmPER]: "


class DisplayPublisher(Protocol):
    """The part of IPython's display publisher that is used here."""

    def publish(
        self, data: dict[str, Any], metadata: dict[str, Any] | None = None, **kwargs: Any
    ) -> None: ...


class Shell(Protocol):
    """The part of IPython's shell that showing things needs."""

    @property
    def display_pub(self) -> DisplayPublisher: ...


def one_line(message: str) -> str:
    """The message with everything that would break the line or the terminal escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message)


class Output:
    """Prints lines and shows documents, richly where the front end can."""

    def __init__(self, shell: Shell | None = None) -> None:
        """Show in `shell`; without one, on standard output."""
        self._shell = shell
        self.rich = getattr(shell, "kernel", None) is not None

    @property
    def answered(self) -> bool:
        """Whether somebody is there: what executes a notebook by itself answers no questions."""
        kernel = getattr(self._shell, "kernel", None)
        return bool(getattr(kernel, "_allow_stdin", True))

    def say(self, message: str) -> None:
        """One line of ours."""
        self.text(PREFIX + one_line(message))

    def text(self, text: str) -> None:
        """Text as it is; what the terminal's encoding lacks is escaped, never an error."""
        try:
            print(text)
        except UnicodeEncodeError:
            encoding = sys.stdout.encoding
            print(text.encode(encoding, "backslashreplace").decode(encoding))

    def document(self, html: str, text: str) -> None:
        """HTML, with the text beside it for front ends that show none; or just the text."""
        if self.rich and self._shell is not None:
            self._shell.display_pub.publish({"text/html": html, "text/plain": text})
        else:
            self.text(text)

    def bundle(self, data: dict[str, str], metadata: dict[str, Any]) -> None:
        """Something in several forms, by MIME type, for the front end to choose; or its text."""
        if self.rich and self._shell is not None:
            self._shell.display_pub.publish(data, metadata)
        else:
            self.text(data["text/plain"])

    def widget(self, model_id: str, text: str) -> None:
        """A view of a widget; the text where the front end knows no widgets. Only where rich."""
        if self._shell is None:
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
        data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": text}
        self._shell.display_pub.publish(data)

    def renewable(
        self, name: str, data: dict[str, str], metadata: dict[str, Any], *, again: bool
    ) -> None:
        """Something that a later one of the same name takes the place of. Only where rich."""
        if self._shell is None:
            return
        place = {"display_id": name}
        self._shell.display_pub.publish(data, metadata, transient=place, update=again)
