# SPDX-License-Identifier: BSD-3-Clause
"""Where output goes: a notebook's cell or standard output."""

import sys
from binascii import b2a_base64
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

    def plot(self, html: str, png: bytes | None, width: int, text: str) -> None:
        """A plot in all forms there are, for the front end to choose; or just the text."""
        if not self.rich or self._shell is None:
            self.text(text)
            return
        data = {"text/html": html, "text/plain": text}
        metadata: dict[str, Any] = {}
        if png is not None:
            data["image/png"] = b2a_base64(png, newline=False).decode("ascii")
            metadata["image/png"] = {"width": width}
        self._shell.display_pub.publish(data, metadata)

    def widget(self, model_id: str, text: str) -> None:
        """A view of a widget; the text where the front end knows no widgets. Only where rich."""
        if self._shell is None:
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
        data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": text}
        self._shell.display_pub.publish(data)

    def renewable(self, name: str, html: str, png: bytes | None, text: str, *, again: bool) -> None:
        """A document that a later one of the same name takes the place of. Only where rich."""
        if self._shell is None:
            return
        data = {"text/html": html, "text/plain": text}
        if png is not None:
            data["image/png"] = b2a_base64(png, newline=False).decode("ascii")
        self._shell.display_pub.publish(data, transient={"display_id": name}, update=again)

    def image(self, png: bytes, width: int, text: str) -> None:
        """A PNG picture, `width` CSS pixels wide. Only where output is rich."""
        if self._shell is None:
            return
        data = {"image/png": b2a_base64(png, newline=False).decode("ascii"), "text/plain": text}
        self._shell.display_pub.publish(data, {"image/png": {"width": width}})
