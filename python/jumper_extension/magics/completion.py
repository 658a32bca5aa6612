# SPDX-License-Identifier: BSD-3-Clause
"""What the Tab key offers after one of our commands: its options, and their values."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, context_matcher

from jumper_extension.magics.commands import BY_NAME
from jumper_extension.magics.options import Command, Option

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

    from jumper_extension.service import PerfmonitorService

_CALL = re.compile(r"\s*(%?)(\w+)[ \t]+(.*)", re.DOTALL)
_MOST_CELLS = 20
_MOST_FILES = 200
_MOST_NODES = 200
_DATA_SUFFIXES = frozenset({".csv", ".json", ".parquet"})
_SCRIPT_SUFFIXES = frozenset({".py"})
_SESSION_SUFFIXES = frozenset({".zip", ".journal"})
_PLOT_SUFFIXES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".pdf", ".html", ".csv", ".json"})


@dataclass(frozen=True, slots=True)
class Offer:
    """What can stand in the place of `fragment`, the last bit of what was typed; best first."""

    fragment: str
    matches: list[str]


# Gives what a value that begins so can be.
Values = Callable[[str], Offer]


def _beginning(fragment: str, candidates: Iterable[str]) -> Offer:
    return Offer(fragment, [c for c in candidates if c.startswith(fragment)])


def complete(line: str, values: Mapping[str, Values]) -> Offer | None:
    """What fits after `line`, the text before the cursor; None if that is no call of ours.

    `values` has the values of the options by their names.
    """
    call = _CALL.fullmatch(line)
    if call is None or call[2] not in BY_NAME:
        return None
    # Without its %, it may be a variable: `cell_history = 1`.
    if not call[1] and call[3] and not call[3].startswith("-"):
        return None
    command = BY_NAME[call[2]]
    *given, last = re.split(r"[ \t]+", call[3])
    flags = {option.flag: option for option in command.options}
    awaited = flags.get(given[-1]) if given else None
    if awaited is not None and awaited.metavar:
        return _values_of(awaited, last, values)
    flag, equals, value = last.partition("=")
    if equals and flag in flags:
        return _values_of(flags[flag], value, values)
    return _arguments(command, given, last, values)


def _values_of(option: Option, fragment: str, values: Mapping[str, Values]) -> Offer | None:
    offered = values.get(option.completes or option.name)
    return offered(fragment) if offered is not None else None


def _arguments(
    command: Command, given: list[str], fragment: str, values: Mapping[str, Values]
) -> Offer:
    used = {token.partition("=")[0] for token in given}
    free = [option for option in command.options if option.flag not in used]
    matches = [option.flag for option in free if option.flag.startswith(fragment)]
    for option in free:
        offer = _values_of(option, fragment, values) if option.positional else None
        if offer is not None and offer.fragment == fragment:
            matches = [*offer.matches, *matches]
    return Offer(fragment, matches)


class Completion:
    """Our commands in a shell's completion, in terminals and for kernels."""

    def __init__(self, shell: "InteractiveShell", service: "PerfmonitorService") -> None:
        """Complete with what `service` knows; nothing is registered yet."""
        self._service = service
        self._shell: Any = shell

        def match(context: "CompletionContext") -> "SimpleMatcherResult":
            return self._match(context)  # a method itself cannot be marked as a matcher

        self._matcher = context_matcher(identifier="jumper_extension")(match)
        self._values: Mapping[str, Values] = {
            "level": self._levels,
            "node": self._nodes,
            "cell_range": self._cells,
            "metrics": _metrics,
            "a": self._compared,  # of both: their places are not told apart
            "file": lambda fragment: _files(fragment, _DATA_SUFFIXES),
            "session": lambda fragment: _files(fragment, _SESSION_SUFFIXES),
            "path": lambda fragment: _files(fragment, _SCRIPT_SUFFIXES),
            "interval": lambda fragment: _beginning(fragment, ("1", "0.5", "0.1")),
            "budget": lambda fragment: _beginning(fragment, ("0.5", "1", "2", "0")),
            "save": lambda fragment: _files(fragment, _PLOT_SUFFIXES),
            "pickle_file": lambda fragment: _files(
                fragment, frozenset({".json", ".pickle", ".pkl"})
            ),
            "save_jpeg": lambda fragment: _files(fragment, frozenset({".jpg", ".jpeg"})),
        }

    def attach(self) -> None:
        """Begin to complete."""
        completer = getattr(self._shell, "Completer", None)
        if completer is not None:  # a shell may have none
            completer.custom_matchers.append(self._matcher)

    def detach(self) -> None:
        """End it."""
        completer = getattr(self._shell, "Completer", None)
        if completer is not None and self._matcher in completer.custom_matchers:
            completer.custom_matchers.remove(self._matcher)

    def _match(self, context: "CompletionContext") -> "SimpleMatcherResult":
        offer = complete(context.text_until_cursor, self._values)
        matches = [] if offer is None else offer.matches
        return {
            "completions": [SimpleCompletion(match, type="magic") for match in matches],
            "matched_fragment": context.token if offer is None else offer.fragment,
            "ordered": True,
            "suppress": bool(matches),  # Python names are none of a command's arguments
        }

    def _levels(self, fragment: str) -> Offer:
        return _beginning(fragment, self._service.monitor.native.levels())

    def _nodes(self, fragment: str) -> Offer:
        names = self._service.monitor.native.nodes()
        # One in quotes is for the shell to complete.
        plain = [name for name in names if name.isprintable() and not set(name) & set(" '\"\\#")]
        return _beginning(fragment, ["all", *plain[:_MOST_NODES]] if names else [])

    def _cells(self, fragment: str) -> Offer:
        count = self._service.monitor.native.cell_count
        first, colon, last = fragment.rpartition(":")
        numbers = [str(cell) for cell in reversed(range(max(count - _MOST_CELLS, 0), count))]
        if colon:
            if first.startswith("-"):
                ends = ["", "-1"]
            else:
                lowest = int(first) if first.isdecimal() else 0
                ends = ["", *(number for number in numbers if int(number) >= lowest)]
            return _beginning(fragment, (f"{first}:{end}" for end in ends if end.startswith(last)))
        return _beginning(fragment, [*numbers, ":", "-1", "-3:-1"] if count else [":"])

    def _compared(self, fragment: str) -> Offer:
        if fragment and (fragment[0].isdigit() or fragment.startswith("-")):
            return self._cells(fragment)
        here = [*self._cells("").matches, "."] if not fragment else []
        return Offer(fragment, [*here, *_files(fragment, _SESSION_SUFFIXES).matches])


def _metrics(fragment: str) -> Offer:
    from jumper_extension.native import NativePlot

    before, _, last = fragment.rpartition(",")
    chosen = before.split(",")
    panels = NativePlot.panels()
    keys = [key for key, _ in panels if key not in chosen]
    # The other names of the panels only for those who begin to type them.
    if last:
        keys += [alias for _, aliases in panels for alias in aliases]
    return _beginning(last, keys)


def _files(fragment: str, suffixes: frozenset[str]) -> Offer:
    if any(c in fragment for c in "'\"\\"):  # a path in quotes is for the shell to complete
        return Offer(fragment, [])
    folder, slash, begin = fragment.rpartition("/")
    names = []
    try:
        for entry in Path(f"{folder}{slash}" or ".").expanduser().iterdir():
            if entry.name.startswith(begin) and (begin or not entry.name.startswith(".")):
                if entry.is_dir():
                    names.append(f"{folder}{slash}{entry.name}/")
                elif entry.suffix.lower() in suffixes:
                    names.append(f"{folder}{slash}{entry.name}")
            if len(names) == _MOST_FILES:
                break
    except (OSError, RuntimeError):  # no such folder; no such home
        return Offer(fragment, [])
    return Offer(fragment, sorted(name for name in names if " " not in name))
