"""Wrong usage in the project's own words: what was typed, what is allowed, and where to read more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_EXPECTED = (
    (r"valid integer", "give a whole number"),
    (r"valid (number|float)", "give a number"),
    (r"is not one of (?P<choices>.+?)\.?$", "give {choices}"),
)
"""What the framework says of a value that it cannot read, and what we say."""

_PLAIN = (
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<extra>.*)\)", "the command does not take {extra!r}"),
    (r"Option '(?P<option>.+)' requires an argument", "{option} needs a value behind it"),
    (r"Option '(?P<option>.+)' does not take a value", "{option} takes no value"),
    (r"Missing argument '(?P<name>.+)'", "{name} is missing"),
)
"""What the framework says of the words of a command, and what we say."""


def usage_line(error: Exception, arguments: Sequence[str], command: str) -> str | None:
    """Return the line that explains wrong usage, None for any other error.

    ``arguments`` were typed behind ``colprofile``; ``command`` is the one that was called, "" for none.
    """
    show = getattr(error, "format_message", None)
    if show is None:
        return None
    message = str(show()).replace("Value error, ", "")
    if type(error).__name__ == "NoArgsIsHelpError":
        return message
    options = [opt for opt in getattr(getattr(error, "param", None), "opts", ()) if opt.startswith("--")]
    line = (_value_line(message, options[0], arguments) if options else None) or _plain(message).rstrip(".")
    program = f"colprofile {command}".rstrip()
    return f"{line}{'' if line.endswith('?') else '.'} See {program} --help."


def _value_line(message: str, option: str, arguments: Sequence[str]) -> str | None:
    """Return the line about an option's value that cannot be read."""
    for pattern, wanted in _EXPECTED:
        if found := re.search(pattern, message):
            choices = re.sub(r", ([^,]+)$", r" or \1", found.groupdict().get("choices") or "")
            given = typed_values(arguments).get(option)
            shown = option if given is None else f"{option} {given}"
            return f"{shown} is not allowed: {wanted.format(choices=choices)}"
    return None


def _plain(message: str) -> str:
    for pattern, ours in _PLAIN:
        if found := re.match(pattern, message):
            return ours.format_map(found.groupdict())
    return message


def typed_values(arguments: Sequence[str]) -> dict[str, str]:
    """Return what was typed behind each option, the last time that it was given.

    >>> typed_values(["profile", "t.csv", "--seed", "-1", "--html=out.html"])
    {'--seed': '-1', '--html': 'out.html'}
    """
    values: dict[str, str] = {}
    for number, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        if option.startswith("--"):
            values[option] = value if equals else arguments[number + 1] if number + 1 < len(arguments) else ""
    return values


def as_typed(message: str, arguments: Sequence[str]) -> str:
    """Return a message with the numbers behind its options as they were typed.

    >>> as_typed("--precision -1.0 is not allowed", ["profile", "t.csv", "--precision", "-1"])
    '--precision -1 is not allowed'
    """
    for option, value in typed_values(arguments).items():
        try:
            read = f"{option} {float(value)!r}"
        except ValueError:
            continue
        message = re.sub(rf"(?<!\S){re.escape(read)}(?![\w.])", f"{option} {value}".replace("\\", r"\\"), message)
    return message


def called_command(arguments: Sequence[str], commands: Mapping[str, object]) -> str:
    """Return the name of the command that was called, "" for none."""
    return next((argument for argument in arguments if argument in commands), "")
