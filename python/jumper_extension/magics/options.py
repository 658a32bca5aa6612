# SPDX-License-Identifier: BSD-3-Clause
"""How a command and its arguments are described, and how its line is read."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jumper_extension.mistakes import did_you_mean, quoted
from jumper_extension.native import JumperError

Value = str | float | bool | tuple[str | float | bool, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One argument: by its flag, and where it is `positional` also by its place.

    `name` is the keyword under which the operation takes the value. Without a metavar it
    is a switch. With `most`, up to so many values follow it, or none; the operation
    takes them as a tuple. `completes` says what Tab offers, if not what `name` says.
    """

    name: str
    help: str
    flag: str
    metavar: str = ""
    positional: bool = False
    convert: Callable[[str], str | float | bool] = str
    most: int | None = None
    completes: str = ""

    @property
    def forms(self) -> str:
        """The ways to give it, as they stand in the usage line of its command."""
        by_flag = f"{self.flag} {self.metavar}".rstrip()
        return f"{self.metavar} | {by_flag}" if self.positional else by_flag


@dataclass(frozen=True, slots=True)
class Command:
    """A magic: its name, what it does, and the operation of the service that does it."""

    name: str
    operation: str
    summary: str
    examples: tuple[str, ...]
    options: tuple[Option, ...] = ()
    aliases: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()

    @property
    def usage(self) -> str:
        """The command with all its arguments."""
        shown = (
            f"({o.forms})" if o.name in self.required else f"[{o.forms}]" for o in self.options
        )
        return " ".join((f"%{self.name}", *shown))


def seconds(text: str) -> float:
    """An interval; whether it is a sensible one is for the monitor to say."""
    try:
        return float(text)
    except ValueError:
        raise JumperError(
            f"{quoted(text)} is not a number of seconds; 0.5 would be two samples a second"
        ) from None


def percent(text: str) -> float:
    """A share of one core; whether it is a sensible one is for the monitor to say."""
    try:
        return float(text)
    except ValueError:
        raise JumperError(
            f"{quoted(text)} is not a number of percent; 0.5 would be half a percent of one core"
        ) from None


def parse(command: Command, line: str) -> dict[str, Value]:
    """The arguments in a command's line as keywords of its operation.

    JumperError, in one line, for whatever the command does not understand. What begins
    with `-` and a digit is a value, so that ranges may count from the end.
    """
    values: dict[str, Value] = {}
    tokens = _split(command, line)
    while tokens:
        token = tokens.pop(0)
        if token.startswith("-") and not _is_value(token):
            flag, equals, text = token.partition("=")
            option = _by_flag(command, flag)
            if option.most is not None:
                given = [text] if equals else []
                while tokens and _is_value(tokens[0]) and len(given) < option.most:
                    given.append(tokens.pop(0))
                _set(command, values, option, tuple(map(option.convert, given)))
                continue
            if option.metavar and not equals:
                if not tokens or not _is_value(tokens[0]):
                    raise JumperError(f"{flag} needs a value: {command.usage}")
                text = tokens.pop(0)
            elif equals and not option.metavar:
                raise JumperError(f"{flag} takes no value: {command.usage}")
        else:
            option, text = _next_positional(command, values, token), token
        _set(command, values, option, option.convert(text) if option.metavar else True)
    for option in command.options:
        if option.name in command.required and option.name not in values:
            raise JumperError(f"%{command.name} needs a {option.metavar}: {command.usage}")
    return values


def _set(command: Command, values: dict[str, Value], option: Option, value: Value) -> None:
    if option.name in values:
        what = option.flag if option.most is not None else option.metavar or option.flag
        raise JumperError(f"{what} is given twice: {command.usage}")
    values[option.name] = value


def _split(command: Command, line: str) -> list[str]:
    try:
        tokens = shlex.split(line)
    except ValueError:
        raise JumperError(f"the quotes in {quoted(line.strip())} do not match") from None
    for position, token in enumerate(tokens):
        if token.startswith("#"):
            return tokens[:position]
        try:
            token.encode()
        except UnicodeEncodeError:
            raise JumperError(f"{quoted(token)} is not valid text: {command.usage}") from None
    return tokens


def _is_value(token: str) -> bool:
    return not token.startswith("-") or token[1:2].isdigit() or token[1:] in ("inf", "nan", ":")


def _by_flag(command: Command, flag: str) -> Option:
    flags = {option.flag: option for option in command.options}
    if flag in flags:
        return flags[flag]
    known: Sequence[str] = tuple(flags)
    right = f"it takes {', '.join(known)}" if known else "it takes no options"
    raise JumperError(
        f"%{command.name} has no option {quoted(flag)}{did_you_mean(flag, known)}; {right}"
    )


def _next_positional(command: Command, given: dict[str, Value], token: str) -> Option:
    for option in command.options:
        if option.positional and option.name not in given:
            return option
    raise JumperError(f"{quoted(token)} is one argument too many: {command.usage}")
