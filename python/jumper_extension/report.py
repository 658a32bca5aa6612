# SPDX-License-Identifier: BSD-3-Clause
"""A report on a range of cells, ready to be shown anywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class RenderedReport(Protocol):
    """What a report is made of; the native report is one."""

    def text(self) -> str: ...
    def json(self) -> str: ...
    def html(self) -> str: ...
    def summary(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A rendered report that can be pickled: notebooks are dumped with their variables."""

    text_: str
    json_: str
    html_: str
    summary_: dict[str, Any]

    def text(self) -> str:
        """The report as text."""
        return self.text_

    def json(self) -> str:
        """The report as a JSON document."""
        return self.json_

    def html(self) -> str:
        """The report as an HTML fragment."""
        return self.html_

    def summary(self) -> dict[str, Any]:
        """The numbers of the report."""
        return dict(self.summary_)


class Report:
    """What a range of cells cost. Shows itself as HTML in a notebook, as text elsewhere.

    Immutable: it keeps telling of the moment it was made. Can be pickled and copied.
    """

    __slots__ = ("_rendered",)

    def __init__(self, rendered: RenderedReport) -> None:
        """Wrap what the native core rendered."""
        self._rendered = rendered

    def text(self) -> str:
        """The report as text, several lines, without a newline at the end of the last."""
        return self._rendered.text().rstrip("\n")

    def json(self) -> str:
        """The report as one JSON document; a number that could not be measured is null."""
        return self._rendered.json()

    def html(self) -> str:
        """The report as an HTML fragment: no script, everything of the user's escaped."""
        return self._rendered.html()

    def summary(self) -> dict[str, Any]:
        """The numbers in the JSON report as a dict: units are in the names."""
        return self._rendered.summary()

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        """The text, so that a terminal shows the report."""
        return self.text()

    def __reduce__(self) -> tuple[Callable[[RenderedReport], "Report"], tuple[SavedReport]]:
        return Report, (SavedReport(self.text(), self.json(), self.html(), self.summary()),)
